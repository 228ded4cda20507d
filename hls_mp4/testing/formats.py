"""The contract suite of IMediaFormat."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from zope.interface.verify import verifyObject

from hls_mp4.errors import StreamingError
from hls_mp4.interfaces import IMediaFormat, IndexLimits, ReadAt
from hls_mp4.media.index import MediaIndex
from hls_mp4.testing.chance import cuts, mutated, noise

PROBED = 4096
ENDLESS = 100_000
"""Reads after which an index generator is taken for one that never ends."""


@dataclass(frozen=True, slots=True)
class Indexed:
    """What came of an index generator, and what it asked for."""

    index: MediaIndex
    reads: tuple[ReadAt, ...]

    @property
    def bytes_read(self) -> int:
        """Bytes of all reads."""
        return sum(read.length for read in self.reads)


def drive(form: Any, data: bytes, limits: IndexLimits, size: int | None = None) -> Indexed:
    """Run an index generator over bytes, and hold every read to the contract.

    Args:
        form: an IMediaFormat.
        data: the bytes that there are.
        limits: for the generator.
        size: what the generator is told the size is; a file that is cut while it is read has fewer bytes.

    Raises:
        StreamingError: from the generator.
        AssertionError: a read left the file, was empty or larger than the limits, or they never ended.
    """
    size = len(data) if size is None else size
    most = max(limits.buffer_size, limits.max_buffer_size) + limits.buffer_size
    reads: list[ReadAt] = []
    indexing = form.index(size, limits)
    try:
        wanted = next(indexing)
        while True:
            stop = wanted.offset + wanted.length
            assert 0 <= wanted.offset < stop <= size, f"{wanted} of {size} bytes"
            assert wanted.length <= most, f"{wanted} with {limits}"
            reads.append(wanted)
            assert len(reads) < ENDLESS, "reads without an end"
            wanted = indexing.send(data[wanted.offset : stop])
    except StopIteration as done:
        return Indexed(done.value, tuple(reads))


def use(index: MediaIndex) -> None:
    """Ask an index everything that packagers ask; it may raise StreamingError and nothing else."""
    assert index.duration >= 0
    for track in index.tracks:
        samples = track.samples
        count = samples.count
        assert 0 <= samples.duration == samples.decode_time(count)
        assert samples.sample_at(samples.duration) == count
        chunks = samples.chunks(0, count)
        assert int(chunks.samples.sum()) == count
        for offset, size in zip(chunks.offsets.tolist(), chunks.sizes.tolist(), strict=True):
            assert 0 <= offset <= offset + size <= index.size, f"a chunk at {offset} of {index.size} bytes"
        assert int(chunks.sizes.sum()) == samples.bytes_between(0, count)
        syncs = samples.sync_samples
        assert not len(syncs) or 0 <= syncs[0] <= syncs[-1] < count
        for sample in {0, count // 2, count - 1} if count else ():
            assert samples.decode_time(sample) <= samples.decode_time(sample + 1)
            samples.presentation_time(sample)
            samples.sync_at_or_before(sample)
            assert samples.offset(sample) + samples.size(sample) <= index.size


class MediaFormatContract:
    """The contract of an IMediaFormat."""

    rounds = 300
    """Mutations that are tried, over all films."""

    def media_format(self) -> Any:
        """Return the format."""
        raise NotImplementedError

    def films(self) -> Sequence[bytes]:
        """Return whole films of the format, small and of as many kinds as there are."""
        raise NotImplementedError

    def strangers(self) -> Sequence[bytes]:
        """Return the beginnings of files of other formats."""
        return [b"", b"\0", b"RIFF\0\0\0\0AVI LIST", b"<html><body></body></html>", b"\x1a\x45\xdf\xa3" + bytes(60)]

    def test_it_is_a_format(self) -> None:
        """It provides the interface, and has a name that can stand in a configuration."""
        form = self.media_format()
        verifyObject(IMediaFormat, form)
        assert form.name.isalnum()
        assert form.name == form.name.lower()

    def test_its_films_are_known_by_their_first_bytes(self) -> None:
        """A name is never needed; and what is of another format is left to that."""
        form = self.media_format()
        for film in self.films():
            assert form.probe(film[:PROBED]) is True
        for stranger in self.strangers():
            assert form.probe(stranger[:PROBED]) is False, stranger

    def test_any_beginning_can_be_probed(self) -> None:
        """Whatever a file begins with, there is an answer."""
        form = self.media_format()
        heads = [film[:PROBED] for film in self.films()]
        for head in [*heads, *mutated(heads, self.rounds), *noise(self.rounds)]:
            for cut in (*range(20), PROBED):
                assert isinstance(form.probe(head[:cut]), bool)

    def test_an_index_describes_its_film(self) -> None:
        """Format, size and tracks are those of the film, samples lie inside of it, and memory is accounted for."""
        form = self.media_format()
        for film in self.films():
            index = drive(form, film, IndexLimits()).index
            assert (index.format, index.size) == (form.name, len(film))
            assert index.tracks
            assert index.timescale > 0
            assert all(track.timescale > 0 for track in index.tracks)
            assert len({track.id for track in index.tracks}) == len(index.tracks)
            assert index.weight > 0
            assert 0 < index.metadata_size <= index.size
            use(index)

    def test_reads_are_bounded(self) -> None:
        """What is read beside the metadata is what each read may run ahead, so hours of media cost nothing."""
        form = self.media_format()
        for film in self.films():
            for buffer_size in (4096, 64 * 1024, 512 * 1024):
                done = drive(form, film, IndexLimits(buffer_size=buffer_size))
                assert done.bytes_read <= done.index.metadata_size + len(done.reads) * buffer_size

    def test_the_limit_of_metadata_holds(self) -> None:
        """A film with more metadata than is allowed is refused, not read."""
        form = self.media_format()
        for film in self.films():
            weight = drive(form, film, IndexLimits()).index.metadata_size
            limits = IndexLimits(buffer_size=min(4096, weight // 2), max_buffer_size=weight // 2)
            try:
                drive(form, film, limits)
            except StreamingError:
                continue
            raise AssertionError(f"{weight} bytes of metadata passed {limits}")

    def test_cut_films_end_in_words(self) -> None:
        """A film that is cut, or becomes shorter while it is read, gives an index or a StreamingError."""
        form = self.media_format()
        for film in self.films():
            for cut in cuts(len(film)):
                _survives(form, film[:cut])
                _survives(form, film[:cut], len(film))

    def test_mutated_films_end_in_words(self) -> None:
        """A film with wrong bytes gives an index that can be used or a StreamingError, then or when it is used."""
        form = self.media_format()
        for film in mutated(self.films(), self.rounds):
            _survives(form, film)

    def test_noise_ends_in_words(self) -> None:
        """So do bytes that were never a film, and such that only begin like one."""
        form = self.media_format()
        for made in noise(self.rounds):
            _survives(form, made)
            for film in self.films()[:2]:
                _survives(form, film[: len(made) % 64] + made)


def _survives(form: Any, data: bytes, size: int | None = None) -> None:
    """Index these bytes and use the index; nothing but a StreamingError may come of it."""
    try:
        use(drive(form, data, IndexLimits(), size).index)
    except StreamingError as problem:
        assert str(problem)
