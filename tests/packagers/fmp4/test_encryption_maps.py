"""Which bytes of samples are encrypted."""

from __future__ import annotations

import io

import av
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hls_mp4.codecs.avc_slices import AvcSlices
from hls_mp4.codecs.bits import escaped_length, unescaped
from hls_mp4.errors import MalformedMedia, StreamingError, UnsupportedMedia
from hls_mp4.packagers.fmp4.encryption_maps import Mapper, mapper_of
from tests.codecs.slice_traces import traced, x264, x265
from tests.films import Library
from tests.media.test_presentation import presented


def samples(data: bytes) -> list[bytes]:
    """Return the samples of a film's video."""
    with av.open(io.BytesIO(data)) as container:
        return [bytes(packet) for packet in container.demux(video=0) if packet.dts is not None]


@pytest.mark.parametrize("scheme", ["cenc", "cbcs"])
@pytest.mark.parametrize("form", ["x264", "x264-slices", "x265", "x265-slices"])
def test_headers_are_readable_and_the_rest_is_not(form: str, scheme: str) -> None:
    """As FFmpeg finds the headers: cbcs begins right behind them, cenc at most fifteen bytes later."""
    data = {
        "x264": x264,
        "x264-slices": lambda: x264(slices="3"),
        "x265": x265,
        "x265-slices": lambda: x265(slices="2", ctu="16", pools="2"),
    }[form]()
    (video,) = presented(data).of_kind("video")
    mapper = mapper_of(video, scheme)
    assert mapper is not None
    hidden_bytes = 0
    for sample, (units, ends) in zip(samples(data), traced(data), strict=True):
        pairs = mapper.map(memoryview(sample))
        assert sum(map(sum, pairs)) == len(sample)
        coming = iter(ends)
        wanted = []
        at = 0
        for unit in units:
            at += 4 + len(unit)
            if mapper.slices.is_slice(unit[0]):
                body = len(unit) - escaped_length(-(-next(coming) // 8), unescaped(unit)[1])
                hidden = body - body % 16 if scheme == "cenc" else body
                if hidden:
                    wanted.append((at - hidden, at))
        found, at = [], 0
        for clear, hidden in pairs:
            if hidden:
                found.append((at + clear, at + clear + hidden))
            at += clear + hidden
        assert found == wanted
        hidden_bytes += sum(end - begin for begin, end in found)
    assert hidden_bytes > 1000


def test_sound_is_encrypted_whole(films: Library) -> None:
    """There is nothing in it that a player had to read."""
    assert mapper_of(presented(films.data("h264")).of_kind("audio")[0], "cenc") is None


class Everything(AvcSlices):
    """Slices whose header is a byte."""

    def header(self, unit: bytes | memoryview) -> int:
        """Return one."""
        return 1


def nal(kind: int, size: int) -> bytes:
    """Return a NAL unit with its length."""
    return size.to_bytes(4, "big") + bytes([kind]) + bytes(size - 1)


def test_long_headers_are_told_in_pieces() -> None:
    """Readable bytes are counted with 16 bits."""
    pairs = Mapper(Everything(), 4, True).map(memoryview(nal(6, 150_000) + nal(1, 33) + nal(6, 70_000)))
    assert pairs == ((65535, 0), (65535, 0), (150_004 - 131_070 + 5, 32), (65535, 0), (70_004 - 65535, 0))


def test_more_slices_than_can_be_told_are_refused() -> None:
    """Nothing of a picture goes unencrypted because there was no room to tell of it."""
    with pytest.raises(UnsupportedMedia, match="slices"):
        Mapper(Everything(), 4, True).map(memoryview(nal(1, 33) * 41))
    assert len(Mapper(Everything(), 4, True).map(memoryview(nal(1, 33) * 40))) == 40


def test_short_slices_are_left() -> None:
    """Less than a block is no whole block."""
    assert Mapper(Everything(), 4, True).map(memoryview(nal(1, 16))) == ((20, 0),)
    assert Mapper(Everything(), 4, False).map(memoryview(nal(1, 16))) == ((5, 15),)
    assert Mapper(Everything(), 4, True).map(memoryview(b"")) == ()


@given(st.binary(max_size=60), st.sampled_from((1, 2, 4)))
def test_any_sample_is_divided_or_an_error(data: bytes, length_size: int) -> None:
    """Whatever bytes there are."""
    try:
        pairs = Mapper(AvcSlices(), length_size, True).map(memoryview(data))
    except StreamingError as problem:
        assert isinstance(problem, MalformedMedia)
    else:
        assert sum(map(sum, pairs)) == len(data)
