"""Samples as FLV tags."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hls_mp4.containers.f4f.tags import AAC, AVC_FRAME, AVC_KEY, Tags, aac_header, avc_header, mp3_byte
from hls_mp4.containers.flv.tag import AUDIO, BIGGEST, VIDEO, tag
from hls_mp4.errors import UnsupportedMedia

MP3 = 0x2F
SAMPLES = st.lists(
    st.tuples(
        st.sampled_from([AVC_KEY, AVC_FRAME, AAC, MP3]),
        st.integers(0, 2**32 - 1),
        st.integers(-(2**23), 2**23 - 1),
        st.binary(max_size=20),
    ),
    max_size=12,
)


def tags_of(samples: list[tuple[int, int, int, bytes]]) -> Tags:
    """Return samples as tags."""
    return Tags(
        np.array([first in (AVC_KEY, AVC_FRAME) for first, *_ in samples], np.bool_),
        np.array([first for first, *_ in samples], np.uint8),
        np.array([time for _, time, *_ in samples], np.int64),
        np.array([shift for _, _, shift, _ in samples], np.int64),
        np.array([len(body) for *_, body in samples], np.int64),
    )


def one_by_one(samples: list[tuple[int, int, int, bytes]]) -> bytes:
    """Return the tags of samples, each written for itself."""
    written = b""
    for first, time, shift, body in samples:
        if first in (AVC_KEY, AVC_FRAME):
            front = bytes((first, 1)) + (shift & 0xFFFFFF).to_bytes(3, "big")
        else:
            front = bytes((AAC, 1)) if first == AAC else bytes((first,))
        written += tag(VIDEO if first in (AVC_KEY, AVC_FRAME) else AUDIO, time, front + body)
    return written


@given(SAMPLES)
def test_many_tags_are_as_one_at_a_time(samples: list[tuple[int, int, int, bytes]]) -> None:
    """To the byte, and as long as was said beforehand."""
    tags = tags_of(samples)
    tags.check()
    between = tags.between()
    pieces = [bytes(piece) for piece in between]
    woven = b"".join(part for at, (*_, body) in enumerate(samples) for part in (pieces[at], body)) + b"".join(
        pieces[-1:]
    )
    assert woven == one_by_one(samples)
    assert len(woven) == int(tags.lengths.sum())


@given(SAMPLES, st.data())
def test_pieces_of_tags_are_tags(samples: list[tuple[int, int, int, bytes]], data: st.DataObject) -> None:
    """A fragment is made a megabyte at a time."""
    start = data.draw(st.integers(0, len(samples)))
    stop = data.draw(st.integers(start, len(samples)))
    cut = tags_of(samples).cut(start, stop)
    assert [bytes(piece) for piece in cut.between()] == [
        bytes(piece) for piece in tags_of(samples[start:stop]).between()
    ]


def test_headers_configure_decoders() -> None:
    """Byte for byte as the specification has them; an empty one is as long as its fields."""
    assert avc_header(b"\x01\x64", 0x01020304).hex() == "09000007 020304 01 000000 1700000000 0164 00000012".replace(
        " ", ""
    )
    assert aac_header(b"\x12\x10", 5).hex() == "08000004 000005 00 000000 af00 1210 0000000f".replace(" ", "")
    assert (len(avc_header(b"", 0)), len(aac_header(b"", 0))) == (20, 17)


@pytest.mark.parametrize(
    ("rate", "channels", "byte"),
    [
        (44100, 2, 0x2F),
        (48000, 2, 0x2F),
        (44100, 1, 0x2E),
        (22050, 2, 0x2B),
        (11025, 1, 0x26),
        (8000, 1, 0xE2),
        (0, 0, 0x23),
    ],
)
def test_mp3_says_what_it_is(rate: int, channels: int, byte: int) -> None:
    """Rates that FLV has, the nearest for others: decoders look into the frames anyway."""
    assert mp3_byte(rate, channels) == byte


def test_what_does_not_fit_a_tag_is_refused() -> None:
    """Sixteen megabytes of one sample, or two hours of reordering."""
    too_large = Tags(*(np.array([value]) for value in (True, AVC_KEY, 0, 0, BIGGEST - 4)))  # type: ignore[arg-type]
    too_late = Tags(*(np.array([value]) for value in (True, AVC_KEY, 0, 1 << 23, 5)))  # type: ignore[arg-type]
    for tags in (too_large, too_late):
        with pytest.raises(UnsupportedMedia):
            tags.check()
