"""What a path asks of which packager, and of which film: seen from its end.

The packager that knows the name below a film says so; other servers' names are led to ours. Nothing is opened here.
"""

from __future__ import annotations

import posixpath
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from hls_mp4.media.presentation import Presentation
from hls_mp4.packagers.elsewhere import plus
from hls_mp4.packagers.elsewhere.unified import manifest_name, parse_media
from hls_mp4.packagers.elsewhere.vod import Parts, split_parts
from hls_mp4.web.films.unified import UnifiedSettings

if TYPE_CHECKING:
    from hls_mp4.web.rules import EnabledModule, LocationRules

DEEPEST = 3
"""Segments of a path that a packager's name may have: `QualityLevels(900000)/Fragments(video=0)` has two."""

_NO_PARTS = Parts()
_PACKAGER_OF = {"m3u8": "hls", "ts": "hls", "m4s": "hls", "dash": "dash"}


@dataclass(frozen=True, slots=True)
class Claim:
    """What a path may ask for, if there is such a film.

    Args:
        enabled: the packager.
        film: path of the film.
        parts: what the path says of it beside.
        match: what the packager made of the name; None where the name is known only with the film.
        named: takes the presentation, returns the name; None with a match.
        beside: name of the film that relative URLs of the body have to be led below; empty for none.
    """

    enabled: EnabledModule
    film: str
    parts: Parts
    match: Any
    named: Callable[[Presentation], str] | None = None
    beside: str = ""


def claims(rules: LocationRules, filename: str, query: bytes) -> Iterator[Claim]:
    """Yield what a path may ask for, the shortest name below a film first.

    Args:
        rules: of the location.
        filename: the path.
        query: of the URL.
    """
    settings: UnifiedSettings = rules.of[UnifiedSettings]
    foreign = settings.enabled and not settings.skip_rewrite
    film = filename
    for _ in range(DEEPEST):
        film = film.rpartition("/")[0]
        if not film:
            break
        name = filename[len(film) + 1 :]
        path, parts = split_parts(film) if film[-1].isdigit() else (film, _NO_PARTS)
        known = False
        for enabled in rules.packagers:
            match = enabled.module.match(name, query, enabled.settings)
            if match is not None:
                known = True
                yield Claim(enabled, path, parts, match)
        if foreign and not known:
            yield from _unified(rules, name, path, parts, query)
    yield from _plus(rules, filename, query)


def _enabled(rules: LocationRules, name: str) -> EnabledModule | None:
    return next((enabled for enabled in rules.packagers if enabled.module.name == name), None)


def _unified(rules: LocationRules, name: str, film: str, parts: Parts, query: bytes) -> Iterator[Claim]:
    ours = manifest_name(name)
    if ours is not None:
        for enabled in rules.packagers:
            match = enabled.module.match(ours, query, enabled.settings)
            if match is not None:
                yield Claim(enabled, film, parts, match)
        return
    media = parse_media(name)
    packager = _enabled(rules, _PACKAGER_OF[media.form]) if media is not None else None
    if media is not None and packager is not None:
        yield Claim(packager, film, parts, None, media.name)


def _plus(rules: LocationRules, filename: str, query: bytes) -> Iterator[Claim]:
    """Yield what nginx Plus's names ask for: they lie beside the film."""
    if not filename.endswith((plus.PLAYLIST, plus.SEGMENT)):
        return
    packager = _enabled(rules, "hls")
    if packager is None:
        return
    film = plus.film_of(filename, plus.PLAYLIST)
    if film is not None:
        match = packager.module.match("master.m3u8", query, packager.settings)
        if match is not None:
            yield Claim(packager, film, _NO_PARTS, match, beside=posixpath.basename(film))
        return
    film = plus.film_of(filename, plus.SEGMENT)
    begin = plus.begins_at(query)
    if film is not None and begin is not None:
        yield Claim(packager, film, _NO_PARTS, None, lambda presentation: plus.segment_name(presentation, begin))
