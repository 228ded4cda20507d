"""Bytes keep what they are, whichever way text is looked at."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from hls_mp4.web.bytetext import byte_text, native_text


@given(raw=st.binary())
def test_there_and_back(raw: bytes) -> None:
    """A path is found again from the text that went over the wire, also one that is no UTF-8."""
    text = raw.decode("utf-8", "surrogateescape")
    assert byte_text(text).encode("latin-1") == raw
    assert native_text(byte_text(text)) == text
