"""The same film in other bytes: layouts that are legal, and that FFmpeg's muxer does not write.

Works on plain MP4 files through the naive reader of `tests.boxes`; every function takes and returns the bytes of
a file.
"""

from __future__ import annotations

import random
import struct
from collections.abc import Callable, Sequence

from tests import boxes
from tests.boxes import Box, NaiveTrack, make, make_full

Change = Callable[[str, Box], bytes | None]


def rebuilt(box: Box, change: Change, path: str = "") -> bytes:
    """Return the bytes of a box, with what `change(path, box)` returns in place of any box it does not return None for.

    Paths are as "moov/trak/mdia"; a container asks for itself before its children.
    """
    here = f"{path}/{box.kind.decode('latin-1')}" if path else box.kind.decode("latin-1")
    changed = change(here, box)
    if changed is not None:
        return changed
    if box.children:
        return make(box.kind, *(rebuilt(child, change, here) for child in box.children))
    return make(box.kind, bytes(box.payload))


def with_children(box: Box, *more: bytes, but: Sequence[bytes] = ()) -> bytes:
    """Return a container with boxes added at its end, and some kinds taken out."""
    kept = (bytes(rebuilt(child, lambda _path, _box: None)) for child in box.children if child.kind not in but)
    return make(box.kind, *kept, *more)


def per_track(
    data: bytes, change: Callable[[int, str, Box], bytes | None], top: Change = lambda _path, _box: None
) -> bytes:
    """Return the moov of a file, changed track by track."""
    moov = boxes.tree(data).need("moov")
    number = -1

    def apply(path: str, box: Box) -> bytes | None:
        nonlocal number
        if path == "moov/trak":
            number += 1
        return change(number, path, box) if path.startswith("moov/trak") else top(path, box)

    return rebuilt(moov, apply)


def _chunk_boxes(
    track: NaiveTrack, chunks: list[list[boxes.Sample]], at: list[int], wide: bool, compact: bool
) -> dict[bytes, bytes]:
    runs: list[tuple[int, int, int]] = []
    for number, chunk in enumerate(chunks):
        if not runs or runs[-1][1:] != (len(chunk), chunk[0].description):
            runs.append((number + 1, len(chunk), chunk[0].description))
    made = {
        b"stsc": make_full(b"stsc", 0, 0, struct.pack(">I", len(runs)), *(struct.pack(">III", *run) for run in runs)),
        b"stco": make_full(b"stco", 0, 0, struct.pack(f">I{len(at)}I", len(at), *at)),
    }
    if wide:
        made[b"stco"] = make_full(b"co64", 0, 0, struct.pack(f">I{len(at)}Q", len(at), *at))
    if compact:
        sizes = [sample.size for sample in track.samples]
        made[b"stsz"] = make_full(b"stz2", 0, 0, struct.pack(f">II{len(sizes)}H", 16, len(sizes), *sizes))
    made[b"co64"] = made[b"stco"]
    return made


def lay_out(
    data: bytes,
    *,
    per_chunk: Sequence[int] = (1, 2),
    order: str = "time",
    mdats: int = 1,
    gap: int = 0,
    wide_mdat: bool = False,
    wide_offsets: bool = False,
    moov_first: bool = True,
    compact_sizes: bool = False,
) -> bytes:
    """Lay out the samples of a film anew.

    Args:
        data: a plain file.
        per_chunk: samples of a chunk, by track; the last holds for all further tracks.
        order: of chunks: time, tracks (one after the other), backwards, shuffled.
        mdats: number of mdat boxes.
        gap: bytes that belong to nobody before each chunk.
        wide_mdat: 64-bit sizes of mdat.
        wide_offsets: co64 rather than stco.
        moov_first: moov before or after mdat.
        compact_sizes: stz2 rather than stsz.
    """
    movie = boxes.read_movie(data)
    chunked: list[list[list[boxes.Sample]]] = []
    for number, track in enumerate(movie.tracks):
        step = per_chunk[min(number, len(per_chunk) - 1)]
        chunked.append([track.samples[at : at + step] for at in range(0, len(track.samples), step)])
    places = [(t, c) for t, chunks in enumerate(chunked) for c in range(len(chunks))]
    if order in ("time", "backwards"):
        places.sort(
            key=lambda place: chunked[place[0]][place[1]][0].decode / movie.tracks[place[0]].timescale,
            reverse=order == "backwards",
        )
    elif order == "shuffled":
        random.Random(7).shuffle(places)
    share = -(-len(places) // mdats)
    groups = [places[at : at + share] for at in range(0, len(places), share)]

    def media(start: int) -> tuple[bytes, dict[tuple[int, int], int]]:
        out = bytearray()
        at: dict[tuple[int, int], int] = {}
        for group in groups:
            body = bytearray()
            header = 16 if wide_mdat else 8
            for t, c in group:
                body += b"\xee" * gap
                at[t, c] = start + len(out) + header + len(body)
                for sample in chunked[t][c]:
                    body += data[sample.offset : sample.offset + sample.size]
            size = header + len(body)
            out += struct.pack(">I4sQ", 1, b"mdat", size) if wide_mdat else struct.pack(">I4s", size, b"mdat")
            out += body
            if len(groups) > 1:
                out += make(b"free", b"between")
        return bytes(out), at

    def moov(at: dict[tuple[int, int], int]) -> bytes:
        made = [
            _chunk_boxes(
                track, chunked[t], [at.get((t, c), 0) for c in range(len(chunked[t]))], wide_offsets, compact_sizes
            )
            for t, track in enumerate(movie.tracks)
        ]
        return per_track(
            data, lambda t, path, box: made[t].get(box.kind) if path.startswith("moov/trak/mdia/minf/stbl/") else None
        )

    ftyp = movie.file.find("ftyp")
    head = data[ftyp.offset : ftyp.offset + ftyp.size] if ftyp else b""
    if moov_first:
        body, at = media(len(head) + len(moov({})))
        return head + moov(at) + body
    body, at = media(len(head))
    return head + body + moov(at)


def endless_mdat(data: bytes) -> bytes:
    """Make the last box an mdat of size 0, "to the end of the file", as live recorders leave it."""
    out = bytearray(lay_out(data))
    mdat = boxes.tree(bytes(out)).need("mdat")
    out[mdat.offset : mdat.offset + 4] = bytes(4)
    return bytes(out)


def big_boxes(data: bytes) -> bytes:
    """Write moov, and boxes in it, with 64-bit sizes."""
    file = boxes.tree(data)
    moov = file.need("moov")

    def wide(kind: bytes, payload: bytes) -> bytes:
        return struct.pack(">I4sQ", 1, kind, 16 + len(payload)) + payload

    def widened(box: Box, by: int) -> bytes:
        if box.kind in (b"stco", b"co64"):
            offsets = boxes.chunk_offsets(Box(b"stbl", 0, 0, b"", [box]))
            return wide(b"stco", struct.pack(f">II{len(offsets)}I", 0, len(offsets), *(at + by for at in offsets)))
        if box.children:
            return wide(box.kind, b"".join(widened(child, by) for child in box.children))
        framed = wide if box.kind in (b"stsz", b"mvhd", b"hdlr") else make
        return framed(box.kind, bytes(box.payload))

    by = len(widened(moov, 0)) - moov.size
    return data[: moov.offset] + widened(moov, by) + data[moov.offset + moov.size :]


def moved_moov(data: bytes, new_moov: Callable[[bytes], bytes]) -> bytes:
    """Return a moov-first file with another moov, chunk offsets moved by what it grew."""
    file = boxes.tree(data)
    moov = file.need("moov")
    by = len(new_moov(data)) - moov.size

    def shifted(_number: int, path: str, box: Box) -> bytes | None:
        if box.kind != b"stco":
            return None
        offsets = [at + by for at in boxes.chunk_offsets(Box(b"stbl", 0, 0, b"", [box]))]
        return make_full(b"stco", 0, 0, struct.pack(f">I{len(offsets)}I", len(offsets), *offsets))

    moved = data[: moov.offset] + per_track(data, shifted) + data[moov.offset + moov.size :]
    return data[: moov.offset] + new_moov(moved) + data[moov.offset + moov.size :]


def without_ftyp(data: bytes) -> bytes:
    """Take the ftyp box out, as old writers left it."""
    data = lay_out(data)
    size = boxes.tree(data).need("ftyp").size

    def shifted(_number: int, path: str, box: Box) -> bytes | None:
        if box.kind != b"stco":
            return None
        offsets = [at - size for at in boxes.chunk_offsets(Box(b"stbl", 0, 0, b"", [box]))]
        return make_full(b"stco", 0, 0, struct.pack(f">I{len(offsets)}I", len(offsets), *offsets))

    moov = boxes.tree(data).need("moov")
    return data[size : moov.offset] + per_track(data, shifted) + data[moov.offset + moov.size :]


QUARTER_TURN = struct.pack(">9i", 0, 1 << 16, 0, -1 << 16, 0, 0, 120 << 16, 0, 1 << 30)


def rotated(data: bytes) -> bytes:
    """Turn the picture by 90 degrees, as telephones do."""

    def turned(number: int, path: str, box: Box) -> bytes | None:
        if number != 0 or box.kind != b"tkhd":
            return None
        payload = bytearray(box.payload)
        at = 52 if payload[0] else 40
        payload[at : at + 36] = QUARTER_TURN
        return make(b"tkhd", bytes(payload))

    return moved_moov(data, lambda data: per_track(data, turned))


def with_edits(data: bytes, lists: Sequence[Sequence[tuple[int, int, int]]], duration: int) -> bytes:
    """Give each track an edit list of (duration, media time, rate) and the movie a duration; rate as 16.16."""

    def edited(number: int, path: str, box: Box) -> bytes | None:
        if path == "moov/trak":
            lines = (struct.pack(">Iii", *line) for line in lists[number])
            elst = make_full(b"elst", 0, 0, struct.pack(">I", len(lists[number])), *lines)
            edts = make(b"edts", elst)
            children = []
            for child in box.children:
                if child.kind == b"edts":
                    continue
                children.append(
                    _tkhd_with(child, duration) if child.kind == b"tkhd" else rebuilt(child, lambda *_: None)
                )
                if child.kind == b"tkhd":
                    children.append(edts)
            return make(b"trak", *children)
        return None

    def movie(path: str, box: Box) -> bytes | None:
        if path != "moov/mvhd":
            return None
        payload = bytearray(box.payload)
        payload[16:20] = struct.pack(">I", duration)
        return make(b"mvhd", bytes(payload))

    return moved_moov(data, lambda data: per_track(data, edited, movie))


def _tkhd_with(tkhd: Box, duration: int) -> bytes:
    payload = bytearray(tkhd.payload)
    payload[20:24] = struct.pack(">I", duration)
    return make(b"tkhd", bytes(payload))


ONE = 1 << 16


def two_edits(data: bytes) -> bytes:
    """Show media 2-5 s, then 7-11 s: seven seconds in all (the movie timescale is 1000)."""
    movie = boxes.read_movie(data)
    lists = []
    for track in movie.tracks:
        first = track.edits[0].media_time if track.edits else 0
        lists.append([(3000, 2 * track.timescale + first, ONE), (4000, 7 * track.timescale + first, ONE)])
    return with_edits(data, lists, 7000)


def dwelling(data: bytes) -> bytes:
    """Hold the video's frame at 3 s for two seconds, while the sound goes on (11 s in all)."""
    movie = boxes.read_movie(data)
    video, audio = movie.tracks
    first = video.edits[0].media_time
    at = 3 * video.timescale + first
    return with_edits(
        data,
        [
            [(3000, first, ONE), (2000, at, 0), (6000, at, ONE)],
            [(11000, audio.edits[0].media_time, ONE)],
        ],
        11000,
    )
