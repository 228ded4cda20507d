"""What OpenSSL can do and pyOpenSSL has no method for; its private names are touched in this file only."""

from __future__ import annotations

from typing import Any

from OpenSSL import SSL
from OpenSSL._util import lib


def session_reused(connection: Any) -> bool:
    """Tell whether a handshake took up an earlier session (SSL_session_reused(3))."""
    return bool(lib.SSL_session_reused(connection._ssl))


def set_groups(context: SSL.Context, names: str) -> None:
    """Set the groups for the exchange of keys, with colons between them (SSL_CTX_set1_groups_list(3)).

    Raises:
        ValueError: OpenSSL knows none of a name.
    """
    if not lib.SSL_CTX_set1_curves_list(context._context, names.encode()):
        lib.ERR_clear_error()
        raise ValueError(f'SSL_CTX_set1_curves_list("{names}") failed')


def set_signature_algorithms(context: SSL.Context, names: str) -> None:
    """Set what signatures may be made with (SSL_CTX_set1_sigalgs_list(3)).

    Raises:
        ValueError: OpenSSL knows none of a name.
    """
    if not lib.SSL_CTX_set1_sigalgs_list(context._context, names.encode()):
        lib.ERR_clear_error()
        raise ValueError(f'SSL_CTX_set1_sigalgs_list("{names}") failed')
