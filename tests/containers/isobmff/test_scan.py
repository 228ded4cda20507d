"""A film's metadata is found wherever it lies, in few reads, and broken files are refused at the right place."""

from __future__ import annotations

import struct
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hls_mp4.containers.isobmff.scan import FileLayout, scan
from hls_mp4.errors import MalformedMedia, MediaTooLarge, StreamingError, UnsupportedMedia
from hls_mp4.interfaces import IndexLimits, ReadAt
from tests.films import Library


def box(kind: bytes, payload: bytes = b"", *, size: int | None = None) -> bytes:
    return struct.pack(">I4s", len(payload) + 8 if size is None else size, kind) + payload


def wide(kind: bytes, payload: bytes = b"", *, size: int | None = None) -> bytes:
    return struct.pack(">I4sQ", 1, kind, len(payload) + 16 if size is None else size) + payload


FTYP = box(b"ftyp", b"isom\0\0\0\0")
MOOV = box(b"moov", box(b"mvhd", bytes(100)))
INIT = box(b"moov", box(b"mvhd", bytes(100)) + box(b"mvex"))
MDAT = box(b"mdat", bytes(5000))
MOOF = box(b"moof", box(b"mfhd", bytes(8)))


def scanned(
    data: bytes, buffer: int = 64, most: int = 1 << 20, size: int | None = None
) -> tuple[FileLayout, list[ReadAt]]:
    """Scan a file of `size` bytes of which `data` are the first; all others are zero."""
    size = len(data) if size is None else size
    reads: list[ReadAt] = []
    steps: Any = scan(size, IndexLimits(buffer_size=buffer, max_buffer_size=most))
    try:
        wanted = next(steps)
        while True:
            reads.append(wanted)
            assert 0 <= wanted.offset < wanted.offset + wanted.length <= size
            piece = data[wanted.offset : wanted.offset + wanted.length]
            wanted = steps.send(piece + bytes(min(wanted.length - len(piece), 1 << 20)))
    except StopIteration as end:
        return end.value, reads


def test_moov_first_is_one_read() -> None:
    """A film made for streaming is found with the first read."""
    layout, reads = scanned(FTYP + MOOV + MDAT, buffer=4096)
    assert len(reads) == 1
    assert layout.moov.offset == len(FTYP)
    assert layout.mdats == ((len(FTYP + MOOV) + 8, 5000),)
    assert layout.ftyp == FTYP
    assert layout.metadata_size == len(MOOV) - 8


def test_moov_last_is_two_reads() -> None:
    """A film as cameras write it costs a read of its beginning and one of its end."""
    layout, reads = scanned(FTYP + MDAT + MOOV, buffer=4096)
    assert len(reads) == 2
    assert layout.moov.offset == len(FTYP + MDAT)


def test_a_large_moov_is_read_once() -> None:
    """A moov above the first read is fetched whole, not piece by piece."""
    moov = box(b"moov", box(b"free", bytes(50_000)))
    _, reads = scanned(FTYP + moov + MDAT, buffer=64)
    assert ReadAt(len(FTYP), len(moov)) in reads
    assert len(reads) <= 3


@pytest.mark.parametrize(
    "data",
    [
        MOOV + box(b"mdat", bytes(100), size=0),
        FTYP + wide(b"mdat", bytes(100)) + MOOV,
        FTYP + MDAT + box(b"free") + MDAT + MOOV,
        FTYP + box(b"wide") + MDAT + box(b"abcd", bytes(9)) + wide(b"moov", MOOV[8:]),
        FTYP + MDAT + box(b"moov", MOOV[8:], size=0),
        MOOV + MDAT + b"trailing rubbish",
        MOOV + MDAT + box(b"junk", size=5),
    ],
)
def test_legal_layouts(data: bytes) -> None:
    """Open-ended, 64-bit, several and unknown boxes, and what follows a whole film, are no mistake."""
    layout, _ = scanned(data)
    assert layout.moov.find(b"mvhd") is not None
    assert all(offset + length <= len(data) for offset, length in layout.mdats)


def test_beyond_four_gigabytes() -> None:
    """A body of a terabyte is hopped over."""
    size = 1 << 40
    head = FTYP + wide(b"mdat", size=size - len(FTYP) - len(MOOV))
    steps = scan(size, IndexLimits())
    wanted = next(steps)
    wanted = steps.send(head + bytes(wanted.length - len(head)))
    assert wanted.offset == size - len(MOOV)
    with pytest.raises(StopIteration) as end:
        steps.send(MOOV)
    assert end.value.value.mdats == ((len(FTYP) + 16, size - len(FTYP) - len(MOOV) - 16),)


@pytest.mark.parametrize(
    ("data", "message", "place"),
    [
        (b"", "no mp4 moov atom was found", -1),
        (FTYP + MDAT, "no mp4 moov atom was found", -1),
        (FTYP + MOOV, "no mp4 mdat atom was found", -1),
        (FTYP + FTYP, "duplicate mp4 ftyp atom", len(FTYP)),
        (FTYP + MOOV + MOOV, "duplicate mp4 moov atom", len(FTYP + MOOV)),
        (FTYP + box(b"moov", size=4), "mp4 atom is too small:4", len(FTYP)),
        (FTYP + box(b"moov", size=7), "mp4 atom is too small:7", len(FTYP)),
        (FTYP + wide(b"moov", size=0), "mp4 atom is too small:0", len(FTYP)),
        (FTYP + wide(b"mdat", size=15), "mp4 atom is too small:15", len(FTYP)),
        (FTYP + wide(b"mdat", size=2**63 - 1), f"mp4 atom too large:{2**63 - 1}", len(FTYP)),
        (FTYP + wide(b"mdat", size=2**64 - 1), f"mp4 atom too large:{2**64 - 1}", len(FTYP)),
        (FTYP + box(b"mdat", size=100), "mp4 atom too large:100", len(FTYP)),
        (FTYP + b"\0\0\0", "mp4 file truncated", len(FTYP)),
        (FTYP + b"\0\0\0\1mdat", "mp4 file truncated", len(FTYP)),
    ],
)
def test_malformed_files(data: bytes, message: str, place: int) -> None:
    """Each mistake is told in nginx's words, with the place where it is."""
    with pytest.raises(MalformedMedia) as caught:
        scanned(data)
    assert caught.value.message == message
    assert caught.value.offset == place


def test_too_much_metadata() -> None:
    """mp4_max_buffer_size bounds what is held, and nothing above it is read."""
    moov = box(b"moov", box(b"free", bytes(5000)))
    with pytest.raises(MediaTooLarge, match="moov atom is too large:5008, you may want to increase"):
        scanned(moov + MDAT, most=5007)
    assert scanned(moov + MDAT, most=5008)[0]
    with pytest.raises(MediaTooLarge, match="moof atom is too large"):
        scanned(INIT + (box(b"moof", box(b"free", bytes(900))) + box(b"mdat", b"x")) * 8, most=5000)
    with pytest.raises(MediaTooLarge, match="ftyp"):
        scanned(box(b"ftyp", bytes(100_000)) + MOOV + MDAT)


def test_a_compressed_moov() -> None:
    """QuickTime's compressed moov is refused by name."""
    with pytest.raises(UnsupportedMedia, match="cmov"):
        scanned(box(b"moov", box(b"cmov", bytes(20))) + MDAT)


def test_fragments_are_collected() -> None:
    """Every movie fragment is found, whether the first read covers it or not."""
    data = FTYP + INIT + (MOOF + MDAT) * 50
    layout, reads = scanned(data)
    assert len(layout.moofs) == 50
    assert [moof.offset for moof in layout.moofs][1] == len(FTYP + INIT + MOOF + MDAT)
    assert layout.metadata_size == len(INIT) - 8 + 50 * len(MOOF)
    assert len(reads) < 110


@pytest.mark.parametrize("tail", [MOOF, MOOF + MDAT[:1000], MOOF[:10], MDAT[:3]])
def test_an_unfinished_recording_ends_before_its_last_fragment(tail: bytes) -> None:
    """What a recorder is still writing is left out, what it has written plays."""
    layout, _ = scanned(FTYP + INIT + (MOOF + MDAT) * 3 + tail)
    assert len(layout.moofs) == 3
    assert len(layout.mdats) == 3


def test_nothing_but_headers() -> None:
    """A gigabyte of empty boxes ends soon."""
    with pytest.raises(MediaTooLarge, match="more than"):
        scanned(box(b"free") * 500_000, buffer=1 << 20)


@given(
    st.lists(st.sampled_from([FTYP, MOOV, INIT, MDAT[:50], MDAT, MOOF, box(b"free"), b"\0" * 9]), max_size=7),
    st.binary(max_size=20),
)
def test_any_file_ends(parts: list[bytes], tail: bytes) -> None:
    """Any order of boxes ends in a layout inside the file, or in a StreamingError."""
    data = b"".join(parts) + tail
    try:
        layout, reads = scanned(data)
    except StreamingError:
        return
    assert len(reads) <= 3 * len(parts) + 3
    for top in layout.boxes:
        assert 0 <= top.offset < top.offset + top.size <= len(data)


@pytest.mark.parametrize(
    "name", ["h264", "moov-last", "fragmented", "hybrid", "pcm-mov", "several-mdat", "size-0-mdat", "no-ftyp"]
)
def test_real_films_cut_anywhere(films: Library, name: str) -> None:
    """A film cut at any border of its boxes, or next to one, is a layout inside the file or a StreamingError."""
    data = films.data(name)
    layout, _ = scanned(data, buffer=4096)
    borders = {top.offset for top in layout.boxes} | {top.offset + top.size for top in layout.boxes}
    for border in sorted({near + step for near in borders for step in (-1, 0, 1, 8)}):
        if 0 <= border <= len(data):
            try:
                cut, _ = scanned(data[:border], buffer=4096)
            except StreamingError:
                continue
            assert all(offset + length <= border for offset, length in cut.mdats)


@pytest.mark.parametrize("filler", [box(b"free"), box(b"mdat"), box(b"moof")], ids=["free", "mdat", "moof"])
def test_files_of_nothing_but_headers_are_given_up(filler: bytes) -> None:
    """A file of a million empty boxes costs no more than a few thousand of them."""
    with pytest.raises(MediaTooLarge, match="more than 10000 mp4 atoms"):
        scanned(FTYP + INIT + filler * 1_000_000, buffer=1 << 20)
