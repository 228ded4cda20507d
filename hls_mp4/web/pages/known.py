"""What is known of the films of a page, learned off the reactor within a time that nobody minds.

A listing shows what is known already and what can be learned in a fifth of a second; the rest is there when it is
asked for again. A few films are read at a time, whoever asks, so that a slow disk keeps a few threads busy and no more;
of each film only its facts are kept, for to index a folder must not push the films that are watched out of the cache.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from twisted.internet.defer import CancelledError, Deferred, DeferredList, DeferredSemaphore
from twisted.logger import Logger

from hls_mp4.errors import StreamingError
from hls_mp4.interfaces import IndexLimits
from hls_mp4.sources.index_cache import IndexCache
from hls_mp4.sources.indexing import index_file
from hls_mp4.sources.local import LocalFile, LocalFiles
from hls_mp4.web.pages.facts import FilmFacts, broken, facts_of

if TYPE_CHECKING:
    from hls_mp4.web.site import SharedParts

AT_A_TIME = 4
"""Films that are read at the same time for listings, of the sixteen that can be."""

PATIENCE = 0.2
"""Seconds that a listing waits for what it does not know yet."""

CAPACITY = 8 << 20
"""Bytes of facts kept: some eight thousand films."""

Version = tuple[int, int, int, int]


@dataclass(frozen=True, slots=True)
class Film:
    """A file of which a page wants to know more.

    Args:
        name: in its folder.
        path: absolute.
        version: device, inode, size, mtime in ns.
        limits: what its index may cost.
        symlinks: nginx's disable_symlinks, and the folders in which it does not hold.
    """

    name: str
    path: str
    version: Version
    limits: IndexLimits
    symlinks: tuple[str, str] = ("off", "/")


class KnownFilms:
    """The facts of recently listed films.

    Args:
        reactor: the reactor.
        files: opens them.
        formats: IMediaFormat providers.
    """

    log = Logger()

    def __init__(self, reactor: Any, files: LocalFiles, formats: tuple[Any, ...]) -> None:
        self._reactor = reactor
        self._files = files
        self._formats = formats
        self._facts = IndexCache(CAPACITY)
        self._turns = DeferredSemaphore(AT_A_TIME)

    async def learn(self, films: Iterable[Film], patience: float = PATIENCE) -> dict[str, FilmFacts]:
        """Return the facts of films by name: those that are known, or can be learned in a moment.

        Args:
            films: of a page.
            patience: seconds.
        """
        known: dict[str, FilmFacts] = {}
        unknown = []
        for film in films:
            # Links are looked at again where they may be forbidden.
            facts = self._facts.find(_key(film)) if film.symlinks[0] == "off" else None
            if facts is None:
                unknown.append(film)
            else:
                known[film.name] = facts
        if unknown:
            await self._learn(iter(unknown), known, patience)
        return known

    async def _learn(self, unknown: Iterator[Film], known: dict[str, FilmFacts], patience: float) -> None:
        learning = [Deferred.fromCoroutine(self._take_turns(unknown, known)) for _ in range(AT_A_TIME)]
        enough: Deferred[None] = Deferred()

        def tell(_result: Any = None) -> None:
            if not enough.called:
                enough.callback(None)

        DeferredList(learning, consumeErrors=True).addCallback(tell)
        timer = self._reactor.callLater(patience, tell)
        try:
            await enough
        finally:
            # Also when the client is gone: what is being read is read to its end, nothing new is begun.
            if timer.active():
                timer.cancel()
            for one in learning:
                one.cancel()

    async def _take_turns(self, unknown: Iterator[Film], known: dict[str, FilmFacts]) -> None:
        for film in unknown:
            await self._turns.acquire()
            try:
                known[film.name] = await self._build(film)
            except OSError:
                pass  # gone, or not to be read: whoever asks for it is told
            except CancelledError:
                raise
            except Exception:
                self.log.failure("while reading {path}", path=film.path)

    def _build(self, film: Film) -> Deferred[FilmFacts]:
        """Return a Deferred of a film's facts; the turn that was waited for ends with the reading of the film.

        It does not end with the interest of whoever waits: a thread that hangs has its turn until it is free.
        """
        begun = False

        def begin() -> Deferred[FilmFacts]:
            nonlocal begun
            begun = True
            return Deferred.fromCoroutine(self._read(film)).addBoth(done)

        def done(result: Any) -> Any:
            self._turns.release()
            return result

        building = self._facts.build(_key(film), begin)
        if not begun:
            self._turns.release()  # somebody else reads it already
        return building

    async def _read(self, film: Film) -> FilmFacts:
        """Return the facts of a film; raises OSError."""
        try:
            opened = self._files.open(film.path, *film.symlinks)
            file = await opened if isinstance(opened, Deferred) else opened
            if not isinstance(file, LocalFile):
                return FilmFacts(problem="it is no file")
            try:
                facts: FilmFacts = await file.held(self._index, file, film.limits)
                return facts
            finally:
                file.release()
        except StreamingError as problem:
            self.log.info('"{path}" is listed as no film: {problem}', path=film.path, problem=problem)
            return broken(problem)

    def _index(self, file: LocalFile, limits: IndexLimits) -> FilmFacts:
        """Return the facts of a film from an index that is not kept; for threads."""
        return facts_of(index_file(file, self._formats, limits.without_samples()), self._formats)


def known_films(shared: SharedParts) -> KnownFilms:
    """Return what is known of films, one for the daemon."""
    known: KnownFilms = shared.once(KnownFilms, lambda: KnownFilms(shared.reactor, shared.files, shared.formats))
    return known


def _key(film: Film) -> tuple[int, ...]:
    return (*film.version, film.limits.max_buffer_size)
