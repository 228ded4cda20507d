"""How films are cut into segments, as configured."""

from __future__ import annotations

import pytest

from hls_mp4.media.segments import SegmentPolicy
from hls_mp4.web.segmenting import (
    SegmentSettings,
    read_duration,
    read_first_durations,
    read_policy,
)


def test_the_usual_segment_is_four_seconds() -> None:
    """Cut at the key frame that is nearest."""
    assert SegmentSettings().policy == SegmentPolicy(4000, (), "nearest")


def test_everything_can_be_said() -> None:
    """Durations with units, a short beginning, another rule."""
    settings = SegmentSettings(
        duration_ms=read_duration(["segment_duration", "6s"]),
        first_ms=read_first_durations(["1s", "2500ms"]),
        rule=read_policy(["gop:3"]),
    )
    assert settings.policy == SegmentPolicy(6000, (1000, 2500), "gop:3")
    assert read_first_durations(["off"]) == ()


@pytest.mark.parametrize("word", ["0", "99ms", "11m", "x", ""])
def test_durations_that_no_player_would_like_are_refused(word: str) -> None:
    """When the configuration is read."""
    with pytest.raises(ValueError, match="invalid"):
        read_duration(["hls_fragment", word])
    with pytest.raises(ValueError, match="invalid"):
        read_first_durations(["1s", word])
    with pytest.raises(ValueError, match="nearest, at_least or gop:number"):
        read_policy([word])
