"""Action Message Format 3."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hls_mp4.containers.flv import amf0
from hls_mp4.containers.flv.amf import UNDEFINED, Date, Reading, Reference, Xml
from hls_mp4.containers.flv.amf3 import Amf3
from hls_mp4.errors import MalformedMedia


def read(text: str) -> Any:
    """Return the value of bytes in hexadecimal."""
    return Amf3(Reading(bytes.fromhex(text))).read()


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("00", UNDEFINED),
        ("01", None),
        ("02", False),
        ("03", True),
        ("04 7f", 127),
        ("04 8100", 128),
        ("04 ffffffff", -1),
        ("04 bfffffff", (1 << 28) - 1),
        ("05 3ff8000000000000", 1.5),
        ("06 05 6869", "hi"),
        ("07 05 6869", Xml("hi")),
        ("08 01 3ff0000000000000", Date(1.0)),
        ("09 05 01 03 02", [True, False]),
        ("09 03 03 61 03 01 02", {"a": True, "0": False}),
        ("09 05 01 06 03 61 06 00", ["a", "a"]),
        ("0a 0b 01 03 61 03 01", {"a": True}),
        ("0a 13 03 43 03 61 02", {"a": False}),
        ("09 05 01 0a 13 03 43 03 61 02 0a 01 03", [{"a": False}, {"a": True}]),
        ("0c 05 6869", b"hi"),
        ("10 03 00 01 03", [True]),
        ("11 05 00 06 03 61 03 04 01 02", {"a": True}),
    ],
)
def test_every_kind_of_value(text: str, value: Any) -> None:
    """Numbers, texts, arrays, objects and dictionaries are read, names that are referred to among them."""
    assert read(text) == value


def test_vectors_are_arrays() -> None:
    """Lists of numbers of one kind are arrays, as in AMF 0."""
    assert np.array_equal(read("0d 05 00 ffffffff 00000002"), [-1, 2])
    assert np.array_equal(read("0f 03 01 3ff8000000000000"), [1.5])
    assert read("09 05 01 0d 03 00 00000001 0d 02")[1] == Reference(1)


@pytest.mark.parametrize("marker", ["07", "08", "09", "0a", "0c", "10", "11", "0e"])
def test_what_contains_itself_is_one_reference(marker: str) -> None:
    """An array that has itself as a member is read once and never followed."""
    assert read(f"09 03 01 {marker} 00") == [Reference(0)]


@pytest.mark.parametrize(
    "text",
    [
        "06 02",
        "09 02",
        "0a 05",
        "0a 07 03 43",
        "09 ffffffff 01",
        "0d ffffffff 00",
        "0a ffffff7b 01",
        "11 ffffffff 00",
        "10 ffffffff 00 01",
        "20",
        "04 ff",
        "",
    ],
)
def test_what_makes_no_sense_is_refused(text: str) -> None:
    """References into nothing, counts of billions, objects that only their class can read."""
    with pytest.raises(MalformedMedia):
        read(text)


def test_depth_is_bounded() -> None:
    """Arrays within arrays end in words."""
    with pytest.raises(MalformedMedia, match="deeper"):
        read("09 03 01" * 50_000)


@given(st.binary(max_size=200))
def test_any_bytes_end_in_a_value_or_in_words(data: bytes) -> None:
    """Nothing but MalformedMedia comes of them, whichever version they begin with."""
    try:
        amf0.read(Reading(b"\x11" + data))
    except MalformedMedia as problem:
        assert str(problem)


def test_a_text_said_a_thousand_times_is_weighed() -> None:
    """A file of a hundred kilobytes cannot make us write a gigabyte: its length is known before."""
    text = b"\x06" + bytes([0x80 | 100_000 >> 13 & 0x7F, 0x80 | 100_000 >> 6 & 0x7F, (100_000 << 1 | 1) & 0x7F])
    data = b"\x09" + bytes([0xAE, 0x71]) + b"\x01" + text + b"x" * 100_000 + b"\x06\0" * 2999
    value = Amf3(Reading(data)).read()
    assert len(value) == 3000
    assert amf0.size_of(value) is None
    assert amf0.size_of(value, 400_000_000) == 3000 * 100_005 + 5
