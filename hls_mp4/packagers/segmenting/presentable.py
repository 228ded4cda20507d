"""Which renditions a format can tell: the others are left out, and somebody is told which and why."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from hls_mp4.errors import UnsupportedMedia
from hls_mp4.media.presentation import Presentation, Rendition
from hls_mp4.packagers.description import configuration, sample_description

UNSUPPORTED = 415
"""Status where nothing of a film is left: Unsupported Media Type."""

Can = Callable[[Rendition], None]
"""Raises UnsupportedMedia where a rendition cannot be told."""


@dataclass(frozen=True, slots=True)
class Presentable:
    """What is left of a presentation.

    Args:
        numbers: renditions, by their number in the presentation.
        complaint: which are left out and why; empty for none.
    """

    numbers: tuple[int, ...]
    complaint: str = ""


def presentable(presentation: Presentation, can: Can, kinds: Iterable[str] = ("video", "audio")) -> Presentable:
    """Return the renditions of some kinds that a format can tell.

    Args:
        presentation: whose they are.
        can: raises UnsupportedMedia for those that it cannot.
        kinds: of renditions; the others are nobody's loss.

    Raises:
        UnsupportedMedia: none is left; with status 415.
    """
    wanted = frozenset(kinds)
    numbers: list[int] = []
    complaints: list[str] = []
    for number, each in enumerate(presentation.renditions):
        if each.kind not in wanted:
            continue
        try:
            can(each)
        except UnsupportedMedia as problem:
            source = f" of source {each.source + 1}" if len(presentation.assets) > 1 else ""
            complaints.append(f"{each.kind} track {each.number}{source} is left out: {problem}")
        else:
            numbers.append(number)
    complaint = "; ".join(complaints)
    if not numbers:
        raise UnsupportedMedia(complaint or "no track that can be presented", status_hint=UNSUPPORTED)
    return Presentable(tuple(numbers), complaint)


def fragmentable(rendition: Rendition) -> None:
    """Raise UnsupportedMedia where a rendition cannot be told in fragmented MP4."""
    if configuration(rendition.track).protected:
        raise UnsupportedMedia("it is encrypted already")
    sample_description(rendition.track)
