"""Complaints about films, each written to the error log once for a version of a film, not with each of its segments."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Hashable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from hls_mp4.web.request import StreamingRequest

MOST_REMEMBERED = 4096


class Told:
    """What was said lately."""

    def __init__(self) -> None:
        self._said: OrderedDict[Hashable, None] = OrderedDict()

    def is_new(self, key: Hashable) -> bool:
        """Tell whether something has not been said yet, and remember it."""
        fresh = key not in self._said
        self._said[key] = None
        self._said.move_to_end(key)
        if len(self._said) > MOST_REMEMBERED:
            self._said.popitem(last=False)
        return fresh


def complain(request: StreamingRequest, version: Hashable, reason: str, *, level: str = "warn") -> None:
    """Write a line to the error log, unless it was written of the same version of the same film.

    Args:
        request: which it is first seen at.
        version: of the film.
        reason: the line.
        level: of the line.
    """
    told: Told = request.shared.once("complaints about films", Told)
    if told.is_new((version, reason)):
        request.report(reason, level=level)
