"""Movie fragments as sample tables."""

from __future__ import annotations

import struct
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hls_mp4.containers.isobmff import fragments
from hls_mp4.containers.isobmff.box import Box
from hls_mp4.containers.isobmff.fragments import FragmentedTrack, fragment_samples
from hls_mp4.errors import MalformedMedia, MediaTooLarge, StreamingError, UnsupportedMedia
from hls_mp4.media.samples import SampleTable
from tests.boxes import Sample, make, make_full
from tests.moofs import BASE_IS_MOOF, DURATION_IS_EMPTY, NON_SYNC, SYNC, moof_of, moov_of, tfdt, tfhd, trex, trun
from tests.samples import EMPTY_FILE, asked_one_by_one, listed, no_samples, stbl_of, table_of


def track_of(
    *moofs: Box,
    moov: Box | None = None,
    plain: Mapping[int, SampleTable] | None = None,
    file_size: int = EMPTY_FILE,
) -> FragmentedTrack:
    """Return track 1 of these fragments."""
    tables = {1: no_samples()} if plain is None else plain
    return fragment_samples(moov or moov_of(trex(1, 1, 10, 4)), moofs, tables, file_size)[1]


def durations_of(track: FragmentedTrack) -> list[int]:
    """Return the durations of all samples."""
    return [sample.duration for sample in listed(track.samples)]


def offsets_of(track: FragmentedTrack) -> list[int]:
    """Return where all samples are."""
    return [sample.offset for sample in listed(track.samples)]


# Laws.

U32 = st.integers(0, 2**32 - 1)


@dataclass(frozen=True)
class Draft:
    """A run as a test draws it: its samples, and in which form it is written."""

    samples: tuple[tuple[int, int, int, int], ...]  # duration, size, flags, offset
    own: tuple[bool, bool, bool, bool]
    has_first: bool
    says_where: bool
    gap: int


@st.composite
def drafts(draw: st.DrawFn) -> Draft:
    own = draw(st.tuples(*[st.booleans()] * 4))
    small = st.integers(0, 3000)
    row = st.tuples(small, small, st.sampled_from([SYNC, NON_SYNC, 0, 0x10000, 0x1000000]), st.integers(-999, 999))
    count = draw(st.integers(0, 6))
    shared = draw(row)
    rows = draw(st.lists(row, min_size=count, max_size=count))
    default = (*shared[:3], 0)
    has_first = draw(st.booleans()) and not own[2]
    samples = [tuple(mine[i] if own[i] else default[i] for i in range(4)) for mine in rows]
    if has_first and samples:
        samples[0] = (*samples[0][:2], draw(st.sampled_from([SYNC, NON_SYNC])), samples[0][3])
    says_where = draw(st.booleans())
    return Draft(tuple(samples), own, has_first, says_where, draw(st.integers(0, 50)) if says_where else 0)


def written(
    runs: Sequence[Draft], track: int, moof_at: int, data_at: int, base: str
) -> tuple[list[bytes], list[Sample]]:
    """Return the boxes of one traf for each run, and the samples they describe; times are left out."""
    boxes: list[bytes] = []
    samples: list[Sample] = []
    for run in runs:
        default = run.samples[-1] if run.samples else (1, 2, 0, 0)
        start = data_at + run.gap
        count = {"file": 0, "moof": moof_at, "before": data_at}[base]
        header = tfhd(
            track,
            base={"file": count, "moof": None, "before": None}[base],
            duration=default[0],
            size=default[1],
            flags=default[2],
            more=BASE_IS_MOOF if base == "moof" else 0,
        )
        # Only a traf that begins where the data of the one before ends can leave out where its data is.
        says = run.says_where or base != "before"
        columns = list(zip(*run.samples, strict=True)) if run.samples else [(), (), (), ()]
        boxes.append(
            make(
                b"traf",
                header,
                trun(
                    len(run.samples),
                    at=start - count if says else None,
                    first=run.samples[0][2] if run.has_first and run.samples else None,
                    durations=columns[0] if run.own[0] else None,
                    sizes=columns[1] if run.own[1] else None,
                    flags=columns[2] if run.own[2] else None,
                    offsets=columns[3] if run.own[3] else None,
                ),
            )
        )
        at = start
        for duration, size, flags, offset in run.samples:
            samples.append(Sample(0, duration, offset, not flags & 0x1010000, at, size, 1))
            at += size
        data_at = at
    return boxes, samples


def timed(samples: Sequence[Sample]) -> list[Sample]:
    """Return samples with the decode times that follow from their durations."""
    made, clock = [], 0
    for sample in samples:
        made.append(replace(sample, decode=clock))
        clock += sample.duration
    return made


PLAIN_SAMPLES = [
    Sample(0, 7, 3, True, 100, 11, 1),
    Sample(7, 7, -2, False, 111, 12, 1),
    Sample(14, 5, 0, True, 200, 13, 2),
]
PLAIN = stbl_of(
    stts=[(2, 7), (1, 5)],
    sizes=[11, 12, 13],
    stsc=[(1, 2, 1), (2, 1, 2)],
    stco=[100, 200],
    ctts=[(1, 3), (1, -2), (1, 0)],
    stss=[1, 3],
)


@given(
    runs=st.lists(st.lists(drafts(), max_size=4), min_size=1, max_size=4),
    base=st.sampled_from(["file", "moof", "before"]),
    hybrid=st.booleans(),
)
def test_samples_are_what_was_written(runs: list[list[Draft]], base: str, hybrid: bool) -> None:
    """In whatever form a recorder writes its fragments, each sample has its time, size, place and flags."""
    moofs, expected = [], list(PLAIN_SAMPLES) if hybrid else []
    for number, of_moof in enumerate(runs):
        at = 10_000 * number + 1000
        # Without a base of its own, the first traf counts from the moof.
        boxes, samples = written(of_moof, 1, at, at if base == "before" else at + 5000, base)
        moofs.append(Box.parse(make(b"moof", *boxes), at))
        expected += samples
    plain = {1: table_of(PLAIN) if hybrid else no_samples()}
    found = fragment_samples(moov_of(), moofs, plain, EMPTY_FILE)
    if not any(run.samples for of_moof in runs for run in of_moof):
        assert found == {}
        return
    table = found[1].samples
    assert listed(table) == timed(expected)
    assert asked_one_by_one(table) == timed(expected)
    assert table.all_sync == all(sample.sync for sample in expected)


@given(data=st.binary(max_size=300), cut=st.integers(0, 200), at=st.integers(0, 200))
def test_bytes_of_any_kind_end_in_an_error_or_a_table(data: bytes, cut: int, at: int) -> None:
    """A broken fragment costs its film an error, never the server."""
    good = bytearray(
        moof_of((tfhd(1, duration=9, size=4), tfdt(5), trun(3, at=100, flags=[0] * 3), trun(2, sizes=[1, 2]))).raw
    )
    good[8 + at : 8 + at + cut] = data
    size = len(good)
    good[:4] = struct.pack(">I", size)
    try:
        found = fragment_samples(moov_of(trex(1)), [Box.parse(bytes(good), 1000)], {1: no_samples()}, 5000)
        for track in found.values():
            listed(track.samples)
    except StreamingError:
        pass


# Defaults.


def test_the_header_of_a_fragment_overrides_the_movies_defaults() -> None:
    """A default of the fragment holds for its samples, the movie's for the others."""
    moov = moov_of(trex(1, 2, 10, 4, NON_SYNC))
    own = moof_of((tfhd(1, description=3, duration=20, size=8, flags=SYNC), trun(1, at=0)))
    table = track_of(own, moof_of((tfhd(1), trun(1, at=0)), offset=2000), moov=moov).samples
    assert listed(table) == [Sample(0, 20, 0, True, 1000, 8, 3), Sample(20, 10, 0, False, 2000, 4, 2)]


def test_a_film_without_defaults_is_read() -> None:
    """A movie that lacks the trex of a track has zeros for defaults, as players have it."""
    track = track_of(moof_of((tfhd(1), trun(1, at=0, durations=[5], sizes=[6]))), moov=moov_of())
    assert listed(track.samples) == [Sample(0, 5, 0, True, 1000, 6, 1)]
    moov = Box.parse(make(b"moov"))
    assert track_of(moof_of((tfhd(1), trun(1, at=0, durations=[5], sizes=[6]))), moov=moov).samples.count == 1


def test_offsets_of_an_old_version_may_be_negative() -> None:
    """Writers put negative composition offsets where the version has none; they are read as they are meant."""
    assert listed(track_of(moof_of((tfhd(1), trun(1, at=0, offsets=[-7], version=0)))).samples)[0].composition == -7


def test_only_the_first_sample_has_the_first_flags() -> None:
    """A run that begins with a key frame has one key frame."""
    table = track_of(moof_of((tfhd(1, flags=NON_SYNC), trun(3, at=0, first=SYNC), trun(2)))).samples
    assert table.sync_samples.tolist() == [0]
    assert not table.all_sync


def test_a_sample_that_depends_on_others_is_no_key_frame() -> None:
    """A film whose writer forgot the sync flag does not start in the middle of a picture group."""
    assert track_of(moof_of((tfhd(1), trun(2, at=0, flags=[SYNC, 0x1000000])))).samples.sync_samples.tolist() == [0]


def test_the_first_of_two_defaults_counts() -> None:
    """A movie that gives a track two sets of defaults is read with the first."""
    moov = moov_of(trex(1, 1, 10, 4), trex(1, 1, 20, 8))
    assert listed(track_of(moof_of((tfhd(1), trun(1, at=0))), moov=moov).samples)[0].duration == 10


def test_offsets_that_are_all_0_are_none() -> None:
    """A film whose pictures are shown in the order they are decoded in needs no table of offsets."""
    assert not track_of(moof_of((tfhd(1), trun(2, at=0, offsets=[0, 0])))).samples.has_composition
    assert track_of(moof_of((tfhd(1), trun(2, at=0, offsets=[0, 1])))).samples.has_composition


# Sound without compression: a sample is a few bytes, a fragment has thousands.


def test_samples_of_one_size_cost_nothing() -> None:
    """An hour of PCM in fragments is a few numbers in memory, not one for each sample."""
    moofs = [
        moof_of((tfhd(1, duration=1, size=4, more=BASE_IS_MOOF), trun(48_000, at=100)), offset=200_000 * number)
        for number in range(3600)
    ]
    table = track_of(*moofs).samples
    assert table.count == 48_000 * 3600
    assert table.uniform_size == 4
    assert table.weight < 200_000
    assert table.offset(48_000 * 1800 + 5) == 200_000 * 1800 + 100 + 20
    assert table.decode_time(48_000 * 1800 + 5) == 48_000 * 1800 + 5


def test_samples_of_one_size_after_the_movies_own() -> None:
    """A recording of PCM that goes on in fragments keeps its one size, if it is one."""
    own = make(
        b"stbl",
        make_full(b"stts", 0, 0, struct.pack(">3I", 1, 9, 1)),
        make_full(b"stsc", 0, 0, struct.pack(">4I", 1, 1, 9, 1)),
        make_full(b"stsz", 0, 0, struct.pack(">2I", 4, 9)),
        make_full(b"stco", 0, 0, struct.pack(">2I", 1, 50)),
    )
    same = track_of(moof_of((tfhd(1), trun(3, at=0))), plain={1: table_of(own)})
    assert (same.samples.uniform_size, same.samples.count) == (4, 12)
    other = track_of(moof_of((tfhd(1, size=5), trun(3, at=0))), plain={1: table_of(own)})
    assert [sample.size for sample in listed(other.samples)] == [4] * 9 + [5] * 3


# Times.


@pytest.mark.parametrize("version", [0, 1])
def test_a_film_may_begin_late(version: int) -> None:
    """A piece of a live stream says when it began."""
    track = track_of(moof_of((tfhd(1), tfdt(90_000, version), trun(2, at=0))))
    assert track.begin == 90_000
    assert durations_of(track) == [10, 10]


def test_a_gap_lengthens_the_sample_before() -> None:
    """After a part of a recording is lost, sound and picture are still together."""
    track = track_of(
        moof_of((tfhd(1), tfdt(100), trun(3, at=0))), moof_of((tfhd(1), tfdt(150), trun(1, at=0)), offset=2000)
    )
    assert (track.begin, durations_of(track)) == (100, [10, 10, 30, 10])


def test_a_time_that_goes_back_is_not_believed() -> None:
    """Fragments that overlap play one after the other; a later time is compared with what was played."""
    track = track_of(
        moof_of((tfhd(1), tfdt(100), trun(3, at=0))),
        moof_of((tfhd(1), tfdt(120), trun(1, at=0)), offset=2000),
        moof_of((tfhd(1), trun(1, at=0)), offset=3000),
        moof_of((tfhd(1), tfdt(155), trun(1, at=0)), offset=4000),
    )
    assert durations_of(track) == [10, 10, 10, 10, 15, 10]


def test_nothing_is_shown_for_an_empty_duration() -> None:
    """A fragment that says nothing happens lets time pass: before the first sample, between samples, not at the end."""
    nothing = (tfhd(1, duration=40, more=DURATION_IS_EMPTY),)
    some = (tfhd(1), trun(2, at=0))
    track = track_of(
        *(moof_of(traf, offset=n * 1000) for n, traf in enumerate([nothing, some, nothing, nothing, some, nothing]))
    )
    assert (track.begin, durations_of(track)) == (40, [10, 90, 10, 10])
    contradicted = moof_of((tfhd(1, duration=40, more=DURATION_IS_EMPTY), trun(2, at=0)))
    assert durations_of(track_of(contradicted, moof_of(some, offset=5000))) == [40, 40, 10, 10]


def test_a_gap_after_the_movies_own_samples() -> None:
    """A recording that went on in fragments later than it left off has its last sample lengthened."""
    track = track_of(moof_of((tfhd(1), tfdt(30), trun(1, at=0))), plain={1: table_of(PLAIN)})
    assert (track.begin, durations_of(track)) == (0, [7, 7, 16, 10])


def test_a_gap_that_no_table_can_hold_is_refused() -> None:
    """A gap beyond 32 bits is an error in words, not a film out of step."""
    early = moof_of((tfhd(1), tfdt(0), trun(1, at=0)))
    with pytest.raises(UnsupportedMedia, match=r"gap of 4294967286.*moof/traf/tfdt"):
        track_of(early, moof_of((tfhd(1), tfdt(2**32), trun(1, at=0)), offset=2000))
    assert (
        durations_of(track_of(early, moof_of((tfhd(1), tfdt(2**32 - 1), trun(1, at=0)), offset=2000)))[0] == 2**32 - 1
    )


# What is refused.


def test_data_outside_the_file_is_found_when_asked_for() -> None:
    """A recording whose end is missing plays to where it breaks off, and the error names the fragment that is cut."""
    whole = moof_of((tfhd(1), trun(5, at=100)), offset=1000)
    cut = moof_of((tfhd(1), trun(5, at=100)), offset=2000)
    table = track_of(whole, cut, file_size=2110).samples
    assert table.chunks(0, 7).sizes.tolist() == [20, 8]
    for ask in (lambda: table.offset(8), lambda: table.chunks(4, 10)):
        with pytest.raises(MalformedMedia, match="too large chunk offset") as caught:
            ask()
        assert caught.value.offset == cut.need(b"traf", b"trun").offset


def test_samples_that_nobody_wrote_down_are_bounded() -> None:
    """A box of a few bytes cannot ask for gigabytes of memory."""
    with pytest.raises(MediaTooLarge, match="not listed"):
        track_of(moof_of((tfhd(1, size=0), trun(2**32 - 1, at=0))))
    with pytest.raises(MediaTooLarge, match="not listed"):
        track_of(moof_of((tfhd(1, size=1), trun(1, at=0, flags=[NON_SYNC]), trun(2**31))))
    with pytest.raises(MediaTooLarge, match="trun samples"):
        track_of(moof_of((tfhd(1), trun(2**32 - 1, at=0), trun(1))))
    with pytest.raises(MalformedMedia, match="too long"):
        track_of(moof_of((tfhd(1, duration=2**32 - 1, size=1), trun(2**31, at=0))))
    with pytest.raises(MalformedMedia, match="too large chunk offset"):
        track_of(moof_of((tfhd(1, size=2**32 - 1), trun(2**31, at=0))))


def test_boxes_that_are_none_of_ours_are_passed_over() -> None:
    """Smooth Streaming's times, protection and hints in a fragment change nothing."""
    extras = (make(b"uuid", bytes(40)), make_full(b"senc", 0, 2, bytes(4)), make(b"sdtp", bytes(6)), make(b"saiz"))
    assert listed(track_of(moof_of((tfhd(1), *extras, trun(2, at=0), *extras))).samples) == listed(
        track_of(moof_of((tfhd(1), trun(2, at=0)))).samples
    )


def test_weight_counts_the_tables() -> None:
    """The cache of indexes knows what a fragmented film holds in memory."""
    count = 10_000
    sizes = list(range(1, count + 1))
    heavy = track_of(moof_of((tfhd(1), trun(count, at=0, sizes=sizes, durations=sizes))))
    assert heavy.samples.weight >= 12 * count
    assert count <= fragments.MOST_IMPLIED
