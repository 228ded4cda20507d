"""Subtitles as every format is given them, wherever they come from: cues in the order of their begins.

A cue's text and settings are WebVTT's (W3C WebVTT 1, sections 3.1 and 6): lines of plain text with `<b>`, `<i>`, `<u>`,
`&amp;` and `&lt;`.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property


@dataclass(frozen=True, slots=True)
class Cue:
    """Something to read.

    Args:
        begin_ms: when it appears, on the timeline of the presentation.
        end_ms: when it disappears, after its begin.
        text: one or more lines.
        settings: as WebVTT writes them, "line:0 align:start"; empty for none.
        name: of the cue, empty for none.
    """

    begin_ms: int
    end_ms: int
    text: str
    settings: str = ""
    name: str = ""


@dataclass(frozen=True, eq=False)
class Text:
    """Subtitles in one language.

    Args:
        cues: in the order of their begins.
        language: BCP 47, "und" when nobody says.
        label: what people are shown, empty for none.
        forced: to be shown unasked, for what is spoken in another language.
        header: what stands before the cues of a WebVTT file: STYLE and REGION blocks; empty for none.
    """

    cues: Sequence[Cue]
    language: str = "und"
    label: str = ""
    forced: bool = False
    header: str = field(default="", repr=False)

    @cached_property
    def _begins(self) -> list[int]:
        return [cue.begin_ms for cue in self.cues]

    @cached_property
    def _longest(self) -> int:
        return max((cue.end_ms - cue.begin_ms for cue in self.cues), default=0)

    @property
    def end_ms(self) -> int:
        """When the last cue disappears."""
        return max((cue.end_ms for cue in self.cues), default=0)

    def between(self, begin_ms: int, end_ms: int) -> list[Cue]:
        """Return the cues that are shown at some time in [begin, end), in order."""
        low = bisect_left(self._begins, begin_ms - self._longest)
        high = bisect_left(self._begins, end_ms)
        return [cue for cue in self.cues[low:high] if cue.end_ms > begin_ms]
