"""Opening the films of a presentation: a single one, those of a server manifest, of a path of several, of a pattern.

They are opened and indexed at the same time, off the reactor. One that is missing or broken is left out, and the log
says which and why; where all are, the first one's error is the answer.
"""

from __future__ import annotations

import posixpath
import re
import stat
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from twisted.internet.defer import Deferred, gatherResults

from hls_mp4.errors import StreamingError
from hls_mp4.interfaces import Needs, TruncatedSource
from hls_mp4.media.index import MediaIndex
from hls_mp4.packagers.captions.sidecars import SUFFIXES
from hls_mp4.packagers.elsewhere.vod import MOST_SOURCES, URLSET, several
from hls_mp4.packagers.servermanifest.paths import source_path
from hls_mp4.packagers.servermanifest.selection import ServerManifest, parse_manifest
from hls_mp4.sources.index_cache import IndexCache
from hls_mp4.sources.local import LocalFile
from hls_mp4.web.delivering import film_index
from hls_mp4.web.films.folder import names_in
from hls_mp4.web.films.held import NO_INDEX, Films
from hls_mp4.web.films.settings import FilmSettings
from hls_mp4.web.films.told import complain
from hls_mp4.web.finding.root import document_root, refuse_climbing
from hls_mp4.web.opening import open_file
from hls_mp4.web.refusal import Refusal

if TYPE_CHECKING:
    from hls_mp4.interfaces import IndexLimits
    from hls_mp4.web.request import StreamingRequest
    from hls_mp4.web.rules import LocationRules

MANIFESTS = (".ism", ".isml")
_MOST_BYTES = 1 << 20
_CAPACITY = 8 << 20
_NUMBER = re.compile(r"[0-9]{1,9}")


@dataclass(frozen=True, slots=True)
class _Kept:
    """A server manifest that was read."""

    manifest: ServerManifest

    @property
    def weight(self) -> int:
        """Bytes it takes, about."""
        return 1000 + 600 * len(self.manifest.entries)


async def films_at(request: StreamingRequest, rules: LocationRules, path: str, limits: IndexLimits) -> Films | None:
    """Return the films behind a path, open and indexed; None when there is nothing that is a film.

    Args:
        request: who asks.
        rules: of the location.
        path: what was asked for, as a path of the file system.
        limits: what indexing may cost.

    Raises:
        Refusal: there is something, and none of it can be read.
    """
    if path.endswith(URLSET):
        paths = _expanded(request, rules, path)
        if paths:
            return await _together(request, rules, path, paths, limits)
    try:
        opened = await open_file(request, rules, path)
    except Refusal as refusal:
        if refusal.status != 404:
            raise
        return await _siblings(request, rules, path, limits)
    if not isinstance(opened, LocalFile):
        if stat.S_ISDIR(opened.st_mode):
            return None
        raise Refusal(404, f'"{path}" is not a regular file', level="critical")
    if path.lower().endswith(MANIFESTS):
        return await _of_manifest(request, rules, opened, limits)
    return Films(path, (opened,), (await _indexed(request, opened, limits),))


async def _indexed(request: StreamingRequest, file: LocalFile, limits: IndexLimits) -> MediaIndex:
    """Return the index of a file, which is released where there is none."""
    try:
        index: MediaIndex = await film_index(request.shared, file, limits, Needs.SAMPLES)
    except StreamingError as problem:
        file.release()
        raise Refusal(problem.status_hint, f'"{file.path}" {problem}') from problem
    except OSError as problem:
        file.release()
        raise Refusal(500, f'read() "{file.path}" failed ({problem})', level="critical") from problem
    except BaseException:
        file.release()
        raise
    return index


async def _opened(
    request: StreamingRequest, rules: LocationRules, path: str, limits: IndexLimits
) -> tuple[LocalFile, MediaIndex]:
    """Return one of several films, open, and its index; raises Refusal."""
    opened = await open_file(request, rules, path)
    if not isinstance(opened, LocalFile):
        raise Refusal(404, f'"{path}" is not a regular file')
    return opened, await _indexed(request, opened, limits)


async def _tried(
    request: StreamingRequest, rules: LocationRules, path: str | Refusal, limits: IndexLimits
) -> tuple[LocalFile, MediaIndex] | Refusal:
    if isinstance(path, Refusal):
        return path
    try:
        return await _opened(request, rules, path, limits)
    except Refusal as refusal:
        return refusal


async def _all(
    request: StreamingRequest, rules: LocationRules, paths: Sequence[str | Refusal], limits: IndexLimits
) -> list[tuple[LocalFile, MediaIndex] | Refusal]:
    """Return each of several films, or why it cannot be had; at the same time."""
    tries = [Deferred.fromCoroutine(_tried(request, rules, path, limits)) for path in paths]
    try:
        found: list[tuple[LocalFile, MediaIndex] | Refusal] = await gatherResults(tries, consumeErrors=True)
    except BaseException:
        for each in tries:
            each.addCallbacks(_released, lambda _: None)
        raise
    return found


def _released(found: tuple[LocalFile, MediaIndex] | Refusal | None) -> None:
    if isinstance(found, tuple):
        found[0].release()


async def _together(
    request: StreamingRequest,
    rules: LocationRules,
    path: str,
    paths: Sequence[str | Refusal],
    limits: IndexLimits,
    manifest: tuple[ServerManifest, LocalFile, dict[str, int]] | None = None,
) -> Films:
    """Return films of one presentation.

    Args:
        request: who asks.
        rules: of the location.
        path: what was asked for.
        paths: of the films, or why one cannot have any.
        limits: what indexing may cost.
        manifest: what named them, the file it is from, and the number of each of its sources.

    Raises:
        Refusal: there is none of them.
    """
    found = await _all(request, rules, paths, limits)
    refusals = [each for each in found if isinstance(each, Refusal)]
    if len(refusals) == len(found):
        for other in refusals[1:]:
            complain(request, path, other.reason)
        raise refusals[0]
    versions = tuple(each[0].key for each in found if not isinstance(each, Refusal))
    for refusal in refusals:
        complain(request, versions, f'a rendition of "{path}" is left out: {refusal.reason}')
    files = [None if isinstance(each, Refusal) else each[0] for each in found]
    indexes = [NO_INDEX if isinstance(each, Refusal) else each[1] for each in found]
    if manifest is None:
        return Films(path, files, indexes)
    parsed, file, numbers = manifest
    return Films(path, files, indexes, parsed, (file.key, file.validator), numbers)


def _root(request: StreamingRequest, rules: LocationRules, path: str) -> str:
    """Return the folder that nothing may lead out of: the location's, or that of a file which an alias stands for."""
    root = document_root(request, rules).rstrip("/")
    return root if path.startswith(f"{root}/") else posixpath.dirname(path)


def _expanded(request: StreamingRequest, rules: LocationRules, path: str) -> list[str]:
    """Return the paths of a path of several films.

    Raises:
        Refusal: one climbs, or lies where other rules hold than for what was asked: a password, say.
    """
    root = _root(request, rules, path)
    paths = [root + each for each in several(path[len(root) :])]
    folder = posixpath.dirname(path[: path.index(",", len(root))]) if paths else ""
    for each in paths:
        refuse_climbing(each)
    # A location is chosen by a path without `//` and `/./`, which the pieces may make.
    paths = [posixpath.normpath(each) for each in paths]
    for each in paths:
        if posixpath.dirname(each) != folder and not _is_alike(request, path, each):
            raise Refusal(403, f'"{each}" of "{path}" lies in another location')
    return paths


def _is_alike(request: StreamingRequest, path: str, other: str) -> bool:
    """Tell whether the location that was asked for a path of several films holds for another path too."""
    uri, filename = request.location_path, request.filename
    rest = filename[len(path) :]
    if request.server is None or not (filename.startswith(path) and uri.endswith(rest)):
        return False
    shared = posixpath.commonprefix([path, other])
    behind = len(path) - len(shared)
    beginning = uri[: len(uri) - len(rest) - behind]
    return request.server.locate(beginning + other[len(shared) :])[0] is request.server.locate(uri)[0]


async def _siblings(request: StreamingRequest, rules: LocationRules, path: str, limits: IndexLimits) -> Films | None:
    """Return the films whose names without what `rendition_pattern` finds are a name that nothing has."""
    pattern = rules.of[FilmSettings].pattern
    if pattern is None:
        return None
    folder, name = posixpath.split(path)
    listing = await names_in(request.shared, folder)
    found = renditions_named(name, listing.names, pattern)
    if not listing.complete:
        complain(request, folder, f'"{folder}" has too many files, some are not looked at')
    if not found:
        return None
    return await _together(request, rules, path, [f"{folder}/{each}" for each in found], limits)


def renditions_named(name: str, names: Sequence[str], pattern: re.Pattern[str]) -> list[str]:
    """Return the files that are renditions of a film, the greatest number first.

    Args:
        name: of the film, as `film.mp4`.
        names: of all files beside it.
        pattern: what of their names is the rendition's.
    """
    stem, suffix = posixpath.splitext(name)
    if not suffix:
        return []
    found: list[tuple[int, str]] = []
    for each in names:
        if not each.endswith(suffix):
            continue
        own = each[: len(each) - len(suffix)]
        match = pattern.search(own)
        if match is not None and match[0] and own[: match.start()] + own[match.end() :] == stem:
            number = _NUMBER.search(match[0])
            found.append((-int(number[0]) if number else 0, each))
    return [each for _, each in sorted(found)][:MOST_SOURCES]


async def _of_manifest(request: StreamingRequest, rules: LocationRules, file: LocalFile, limits: IndexLimits) -> Films:
    """Return the films of a server manifest, whose file is released."""
    try:
        manifest = await _manifest(request, file)
        root = _root(request, rules, file.path)
        numbers: dict[str, int] = {}
        paths: list[str | Refusal] = []
        for source in manifest.sources:
            if source.lower().endswith(SUFFIXES):
                continue
            numbers[source] = len(paths)
            try:
                paths.append(source_path(file.path, source, root))
            except StreamingError as problem:
                paths.append(Refusal(problem.status_hint, f'"{file.path}" {problem}'))
        if not paths:
            raise Refusal(500, f'"{file.path}" names no film')
        return await _together(request, rules, file.path, paths, limits, (manifest, file, numbers))
    finally:
        file.release()


async def _manifest(request: StreamingRequest, file: LocalFile) -> ServerManifest:
    """Return what a file holds, which is kept; raises Refusal."""
    shared = request.shared
    cache: IndexCache = shared.once("server manifests", lambda: IndexCache(_CAPACITY))
    kept: _Kept | None = cache.find(file.key)
    try:
        if kept is None:
            kept = await cache.build(file.key, lambda: file.held(_read_manifest, file))
    except StreamingError as problem:
        raise Refusal(problem.status_hint, f'"{file.path}" {problem}') from problem
    except (OSError, TruncatedSource) as problem:
        raise Refusal(500, f'read() "{file.path}" failed ({problem})', level="critical") from problem
    return kept.manifest


def _read_manifest(file: LocalFile) -> _Kept:
    """Return the server manifest in a file; for threads."""
    return _Kept(parse_manifest(file.read_blocking(0, min(file.size, _MOST_BYTES + 1))))
