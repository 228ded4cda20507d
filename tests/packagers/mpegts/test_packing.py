"""Samples that are made anew."""

from __future__ import annotations

import pytest

from hls_mp4.codecs.annexb import AVC, Framing
from hls_mp4.packagers.mpegts.packing import relaid
from tests.packagers.mpegts.made import picture


def test_units_get_start_codes_and_the_rest_is_filled() -> None:
    """Delimiters are left out, for the stream has its own; what is left over is filler data."""
    pack = relaid(Framing(AVC, 2, b""))
    made = bytes(pack(memoryview(picture([b"\x09\xf0", b"\x65abc", b"\x65d"], 2)), 30))
    assert made == b"\0\0\0\1\x65abc" + b"\0\0\0\1\x65d" + b"\0\0\0\1\x0c" + b"\xff" * 10 + b"\x80"


def test_more_units_than_there_is_room_for_are_an_error() -> None:
    """The length was promised: it is held, or nothing is sent."""
    with pytest.raises(ValueError, match="40 NAL units, too many"):
        relaid(Framing(AVC, 1, b""))(memoryview(picture([b"\x65"] * 40, 1)), 199)
