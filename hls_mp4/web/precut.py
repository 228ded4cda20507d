"""URLs of fragments that somebody else has cut: `film/0/Seg1-Frag3`, answered by the modules that a location turned on.

A table beside the fragments says where they lie, and maybe in which other file. The module asks for these one after the
other, see `hls_mp4.interfaces.IPrecutModule`; here they are opened and read. Where there is no table the URL means what
it means without such modules: fragments may be files of their own.

What a table says is not trusted: the files that it names lie in the folder that is served, or in one that the
configuration names.
"""

from __future__ import annotations

import os
import posixpath
from typing import TYPE_CHECKING, Any

from twisted.internet.defer import Deferred

from hls_mp4.errors import Forbidden, NotFound, StreamingError
from hls_mp4.interfaces import Delivery, Media, Table, Tabled, TruncatedSource
from hls_mp4.sources.indexing import read_through
from hls_mp4.sources.local import LocalFile
from hls_mp4.web.films.told import complain
from hls_mp4.web.films.unified import UnifiedSettings
from hls_mp4.web.filters import filtered
from hls_mp4.web.finding.root import document_root
from hls_mp4.web.opening import open_file
from hls_mp4.web.refusal import Refusal

if TYPE_CHECKING:
    from hls_mp4.web.answer import Answer
    from hls_mp4.web.request import StreamingRequest
    from hls_mp4.web.rules import EnabledModule, LocationRules

DEEPEST = 3
"""Segments of a path that a module's name may have."""


async def precut(request: StreamingRequest, rules: LocationRules, filename: str) -> Answer | None:
    """Return what a module answers, None where no table is beside what the path names.

    Raises:
        Refusal: there is a table, and not what is asked for, or something is wrong.
    """
    folder = filename
    for _ in range(DEEPEST):
        folder = folder.rpartition("/")[0]
        if not folder:
            return None
        name = filename[len(folder) + 1 :]
        for enabled in rules.precut:
            match = enabled.module.match(name, enabled.settings)
            if match is None:
                continue
            asked = _Asked(request, rules, enabled, folder)
            try:
                answer = await asked.answer(match)
            except Refusal as refusal:
                refusal.headers = [*(refusal.headers or ()), *enabled.module.headers]
                raise
            if answer is not None:
                return answer
    return None


class _Sources:
    """The files that an answer is made of, held open until it was sent: an `Answer.held`.

    Args:
        files: open; they are this object's to release.
    """

    def __init__(self, files: list[LocalFile]) -> None:
        self.files = files
        self.mtime = max(file.mtime for file in files)
        self.key = tuple(file.key for file in files)
        self.validator = ".".join(file.validator for file in files)

    def retain(self) -> None:
        """Keep the files open for one more user."""
        for file in self.files:
            file.retain()

    def release(self) -> None:
        """Give up one use; the last one closes."""
        for file in self.files:
            file.release()


class _Asked:
    """What a module asks for while it answers one request."""

    def __init__(self, request: StreamingRequest, rules: LocationRules, enabled: EnabledModule, folder: str) -> None:
        self._request = request
        self._rules = rules
        self._enabled = enabled
        self._folder = folder
        self._table = ""
        self._files: list[LocalFile] = []

    async def answer(self, match: Any) -> Answer | None:
        """Return the answer, None where there is no table; raises Refusal."""
        request, rules = self._request, self._rules
        held: _Sources | None = None
        try:
            delivery = await self._delivery(match)
            if delivery is None:
                return None
            held = _Sources(self._files)
            if delivery.complaint:
                complain(request, held.key, f'"{self._table}" {delivery.complaint}')
            answer = filtered(request, rules, delivery.plan, held, delivery, delivery.content_type or "")
        except StreamingError as problem:
            status = problem.status_hint
            if isinstance(problem, NotFound):
                status = rules.of[UnifiedSettings].status(self._enabled.module.name, "not_found") or status
            raise Refusal(status, f'"{self._table}" {problem}') from problem
        except (OSError, TruncatedSource) as problem:
            raise Refusal(500, f'read() "{self._table}" failed ({problem})', level="critical") from problem
        finally:
            if held is None:
                for file in self._files:
                    file.release()
        answer.headers += self._enabled.module.headers
        answer.held = held
        return answer

    async def _delivery(self, match: Any) -> Delivery | None:
        asking = self._enabled.module.answer(match, self._enabled.settings)
        sent: Any = None
        while True:
            try:
                wanted = asking.send(sent)
            except StopIteration as done:
                delivery: Delivery = done.value
                return delivery
            if isinstance(wanted, Table):
                sent = await self._tabled(wanted)
                if sent is None:
                    return None
            elif isinstance(wanted, Media):
                sent = await self._media(wanted)
            else:
                sent = await wanted.source.read_at(wanted.offset, wanted.length)

    async def _tabled(self, wanted: Table) -> Tabled | None:
        """Return a table, None where there is none."""
        path = f"{self._folder}/{wanted.name}"
        try:
            opened = await open_file(self._request, self._rules, path)
        except Refusal as refusal:
            if refusal.status == 404:
                return None
            raise
        if not isinstance(opened, LocalFile):
            return None
        self._files.append(opened)
        self._table = path
        indexes = self._request.shared.indexes
        key = (*opened.key, self._enabled.module.name)
        table = indexes.find(key)
        if table is None:
            building: Deferred[Any] = indexes.build(
                key, lambda: opened.held(read_through, opened, wanted.read(opened.size))
            )
            table = await building
        return Tabled(opened, table)

    async def _media(self, wanted: Media) -> LocalFile:
        """Return the file that a table names; raises Refusal."""
        path = self._resolved(wanted)
        try:
            opened = await open_file(self._request, self._rules, path)
        except Refusal as refusal:
            raise Refusal(500, f'"{self._table}" names a file: {refusal.reason}') from refusal
        if not isinstance(opened, LocalFile):
            raise Refusal(500, f'"{self._table}" names "{path}", which is not a regular file')
        self._files.append(opened)
        return opened

    def _resolved(self, wanted: Media) -> str:
        """Return the path of a file; raises Forbidden when it lies nowhere that is served."""
        base = posixpath.dirname(self._table)
        name = os.fsdecode(wanted.name)
        path = posixpath.normpath(posixpath.join(base, name))
        root = document_root(self._request, self._rules).rstrip("/")
        if not base.startswith(f"{root}/") and base != root:
            root = base  # an alias that stands for a file
        folders = (root, *(folder.rstrip("/") for folder in wanted.folders))
        if "\0" in path or not any(path.startswith(f"{folder}/") for folder in folders):
            raise Forbidden(f'names "{name[:200]}", which is outside of what is served', status_hint=500)
        return path
