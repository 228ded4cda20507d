"""How films are cut into segments, for all formats alike: players may change from one to another."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from hls_mp4.directives import ANYWHERE, Parsed, directive, one, parse_time_ms
from hls_mp4.media.segments import SegmentPolicy

LEAST_MS, MOST_MS = 100, 600_000


def _duration(text: str) -> int:
    ms = parse_time_ms(text)
    if not LEAST_MS <= ms <= MOST_MS:
        raise ValueError(f'invalid duration "{text}", it must be between 100ms and 10m')
    return ms


def read_duration(args: Sequence[str]) -> int:
    """Return the milliseconds of `segment_duration`, or `hls_fragment`, whose name comes first; raises ValueError."""
    return _duration(one(args[1:]))


def read_first_durations(args: Sequence[str]) -> tuple[int, ...]:
    """Return the milliseconds of each of the first segments; raises ValueError."""
    if not args:
        raise ValueError("invalid number of arguments")
    return () if list(args) == ["off"] else tuple(_duration(text) for text in args)


def read_policy(args: Sequence[str]) -> str:
    """Return the rule of `segment_policy`; raises ValueError."""
    return SegmentPolicy(rule=one(args)).rule


@dataclass(frozen=True, slots=True, kw_only=True)
class SegmentSettings:
    """Cutting into segments."""

    duration_ms: int = directive(
        "segment_duration",
        ANYWHERE,
        Parsed("time", read_duration),
        default="segment_duration 4s",
        group=("segment_duration", "hls_fragment"),
        doc="How long a segment is meant to be, in every format; it begins at a key frame.",
        differs={"hls_fragment": "nginx sells it; it holds for all formats, and the default is 4s, nginx's is 5s"},
    )
    first_ms: tuple[int, ...] = directive(
        "segment_first_durations",
        ANYWHERE,
        Parsed("off | time ...", read_first_durations),
        default="off",
        doc="How long the first segments are meant to be, one by one: short ones let players begin sooner.",
    )
    rule: str = directive(
        "segment_policy",
        ANYWHERE,
        Parsed("nearest | at_least | gop:number", read_policy),
        default="nearest",
        doc="Which key frames begin segments: those nearest to multiples of segment_duration, the first after that"
        " long, or each number-th.",
    )

    @property
    def policy(self) -> SegmentPolicy:
        """What the segmenter takes."""
        return SegmentPolicy(self.duration_ms, self.first_ms, self.rule)
