"""URLs of Smooth Streaming."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hls_mp4.packagers.smooth.names import MANIFEST, Asked, parse_name


@pytest.mark.parametrize("name", ["Manifest", "manifest", "MANIFEST"])
def test_the_manifest(name: str) -> None:
    """Players write it either way."""
    assert parse_name(name) == Asked(MANIFEST)


@pytest.mark.parametrize(
    ("name", "asked"),
    [
        ("QualityLevels(900000)/Fragments(video=0)", Asked("Fragments", 900000, "video", 0)),
        ("qualitylevels(1)/fragmentinfo(audio_eng=40000000)", Asked("FragmentInfo", 1, "audio_eng", 40000000)),
        ("QualityLevels(7)/RawFragments(a-b.c~d=1)", Asked("RawFragments", 7, "a-b.c~d", 1)),
        ("QualityLevels(7)/KeyFrames(video=18446744073709551615)", Asked("KeyFrames", 7, "video", 2**64 - 1)),
    ],
)
def test_chunks(name: str, asked: Asked) -> None:
    """Four nouns, in any case; names of streams as they are."""
    assert parse_name(name) == asked


@pytest.mark.parametrize(
    "name",
    [
        *("", "Manifest/", "a/Manifest", "Manifest.xml", "QualityLevels(1)", "QualityLevels(1)/", "Fragments(video=0)"),
        *("QualityLevels()/Fragments(video=0)", "QualityLevels(1)/Fragments(video=)", "QualityLevels(1)/Fragments(=0)"),
        *("QualityLevels(1)/Frames(video=0)", "QualityLevels(-1)/Fragments(video=0)", "QualityLevels(1)Fragments(v=0)"),
        *(
            "QualityLevels(1)/Fragments(v=0)x",
            "QualityLevels(1)/Fragments(v=0x1)",
            "QualityLevels(1)/F(v=0)",
        ),
        *(
            "QualityLevels(\u0661)/Fragments(v=0)",
            "QualityLevels(1)/Fragments(v/w=0)",
            "QualityLevels(99999999999)/Fragments(v=0)",
        ),
    ],
)
def test_other_names(name: str) -> None:
    """What is not one of them to the letter is not ours."""
    assert parse_name(name) is None


@given(
    st.integers(0, 2**32 - 1),
    st.sampled_from(["Fragments", "FragmentInfo", "RawFragments", "KeyFrames"]),
    st.text("abcXYZ019_.~-", min_size=1, max_size=128),
    st.integers(0, 2**64 - 1),
)
def test_what_is_written_is_read(bitrate: int, noun: str, stream: str, time: int) -> None:
    """Any number that a manifest can hold comes back from a URL."""
    assert parse_name(f"QualityLevels({bitrate})/{noun}({stream}={time})") == Asked(noun, bitrate, stream, time)
