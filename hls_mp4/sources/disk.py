"""Threads that wait for disks, so that the reactor never does.

A pool of our own: Twisted's default one also resolves names, and a slow disk must not stop that.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, ParamSpec, TypeVar

from twisted.internet.defer import Deferred
from twisted.internet.threads import deferToThreadPool
from twisted.python.threadpool import ThreadPool

P = ParamSpec("P")
T = TypeVar("T")


class DiskThreads:
    """A pool of threads for calls that may block on a disk.

    Args:
        reactor: the reactor results are delivered on.
        most: threads at most; each waits for one disk operation.
        name: of the threads, for whoever looks at the process.
    """

    def __init__(self, reactor: Any, most: int = 16, name: str = "mp4stream-disk") -> None:
        self._reactor = reactor
        self._pool = ThreadPool(minthreads=0, maxthreads=most, name=name)
        self._started = False

    def start(self) -> None:
        """Start the pool; the first call that needs it does so too."""
        if not self._started:
            self._started = True
            self._pool.start()
            self._reactor.addSystemEventTrigger("during", "shutdown", self.stop)

    def stop(self) -> None:
        """Wait for running calls and end the threads."""
        if self._started:
            self._started = False
            self._pool.stop()

    def call(self, blocking: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> Deferred[T]:
        """Run `blocking` in a thread and return a Deferred of its result."""
        self.start()
        return deferToThreadPool(self._reactor, self._pool, blocking, *args, **kwargs)
