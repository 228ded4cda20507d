"""Presentations of films that are open: what a location, a manifest and a query make of them.

What was found out of one is kept with the index of its first film, and goes when that goes: the presentation of the
whole films for each policy and set of subtitles, and the parts of it that were asked for. Anybody can ask for any part,
so of these no more than a few are kept, apart from the whole ones.
"""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from hls_mp4.errors import StreamingError
from hls_mp4.interfaces import Asset
from hls_mp4.media.presentation import Presentation
from hls_mp4.media.segments import SegmentPolicy
from hls_mp4.media.windows import between
from hls_mp4.packagers.choosing.facts import chosen, of_tracks
from hls_mp4.packagers.servermanifest.selection import selected
from hls_mp4.web.films.held import NO_INDEX
from hls_mp4.web.films.subtitles import NOTHING, Beside, beside, inside, with_texts
from hls_mp4.web.films.told import complain
from hls_mp4.web.segmenting import SegmentSettings

if TYPE_CHECKING:
    from hls_mp4.media.index import MediaIndex
    from hls_mp4.web.films.asked import Wanted
    from hls_mp4.web.films.held import Films
    from hls_mp4.web.request import StreamingRequest
    from hls_mp4.web.rules import LocationRules

MOST_WHOLE = 8
"""Presentations that are kept of a film: of some policies, alone and together with others."""

MOST_PARTS = 16
"""Parts that are kept of a film's presentations."""

MUCH = 256 * 1024
"""Bytes of metadata whose presentation is made in a thread: it takes milliseconds."""


@dataclass(frozen=True, slots=True)
class Made:
    """A presentation, ready to be told.

    Args:
        presentation: of open films.
        mtime: of the newest of what it depends on beside its films.
    """

    presentation: Presentation
    mtime: int


async def presentation_of(request: StreamingRequest, rules: LocationRules, films: Films, wanted: Wanted) -> Made:
    """Return the presentation of films that are open.

    Args:
        request: who asks.
        rules: of the location.
        films: open; held by the caller.
        wanted: which part of them.

    Raises:
        StreamingError: they cannot be presented, or not this part of them.
    """
    around = await beside(request, rules, films)
    policy = rules.of[SegmentSettings].policy
    leading = _leading(films)
    shape: Hashable = films.key if len(films.indexes) > 1 or films.manifest is not None else ()
    key = (policy, shape, around.version)
    whole = _known(leading, "presentations", key, films)
    if whole is None:
        whole = await _whole(request, films, policy, around)
        _keep(leading, "presentations", key, whole, MOST_WHOLE)
    made = whole
    if not wanted.everything:
        part = _known(leading, "parts", (key, wanted.key), films)
        if part is None:
            part = await _run(films, _part, whole, wanted)
            _keep(leading, "parts", (key, wanted.key), part, MOST_PARTS)
        made = part
    assets = tuple(Asset(index, file) for index, file in zip(films.indexes, films.files, strict=True))
    return Made(replace(made, assets=assets), around.mtime)


def _leading(films: Films) -> MediaIndex:
    """Return the index that presentations are kept with."""
    return next(index for index, file in zip(films.indexes, films.files, strict=True) if file is not None)


async def _whole(request: StreamingRequest, films: Films, policy: SegmentPolicy, around: Beside) -> Presentation:
    made, broken = await _run(films, _presented, films, policy)
    for complaint in broken:
        complain(request, films.key, f'a rendition of "{films.path}" is left out: {complaint}')
    if films.manifest is not None:
        made, complaints = selected(made, films.manifest, films.numbers)
        for complaint in complaints:
            complain(request, films.key, f'"{films.path}" {complaint}')
    tracks = await inside(request, films, made)
    return with_texts(made, around, tracks) if tracks or around is not NOTHING else made


def _presented(films: Films, policy: SegmentPolicy) -> tuple[Presentation, list[str]]:
    """Return the presentation of films, and what is wrong with those whose tables make no sense; these are left out.

    Raises:
        StreamingError: nothing is left.
    """
    # Without the files themselves, which are closed when the answer has been sent.
    indexes = list(films.indexes)
    if len(films.present) == 1:
        return _of(indexes, policy), []
    try:
        # Cutting shows what is wrong with tables, and is needed for whatever is asked.
        made = _of(indexes, policy)
        made.segments()
    except StreamingError:
        complaints = []
        for number, file in enumerate(films.files):
            problem = _problem(indexes[number], policy) if file is not None else None
            if file is not None and problem is not None:
                complaints.append(f'"{file.path}" {problem}')
                indexes[number] = NO_INDEX
        made = _of(indexes, policy)
        return made, complaints
    return made, []


def _of(indexes: Sequence[MediaIndex], policy: SegmentPolicy) -> Presentation:
    return Presentation.of([Asset(index, None) for index in indexes], policy)


def _problem(index: MediaIndex, policy: SegmentPolicy) -> StreamingError | None:
    """Return what is wrong with a film alone; None for nothing."""
    try:
        _of([index], policy).segments()
    except StreamingError as problem:
        return problem
    return None


def _part(whole: Presentation, wanted: Wanted) -> Presentation:
    """Return a part of a presentation; raises StreamingError."""
    made = whole
    if wanted.tracks:
        made = of_tracks(made, wanted.tracks)
    if wanted.filter is not None:
        made = chosen(made, wanted.filter)
    if wanted.begin_ms or wanted.end_ms is not None:
        made = between(made, wanted.begin_ms, wanted.end_ms)
    return made


async def _run(films: Films, make: Any, *args: Any) -> Any:
    """Return what something makes, in a thread where the films are long."""
    if sum(index.metadata_size for index in films.indexes) > MUCH:
        return await films.call(make, *args)
    return make(*args)


def _known(leading: MediaIndex, shelf: str, key: Hashable, films: Films) -> Presentation | None:
    """Return what is kept, if it is still of the indexes that are at hand."""
    kept: dict[Hashable, Presentation] = leading.derived.get(shelf, {})
    found = kept.get(key)
    if found is None:
        return None
    if any(asset.index not in (index, NO_INDEX) for asset, index in zip(found.assets, films.indexes, strict=True)):
        del kept[key]
        return None
    return found


def _keep(leading: MediaIndex, shelf: str, key: Hashable, made: Presentation, most: int) -> None:
    """Keep something; what was kept first goes first."""
    kept: dict[Hashable, Presentation] = leading.derived.setdefault(shelf, {})
    kept.pop(key, None)
    while len(kept) >= most:
        del kept[next(iter(kept))]
    kept[key] = made
