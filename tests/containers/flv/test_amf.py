"""The bounds of reading script data."""

from __future__ import annotations

import pytest

from hls_mp4.containers.flv.amf import MOST_DEPTH, MOST_VALUES, UNDEFINED, Reading
from hls_mp4.errors import MalformedMedia


def test_reading_ends_with_the_bytes() -> None:
    """Nothing is made up behind the end."""
    reading = Reading(b"\x01\x02abc")
    assert reading.number(2) == 0x102
    assert reading.text(3) == "abc"
    with pytest.raises(MalformedMedia, match="cut short"):
        reading.take(1)


def test_text_that_is_no_text_is_kept() -> None:
    """Names in an encoding of old come out as they went in."""
    assert Reading(b"\xe4\xf6").text(2).encode("utf-8", "surrogateescape") == b"\xe4\xf6"


def test_values_are_counted() -> None:
    """Neither many nor deep values can be had for nothing."""
    reading = Reading(b"")
    for _ in range(MOST_DEPTH):
        reading.enter()
    with pytest.raises(MalformedMedia, match="deeper"):
        reading.enter()
    reading = Reading(b"")
    for _ in range(MOST_VALUES):
        reading.enter()
        reading.leave()
    with pytest.raises(MalformedMedia, match="more than"):
        reading.enter()


def test_undefined_says_what_it_is() -> None:
    """It can be told from null in a report."""
    assert repr(UNDEFINED) == "UNDEFINED"
