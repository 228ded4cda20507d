"""Collecting the track runs of movie fragments."""

from __future__ import annotations

import struct
from collections.abc import Callable

import pytest

from hls_mp4.containers.isobmff import trackruns
from hls_mp4.containers.isobmff.box import Box
from hls_mp4.containers.isobmff.trackruns import (
    COLUMNS,
    COMPOSITION,
    COUNT,
    DURATION,
    FLAGS,
    OFFSET,
    PLACE,
    SIZE,
    Mark,
    collect_runs,
)
from hls_mp4.errors import MalformedMedia, MediaTooLarge
from tests.boxes import make, make_full
from tests.moofs import BASE_IS_MOOF, DURATION_IS_EMPTY, moof_of, moov_of, tfdt, tfhd, trex, trun

MOOV = moov_of(trex(1, 1, 10, 4), trex(2))


def offsets_of(*moofs: Box) -> list[int]:
    """Return where the runs of track 1 are."""
    return collect_runs(MOOV, moofs, (1,))[1].table[:, OFFSET].tolist()


def test_runs_of_any_form_keep_their_numbers() -> None:
    """A recorder that changes the form of its runs midway has every number read from where it is."""
    moof = moof_of(
        (
            tfhd(1),
            trun(2, at=0, durations=[1, 2], sizes=[3, 4]),
            trun(1, sizes=[5]),
            trun(2, sizes=[6, 7], durations=[8, 9], flags=[10, 11], offsets=[12, -13]),
            trun(3),
        )
    )
    runs = collect_runs(MOOV, [moof], (1,))[1]
    table = runs.table
    assert len(runs) == 4
    assert table[:, COUNT].tolist() == [2, 1, 2, 3]
    assert table[:, COLUMNS].tolist() == [DURATION | SIZE, SIZE, DURATION | SIZE | FLAGS | COMPOSITION, 0]
    assert table[:, PLACE].tolist() == [box.offset for box in moof.need(b"traf").all(b"trun")]
    assert runs.column(table, SIZE).tolist() == [3, 4, 5, 6, 7]
    assert runs.column(table, DURATION).tolist() == [1, 2, 8, 9]
    assert runs.column(table, FLAGS).tolist() == [10, 11]
    assert runs.column(table, COMPOSITION).view(">i4").tolist() == [12, -13]


def test_times_belong_to_the_runs_that_follow() -> None:
    """Where a fragment begins is known, and where one says that nothing happens."""
    moof = moof_of(
        (tfhd(1), tfdt(50), trun(1, at=0), trun(1)), (tfhd(1, duration=7, more=DURATION_IS_EMPTY),), (tfhd(1), trun(1))
    )
    assert collect_runs(MOOV, [moof], (1,))[1].marks == [Mark(0, 50, False), Mark(2, 7, True)]


# Where data is.


def test_the_second_track_follows_the_first() -> None:
    """Fragments of old writers, which say nothing of where data is, are read as they were written."""
    moof = moof_of(
        (tfhd(2), trun(2, at=500, sizes=[7, 9])),
        (tfhd(1), trun(2)),
        (tfhd(1), trun(1)),
        offset=1000,
    )
    assert offsets_of(moof) == [1516, 1524]


def test_a_track_that_nobody_knows_takes_its_room() -> None:
    """A fragment of a track without a trak is passed over, and what follows it is found all the same."""
    moof = moof_of((tfhd(77), trun(3, at=500, sizes=[7, 9, 1])), (tfhd(1), trun(1)), offset=1000)
    assert offsets_of(moof) == [1517]
    assert collect_runs(moov_of(), [moof], ()) == {}


def test_a_run_follows_the_run_before() -> None:
    """Runs that do not say where they are lie one after the other."""
    moof = moof_of((tfhd(1, more=BASE_IS_MOOF), trun(2, at=400), trun(1, sizes=[20]), trun(0), trun(2)), offset=1000)
    assert offsets_of(moof) == [1400, 1408, 1428]


def test_an_absolute_place_counts_from_the_file() -> None:
    """A base data offset is a place in the file, data offsets may count back from it."""
    assert offsets_of(moof_of((tfhd(1, base=9000), trun(1, at=-50), trun(1, at=3)))) == [8950, 9003]


def test_every_fragment_counts_from_itself() -> None:
    """Nothing is carried from one fragment to the next."""
    traf = (tfhd(1, more=BASE_IS_MOOF), trun(1, at=100))
    assert offsets_of(moof_of(traf, offset=1000), moof_of(traf, offset=5000)) == [1100, 5100]
    assert collect_runs(MOOV, [], (1,)) == {}


# What is refused.


def bad_place(moof: Box, kind: bytes) -> int:
    """Return the absolute offset of the last box of a kind in a fragment's first traf."""
    return moof.need(b"traf").all(kind)[-1].offset


REFUSED: dict[str, tuple[Callable[[], Box], bytes, str]] = {
    "no tfhd": (lambda: moof_of((trun(1, at=0),)), b"traf", "no mp4 tfhd atom was found"),
    "two tfhd": (lambda: moof_of((tfhd(1), tfhd(1))), b"tfhd", "duplicate mp4 tfhd atom"),
    "two tfdt": (lambda: moof_of((tfhd(1), tfdt(1), tfdt(1))), b"tfdt", "duplicate mp4 tfdt atom"),
    "short tfhd": (lambda: moof_of((make(b"tfhd", bytes(7)),)), b"tfhd", "mp4 tfhd atom too small"),
    "tfhd shorter than its flags": (
        lambda: moof_of((make_full(b"tfhd", 0, 0x3B, bytes(23)),)),
        b"tfhd",
        "mp4 tfhd atom too small",
    ),
    "short tfdt": (lambda: moof_of((tfhd(1), make_full(b"tfdt", 1, 0, bytes(7)))), b"tfdt", "mp4 tfdt atom too small"),
    "empty tfdt": (lambda: moof_of((tfhd(1), make(b"tfdt"))), b"tfdt", "mp4 tfdt atom too small"),
    "short trun": (lambda: moof_of((tfhd(1), make(b"trun", bytes(7)))), b"trun", "mp4 trun atom too small"),
    "trun shorter than its flags": (
        lambda: moof_of((tfhd(1), make_full(b"trun", 0, 5, bytes(4 + 7)))),
        b"trun",
        "mp4 trun atom too small",
    ),
    "trun shorter than its count": (
        lambda: moof_of((tfhd(1), make_full(b"trun", 0, 0x300, struct.pack(">I", 2), bytes(15)))),
        b"trun",
        "mp4 trun atom too small",
    ),
    "trun of 2^32 samples": (
        lambda: moof_of((tfhd(1), make_full(b"trun", 0, 0xF00, b"\xff" * 4, bytes(64)))),
        b"trun",
        "mp4 trun atom too small",
    ),
    "data before the file": (lambda: moof_of((tfhd(1), trun(1, at=-1001))), b"trun", "too large chunk offset"),
    "data beyond 2^63": (lambda: moof_of((tfhd(1, base=2**63),)), b"tfhd", "too large chunk offset"),
    "data beyond 2^63 by an offset": (
        lambda: moof_of((tfhd(1, base=2**63 - 1), trun(1, at=1))),
        b"trun",
        "too large chunk offset",
    ),
    "a box that leaves its traf": (
        lambda: moof_of((tfhd(1), struct.pack(">I4s", 99, b"trun"))),
        b"",
        "mp4 atom too large:99",
    ),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_contradicts_itself_is_refused(name: str) -> None:
    """The error log says which box of which fragment is broken."""
    make_moof, kind, words = REFUSED[name]
    moof = make_moof()
    with pytest.raises(MalformedMedia) as caught:
        collect_runs(MOOV, [moof], (1,))
    assert caught.value.message == words
    assert caught.value.box.startswith("moof/traf[0]")
    if kind and "two" not in name:
        assert caught.value.offset == (moof.need(b"traf").offset if kind == b"traf" else bad_place(moof, kind))


def test_runs_are_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    """More runs than any film has are refused before they take up memory."""
    monkeypatch.setattr(trackruns, "MAX_RUNS", 2)
    assert len(offsets_of(moof_of((tfhd(1), trun(1, at=0), trun(1))))) == 2
    with pytest.raises(MediaTooLarge, match="track runs"):
        offsets_of(moof_of((tfhd(1), trun(1, at=0)), (tfhd(1), trun(0), trun(1))))


# Smooth Streaming.

TFXD = bytes.fromhex("6d1d9b0542d544e680e2141daff757b2")


@pytest.mark.parametrize(
    ("payload", "time"),
    [(struct.pack(">IQQ", 1 << 24, 2**40, 5), 2**40), (struct.pack(">III", 0, 77, 5), 77)],
    ids=["64 bits", "32 bits"],
)
def test_the_time_of_smooth_streaming(payload: bytes, time: int) -> None:
    """Recordings of Smooth Streaming have no tfdt; sound and picture that begin apart stay apart all the same."""
    moof = moof_of((tfhd(1), make(b"uuid", TFXD + payload), trun(1, at=0)))
    assert collect_runs(MOOV, [moof], (1,))[1].marks == [Mark(0, time, False)]


def test_tfdt_counts_before_tfxd() -> None:
    """Where a fragment has both times, ISO's is the one that players use."""
    moof = moof_of((tfhd(1), make(b"uuid", TFXD + struct.pack(">III", 0, 77, 5)), tfdt(50), trun(1, at=0)))
    assert collect_runs(MOOV, [moof], (1,))[1].marks == [Mark(0, 50, False)]


def test_other_user_boxes_have_no_time() -> None:
    """A box of somebody's own in a fragment is passed over."""
    moof = moof_of((tfhd(1), make(b"uuid", bytes(16) + struct.pack(">III", 0, 77, 5)), trun(1, at=0)))
    assert collect_runs(MOOV, [moof], (1,))[1].marks == []


def test_a_tfxd_cut_short() -> None:
    """A time that is not all there is refused, with its place."""
    moof = moof_of((tfhd(1), make(b"uuid", TFXD + bytes([1, 0, 0, 0, 1])), trun(1, at=0)))
    with pytest.raises(MalformedMedia, match="tfxd atom too small"):
        collect_runs(MOOV, [moof], (1,))


# Smooth Streaming.

TFXD = bytes.fromhex("6d1d9b0542d544e680e2141daff757b2")


@pytest.mark.parametrize(("version", "form"), [(0, ">I"), (1, ">Q")])
def test_a_smooth_fragment_says_when_it_is(version: int, form: str) -> None:
    """Where a Smooth Streaming recorder writes no tfdt, its own box gives the time; a tfdt counts more."""
    fields = bytes([version]) + bytes(3) + struct.pack(form, 77) + struct.pack(form, 20)
    tfxd = make(b"uuid", TFXD, fields)
    other = make(b"uuid", bytes(40))
    assert collect_runs(MOOV, [moof_of((tfhd(1), other, tfxd, trun(1, at=0)))], (1,))[1].marks == [Mark(0, 77, False)]
    both = moof_of((tfhd(1), tfxd, tfdt(5), trun(1, at=0)))
    assert collect_runs(MOOV, [both], (1,))[1].marks == [Mark(0, 5, False)]
    neither = moof_of((tfhd(1), other, make(b"uuid"), trun(1, at=0)))
    assert collect_runs(MOOV, [neither], (1,))[1].marks == []
    for length in (0, 4, len(fields) - 1):
        with pytest.raises(MalformedMedia, match="tfxd atom too small"):
            collect_runs(MOOV, [moof_of((tfhd(1), make(b"uuid", TFXD, fields[:length]), trun(1, at=0)))], (1,))
