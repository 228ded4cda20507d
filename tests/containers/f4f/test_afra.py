"""Fragment random access."""

from __future__ import annotations

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hls_mp4.containers.f4f.afra import Afra, Place
from hls_mp4.errors import MalformedMedia, StreamingError
from hls_mp4.testing.chance import mutated

WIDE = st.integers(0, 2**63 - 1)
NUMBERS = st.integers(0, 2**32 - 1)
PLACES = st.lists(st.builds(Place, WIDE, NUMBERS, NUMBERS, WIDE, WIDE), max_size=6).map(tuple)
FEW = (Place(0, 1, 1, 13), Place(4000, 1, 2, 9000), Place(8000, 2, 3, 13))


@given(NUMBERS, PLACES)
def test_what_is_written_is_found(timescale: int, places: tuple[Place, ...]) -> None:
    """Each fragment where it was said to be, however large its numbers; of two places the first."""
    table = Afra.parse(Afra.of_places(timescale, places).box())
    assert table.timescale == timescale
    for place in places:
        first = next(each for each in places if (each.segment, each.fragment) == (place.segment, place.fragment))
        assert table.place(place.segment, place.fragment) == first


def test_what_is_not_listed_is_not_found() -> None:
    """Neither in another segment, nor in a table of one fragment's own samples."""
    table = Afra.of_places(1000, FEW)
    assert table.place(2, 2) is None
    assert Afra(1000, table.local).place(1, 1) is None
    assert Afra.parse(Afra(1000, table.local).box()).places is None


def test_small_numbers_are_written_short() -> None:
    """As Adobe's packager does: 20 bytes of an entry, 32 where offsets need eight bytes and numbers four."""
    head = len(Afra.of_places(1000, ()).box())
    assert len(Afra.of_places(1000, FEW[:1]).box()) == head + 20
    assert len(Afra.of_places(1000, (Place(0, 1, 70000, 1 << 33),)).box()) == head + 32


def test_a_box_of_adobes_form() -> None:
    """Byte for byte as the specification has it: long offsets, a local entry, a global one."""
    box = bytes.fromhex(
        "00000045 61667261 00000000 60 000003e8 00000001 0000000000000fa0 0000000000000200"
        "00000001 0000000000000fa0 0001 0002 0000000100000000 0000000000000000"
    )
    table = Afra.parse(box)
    assert table.local.tolist() == [(4000, 512)]
    assert table.place(1, 2) == Place(4000, 1, 2, 1 << 32)


@given(st.binary(max_size=120))
def test_any_bytes_end_in_a_table_or_an_error(data: bytes) -> None:
    """A count of four thousand million entries in a hundred bytes is none."""
    with suppress(StreamingError):
        Afra.parse(b"\0\0\0\x70afra" + data)


def test_a_damaged_table_ends_in_a_table_or_an_error() -> None:
    """Bits that fell over change what is read, and nothing else."""
    data = Afra.of_places(1000, FEW).box()
    for damaged in mutated([data], 500):
        with suppress(StreamingError):
            Afra.parse(damaged).place(1, 1)
    for length in range(len(data)):
        with pytest.raises(MalformedMedia):
            Afra.parse(data[:length])
