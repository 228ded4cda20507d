"""Chapter marks of a film: where parts of it begin, and what these are called."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

MOST_CHAPTERS = 1000
"""More than a disc can have; what a file lists beyond is left out."""


@dataclass(frozen=True, slots=True)
class Chapter:
    """A chapter mark.

    Args:
        start_ms: when it begins.
        title: one line, empty when it has none.
    """

    start_ms: int
    title: str


def in_order(marks: Iterable[Chapter], total_ms: int) -> tuple[Chapter, ...]:
    """Return marks as a film has them: rising, each instant once, none at its end or beyond, titles on one line.

    Of several marks of one instant the last with a title holds.

    Args:
        marks: as they were read.
        total_ms: how long the film is.
    """
    found: dict[int, str] = {}
    for mark in marks:
        if 0 <= mark.start_ms < total_ms:
            title = "".join(sign if sign.isprintable() else " " for sign in mark.title)
            found[mark.start_ms] = " ".join(title.split()) or found.get(mark.start_ms, "")
    return tuple(Chapter(start, found[start]) for start in sorted(found)[:MOST_CHAPTERS])
