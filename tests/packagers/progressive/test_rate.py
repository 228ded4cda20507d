"""A film is paced by its own bitrate."""

from __future__ import annotations

from hls_mp4.packagers.progressive.rate import Pace, pace_of


def test_a_clip_is_paced_by_its_bitrate_times_the_factor() -> None:
    """A megabyte that plays for a hundred seconds goes out at 11,000 bytes a second, the first minute of it at once."""
    pace = pace_of(1_000_000, 5_000, 100_000, 1100, 60_000)
    assert pace == Pace(11_000, 5_000 + 600_000)


def test_what_is_short_is_not_paced() -> None:
    """A clip no longer than what is free, an empty one, and any clip while pacing is off go out at full speed."""
    assert pace_of(1_000_000, 5_000, 60_000, 1100, 60_000) == Pace(0, 0)
    assert pace_of(0, 5_000, 100_000, 1100, 60_000) == Pace(0, 0)
    assert pace_of(1_000_000, 5_000, 100_000, 0, 0) == Pace(0, 0)
    assert pace_of(1_000_000, 5_000, 0, 1100, 0) == Pace(0, 0)


def test_a_pace_is_never_no_limit_by_rounding() -> None:
    """A byte a minute is a byte a second at least: 0 would mean unlimited."""
    assert pace_of(1, 0, 60_000, 1, 0).rate == 1
