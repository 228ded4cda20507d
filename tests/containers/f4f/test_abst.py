"""Bootstraps."""

from __future__ import annotations

from base64 import b64decode
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hls_mp4.containers.f4f.abst import Abst
from hls_mp4.containers.f4f.afrt import Afrt, FragmentRun
from hls_mp4.containers.f4f.asrt import Asrt, SegmentRun
from hls_mp4.errors import MalformedMedia, StreamingError
from hls_mp4.testing.chance import mutated
from tests.containers.f4f import test_afrt, test_asrt

OPENHTTPSTREAMER = (
    "AAAAqmFic3QAAAAAAAAADgAAAAPoAAAAAAAATjcAAAAAAAAAAAAAAAAAAQAAABlhc3J0AAAAAAAAAAABAAAAAQAAAAUBAAAAZWFmcnQAAAAAAAAD"
    "6AAAAAAFAAAAAQAAAAAAAAAAAAAPoAAAAAIAAAAAAAAPoAAAD6AAAAADAAAAAAAAH0AAAA+gAAAABAAAAAAAAC7gAAAPoAAAAAUAAAAAAAA+gAAA"
    "D7c="
)
"""What mp4frag wrote of five fragments of a film of 20.023 seconds."""

TEXTS = st.text(st.characters(exclude_characters="\0", exclude_categories=("Cs",)), max_size=8)
BOOTSTRAPS = st.builds(
    Abst,
    timescale=test_asrt.NUMBERS,
    media_time=st.integers(0, 2**64 - 1),
    segments=st.lists(test_asrt.TABLES, max_size=3).map(tuple),
    fragments=st.lists(test_afrt.TABLES, max_size=3).map(tuple),
    version=test_asrt.NUMBERS,
    live=st.booleans(),
    update=st.booleans(),
    profile=st.integers(0, 3),
    smpte_offset=st.integers(0, 2**64 - 1),
    movie=TEXTS,
    servers=test_asrt.NAMES.map(tuple),
    qualities=test_asrt.NAMES.map(tuple),
    drm=TEXTS,
    metadata=TEXTS,
)


@given(BOOTSTRAPS)
def test_what_is_written_is_read(bootstrap: Abst) -> None:
    """Every bootstrap comes back."""
    assert Abst.parse(bootstrap.box()) == bootstrap


def test_a_bootstrap_of_somebody_else() -> None:
    """OpenHttpStreamer's is read, and written again to the byte."""
    durations = (4000, 4000, 4000, 4000, 4023)
    expected = Abst(
        timescale=1000,
        media_time=20023,
        segments=(Asrt((SegmentRun(1, 5),)),),
        fragments=(Afrt(1000, tuple(FragmentRun(n + 1, 4000 * n, ms) for n, ms in enumerate(durations))),),
        version=14,
    )
    data = b64decode(OPENHTTPSTREAMER)
    assert Abst.parse(data) == expected
    assert expected.box() == data


@pytest.mark.parametrize("length", [0, 7, 8, 40, 60, 120, 169])
def test_half_a_bootstrap_is_refused(length: int) -> None:
    """However much is missing."""
    with pytest.raises(MalformedMedia):
        Abst.parse(b64decode(OPENHTTPSTREAMER)[:length])


@given(st.binary(max_size=200))
def test_any_bytes_end_in_a_bootstrap_or_an_error(data: bytes) -> None:
    """And quickly: no count is believed before there are the bytes for it."""
    with suppress(StreamingError):
        Abst.parse(data)


def test_a_damaged_bootstrap_ends_in_a_bootstrap_or_an_error() -> None:
    """Bits that fell over change what is read, and nothing else."""
    for data in mutated([b64decode(OPENHTTPSTREAMER)], 500):
        with suppress(StreamingError):
            Abst.parse(data)
