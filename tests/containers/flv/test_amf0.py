"""Action Message Format 0."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hls_mp4.containers.flv import amf0
from hls_mp4.containers.flv.amf import UNDEFINED, Date, Reading, Reference, Xml
from hls_mp4.errors import MalformedMedia


def read(data: bytes) -> Any:
    """Return the first value of these bytes."""
    return amf0.read(Reading(data))


VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.floats(allow_nan=False)
    | st.text(max_size=20)
    | st.just(UNDEFINED)
    | st.builds(Date, st.floats(allow_nan=False), st.integers(-720, 720))
    | st.builds(Xml, st.text(max_size=10)),
    lambda inner: st.lists(inner, max_size=6) | st.dictionaries(st.text(min_size=1, max_size=8), inner, max_size=6),
    max_leaves=20,
)


@given(VALUES)
def test_what_is_written_is_read(value: Any) -> None:
    """Every value comes back, and its length is known before it is written."""
    data = amf0.write(value)
    assert len(data) == amf0.size_of(value)
    assert read(data) == value


@given(st.lists(st.floats(allow_nan=False), min_size=8, max_size=50))
def test_lists_of_numbers_are_read_at_once(numbers: list[float]) -> None:
    """Thousands of key frames take no time: they become an array, and are written from one."""
    found = read(amf0.write(numbers))
    assert isinstance(found, np.ndarray)
    assert found.tolist() == numbers
    assert amf0.write(found) == amf0.write(numbers)
    assert amf0.size_of(found) == len(amf0.write(found))


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("08 ffffffff 0001 61 0101 0000 09", {"a": True}),
        ("10 0001 43 0001 61 05 0000 09", {"a": None}),
        ("0d", UNDEFINED),
        ("07 0003", Reference(3)),
        ("0c 00000002 6869", "hi"),
        ("11 04 7f", 127),
        ("0b 3ff0000000000000 ffc4", Date(1.0, -60)),
    ],
)
def test_forms_that_are_not_written(text: str, value: Any) -> None:
    """Arrays with a wrong count, typed objects and what else others write are read; references are left alone."""
    assert read(bytes.fromhex(text)) == value


@pytest.mark.parametrize(
    "text",
    [
        "",
        "00 1122",
        "02 00ff 61",
        "03 0001 61",
        "0a 7fffffff",
        "0a 00000009 " + "05" * 8,
        "04",
        "0e",
        "12",
        "ff",
        "0c ffffffff 61",
        "08 00000001",
    ],
)
def test_what_is_cut_short_or_unknown_is_refused(text: str) -> None:
    """A count of two billion costs nothing."""
    with pytest.raises(MalformedMedia):
        read(bytes.fromhex(text))


@pytest.mark.parametrize("step", [b"\x0a\0\0\0\x01", b"\x03\0\x01a", b"\x08\0\0\0\0\0\x01a"])
def test_depth_is_bounded(step: bytes) -> None:
    """Arrays within arrays end in words, not in a crash."""
    with pytest.raises(MalformedMedia, match="deeper"):
        read(step * 100_000)


def test_many_values_are_bounded() -> None:
    """A megabyte of nulls is not worth a megabyte of objects."""
    with pytest.raises(MalformedMedia, match="more than"):
        read(b"\x0a\0\x10\0\0" + b"\x05" * (1 << 20))


@given(st.binary(max_size=200))
def test_any_bytes_end_in_a_value_or_in_words(data: bytes) -> None:
    """Nothing but MalformedMedia comes of them."""
    try:
        read(data)
    except MalformedMedia as problem:
        assert str(problem)


def test_what_cannot_be_written_is_told() -> None:
    """References, bytes of AMF 3 and endless names are no surprise half way through."""
    for value in (Reference(1), b"bytes", {"a": [Reference(1)]}, {"n" * 70_000: 1.0}):
        assert amf0.size_of(value) is None
    for value in (Reference(1), b"bytes"):
        with pytest.raises(TypeError):
            amf0.write(value)


def test_long_strings_and_arrays_of_members() -> None:
    """A text above 64 KB has a form of its own; onMetaData is an array with names."""
    text = "x" * 70_000
    assert read(amf0.write(text)) == text
    assert amf0.size_of(text) == len(amf0.write(text))
    made = amf0.write_ecma_array({"a": 1.0, "b": math.pi})
    assert made[:5] == b"\x08\0\0\0\x02"
    assert read(made) == {"a": 1.0, "b": math.pi}
    size = amf0.size_of({"a": 1.0, "b": math.pi})
    assert size is not None
    assert len(made) == size + 4
