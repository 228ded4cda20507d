"""What is asked of OpenSSL behind the back of its binding."""

from __future__ import annotations

import pytest
from OpenSSL import SSL

from hls_mp4.web.tls.openssl import session_reused, set_groups, set_signature_algorithms


@pytest.mark.parametrize("call", [set_groups, set_signature_algorithms])
def test_unknown_names_are_refused(call: object) -> None:
    """And leave nothing behind that the next call would trip over."""
    context = SSL.Context(SSL.TLS_SERVER_METHOD)
    with pytest.raises(ValueError, match="nonsense"):
        call(context, "nonsense")  # type: ignore[operator]
    set_groups(context, "X25519:prime256v1")
    set_signature_algorithms(context, "ECDSA+SHA256:RSA-PSS+SHA256")


def test_a_new_connection_takes_nothing_up() -> None:
    """Before hands are shaken nothing was resumed."""
    assert session_reused(SSL.Connection(SSL.Context(SSL.TLS_SERVER_METHOD))) is False
