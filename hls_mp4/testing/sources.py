"""The contract suite of IMediaSource."""

from __future__ import annotations

import os
import random
from typing import Any

from twisted.internet.defer import Deferred
from twisted.python.failure import Failure
from zope.interface.verify import verifyObject

from hls_mp4.interfaces import IMediaSource, TruncatedSource


class MediaSourceContract:
    """The contract of an IMediaSource."""

    def data(self) -> bytes:
        """Return the bytes of a film, some hundred thousand of them."""
        raise NotImplementedError

    def source(self) -> Any:
        """Return a new source of these bytes, with one user."""
        raise NotImplementedError

    def wait(self, deferred: Deferred[Any]) -> Any:
        """Return what a Deferred fires with, or raise what it fails with; to be replaced where a reactor has to run."""
        results: list[Any] = []
        deferred.addBoth(results.append)
        assert results, "the Deferred has not fired"
        if isinstance(results[0], Failure):
            results[0].raiseException()
        return results[0]

    def test_it_is_a_source(self) -> None:
        """It provides the interface and describes the bytes."""
        source, data = self.source(), self.data()
        verifyObject(IMediaSource, source)
        assert source.size == len(data)
        assert isinstance(source.validator, str)
        assert source.validator
        assert source.mtime >= 0
        assert source.unchanged() is True
        source.release()

    def test_reads_are_exact(self) -> None:
        """Every piece is what lies there, however long it is."""
        source, data = self.source(), self.data()
        chance = random.Random(2)
        spans = [(0, len(data)), (0, 1), (len(data) - 1, 1), (len(data), 0), (0, 0)]
        spans += [(start, chance.randint(0, len(data) - start)) for start in chance.sample(range(len(data)), 20)]
        for offset, length in spans:
            assert self.wait(source.read_at(offset, length)) == data[offset : offset + length]
        source.release()

    def test_reads_beyond_the_end_fail(self) -> None:
        """Nobody takes a piece for the whole."""
        source, size = self.source(), len(self.data())
        for offset, length in ((0, size + 1), (size, 1), (size + 10, 5)):
            try:
                self.wait(source.read_at(offset, length))
            except TruncatedSource:
                continue
            raise AssertionError(f"{length} bytes at {offset} of {size}")
        source.release()

    def test_lent_files_hold_the_same_bytes(self) -> None:
        """What the kernel sends from a lent descriptor is what a read would give."""
        source, data = self.source(), self.data()
        for offset, length in ((0, len(data)), (1000, 5000)):
            assert self.wait(source.fetch(offset, length)) is None
            assert isinstance(source.resident(offset, length), bool)
            lent = source.lend(offset, length)
            if lent is not None:
                fd, at = lent
                assert os.pread(fd, length, at) == data[offset : offset + length]
        source.release()

    def test_it_stays_open_for_its_last_user(self) -> None:
        """Two responses of one film do not take it away from each other."""
        source, data = self.source(), self.data()
        source.retain()
        source.release()
        assert self.wait(source.read_at(10, 100)) == data[10:110]
        source.release()
