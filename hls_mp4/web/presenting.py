"""URLs below a film's: `film.mp4/master.m3u8`, answered by the packagers that a location turned on.

What a URL asks for is seen from its end: the packager that knows the name says so, and what comes before it is looked
for as a film. Where there is none the URL means what it means without packagers: a folder may hold a real master.m3u8.
"""

from __future__ import annotations

import stat
from collections.abc import Iterator
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from hls_mp4.errors import StreamingError
from hls_mp4.interfaces import Asset, Delivery, Needs
from hls_mp4.media.presentation import Presentation
from hls_mp4.sources.local import LocalFile
from hls_mp4.web.delivering import film_index
from hls_mp4.web.filters import filtered
from hls_mp4.web.opening import open_file
from hls_mp4.web.refusal import Refusal
from hls_mp4.web.segmenting import SegmentSettings

if TYPE_CHECKING:
    from hls_mp4.media.segments import SegmentPolicy
    from hls_mp4.web.answer import Answer
    from hls_mp4.web.request import StreamingRequest
    from hls_mp4.web.rules import EnabledModule, LocationRules

_DEEPEST = 3
"""Segments of a path that a packager's name may have: `QualityLevels(900000)/Fragments(video=0)` has two."""

_MOST_KEPT = 8
"""Presentations that are kept of one film: of some policies, in some combinations with others."""


async def presented(request: StreamingRequest, rules: LocationRules, filename: str) -> Answer | None:
    """Return what a packager answers, or None where the path is none of a film and a name below it.

    Raises:
        Refusal: there is a film, and it cannot be presented, or not what is asked for.
    """
    for enabled, match, film in _claims(request, rules, filename):
        try:
            opened = await open_file(request, rules, film)
        except Refusal as refusal:
            if refusal.status == 404:
                continue
            raise
        if not isinstance(opened, LocalFile):
            if stat.S_ISDIR(opened.st_mode):
                continue
            raise Refusal(404, f'"{film}" is not a regular file', level="critical")
        try:
            delivery = await _delivered(request, rules, enabled, match, opened)
            made = filtered(request, rules, delivery.plan, opened, delivery, delivery.content_type or "")
        except BaseException:
            opened.release()
            raise
        made.held = opened
        return made
    return None


def _claims(request: StreamingRequest, rules: LocationRules, filename: str) -> Iterator[tuple[EnabledModule, Any, str]]:
    """Yield every packager that knows the end of a path, with what it made of it, and the path of the film."""
    film = filename
    for _ in range(_DEEPEST):
        film = film.rpartition("/")[0]
        if not film:
            return
        name = filename[len(film) + 1 :]
        for enabled in rules.packagers:
            match = enabled.module.match(name, request.query, enabled.settings)
            if match is not None:
                yield enabled, match, film


async def _delivered(
    request: StreamingRequest, rules: LocationRules, enabled: EnabledModule, match: Any, file: LocalFile
) -> Delivery:
    module, settings = enabled.module, enabled.settings
    try:
        index = await film_index(request.shared, file, module.limits(settings), Needs.SAMPLES)
        presentation = presentation_of(index, file, rules.of[SegmentSettings].policy)
        if module.takes_long(presentation, match, settings):
            made: Delivery = await file.held(module.respond, presentation, match, settings, request.started)
            return made
        delivery: Delivery = module.respond(presentation, match, settings, request.started)
    except StreamingError as problem:
        raise Refusal(problem.status_hint, f'"{file.path}" {problem}') from problem
    except OSError as problem:
        raise Refusal(500, f'read() "{file.path}" failed ({problem})', level="critical") from problem
    return delivery


def presentation_of(index: Any, file: LocalFile, policy: SegmentPolicy) -> Presentation:
    """Return the presentation of a film; what is found out about its segments is kept with its index.

    Raises:
        StreamingError: it cannot be presented.
    """
    known: dict[Any, Presentation] = index.derived
    kept = known.get(policy)
    if kept is None:
        kept = Presentation.of([Asset(index, None)], policy)
        while len(known) >= _MOST_KEPT:
            del known[next(iter(known))]
        known[policy] = kept
    return replace(kept, assets=(Asset(index, file),))
