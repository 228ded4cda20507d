"""Text as it leaves and text as it is here.

A rendered text has one character per byte (latin-1), whatever the bytes mean: this is how header values and log lines
leave. Paths, URIs and text of the configuration are UTF-8 with surrogate escapes.
"""

from __future__ import annotations


def byte_text(text: str) -> str:
    """Return UTF-8 text with surrogate escapes as one character per byte."""
    return text if text.isascii() else text.encode("utf-8", "surrogateescape").decode("latin-1")


def native_text(rendered: str) -> str:
    """Return a rendered text as paths and URIs are here; the inverse of `byte_text`."""
    return rendered if rendered.isascii() else rendered.encode("latin-1").decode("utf-8", "surrogateescape")
