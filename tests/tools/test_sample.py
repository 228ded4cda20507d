"""The film that `make run` shows a newcomer."""

from __future__ import annotations

from pathlib import Path

import av
import numpy as np
import pytest

from hls_mp4.tools import sample


@pytest.fixture(scope="module")
def film(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a sample of four seconds."""
    path = tmp_path_factory.mktemp("sample") / "deeper" / "sample.mp4"
    assert sample.main([str(path), "--seconds", "4"]) == 0
    return path


def test_is_a_film_of_the_asked_length(film: Path) -> None:
    """A player shows every picture and plays sound to the end."""
    with av.open(str(film)) as container:
        pictures = [frame.pts * frame.time_base for frame in container.decode(video=0)]
    assert pictures == sorted(pictures)
    assert len(pictures) == 100
    with av.open(str(film)) as container:
        heard = sum(frame.samples for frame in container.decode(audio=0))
    assert abs(heard - 4 * 48000) <= 2048


def test_needs_the_care_that_real_films_need(film: Path) -> None:
    """The sample has B-frames, several key frames and two codecs, so seeking in it proves something."""
    with av.open(str(film)) as container:
        packets = [packet for packet in container.demux(video=0) if packet.size]
        codecs = {stream.codec_context.name for stream in container.streams}
    assert [packet.pts for packet in packets] != sorted(packet.pts for packet in packets)
    assert sum(packet.is_keyframe for packet in packets) == 2
    assert codecs == {"h264", "aac"}


def test_starts_at_once(film: Path) -> None:
    """The film's moov comes before its mdat, as web films should have it."""
    head = film.read_bytes()
    assert 0 < head.find(b"moov") < head.find(b"mdat")


def test_leaves_nothing_half_made(film: Path) -> None:
    """Only the finished film lies in the folder."""
    assert [path.name for path in film.parent.iterdir()] == ["sample.mp4"]


def test_clock_is_the_time_of_the_picture() -> None:
    """What a person reads in the picture is where the player should be."""
    assert sample.clock(0, 25) == "00:00.000"
    assert sample.clock(1511, 25) == "01:00.440"


def test_every_picture_and_every_second_is_its_own() -> None:
    """No two pictures look the same and neighbouring seconds sound different."""
    small = sample.Film(seconds=2, width=320, height=180, fps=5, rate=8000)
    seen = {planes.tobytes() for planes in sample.pictures(small)}
    assert len(seen) == 10
    sound = np.concatenate([block[0] for block in sample.tones(small)])
    assert sound.shape == (16000,)
    first, second = (np.argmax(np.abs(np.fft.rfft(sound[at : at + 8000]))) for at in (0, 8000))
    assert (first, second) == sample.SCALE[:2]
