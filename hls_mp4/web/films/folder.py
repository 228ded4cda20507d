"""What lies in the folder of a film: names, read in a thread, within bounds, and remembered for a moment."""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import TYPE_CHECKING

from hls_mp4.sources.index_cache import IndexCache

if TYPE_CHECKING:
    from hls_mp4.web.site import SharedParts

MOMENT = 3.0
"""Seconds after which a folder is read again: a subtitle that is put beside a film appears that late at most."""

MOST_NAMES = 16384
"""Names that are read of a folder; what is beyond is not seen."""

_CAPACITY = 16 << 20
_EACH = 120  # bytes of a name and its place in a tuple


@dataclass(frozen=True, slots=True)
class Listing:
    """Names in a folder.

    Args:
        names: of everything in it, in no order.
        complete: False when there are more.
    """

    names: tuple[str, ...]
    complete: bool = True

    @property
    def weight(self) -> int:
        """Bytes it takes."""
        return 200 + _EACH * len(self.names)


def moment(shared: SharedParts) -> int:
    """Return the number of the current moment."""
    return int(shared.reactor.seconds() / MOMENT)


async def names_in(shared: SharedParts, folder: str) -> Listing:
    """Return what lies in a folder; nothing where it cannot be read."""
    cache: IndexCache = shared.once("listings of films", lambda: IndexCache(_CAPACITY))
    key = (folder, moment(shared))
    found: Listing | None = cache.find(key)
    if found is None:
        found = await cache.build(key, lambda: shared.threads.call(read_names, folder))
    return found


def read_names(folder: str) -> Listing:
    """Return what lies in a folder; for threads."""
    names: list[str] = []
    try:
        with os.scandir(folder) as entries:
            for entry in entries:
                if len(names) >= MOST_NAMES:
                    return Listing(tuple(names), False)
                names.append(entry.name)
    except OSError:
        return Listing(())
    return Listing(tuple(names))
