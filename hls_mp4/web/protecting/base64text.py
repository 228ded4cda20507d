"""Base64 as nginx reads it: in headers and in links, with or without its padding (RFC 4648 4 and 5)."""

from __future__ import annotations

import re
from base64 import b64decode

_USUAL = re.compile(r"[A-Za-z0-9+/]*")
_OF_URLS = re.compile(r"[A-Za-z0-9_-]*")


def decoded(text: str, *, of_urls: bool = False) -> bytes:
    """Return what a text stands for; it ends at its first `=`.

    Args:
        text: of the client.
        of_urls: whether `-` and `_` stand where `+` and `/` usually do.

    Raises:
        ValueError: it is no base64.
    """
    kept = text.partition("=")[0]
    if not (_OF_URLS if of_urls else _USUAL).fullmatch(kept) or len(kept) % 4 == 1:
        raise ValueError("invalid base64")
    return b64decode(kept + "=" * (-len(kept) % 4), b"-_" if of_urls else None)
