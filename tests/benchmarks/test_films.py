"""The long films, on short ones made the same way."""

from __future__ import annotations

from pathlib import Path

import av
import pytest

from benchmarks.films import (
    AAC_FRAME,
    FRAME_RATE,
    SAMPLE_RATE,
    encode_piece,
    moov_size,
    pinned,
    repeat_piece,
    small_files,
)

PIECE = 8
"""A whole number of AAC frames last as long."""
SECONDS = 19


@pytest.fixture(scope="module")
def film(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A piece of eight seconds, repeated for nineteen."""
    folder = tmp_path_factory.mktemp("bench")
    encode_piece(folder / "piece.mp4", PIECE, 64, 48)
    repeat_piece(folder / "piece.mp4", folder / "film.mp4", SECONDS, PIECE)
    return folder / "film.mp4"


def test_a_film_decodes_from_end_to_end_at_a_steady_rate(film: Path) -> None:
    """Every frame is there, at its time, across the seams between pieces."""
    with av.open(str(film), "r") as container:
        times = [frame.time for frame in container.decode(video=0)]
    # Where the film ends, the frames that would be shown last in decoding order may come from past the end.
    whole = [number / FRAME_RATE for number in range(SECONDS * FRAME_RATE - 4)]
    assert times[: len(whole)] == pytest.approx(whole)
    with av.open(str(film), "r") as container:
        samples = sum(frame.samples for frame in container.decode(audio=0))
    assert samples == pytest.approx(SECONDS * SAMPLE_RATE, abs=2 * AAC_FRAME)


def test_a_film_seeks_like_one_that_was_encoded_whole(film: Path) -> None:
    """B-frames, key frames at the scenes of each piece, moov first."""
    with av.open(str(film), "r") as container:
        packets = [packet for packet in container.demux(video=0) if packet.size]
    keys = [round(float(p.pts * p.time_base), 3) for p in packets if p.is_keyframe and p.pts is not None]
    # Scenes of a piece begin at 0, 2, 12, ... seconds: two of them lie in eight seconds.
    assert keys == [0.0, 2.0, 8.0, 10.0, 16.0, 18.0]
    assert any(p.pts != p.dts for p in packets)
    head = film.read_bytes()[:4096]
    assert head.find(b"moov") < head.find(b"mdat") or b"mdat" not in head
    assert 1000 < moov_size(film) < 100_000


def test_a_file_without_moov_is_named(tmp_path: Path) -> None:
    """A film that was not finished is not measured."""
    broken = tmp_path / "broken.mp4"
    broken.write_bytes(b"\0\0\0\x10ftypisom\0\0\0\0\0\0\0\x08mdat")
    with pytest.raises(ValueError, match="no moov"):
        moov_size(broken)


def test_small_files_have_their_size_and_are_made_once(tmp_path: Path) -> None:
    """A second run asks for the same bytes."""
    small_files(tmp_path / "4k", 4096, 3)
    before = [(tmp_path / "4k" / f"{number}.bin").read_bytes() for number in range(3)]
    small_files(tmp_path / "4k", 4096, 3)
    assert [(tmp_path / "4k" / f"{number}.bin").read_bytes() for number in range(3)] == before
    assert [len(data) for data in before] == [4096] * 3


def test_pinned_files_are_locked_in_memory(tmp_path: Path) -> None:
    """While servers are measured no page of a film has to come from a disk."""
    path = tmp_path / "film"
    path.write_bytes(bytes(16384))
    before = _locked_bytes()
    with pinned([path]) as locked:
        assert locked
        assert _locked_bytes() - before == 16384
    assert _locked_bytes() == before


def _locked_bytes() -> int:
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) * 1024 for line in lines if line.startswith("VmLck:"))
