"""What HEVC's parameter sets say of slice headers; `test_hevc_slices` judges by FFmpeg what is read by them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hls_mp4.codecs.annexb import framing_of_hevc
from hls_mp4.codecs.hevc_sets import Pps, Sps, read_pps, read_sps
from tests.codecs.slice_traces import record_of, x265

_SPS, _PPS = 33, 34


def sets_of(**options: str) -> tuple[Sps, Pps]:
    """Return the parameter sets of a film that x265 makes."""
    units = framing_of_hevc(record_of(x265(**options), "hvcC")).parameter_sets.split(b"\0\0\0\1")[1:]
    by_kind = {unit[0] >> 1 & 63: unit for unit in units}
    return read_sps(by_kind[_SPS])[1], read_pps(by_kind[_PPS])[1]


def test_what_was_asked_for_is_told() -> None:
    """Motion vectors of other pictures, the loop filter, the size of blocks: as the encoder was told."""
    told = {switch: sets_of(**{"temporal-mvp": switch, "sao": switch})[0] for switch in "01"}
    assert (told["1"].temporal, told["1"].offset) == (True, True)
    assert (told["0"].temporal, told["0"].offset) == (False, False)
    assert sets_of(ctu="16")[0].blocks > sets_of(ctu="64")[0].blocks


@given(st.binary(max_size=60))
def test_any_bytes_are_a_set_or_an_error(data: bytes) -> None:
    """What a film carries may be anything; reading it ends, and with nothing else."""
    for read in (read_sps, read_pps):
        try:
            read(b"\x42\1" + data)
        except (LookupError, ValueError):
            continue


def test_a_set_that_is_cut_short_is_none() -> None:
    """Half of a set is not taken for a whole one."""
    with pytest.raises((LookupError, ValueError)):
        read_sps(b"\x42\1\1")
