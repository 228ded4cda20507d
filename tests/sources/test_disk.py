"""Blocking calls happen elsewhere, and end with the daemon."""

import threading

import pytest
import pytest_twisted

from hls_mp4.sources.disk import DiskThreads


@pytest_twisted.ensureDeferred
async def test_a_blocking_call_runs_in_a_thread() -> None:
    """The reactor's thread never waits for a disk; results and failures come back to it."""
    from twisted.internet import reactor

    threads = DiskThreads(reactor)
    assert await threads.call(threading.get_ident) != threading.get_ident()
    with pytest.raises(FileNotFoundError):
        await threads.call(open, "/nothing/at/all")
    threads.stop()
    threads.stop()
