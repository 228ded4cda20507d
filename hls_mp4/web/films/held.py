"""The files of a presentation, held open together until its response has ended."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cached_property
from hashlib import blake2b
from typing import Any, ParamSpec, TypeVar

from twisted.internet.defer import Deferred

from hls_mp4.media.index import MediaIndex
from hls_mp4.packagers.servermanifest.selection import ServerManifest
from hls_mp4.sources.local import LocalFile

P = ParamSpec("P")
T = TypeVar("T")

Key = tuple[int, int, int, int]

NO_INDEX = MediaIndex(
    format="",
    size=0,
    timescale=1000,
    declared_duration=0,
    tracks=(),
    faststart=True,
    fragmented=False,
    weight=0,
    metadata_size=0,
    header=None,
)
"""Of a source that is left out: it keeps its number, so that URLs mean the same when it is back."""


class Films:
    """Films of one presentation.

    What the conditions of a request and the headers of its answer ask of a file is asked of all: the validator is of
    all versions together, the time that of the newest.

    Args:
        path: what was asked for.
        files: open; None for a source that is left out. They are this object's to release.
        indexes: of each.
        manifest: the server manifest that named them, None without one.
        beside: what else the presentation depends on: key and validator of the manifest.
        numbers: number of the file of each source that the manifest names.
    """

    def __init__(
        self,
        path: str,
        files: Sequence[LocalFile | None],
        indexes: Sequence[MediaIndex],
        manifest: ServerManifest | None = None,
        beside: tuple[Key, str] | None = None,
        numbers: dict[str, int] | None = None,
    ) -> None:
        self.path = path
        self.files = tuple(files)
        self.indexes = tuple(indexes)
        self.manifest = manifest
        self.beside = beside
        self.numbers = numbers or {}
        self.present = tuple(file for file in self.files if file is not None)
        self.mtime = max(file.mtime for file in self.present)
        if beside is not None:
            self.mtime = max(self.mtime, beside[0][3] // 1_000_000_000)
        self._holders = 1

    @cached_property
    def key(self) -> tuple[Any, ...]:
        """What tells these versions of these films from all others."""
        if self.beside is None and len(self.files) == 1:
            return self.present[0].key
        keys = tuple(file.key if file is not None else None for file in self.files)
        return (keys, self.beside[0] if self.beside is not None else None)

    @cached_property
    def validator(self) -> str:
        """Text that changes with the bytes of any of them; basis of the ETag."""
        if self.beside is None and len(self.files) == 1:
            return self.present[0].validator
        told = [file.validator if file is not None else "" for file in self.files]
        told.append(self.beside[1] if self.beside is not None else "")
        return blake2b("|".join(told).encode(), digest_size=10).hexdigest()

    def retain(self) -> None:
        """Keep the files open for one more user."""
        self._holders += 1

    def release(self) -> None:
        """Give up one use; the last one closes."""
        self._holders -= 1
        if not self._holders:
            for file in self.present:
                file.release()

    def call(self, blocking: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> Deferred[T]:
        """Run something that takes long in a thread, the files kept open."""
        self.retain()

        def done(result: Any) -> Any:
            self.release()
            return result

        running: Deferred[T] = self.present[0].threads.call(blocking, *args, **kwargs).addBoth(done)
        return running
