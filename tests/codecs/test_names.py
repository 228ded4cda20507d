"""What people call a codec."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hls_mp4.codecs.names import codec_name


@pytest.mark.parametrize(
    ("codec", "name"),
    [
        ("avc1.64001F", "H.264"),
        ("hvc1.1.6.L93.B0", "HEVC"),
        ("hev1", "HEVC"),
        ("av01.0.04M.08", "AV1"),
        ("vp09.00.10.08", "VP9"),
        ("mp4a.40.2", "AAC"),
        ("mp4a.40.5", "HE-AAC"),
        ("mp4a", "AAC"),
        ("mp4a.6B", "MP3"),
        (".mp3", "MP3"),
        ("mp4v.20.3", "MPEG-4 Visual"),
        ("ac-3", "AC-3"),
        ("Opus", "Opus"),
        ("raw ", "PCM"),
        ("stpp.ttml.im1t", "TTML"),
    ],
)
def test_names_that_people_know(codec: str, name: str) -> None:
    """A listing says H.264, not avc1.64001F."""
    assert codec_name(codec) == name


@pytest.mark.parametrize(("codec", "name"), [("", ""), ("new!", "new!"), ("new!.1.2", "new!")])
def test_what_nobody_knows_keeps_its_letters(codec: str, name: str) -> None:
    """A codec of next year is shown by its four letters."""
    assert codec_name(codec) == name


@given(st.text(max_size=30))
def test_any_text_has_a_name(codec: str) -> None:
    """Naming never fails, and never makes a name longer than what there was, unless people have a word for it."""
    assert len(codec_name(codec)) <= max(len(codec), len("Apple Lossless"))
