"""The subtitles of a presentation: files beside its film, files that its server manifest names, tracks in its films.

All are read in threads, once for each version of a file. One that cannot be read is left out, and the log says so.
"""

from __future__ import annotations

import posixpath
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from twisted.internet.defer import Deferred

from hls_mp4.errors import StreamingError
from hls_mp4.interfaces import TruncatedSource
from hls_mp4.media.presentation import Presentation, Rendition
from hls_mp4.media.texts import Text
from hls_mp4.packagers.captions.embedded import joined, readable, reading, text_of
from hls_mp4.packagers.captions.sidecars import SUFFIXES, SideCar, side_cars
from hls_mp4.packagers.elsewhere.vod import URLSET
from hls_mp4.packagers.servermanifest.paths import source_path
from hls_mp4.sources.index_cache import IndexCache
from hls_mp4.sources.indexing import read_through
from hls_mp4.sources.local import LocalFile
from hls_mp4.web.films.folder import moment, names_in
from hls_mp4.web.films.settings import FilmSettings
from hls_mp4.web.films.told import complain
from hls_mp4.web.finding.root import document_root
from hls_mp4.web.opening import open_file
from hls_mp4.web.refusal import Refusal

if TYPE_CHECKING:
    from hls_mp4.web.films.held import Films
    from hls_mp4.web.request import StreamingRequest
    from hls_mp4.web.rules import LocationRules

_CAPACITY = 32 << 20
_MOST_BYTES = 16 << 20
_CUES = "cues"


@dataclass(frozen=True, slots=True)
class Beside:
    """Texts that lie beside a film.

    Args:
        texts: in their order.
        version: what tells them from others.
        mtime: of the newest, seconds since the epoch; 0 without any.
    """

    texts: tuple[Text, ...] = ()
    version: tuple[Any, ...] = ()
    mtime: int = 0

    @property
    def weight(self) -> int:
        """Bytes it takes; the texts weigh for themselves."""
        return 300 + 300 * len(self.texts)


NOTHING = Beside()


@dataclass(frozen=True, slots=True)
class _Read:
    """A subtitle file that was read."""

    text: Text
    size: int

    @property
    def weight(self) -> int:
        """Bytes it takes, about."""
        return 500 + 2 * self.size + 250 * len(self.text.cues)


async def beside(request: StreamingRequest, rules: LocationRules, films: Films) -> Beside:
    """Return the texts that lie beside films, or are named with them."""
    named = _named(films)
    if not named and not rules.of[FilmSettings].side_cars:
        return NOTHING
    shared = request.shared
    cache: IndexCache = shared.once("subtitles beside films", lambda: IndexCache(_CAPACITY))
    key = (films.path, films.key, rules.content.symlinks, rules.of[FilmSettings].side_cars, moment(shared))
    found: Beside | None = cache.find(key)
    if found is None:
        found = await cache.build(key, lambda: Deferred.fromCoroutine(_found(request, rules, films, named, cache)))
    return found


async def _found(
    request: StreamingRequest,
    rules: LocationRules,
    films: Films,
    named: Sequence[tuple[str, SideCar]],
    cache: IndexCache,
) -> Beside:
    folder, name = posixpath.split(films.path)
    wanted = [(path, car) for path, car in named]
    if rules.of[FilmSettings].side_cars:
        # Of `film_,1080,720,.mp4.urlset` what is before the first comma.
        stems = [name.partition(",")[0].rstrip("_-. ") if name.endswith(URLSET) else posixpath.splitext(name)[0]]
        stems += [posixpath.splitext(posixpath.basename(file.path))[0] for file in films.present]
        listing = await names_in(request.shared, folder)
        # What a server manifest names is there already, as that describes it.
        there = {posixpath.normpath(path) for path, _ in named}
        found = side_cars(dict.fromkeys(stems), listing.names)
        wanted += [(f"{folder}/{car.name}", car) for car in found if car.name not in there]
    texts, versions, mtime = [], [], 0
    for path, car in wanted:
        read = await _text(request, rules, films.path, path, car, cache)
        if read is not None:
            text, version = read
            texts.append(text)
            versions.append((path, *version))
            mtime = max(mtime, version[3] // 1_000_000_000)
    return Beside(tuple(texts), tuple(versions), mtime)


def _named(films: Films) -> list[tuple[str, SideCar]]:
    """Return the subtitle files that a server manifest names; their paths are still to be looked at."""
    if films.manifest is None:
        return []
    found = []
    for entry in films.manifest.entries:
        form = entry.source.rpartition(".")[2].lower()
        if entry.kind == "text" and f".{form}" in SUFFIXES:
            language = entry.language or "und"
            found.append((entry.source, SideCar(entry.source, form, language, False, entry.label)))
    return found


async def _text(
    request: StreamingRequest, rules: LocationRules, film: str, path: str, car: SideCar, cache: IndexCache
) -> tuple[Text, tuple[int, int, int, int]] | None:
    """Return a subtitle file and its version; None when it cannot be had."""
    try:
        if not path.startswith("/"):  # of a server manifest
            path = source_path(film, path, document_root(request, rules))
        opened = await open_file(request, rules, path)
        if not isinstance(opened, LocalFile):
            return None
    except (Refusal, StreamingError) as problem:
        complain(request, path, f"subtitles are left out: {getattr(problem, 'reason', problem)}")
        return None
    try:
        key = (*opened.key, car)
        read: _Read | None = cache.find(key)
        if read is None:
            read = await cache.build(key, lambda: opened.held(_parse, opened, car))
        return read.text, opened.key
    except (StreamingError, OSError, TruncatedSource) as problem:
        complain(request, opened.key, f'"{path}" is left out: {problem}')
        return None
    finally:
        opened.release()


def _parse(file: LocalFile, car: SideCar) -> _Read:
    """Return what a subtitle file says; for threads."""
    data = file.read_blocking(0, min(file.size, _MOST_BYTES + 1))
    return _Read(car.parse(data), len(data))


async def inside(request: StreamingRequest, films: Films, presentation: Presentation) -> list[tuple[Rendition, Text]]:
    """Return the text tracks of films that can be read; what was read of a film is kept with its index.

    Args:
        request: who asks.
        films: open.
        presentation: of them, in whose time cues are told.
    """
    found = []
    for rendition in readable(presentation):
        file, index = films.files[rendition.source], films.indexes[rendition.source]
        assert file is not None
        known: dict[int, tuple[Any, ...]] = index.derived.setdefault(_CUES, {})
        cues = known.get(rendition.track.id)
        if cues is None:
            try:
                cues = await file.held(read_through, file, reading(presentation, rendition))
            except (StreamingError, OSError) as problem:
                complain(request, file.key, f'"{file.path}" text track {rendition.track.id} is left out: {problem}')
                cues = ()
            known[rendition.track.id] = cues
            index.weight += 300 * len(cues)
        found.append((rendition, text_of(rendition, cues)))
    return found


def with_texts(presentation: Presentation, around: Beside, tracks: Sequence[tuple[Rendition, Text]]) -> Presentation:
    """Return a presentation with its subtitles."""
    return replace(presentation, texts=joined(around.texts, tracks))
