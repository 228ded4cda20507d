"""Real films with one thing wrong: every way in which nginx was broken, or refuses to play, and some more."""

from __future__ import annotations

import struct
from collections.abc import Callable

import pytest

from hls_mp4.errors import MalformedMedia, MediaTooLarge, StreamingError, UnsupportedMedia
from tests import boxes, layouts
from tests.boxes import make, make_full
from tests.films import Library
from tests.indexes import indexed, used

Mutation = Callable[[bytes], bytes]


def within(path: str, change: Callable[[boxes.Box], bytes | None], track: int = 0) -> Mutation:
    """Return a mutation of the box at a path of one track, or of the movie; media keeps its place by a moved moov."""

    def mutate(data: bytes) -> bytes:
        def apply(number: int, here: str, box: boxes.Box) -> bytes | None:
            return change(box) if number == track and here == path else None

        def top(here: str, box: boxes.Box) -> bytes | None:
            return change(box) if here == path else None

        moov = boxes.tree(data).need("moov")
        return data[: moov.offset] + layouts.per_track(data, apply, top) + data[moov.offset + moov.size :]

    return mutate


def replaced(path: str, payload: bytes) -> Mutation:
    """Return a mutation that gives a box another payload."""
    return within(path, lambda box: make(box.kind, payload))


def patched(path: str, at: int, value: bytes) -> Mutation:
    """Return a mutation that writes over a box's payload."""

    def patch(box: boxes.Box) -> bytes:
        payload = bytearray(box.payload)
        payload[at : at + len(value)] = value
        return make(box.kind, bytes(payload))

    return within(path, patch)


def twice(path: str) -> Mutation:
    """Return a mutation that has a box a second time."""
    return within(path, lambda box: layouts.rebuilt(box, lambda *_: None) * 2)


def gone(path: str) -> Mutation:
    """Return a mutation that leaves a box out."""
    return within(path, lambda box: b"")


def resized(path: str, head: bytes) -> Mutation:
    """Return a mutation that writes another header over that of a box, whose payload stays."""
    return within(path, lambda box: head + layouts.rebuilt(box, lambda *_: None)[8:])


def top_resized(kind: bytes, head: bytes) -> Mutation:
    """Return a mutation that writes over the header of a box at the top level."""

    def mutate(data: bytes) -> bytes:
        at = boxes.tree(data).need(kind.decode()).offset
        return data[:at] + head + data[at + len(head) :]

    return mutate


def doubled(kind: bytes) -> Mutation:
    """Return a mutation that has a box of the top level twice, one after the other."""

    def mutate(data: bytes) -> bytes:
        box = boxes.tree(data).need(kind.decode())
        whole = data[box.offset : box.offset + box.size]
        return data[: box.offset] + whole + data[box.offset :]

    return mutate


def u32(*values: int) -> bytes:
    """Return numbers as a box has them."""
    return struct.pack(f">{len(values)}I", *values)


STBL = "moov/trak/mdia/minf/stbl"
VIDEO = "moov/trak[0]/mdia/minf/stbl"
MOST = 2**32 - 1
ONCE = {
    "moov": ("mvhd",),
    "moov/trak": ("tkhd", "mdia", "edts"),
    "moov/trak/mdia": ("mdhd", "hdlr", "minf"),
    "moov/trak/mdia/minf": ("vmhd", "dinf", "stbl"),
    STBL: ("stsd", "stts", "stss", "ctts", "stsc", "stsz", "stco"),
}

Row = tuple[Mutation, type[StreamingError], str, str]

ROWS: dict[str, Row] = {
    **{
        f"two {kind}": (
            twice(f"{path}/{kind}"),
            MalformedMedia,
            f"duplicate mp4 {kind} atom",
            f"{path.replace('trak', 'trak[0]')}/{kind}",
        )
        for path, kinds in ONCE.items()
        for kind in kinds
    },
    "two ftyp": (doubled(b"ftyp"), MalformedMedia, "duplicate mp4 ftyp atom", "ftyp"),
    "two moov": (doubled(b"moov"), MalformedMedia, "duplicate mp4 moov atom", "moov"),
    "stco and co64": (
        within(f"{STBL}/stco", lambda box: make(b"stco", bytes(box.payload)) + make_full(b"co64", 0, 0, bytes(4))),
        MalformedMedia,
        "duplicate mp4 stco/co64 atom",
        VIDEO,
    ),
    "stsz and stz2": (
        within(f"{STBL}/stsz", lambda box: make(b"stsz", bytes(box.payload)) + make_full(b"stz2", 0, 0, u32(4, 0))),
        MalformedMedia,
        "duplicate mp4 stsz/stz2 atom",
        VIDEO,
    ),
    # Sizes.
    **{
        f"moov of 64-bit size {size}": (
            top_resized(b"moov", struct.pack(">I4sQ", 1, b"moov", size)),
            MalformedMedia,
            f"mp4 atom is too small:{size}" if size < 16 else f"mp4 atom too large:{size}",
            "moov",
        )
        for size in (0, 8, 15, 2**63 - 1, 2**64 - 1)
    },
    **{
        f"trak of 64-bit size {size}": (
            resized("moov/trak", struct.pack(">I4sQ", 1, b"trak", size)),
            MalformedMedia,
            f"mp4 atom is too small:{size}" if size < 16 else f"mp4 atom too large:{size}",
            "moov/trak",
        )
        for size in (0, 8, 15, 2**63 - 1, 2**64 - 1)
    },
    **{
        f"{kind} of size {size}": (
            top_resized(kind.encode(), struct.pack(">I4s", size, kind.encode())),
            MalformedMedia,
            f"mp4 atom is too small:{size}",
            kind,
        )
        for kind in ("ftyp", "moov", "mdat")
        for size in (4, 7)
    },
    "moov larger than the file": (
        top_resized(b"moov", struct.pack(">I4s", MOST, b"moov")),
        MalformedMedia,
        f"mp4 atom too large:{MOST}",
        "moov",
    ),
    "moov to the end of the file": (
        top_resized(b"moov", bytes(4) + b"moov"),
        MalformedMedia,
        "no mp4 mdat atom was found",
        "",
    ),
    "mvhd of size 0": (
        resized("moov/mvhd", bytes(4) + b"mvhd"),
        MalformedMedia,
        "mp4 atom is too small:0",
        "moov/mvhd",
    ),
    "stsz larger than its parent": (
        resized(f"{STBL}/stsz", struct.pack(">I4s", 10**6, b"stsz")),
        MalformedMedia,
        "mp4 atom too large:1000000",
        f"{VIDEO}/stsz",
    ),
    "ftyp of a megabyte": (
        lambda data: make(b"ftyp", bytes(1 << 20)) + data,
        MediaTooLarge,
        "mp4 ftyp atom is too large:",
        "ftyp",
    ),
    "cmov": (
        lambda data: make(b"moov", make(b"cmov", bytes(20))) + data,
        UnsupportedMedia,
        "compressed moov atom (cmov) is not supported",
        "moov/cmov",
    ),
    # Headers.
    "short mvhd": (replaced("moov/mvhd", bytes(99)), MalformedMedia, "mp4 mvhd atom too small", "moov/mvhd"),
    "short mvhd of version 1": (
        replaced("moov/mvhd", b"\1" + bytes(110)),
        MalformedMedia,
        "mp4 mvhd atom too small",
        "moov/mvhd",
    ),
    "short tkhd": (replaced("moov/trak/tkhd", bytes(83)), MalformedMedia, "mp4 tkhd atom too small", "moov/trak[0]"),
    "short mdhd": (replaced("moov/trak/mdia/mdhd", bytes(19)), MalformedMedia, "mp4 mdhd atom too small", "moov/trak"),
    "short stsd": (replaced(f"{STBL}/stsd", bytes(7)), MalformedMedia, "mp4 stsd atom too small", f"{VIDEO}/stsd"),
    "timescale 0": (
        patched("moov/trak/mdia/mdhd", 12, u32(0)),
        MalformedMedia,
        "mp4 mdhd timescale is zero",
        "moov/trak[0]/mdia/mdhd",
    ),
    "edits without end": (
        within("moov/trak/edts", lambda box: make(b"edts", make_full(b"elst", 0, 0, u32(MOST)))),
        MalformedMedia,
        "mp4 elst atom too small",
        "moov/trak[0]/edts/elst",
    ),
    # Counts.
    **{
        f"{kind} of {count} entries": (
            patched(f"{STBL}/{kind}", 8 if kind == "stsz" else 4, u32(count)),
            MalformedMedia,
            f"mp4 {kind} atom too small",
            f"{VIDEO}/{kind}",
        )
        for kind in ("stts", "stss", "ctts", "stsc", "stsz", "stco")
        for count in (0x20000001, 0x15555556, 0x40000001, MOST)
    },
    **{
        f"{kind} of no bytes": (
            replaced(f"{STBL}/{kind}", bytes(3)),
            MalformedMedia,
            f"mp4 {kind} atom too small",
            f"{VIDEO}/{kind}",
        )
        for kind in ("stts", "stss", "ctts", "stsc", "stsz", "stco")
    },
    # Tables.
    "empty stsc": (
        replaced(f"{STBL}/stsc", bytes(8)),
        MalformedMedia,
        "zero number of entries in stsc atom",
        f"{VIDEO}/stsc",
    ),
    "stsc of chunk 0": (
        replaced(f"{STBL}/stsc", u32(0, 1, 0, 1, 1)),
        MalformedMedia,
        "zero chunk in stsc atom",
        f"{VIDEO}/stsc",
    ),
    "stsc out of order": (
        replaced(f"{STBL}/stsc", u32(0, 3, 1, 1, 1, 9, 1, 1, 5, 1, 1)),
        MalformedMedia,
        "unordered mp4 stsc chunks",
        f"{VIDEO}/stsc",
    ),
    "stsc without samples": (
        replaced(f"{STBL}/stsc", u32(0, 1, 1, 0, 1)),
        MalformedMedia,
        "start time is out mp4 stsc chunks",
        f"{VIDEO}/stsc",
    ),
    "stsc of more samples than fit 32 bits": (
        replaced(f"{STBL}/stsc", u32(0, 1, 1, MOST, 1)),
        MalformedMedia,
        "mp4 stsc atom has ",
        f"{VIDEO}/stsc",
    ),
    "stsc beyond the chunks": (
        replaced(f"{STBL}/stsc", u32(0, 2, 1, 1, 1, 10**6, 1, 1)),
        MalformedMedia,
        "unordered mp4 stsc chunks",
        f"{VIDEO}/stsc",
    ),
    "empty stco": (replaced(f"{STBL}/stco", bytes(8)), MalformedMedia, "unordered mp4 stsc chunks", f"{VIDEO}/stsc"),
    "stco beyond the file": (
        patched(f"{STBL}/stco", 8, u32(MOST)),
        MalformedMedia,
        "too large chunk offset",
        f"{VIDEO}/stco",
    ),
    "empty stts": (
        replaced(f"{STBL}/stts", bytes(8)),
        MalformedMedia,
        "start time is out mp4 stts samples",
        f"{VIDEO}/stts",
    ),
    "short stts": (
        replaced(f"{STBL}/stts", u32(0, 1, 299, 512)),
        MalformedMedia,
        "start time is out mp4 stts samples",
        f"{VIDEO}/stts",
    ),
    "samples of 4 GiB": (
        patched(f"{STBL}/stsz", 12, u32(*[MOST] * 300)),
        MalformedMedia,
        "too large chunk offset",
        f"{VIDEO}/stco",
    ),
    "samples of 4 GiB, all alike": (
        patched(f"{STBL}/stsz", 4, u32(MOST)),
        MalformedMedia,
        "mp4 stsz atom has 300 samples of 4294967295 bytes",
        f"{VIDEO}/stsz",
    ),
    "stss of sample 0": (
        replaced(f"{STBL}/stss", u32(0, 2, 0, 5)),
        MalformedMedia,
        "zero sync sample in stss atom",
        f"{VIDEO}/stss",
    ),
    "stss backwards": (
        replaced(f"{STBL}/stss", u32(0, 2, 51, 1)),
        MalformedMedia,
        "unordered mp4 stss samples",
        f"{VIDEO}/stss",
    ),
    "stss of 2^32": (
        replaced(f"{STBL}/stss", u32(0, 2, 1, MOST)),
        MalformedMedia,
        "too large sync sample in stss atom",
        f"{VIDEO}/stss",
    ),
    # What is missing.
    **{
        f"no {kind}": (gone(f"{path}/{kind}"), MalformedMedia, f"no mp4 {kind} atom was found", where)
        for path, kind, where in (
            ("moov/trak", "mdia", "moov/trak[0]"),
            ("moov/trak/mdia", "mdhd", "moov/trak[0]/mdia"),
            ("moov/trak/mdia", "minf", "moov/trak[0]/mdia"),
            ("moov/trak/mdia/minf", "stbl", "moov/trak[0]/mdia/minf"),
            (STBL, "stts", VIDEO),
            (STBL, "stsc", VIDEO),
            (STBL, "stsz", VIDEO),
            (STBL, "stco", VIDEO),
        )
    },
    "no trak": (
        lambda data: make(b"moov", make(b"free")) + make(b"mdat", bytes(9)),
        MalformedMedia,
        "no mp4 trak atoms were found",
        "moov",
    ),
    "no mdat": (lambda data: data[: boxes.tree(data).need("mdat").offset], MalformedMedia, "no mp4 mdat atom", ""),
    "no moov": (lambda data: data[boxes.tree(data).need("mdat").offset :], MalformedMedia, "no mp4 moov atom", ""),
    "nothing": (lambda data: b"", MalformedMedia, "no mp4 moov atom was found", ""),
    "four bytes": (lambda data: data[:4], MalformedMedia, "mp4 file truncated", ""),
}
"""The table of bad input in nginx's terms: what is done to a film, and what is said of it."""


@pytest.mark.parametrize("name", ROWS)
def test_a_film_that_contradicts_itself_is_refused(films: Library, name: str) -> None:
    """What nginx was broken by or refuses is an error with its words, and names the box and where it is."""
    mutate, kind, words, path = ROWS[name]
    data = films.data("h264")
    with pytest.raises(kind) as caught:
        used(mutate(data))
    assert type(caught.value) is kind
    assert caught.value.message.startswith(words)
    assert caught.value.box.startswith(path)
    assert caught.value.offset >= 0 or not path


HARMLESS: dict[str, Mutation] = {
    **{f"no {path.rpartition('/')[2]}": gone(path) for path in ("moov/mvhd", "moov/trak/tkhd", "moov/trak/mdia/hdlr")},
    **{f"no {kind}": gone(f"{STBL}/{kind}") for kind in ("stsd", "stss", "ctts")},
    "empty ctts": replaced(f"{STBL}/ctts", bytes(8)),
    "ctts of runs of nothing": replaced(f"{STBL}/ctts", u32(0, 2, 0, 5, 0, 6)),
    "stts of runs of nothing": replaced(f"{STBL}/stts", u32(0, 3, 0, 5, 300, 512, 0, 6)),
    "stts of 2^32 samples": replaced(f"{STBL}/stts", u32(0, 1, MOST, 512)),
    "stts without durations": replaced(f"{STBL}/stts", u32(0, 1, 300, 0)),
    "empty stss": replaced(f"{STBL}/stss", bytes(8)),
    "empty stsz": patched(f"{STBL}/stsz", 8, u32(0)),
    "junk behind": lambda data: data + b"\xff" * 100,
    "three bytes behind": lambda data: data + b"abc",
}
"""What films live with; nginx, too, or it should."""


@pytest.mark.parametrize("name", HARMLESS)
def test_a_film_that_lacks_little_is_read(films: Library, name: str) -> None:
    """What players forgive is forgiven: the other track is whole, and so is what there is of this one."""
    data = films.data("moov-last")
    index = used(HARMLESS[name](data))
    assert len(index.tracks) == 2
    whole = indexed(data)
    assert index.tracks[1].samples.count == whole.tracks[1].samples.count
    assert index.tracks[0].samples.count == (0 if name == "empty stsz" else 300)
    assert index.tracks[0].samples.duration == (0 if name in ("empty stsz", "stts without durations") else 300 * 512)
