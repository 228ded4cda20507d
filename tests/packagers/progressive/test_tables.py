"""Tables of a range of samples say of it what the film's tables say."""

from __future__ import annotations

import struct

import pytest

from hls_mp4.errors import UnsupportedMedia
from hls_mp4.media.samples import SampleTable
from hls_mp4.packagers.progressive import tables
from hls_mp4.packagers.progressive.framing import Framed
from hls_mp4.packagers.progressive.lateness import Late
from tests import boxes
from tests.films import Library
from tests.packagers.progressive.clips import index_of

RANGES = [(0, 300), (0, 1), (299, 300), (7, 131), (50, 100), (51, 52)]


@pytest.fixture
def samples(films: Library) -> SampleTable:
    """The video of the reference film."""
    return index_of(films.data("h264")).tracks[0].samples


@pytest.fixture
def plain(films: Library) -> list[boxes.Sample]:
    """The same as a list."""
    return boxes.read_movie(films.data("h264")).tracks[0].samples


def payload(framed: Framed | None) -> bytes:
    """Return what is in a box, from its first field on."""
    assert framed is not None
    body = b"".join(framed.fill(0))
    assert len(body) == framed.length
    return boxes.boxes(body)[0].payload


def runs(body: bytes, form: str) -> list[int]:
    """Return the value of each sample of a run-length table."""
    assert len(body) == 8 + 8 * int.from_bytes(body[4:8], "big")
    return [value for count, value in struct.iter_unpack(form, body[8:]) for _ in range(count)]


@pytest.mark.parametrize(("first", "stop"), RANGES)
@pytest.mark.parametrize("scale", [1, 7])
def test_times_of_a_range(samples: SampleTable, plain: list[boxes.Sample], first: int, stop: int, scale: int) -> None:
    """Durations and offsets, in any multiple of the film's timescale."""
    stts = tables.Durations.of(samples, first, stop, scale, None)
    expected = [sample.duration * scale for sample in plain[first:stop]]
    assert runs(payload(stts.build()), ">II") == expected
    assert (stts.origin, stts.total) == (plain[first].decode * scale, sum(expected))
    ctts = payload(tables.make_ctts(samples, first, stop, scale, None))
    assert runs(ctts, ">Ii") == [sample.composition * scale for sample in plain[first:stop]]


def test_negative_offsets_make_version_1(films: Library) -> None:
    """A reader of version 0 would take them for very large ones."""
    table = index_of(films.data("negative-offsets")).tracks[0].samples
    plain = boxes.read_movie(films.data("negative-offsets")).tracks[0].samples
    for scale in (1, 3):
        body = payload(tables.make_ctts(table, 5, 60, scale, None))
        assert body[0] == 1
        assert runs(body, ">Ii") == [sample.composition * scale for sample in plain[5:60]]


def test_a_sample_can_begin_later(films: Library, samples: SampleTable, plain: list[boxes.Sample]) -> None:
    """With reordering by its offset; without by its duration, the one before it lasting longer."""
    late = Late(3, 100)
    body = payload(tables.make_ctts(samples, 50, 60, 1, late))
    assert runs(body, ">Ii") == [s.composition + 100 * (n == 3) for n, s in enumerate(plain[50:60])]
    assert tables.Durations.of(samples, 50, 60, 1, late).total == 10 * 512
    straight = index_of(films.data("no-b-frames")).tracks[0].samples
    stts = tables.Durations.of(straight, 50, 60, 1, late)
    assert runs(payload(stts.build()), ">II") == [512, 512, 612, 412, *[512] * 6]
    assert (stts.origin, stts.total) == (50 * 512, 10 * 512)
    stts = tables.Durations.of(straight, 50, 60, 1, Late(0, 100))
    assert runs(payload(stts.build()), ">II") == [412, *[512] * 9]
    assert (stts.origin, stts.total) == (50 * 512 + 100, 10 * 512 - 100)


@pytest.mark.parametrize(("first", "stop"), RANGES)
def test_sizes_and_key_frames_of_a_range(
    samples: SampleTable, plain: list[boxes.Sample], first: int, stop: int
) -> None:
    """Key frames are counted from the range's first sample on; a range without any has an empty table."""
    stsz = payload(tables.make_stsz(samples, first, stop))
    sizes = [sample.size for sample in plain[first:stop]]
    assert struct.unpack(f">III{len(sizes)}I", stsz) == (0, 0, len(sizes), *sizes)
    stss = payload(tables.make_stss(samples, first, stop))
    expected = [number + 1 for number, sample in enumerate(plain[first:stop]) if sample.sync]
    assert struct.unpack(f">II{len(expected)}I", stss) == (0, len(expected), *expected)


def test_what_a_track_does_not_have_is_not_made(films: Library) -> None:
    """No offsets, no table of key frames; sizes that are all equal stay one number."""
    audio = index_of(films.data("pcm-mov")).tracks[1].samples
    assert tables.make_ctts(audio, 0, 10, 1, None) is None
    assert tables.make_stss(audio, 0, 10) is None
    assert payload(tables.make_stsz(audio, 3, 10)) == struct.pack(">III", 0, 2, 7)


def test_times_that_do_not_fit_the_finer_clock_are_refused(samples: SampleTable) -> None:
    """A duration of 32 bits cannot be multiplied without end."""
    with pytest.raises(UnsupportedMedia, match="mp4 stts samples are too long"):
        tables.Durations.of(samples, 0, 10, 1 << 24, None)
    with pytest.raises(UnsupportedMedia, match="mp4 ctts offsets are too large"):
        tables.make_ctts(samples, 0, 10, 1 << 24, None)
