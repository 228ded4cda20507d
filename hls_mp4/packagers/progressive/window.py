"""A window of a film that is served as if it were a film of its own (CodeShop's `vbegin` and `vend`)."""

from __future__ import annotations

from hls_mp4.errors import ClipOutOfRange
from hls_mp4.packagers.progressive.arguments import Window
from hls_mp4.packagers.progressive.clip import Timeline


def in_film(
    timeline: Timeline, window: Window, start_ms: int, end_ms: int | None, past_end: str
) -> tuple[int, int | None, int]:
    """Return an interval of a window as one of the film: start, end, and how long the window is, all in ms.

    Args:
        timeline: of the film.
        window: reaches to the film's end where it claims to reach further.
        start_ms: in the window.
        end_ms: in the window, cut off at its end; None for that end.
        past_end: what a start past the window's end gives, "error" or "last_key_frame".

    Raises:
        ClipOutOfRange: the window begins after the film, or the interval after the window.
    """
    total_ms = timeline.total_ms
    if window.begin_ms >= total_ms:
        raise ClipOutOfRange("mp4 start time exceeds file duration")
    whole = window.end_ms is None or window.end_ms >= total_ms
    stop_ms = total_ms if window.end_ms is None or whole else window.end_ms
    start = window.begin_ms + start_ms
    end = None if end_ms is None or window.begin_ms + end_ms >= stop_ms else window.begin_ms + end_ms
    if start >= stop_ms:
        if past_end == "error":
            raise ClipOutOfRange("mp4 start time exceeds file duration")
        start = max(window.begin_ms, timeline.last_key_frame_ms(stop_ms * timeline.unit // 1000))
        end = None
    if end is None and not whole:
        end = stop_ms
    return start, end, stop_ms - window.begin_ms
