"""Headers of AAC frames, read by FFmpeg and by hand."""

from __future__ import annotations

import io

import av
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hls_mp4.codecs.adts import adts_of


def bits(text: str) -> bytes:
    """Return bits as bytes, zeros at the end."""
    text = text.replace(" ", "")
    text += "0" * (-len(text) % 8)
    return int(text, 2).to_bytes(len(text) // 8, "big")


@pytest.mark.parametrize(
    ("specific", "expected"),
    [
        ("1210", (1, 4, 2, 0)),  # LC, 44.1 kHz, stereo
        ("1190", (1, 3, 2, 0)),  # 48 kHz
        ("2b920800", (1, 7, 2, 5)),  # SBR on LC of 22.05 kHz: the core is told
        ("eb8a0800", (1, 7, 1, 29)),  # parametric stereo on one channel
        ("0a10", (0, 4, 2, 0)),  # Main
        ("17801f4010", (1, 8, 2, 0)),  # a rate that is spelt out and has a number all the same
        ("13b8", (1, 7, 7, 0)),  # 7.1
    ],
)
def test_headers_tell_of_the_core(specific: str, expected: tuple[int, int, int, int]) -> None:
    """Profile, rate and channels of what every decoder knows; SBR is found by those that do."""
    adts = adts_of(bytes.fromhex(specific))
    assert (adts.profile, adts.rate_index, adts.channels, adts.extension) == expected
    assert adts.overhead == 7


@given(sizes=st.lists(st.integers(1, 8184), min_size=1, max_size=10))
def test_headers_count_themselves(sizes: list[int]) -> None:
    """Thirteen bits of length with the header; no checksum, one block."""
    for size, row in zip(sizes, adts_of(bytes.fromhex("1210")).headers(np.array(sizes)).tolist(), strict=True):
        assert row[:2] == [0xFF, 0xF1]
        assert (row[3] & 3) << 11 | row[4] << 3 | row[5] >> 5 == size + 7
        assert (row[5] & 31, row[6]) == (31, 0xFC)


def test_ffmpeg_reads_the_headers() -> None:
    """Frames of an encoder with our headers decode."""
    encoder = av.CodecContext.create("aac", "w")
    encoder.sample_rate, encoder.layout, encoder.format = 48000, "stereo", "fltp"
    frames = []
    for number in range(8):
        frame = av.AudioFrame.from_ndarray(np.zeros((2, 1024), np.float32), "fltp", "stereo")
        frame.sample_rate, frame.pts = 48000, 1024 * number
        frames += [bytes(packet) for packet in encoder.encode(frame)]
    adts = adts_of(bytes(encoder.extradata or b""))
    rows = adts.headers(np.array([len(each) for each in frames]))
    stream = b"".join(bytes(row) + each for row, each in zip(rows, frames, strict=True))
    with av.open(io.BytesIO(stream), format="aac") as played:
        decoded = list(played.decode(audio=0))
    assert len(decoded) == len(frames)
    assert all(each.sample_rate == 48000 and each.layout.name == "stereo" for each in decoded)


def test_channels_that_have_no_number_are_told_before_each_frame() -> None:
    """A program config element of the configuration becomes one of the frame, aligned to bytes."""
    element = "0000 01 0100 0001 0000 0000 00 000 0000 0 0 0" + "1 0000"
    head = "00010 0100 0000" + "0 0 0"
    comment = "00000010" + "0110000101100010"
    configuration = bits(head + element + "0" * (-len((head + element).replace(" ", "")) % 8) + comment)
    adts = adts_of(configuration)
    inside = ("101" + element).replace(" ", "")
    assert adts.program == bits(inside + "0" * (-len(inside) % 8) + comment)
    assert adts.channels == 0
    (row,) = adts.headers(np.array([100]))
    assert bytes(row[7:]) == adts.program
    assert (int(row[3]) & 3) << 11 | int(row[4]) << 3 | int(row[5]) >> 5 == 100 + 7 + len(adts.program)


@pytest.mark.parametrize(
    ("specific", "reason"),
    [
        (bits("11111 000111 0100 0010" + "0" * 16), "object type 39"),
        (bits("10111 0100 0010" + "0" * 16), "object type 23"),
        (bits("00010 0100 0010 1 0 0"), "960"),
        (bits("00010 1111 000000000011001000000000 0010 000"), "12800 samples"),
        (bits("00010 1101 0010 000"), "0 samples"),
        (bits("00010 0100 1011 000"), "channel configuration 11"),
    ],
)
def test_what_headers_cannot_tell_is_refused_by_name(specific: bytes, reason: str) -> None:
    """Whoever reads the log knows what the film has that MPEG-TS has not."""
    with pytest.raises(ValueError, match=reason):
        adts_of(specific)


@given(st.binary(max_size=20))
def test_configurations_of_any_bytes_are_read_or_refused(specific: bytes) -> None:
    """Nothing else is raised."""
    try:
        adts = adts_of(specific)
    except (LookupError, ValueError):
        return
    assert 0 <= adts.profile <= 3
    assert len(bytes(adts.headers(np.array([9]))[0])) == adts.overhead
