"""Where in a film a page offers to begin."""

from __future__ import annotations

_SECOND, _MINUTE, _HOUR = 1000, 60_000, 3_600_000

_STEPS = tuple(
    [part * _SECOND for part in (5, 10, 15, 30)]
    + [part * _MINUTE for part in (1, 2, 5, 10, 15, 20, 30)]
    + [part * _HOUR for part in (1, 2, 5, 10, 24)]
)
_LONGEST = 10_000 * _HOUR


def even_marks(duration_ms: int, most: int, least_step: int = 0) -> tuple[int, ...]:
    """Return times at round distances, neither the beginning nor the end among them.

    Args:
        duration_ms: how long the film is.
        most: how many at most.
        least_step: the least distance, in ms.
    """
    duration_ms = min(duration_ms, _LONGEST)
    steps = (step for step in _STEPS if step >= least_step and (duration_ms - 1) // step <= most)
    step = next(steps, max(duration_ms, 1))
    return tuple(range(step, duration_ms, step))


def row_marks(duration_ms: int) -> tuple[int, ...]:
    """Return where a listing offers to begin: about the quarters of the film."""
    return even_marks(duration_ms, 4)


def page_marks(duration_ms: int) -> tuple[int, ...]:
    """Return where a player page without chapters offers to begin.

    Each minute of half an hour, each five of two and a half hours, each ten of five; seconds below three minutes.
    """
    return even_marks(duration_ms, 30, 5 * _SECOND if duration_ms <= 3 * _MINUTE else _MINUTE)
