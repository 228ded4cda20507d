"""Films with tables that FFmpeg's muxer does not write: what a clip has to crop, remap or keep."""

from __future__ import annotations

import struct
from collections.abc import Callable
from itertools import accumulate

from tests import boxes
from tests.boxes import Box, make, make_full
from tests.layouts import moved_moov, per_track, rebuilt, with_children


def sample_note(number: int) -> int:
    """Return what `annotated` writes to sdtp for a sample, so that a cut table can be told from a shifted one."""
    return (number * 37 + 11) % 251


def annotated(data: bytes) -> bytes:
    """Add every per-sample table that a clip must crop, boxes nobody knows, and boxes that a clip must keep."""
    movie = boxes.read_movie(data)

    def noted(number: int, path: str, box: Box) -> bytes | None:
        track = movie.tracks[number]
        count = len(track.samples)
        if path == "moov/trak/mdia/minf/stbl":
            notes = [sample_note(at) for at in range(count)]
            half = count // 2
            subs = [(at, at % 5 + 1) for at in range(0, count, 3)]
            deltas = [now[0] - before for now, before in zip(subs, [-1, *(s[0] for s in subs)], strict=False)]
            return with_children(
                box,
                make_full(b"sdtp", 0, 0, bytes(notes)),
                make(b"stdp", bytes(4), b"".join(struct.pack(">H", note) for note in notes)),
                make_full(b"padb", 0, 0, struct.pack(">I", count), _padding(notes)),
                make_full(
                    b"subs",
                    0,
                    0,
                    struct.pack(">I", len(subs)),
                    *(struct.pack(">IHHBBI", delta, 1, subs[n][1], 1, 0, 9) for n, delta in enumerate(deltas)),
                ),
                make_full(b"sgpd", 1, 0, struct.pack(">4sII", b"tele", 1, 2), b"\x80\x00"),
                make_full(
                    b"sbgp",
                    0,
                    0,
                    struct.pack(">4sI", b"tele", 4),
                    struct.pack(">IIIIIIII", 5, 1, half - 5, 0, 7, 1, count - half - 7, 0),
                ),
                make(b"abcd", b"nobody knows"),
            )
        if path == "moov/trak":
            extra = [make(b"udta", make(b"name", b"track"))]
            if number == 1:
                extra.append(make(b"tref", make(b"sync", struct.pack(">I", movie.tracks[0].track_id))))
            return with_children(_changed_inside(box, noted, number), *extra)
        return None

    def top(path: str, box: Box) -> bytes | None:
        if path == "moov":
            made = per_track(rest_of(box), noted)
            return with_children(
                boxes.boxes(made)[0],
                make(b"iods", bytes(4), b"\x10\x07\x00\x4f\xff\xff\xff\xff\xff"),
                make(b"wxyz", b"nobody knows"),
                but=(b"iods",),
            )
        return None

    def rest_of(moov: Box) -> bytes:
        return rebuilt(moov, lambda *_: None)

    return moved_moov(data, lambda moved: rebuilt(boxes.tree(moved).need("moov"), top))


def _changed_inside(box: Box, change: Callable[[int, str, Box], bytes | None], number: int) -> Box:
    made = rebuilt(box, lambda path, inner: change(number, f"moov/{path}", inner) if path != "trak" else None)
    return boxes.boxes(made)[0]


def _padding(notes: list[int]) -> bytes:
    bits = [note % 8 for note in notes]
    if len(bits) % 2:
        bits.append(0)
    return bytes(high << 4 | low for high, low in zip(bits[::2], bits[1::2], strict=True))


def with_auxiliary(data: bytes, *, offsets: str = "chunks") -> bytes:
    """Give the first track auxiliary information of a scheme, as encrypted files carry it, in an mdat of its own.

    Args:
        data: a plain file.
        offsets: "one" for a single saio entry, "chunks" for one per chunk.
    """
    movie = boxes.read_movie(data)
    track = movie.tracks[0]
    notes = [auxiliary_note(number) for number in range(len(track.samples))]
    starts = list(accumulate((len(note) for note in notes), initial=0))
    place = 0
    firsts = [0]
    if offsets == "chunks":
        runs = boxes.chunk_runs(track.box.need("mdia/minf/stbl"), track.chunk_count)
        firsts = list(accumulate((count for count, _ in runs), initial=0))[:-1]

    def noted(number: int, path: str, box: Box) -> bytes | None:
        if number or path != "moov/trak/mdia/minf/stbl":
            return None
        return with_children(
            box,
            make_full(b"saiz", 0, 1, b"cenc", bytes(4), struct.pack(">BI", 0, len(notes)), bytes(map(len, notes))),
            make_full(
                b"saio",
                0,
                1,
                b"cenc",
                bytes(4),
                struct.pack(">I", len(firsts)),
                *(struct.pack(">I", place + starts[first]) for first in firsts),
            ),
        )

    grown = moved_moov(data, lambda moved: per_track(moved, noted))
    place = len(grown) + 8
    return moved_moov(data, lambda moved: per_track(moved, noted)) + make(b"mdat", *notes)


def auxiliary_note(number: int) -> bytes:
    """Return the auxiliary information that `with_auxiliary` gives a sample."""
    return struct.pack(">Q", number) + bytes([number & 255]) * (number % 3 * 6)
