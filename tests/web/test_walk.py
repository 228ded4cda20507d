"""Walking a plan gives its bytes, in few reads."""

import os
from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st
from twisted.internet.defer import Deferred

from hls_mp4.interfaces import TruncatedSource
from hls_mp4.plan import Extent, Folded, Generated, Literal, Part, Plan, Transformed, render
from hls_mp4.testing import MemorySource
from hls_mp4.web.walk import SMALL_EXTENT, PlanWalker

FILM = os.urandom(600_000)


def read(source: MemorySource, offset: int, length: int) -> bytes:
    return source.data[offset : offset + length]


def walk(plan: Plan, limits: Iterator[int], *, direct: bool) -> bytes:
    """Take everything, as a sender would."""
    walker = PlanWalker(plan, direct=direct)
    out = bytearray()
    while not walker.at_end:
        extent = walker.extent()
        limit = next(limits)
        if extent is not None:
            source, offset, length = extent
            count = min(length, limit)
            out += source.data[offset : offset + count]
            walker.advance(count)
            continue
        taken = walker.take(limit)
        if isinstance(taken, Deferred):
            taken.addErrback(lambda _: None)
            for part in flat(plan):
                while isinstance(part, Extent | Transformed) and source_of(part).waiting:
                    source_of(part).release_one()
            continue
        assert taken
        assert all(taken)
        out += b"".join(taken)
    return bytes(out)


def flat(plan: Plan) -> Iterator[Part]:
    """Yield the parts of a plan, those too that are found on the way."""
    for part in plan.parts:
        if isinstance(part, Folded):
            yield from part.unfold(part.offset, part.offset + part.length)
        else:
            yield part


def folded(inner: list[Part]) -> Folded:
    """Return a part that is found to be some others when it is sent."""
    plan = Plan(inner)
    return Folded(plan.length, lambda start, stop: iter(plan.cut(start, stop).parts))


def source_of(part: Extent | Transformed) -> MemorySource:
    """Return the source that a part is of."""
    source: MemorySource = part.source if isinstance(part, Extent) else part.inputs[0].source
    return source


def backwards(source: MemorySource, size: int) -> Transformed:
    """Return a part that is two pieces of a film, backwards, without its first byte."""
    inputs = (Extent(source, 1000, size), Extent(source, 200_000, 2 * size))
    return Transformed(3 * size, inputs, lambda found: b"".join(map(bytes, found))[::-1]).cut(1, 3 * size)


def counting(start: int, stop: int) -> Iterator[bytes]:
    while start < stop:
        end = min(stop, start + 7)
        yield bytes(position % 251 for position in range(start, end))
        start = end


@given(st.data())
def test_all_bytes_in_order(data: st.DataObject) -> None:
    """Whatever a plan is made of, and however little room there is, its bytes come out in order."""
    source = MemorySource(FILM, slow=data.draw(st.booleans()))
    part = (
        st.binary(max_size=300).map(Literal)
        | st.builds(Extent, st.just(source), st.integers(0, 300_000), st.integers(0, 3000))
        | st.builds(Extent, st.just(source), st.integers(0, 300_000), st.integers(0, 3 * SMALL_EXTENT))
        | st.builds(Generated, st.integers(0, 400), st.just(counting), st.integers(0, 50))
        | st.integers(1, 90_000).map(lambda size: backwards(source, size))
    )
    plan = Plan(data.draw(st.lists(part | st.lists(part, max_size=6).map(folded), max_size=12)))
    limits = data.draw(st.lists(st.integers(700, 100_000), min_size=1, max_size=4))

    def cycle() -> Iterator[int]:
        while True:
            yield from limits

    assert walk(plan, cycle(), direct=data.draw(st.booleans())) == render(plan, read)


def test_interleaved_samples_are_one_read() -> None:
    """A hundred and fifty frames of one track, audio in between, cost one read and not a hundred and fifty."""
    source = MemorySource(FILM)
    parts: list[Part] = [Extent(source, 2000 * number, 1500) for number in range(150)]
    plan = Plan(parts)
    taken = PlanWalker(plan, direct=True).take(1 << 20)
    assert isinstance(taken, list)
    assert b"".join(taken) == render(plan, read)
    assert len(source.reads) == 1


def test_far_apart_samples_are_not_read_over() -> None:
    """Reading two small pieces does not read the film between them."""
    source = MemorySource(FILM)
    plan = Plan([Extent(source, 0, 100), Extent(source, 500_000, 100)])
    PlanWalker(plan, direct=True).take(1 << 20)
    assert sum(length for _, length in source.reads) == 200


def test_what_is_ready_does_not_wait_for_what_is_not() -> None:
    """The header of a clip leaves while its first frames are still on their way from a disk."""
    source = MemorySource(FILM, slow=True)
    walker = PlanWalker(Plan([Literal(b"moov"), Extent(source, 0, 100)]), direct=True)
    assert walker.take(1000) == [b"moov"]
    waiting = walker.take(1000)
    assert isinstance(waiting, Deferred)
    source.release_one()
    taken = walker.take(1000)
    assert isinstance(taken, list)
    assert b"".join(taken) == FILM[:100]
    assert len(source.reads) == 1


def test_a_read_that_comes_late_is_not_taken_for_another() -> None:
    """Bytes at hand, then bytes to wait for, then bytes at hand again: each goes to its own place, and is read once."""
    source = MemorySource(FILM)
    parts: list[Part] = [Extent(source, 100_000 * (number % 5) + 2000 * number, 1500) for number in range(60)]
    plan = Plan(parts)
    walker = PlanWalker(plan, direct=True)
    out = bytearray()
    turn = 0
    while not walker.at_end:
        source.slow = turn % 3 == 1
        turn += 1
        taken = walker.take(4000)
        if isinstance(taken, Deferred):
            source.slow = False
            source.release_one()
            continue
        assert not source.waiting
        out += b"".join(taken)
    assert bytes(out) == render(plan, read)


def test_a_changed_source_is_not_sent() -> None:
    """No byte of a replaced file is mixed into an answer that was planned over the old one."""
    source = MemorySource(FILM)
    source.good = False
    with pytest.raises(TruncatedSource):
        PlanWalker(Plan([Extent(source, 0, 100)]), direct=True).take(1000)
