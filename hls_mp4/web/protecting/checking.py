"""Checking passwords, which is slow by design, so that nobody but the one who asks has to wait for it.

Threads of their own do it: those that wait for disks stay free, and one processor stays for everybody else. What
turned out right is remembered for a while, because a player sends its password with each of hundreds of requests; it
is known by a keyed digest only, together with the line of the user file, so that a changed file forgets it. Requests
that bring the same password at the same time wait for one check. A password that is wrong is never remembered.
"""

from __future__ import annotations

import hashlib
import os
from collections import OrderedDict
from typing import Any

from twisted.internet.defer import Deferred

from hls_mp4.sources.disk import DiskThreads
from hls_mp4.web.protecting.joining import Joined
from hls_mp4.web.protecting.passwords import Stored

THREADS = max(1, min(8, (os.cpu_count() or 2) - 1))
MOST_WAITING = 64
"""Checks that are under way or wait for a thread; one thread has done as many of bcrypt's cost 10 in four seconds."""

REMEMBERED_SECONDS = 300.0
MOST_REMEMBERED = 20_000


class TooMany(Exception):
    """More passwords are being checked than anybody should wait for."""


class PasswordChecks:
    """Checks passwords for all locations.

    Args:
        reactor: the reactor; its clock says how long a password is remembered.
    """

    def __init__(self, reactor: Any) -> None:
        self._now = reactor.seconds
        self._threads = DiskThreads(reactor, THREADS, "mp4stream-passwords")
        self._lone = DiskThreads(reactor, 1, "mp4stream-passwords")
        self._key = os.urandom(32)
        self._right: OrderedDict[bytes, float] = OrderedDict()
        self._checking = Joined()

    def check(self, user: str, password: bytes, stored: Stored, *, nobody: bool = False) -> bool | Deferred[bool]:
        """Tell whether a password is the stored one.

        Args:
            user: whose it should be.
            password: of the client.
            stored: of the user file.
            nobody: there is no such user; the answer is no, and takes as long as it would for somebody.

        Raises:
            TooMany: nobody can look at it now.
        """
        if not stored.slow:
            return stored.matches(password) and not nobody
        name = self._name(user, password, stored, nobody)
        until = self._right.get(name)
        if until is not None:
            if until > self._now():
                return True
            del self._right[name]
        if len(self._checking) >= MOST_WAITING and name not in self._checking:
            raise TooMany
        return self._checking.do(name, lambda: self._check(name, password, stored, nobody))

    def stop(self) -> None:
        """End the threads."""
        self._threads.stop()
        self._lone.stop()

    def _check(self, name: bytes, password: bytes, stored: Stored, nobody: bool) -> Deferred[bool]:
        threads = self._lone if stored.alone else self._threads

        def compare() -> bool | None:
            # Who asked may have gone while this waited for a thread.
            return stored.matches(password) if self._checking.wanted(name) else None

        def judge(right: bool | None) -> bool | Deferred[bool]:
            if right is None:  # somebody may have come in the last moment
                return self._check(name, password, stored, nobody) if self._checking.wanted(name) else False
            return self._remember(right and not nobody, name)

        return threads.call(compare).addCallback(judge)

    def _remember(self, right: bool, name: bytes) -> bool:
        if right:
            self._right[name] = self._now() + REMEMBERED_SECONDS
            self._right.move_to_end(name)
            if len(self._right) > MOST_REMEMBERED:
                self._right.popitem(last=False)
        return right

    def _name(self, user: str, password: bytes, stored: Stored, nobody: bool) -> bytes:
        """Return a digest that nobody can make without the key, and that tells nothing of the password."""
        digest = hashlib.blake2b(key=self._key, digest_size=32)
        for part in (b"?" if nobody else b"", user.encode("latin-1"), password, stored.text.encode("latin-1")):
            digest.update(len(part).to_bytes(4, "big") + part)
        return digest.digest()
