"""Configuration records that several codecs share."""

from hls_mp4.codecs.records import nclx_colour


def test_colours_of_video() -> None:
    """Numbers of ISO/IEC 23091-2, and whether the range is full."""
    assert nclx_colour({"colr": b"nclx\x00\x09\x00\x10\x00\x0e\x80"}) == (9, 16, 14, 1)
    assert nclx_colour({"colr": b"nclx\x00\x01\x00\x01\x00\x01\x7f"}) == (1, 1, 1, 0)


def test_no_colours() -> None:
    """ICC profiles, QuickTime's kind and boxes cut short are no answer."""
    assert nclx_colour({}) is None
    assert nclx_colour({"colr": b"prof" + bytes(100)}) is None
    assert nclx_colour({"colr": b"nclx\x00\x01\x00\x01\x00\x01"}) is None
