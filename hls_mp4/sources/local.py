"""Films in local files: one open descriptor per version of a file, lent to whoever sends it."""

from __future__ import annotations

import errno
import os
import stat
from typing import Any

from twisted.internet.defer import Deferred, fail, succeed
from twisted.python.failure import Failure
from zope.interface import implementer

from hls_mp4.interfaces import IMediaSource, TruncatedSource
from hls_mp4.sources.disk import DiskThreads
from hls_mp4.sources.opening import lies_in_memory, open_blocking, open_now, open_without_symlinks

_PROBE = bytearray(1)
_SCRATCH = 256 * 1024


@implementer(IMediaSource)
class LocalFile:
    """One version of a regular file, held open.

    Args:
        fd: descriptor; owned from here on.
        path: for messages.
        found: the fstat of `fd`.
        threads: where blocking reads go.
    """

    __slots__ = (
        "_holders",
        "_in_memory",
        "_no_wait",
        "device",
        "fd",
        "inode",
        "mtime_ns",
        "path",
        "size",
        "threads",
    )

    def __init__(self, fd: int, path: str, found: os.stat_result, threads: DiskThreads) -> None:
        self.fd = fd
        self.path = path
        self.size = found.st_size
        self.device = found.st_dev
        self.inode = found.st_ino
        self.mtime_ns = found.st_mtime_ns
        self.threads = threads
        self._holders = 1
        self._no_wait = True
        self._in_memory = False

    @property
    def key(self) -> tuple[int, int, int, int]:
        """What tells this version of the file from every other: (device, inode, size, mtime in ns)."""
        return (self.device, self.inode, self.size, self.mtime_ns)

    @property
    def validator(self) -> str:
        """Text that changes with the bytes; basis of the ETag."""
        return f"{self.mtime_ns:x}-{self.size:x}"

    @property
    def mtime(self) -> int:
        """Seconds since the epoch."""
        return self.mtime_ns // 1_000_000_000

    def retain(self) -> None:
        """Keep the file open for one more user."""
        self._holders += 1

    def release(self) -> None:
        """Give up one use; the last one closes."""
        self._holders -= 1
        if self._holders == 0:
            os.close(self.fd)
            self.fd = -1

    def lend(self, offset: int, length: int) -> tuple[int, int]:
        """Return (descriptor, offset): the bytes of any extent are in this file."""
        return self.fd, offset

    def unchanged(self) -> bool:
        """Tell whether the bytes are still those that were indexed.

        A file that is written to is another one from then on, also where it only grows: whether its writer appends, or
        goes back and mends what it wrote before, cannot be seen.
        """
        now = os.fstat(self.fd)
        return now.st_mtime_ns == self.mtime_ns and now.st_size == self.size

    def resident(self, offset: int, length: int) -> bool:
        """Tell whether reading [offset, offset + length) will not wait for a disk.

        The first and last byte stand for all between: 2 microseconds. A hole in between costs one wait.
        """
        if self._in_memory:
            return True
        if not self._no_wait:
            return False
        try:
            os.preadv(self.fd, [_PROBE], offset, os.RWF_NOWAIT)
            os.preadv(self.fd, [_PROBE], offset + length - 1, os.RWF_NOWAIT)
        except BlockingIOError:
            return False
        except OSError as problem:
            if problem.errno not in (errno.EOPNOTSUPP, errno.EINVAL, errno.ENOSYS):
                raise
            self._in_memory = lies_in_memory(self.device)
            self._no_wait = self._in_memory
            return self._in_memory
        return True

    def read_now(self, offset: int, length: int) -> bytes | bytearray | None:
        """Return bytes if that needs no disk, fewer at the end of the file; else None."""
        if self._in_memory:
            return os.pread(self.fd, length, offset)
        if not self._no_wait:
            return None
        data = bytearray(length)
        try:
            got = os.preadv(self.fd, [data], offset, os.RWF_NOWAIT)
        except BlockingIOError:
            return None
        except OSError:
            return self.read_now(offset, length) if self.resident(offset, length) else None
        if got < length and offset + got < self.size:
            return None  # resident in part
        return data if got == length else data[:got]

    def read_blocking(self, offset: int, length: int) -> bytes:
        """Return exactly these bytes; for threads.

        Raises:
            TruncatedSource: the file is shorter.
            OSError: as read(2).
        """
        pieces = []
        while length:
            piece = os.pread(self.fd, length, offset)
            if not piece:
                raise TruncatedSource(f"{self.path} ends at {offset}")
            pieces.append(piece)
            offset += len(piece)
            length -= len(piece)
        return pieces[0] if len(pieces) == 1 else b"".join(pieces)

    def read_at(self, offset: int, length: int) -> Deferred[bytes | bytearray]:
        """Return a Deferred of exactly these bytes; fails with TruncatedSource or OSError."""
        try:
            data = self.read_now(offset, length)
        except OSError:
            return fail()
        if data is not None and len(data) == length:
            return succeed(data)
        return self.held(self.read_blocking, offset, length)

    def fetch(self, offset: int, length: int) -> Deferred[None]:
        """Bring bytes into the page cache, off the reactor, and ask the kernel for as many behind them."""
        return self.held(self._fetch_blocking, offset, length)

    def _fetch_blocking(self, offset: int, length: int) -> None:
        scratch = bytearray(min(length, _SCRATCH))
        end = offset + length
        os.posix_fadvise(self.fd, offset, 2 * length, os.POSIX_FADV_WILLNEED)
        while offset < end:
            got = os.preadv(self.fd, [memoryview(scratch)[: end - offset]], offset)
            if not got:
                return  # truncated: who sends notices
            offset += got

    def held(self, blocking: Any, *args: Any) -> Deferred[Any]:
        """Run `blocking` in a thread; the descriptor stays open until it is done."""
        self.retain()

        def done(result: Any) -> Any:
            self.release()
            return result

        return self.threads.call(blocking, *args).addBoth(done)


class LocalFiles:
    """Opens files of the media folders.

    Args:
        threads: where blocking calls go.
    """

    def __init__(self, threads: DiskThreads) -> None:
        self.threads = threads

    def open(
        self, path: str, symlinks: str = "off", trusted: str = "/"
    ) -> LocalFile | os.stat_result | Deferred[LocalFile | os.stat_result]:
        """Open a path; at once when the kernel has it cached.

        Args:
            path: absolute.
            symlinks: nginx's disable_symlinks: "off" follows them all, "on", "if_not_owner".
            trusted: leading folders in which links are followed whatever `symlinks` says.

        Returns:
            The open file, or the stat of what is there when it is no regular file; or a Deferred of either.

        Raises:
            OSError: also as the Deferred's failure.
        """
        name = os.fsencode(path)
        if symlinks == "off":
            fd = open_now(name)
            if fd is not None:
                return self._opened(fd, path)
            return _released_when_unwanted(self.threads.call(self._open_blocking, name, path))
        return _released_when_unwanted(
            self.threads.call(self._open_strict, name, path, os.fsencode(trusted), symlinks == "if_not_owner")
        )

    def _open_blocking(self, name: bytes, path: str) -> LocalFile | os.stat_result:
        return self._opened(open_blocking(name), path)

    def _open_strict(self, name: bytes, path: str, trusted: bytes, owner_may: bool) -> LocalFile | os.stat_result:
        return self._opened(open_without_symlinks(name, trusted, owner_may=owner_may), path)

    def _opened(self, fd: int, path: str) -> LocalFile | os.stat_result:
        found = os.fstat(fd)
        if not stat.S_ISREG(found.st_mode):
            os.close(fd)
            return found
        return LocalFile(fd, path, found, self.threads)


def _released_when_unwanted(
    opening: Deferred[LocalFile | os.stat_result],
) -> Deferred[LocalFile | os.stat_result]:
    """Return a Deferred that may be cancelled without leaking the descriptor that arrives afterwards."""
    wanted: Deferred[LocalFile | os.stat_result] = Deferred()

    def arrived(opened: LocalFile | os.stat_result) -> None:
        if not wanted.called:
            wanted.callback(opened)
        elif isinstance(opened, LocalFile):
            opened.release()

    def failed(reason: Failure) -> None:
        if not wanted.called:
            wanted.errback(reason)

    opening.addCallbacks(arrived, failed)
    return wanted
