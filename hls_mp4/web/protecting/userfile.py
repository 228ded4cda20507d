"""The file of `auth_basic_user_file`: `name:password` or `name:password:comment` on each line, # before a remark.

A file is read in a thread, once for each of its versions: a request whose file has not changed meets no disk, as long
as the kernel has its path at hand. Of several lines with one name the first counts. Lines that let nobody in, for they
have no colon or a password that nothing can check, are told of once for each version of the file.
"""

from __future__ import annotations

import errno
import os
import stat
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass

from twisted.internet.defer import Deferred

from hls_mp4.sources.disk import DiskThreads
from hls_mp4.sources.opening import open_blocking, open_now
from hls_mp4.web.protecting.joining import Joined
from hls_mp4.web.protecting.passwords import Stored, read_stored

LARGEST = 16 << 20
"""Bytes of a user file: some two hundred thousand users."""

MOST_KEPT = 64 << 20
"""Bytes of all user files that are remembered; the path may have variables."""

Version = tuple[int, int, int, int, int]


@dataclass(frozen=True, slots=True)
class UserFile:
    """One version of a user file.

    Args:
        version: what tells it from every other.
        users: name -> password as written, of the lines that can be used; latin-1.
        problem: what is wrong with the other lines, empty for nothing.
        costly: the first password that takes long to check; empty for none.
    """

    version: Version
    users: dict[str, str]
    problem: str = ""
    costly: str = ""

    @property
    def size(self) -> int:
        """Bytes of the file."""
        return self.version[2]

    def password(self, user: str) -> Stored | None:
        """Return the password of a user, None for nobody."""
        written = self.users.get(user)
        return read_stored(written) if written is not None else None

    def somebodys(self) -> Stored | None:
        """Return a password to check for a name that is not there, which should not be told sooner than a user.

        None when no check takes long.
        """
        return read_stored(self.costly) if self.costly else None


class TooLarge(ValueError):
    """A user file that is not read."""


class UserFiles:
    """The user files of all locations.

    Args:
        threads: where files are read.
    """

    def __init__(self, threads: DiskThreads) -> None:
        self._threads = threads
        self._known: OrderedDict[str, UserFile] = OrderedDict()
        self._kept = 0
        self._reading = Joined()

    def find(self, path: str, complain: Callable[[str], None]) -> UserFile | Deferred[UserFile]:
        """Return a user file as it is now.

        Args:
            path: absolute.
            complain: is told, once for each version, of lines that cannot be used.

        Raises:
            OSError: it cannot be read; the Deferred fails with it too.
            TooLarge: the Deferred fails with it.
        """
        if "\0" in path:
            raise FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT), path)
        known = self._known.get(path)
        if known is not None:
            opened = open_now(os.fsencode(path))
            if opened is not None:
                try:
                    unchanged = version_of(os.fstat(opened)) == known.version
                finally:
                    os.close(opened)
                if unchanged:
                    self._known.move_to_end(path)
                    return known
        return self._reading.do(path, lambda: self._read(path, known, complain))

    def _read(self, path: str, known: UserFile | None, complain: Callable[[str], None]) -> Deferred[UserFile]:
        def keep(found: UserFile) -> UserFile:
            if found is not known:
                self._keep(path, found)
                if found.problem:
                    complain(f'"{path}" {found.problem}')
            return found

        return self._threads.call(read_user_file, path, known).addCallback(keep)

    def _keep(self, path: str, found: UserFile) -> None:
        old = self._known.pop(path, None)
        self._kept -= old.size if old is not None else 0
        self._known[path] = found
        self._kept += found.size
        while self._kept > MOST_KEPT:
            _, dropped = self._known.popitem(last=False)
            self._kept -= dropped.size


def version_of(found: os.stat_result) -> Version:
    """Return what tells this version of a file from every other."""
    return (found.st_dev, found.st_ino, found.st_size, found.st_mtime_ns, found.st_ctime_ns)


def read_user_file(path: str, known: UserFile | None = None) -> UserFile:
    """Return a user file; for threads.

    Args:
        path: absolute.
        known: returned when it is still this version.

    Raises:
        OSError: it cannot be read.
        TooLarge: it has more bytes than a user file may have.
    """
    opened = open_blocking(os.fsencode(path))
    with os.fdopen(opened, "rb") as file:
        found = os.fstat(opened)
        version = version_of(found)
        if known is not None and known.version == version:
            return known
        if not stat.S_ISREG(found.st_mode):
            raise TooLarge("is not a regular file")
        data = file.read(LARGEST + 1)
    if len(data) > LARGEST:
        raise TooLarge(f"has more than {LARGEST >> 20} megabytes")
    users, problem = parse(data)
    costly = next((password for password in users.values() if read_stored(password).slow), "")
    return UserFile(version, users, problem, costly)


def parse(data: bytes) -> tuple[dict[str, str], str]:
    """Return the users of a file, and what is wrong with the lines that can let nobody in."""
    users: dict[str, str] = {}
    wrong: list[str] = []
    broken = 0
    for number, line in enumerate(data.decode("latin-1").split("\n"), 1):
        if not line or line[0] in "#\r":
            continue
        name, colon, rest = line.partition(":")
        try:
            if not colon or not name:
                raise ValueError("it is not name:password")
            password = rest.partition(":")[0].partition("\r")[0]
            if name in users:
                continue
            read_stored(password)
        except ValueError as reason:
            broken += 1
            if len(wrong) < 3:
                wrong.append(f"line {number} cannot be used: {reason}")
        else:
            users[name] = password
    if broken > len(wrong):
        wrong.append(f"and {broken - len(wrong)} more")
    return users, "; ".join(wrong)
