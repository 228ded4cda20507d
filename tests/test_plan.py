"""A plan is what will be sent, byte for byte, whichever way it is cut."""

from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hls_mp4.plan import Extent, Folded, Generated, Literal, Part, Plan, Transformed, render

FILM = bytes(range(256)) * 8


class Film:
    """A source that holds `FILM`."""


SOURCES = (Film(), Film())


def read(_source: object, offset: int, length: int) -> bytes:
    return FILM[offset : offset + length]


def counting(start: int, stop: int) -> Iterator[bytes]:
    """Render bytes that say where they stand, in pieces of three."""
    while start < stop:
        end = min(stop, start + 3)
        yield bytes(position % 251 for position in range(start, end))
        start = end


literals = st.binary(max_size=40).map(Literal)
extents = st.builds(Extent, st.sampled_from(SOURCES), st.integers(0, 1000), st.integers(0, 60))
generated = st.builds(Generated, st.integers(0, 40), st.just(counting), st.integers(0, 500))


def turned(inputs: list[Extent], start: int, stop: int) -> Transformed:
    """Return a part of what some pieces of a film are when they are written backwards."""
    length = sum(each.length for each in inputs)
    whole = Transformed(length, tuple(inputs), lambda found: b"".join(map(bytes, found))[::-1])
    return whole.cut(*sorted((min(start, length), min(stop, length))))


transformed = st.builds(turned, st.lists(extents, max_size=4), st.integers(0, 200), st.integers(0, 200))


def folded(inner: list[Part]) -> Folded:
    """Return a part that is found to be some others when it is sent."""
    plan = Plan(inner)
    return Folded(plan.length, lambda start, stop: iter(plan.cut(start, stop).parts))


foldable = literals | extents | generated | transformed
plans = st.lists(foldable | st.lists(foldable, max_size=5).map(folded), max_size=8).map(Plan)


@given(plans, st.data())
def test_a_cut_is_that_slice_of_the_whole(plan: Plan, data: st.DataObject) -> None:
    """A range of a response is the same bytes as that range of the whole response."""
    whole = render(plan, read)
    start = data.draw(st.integers(0, plan.length))
    stop = data.draw(st.integers(start, plan.length))
    assert render(plan.cut(start, stop), read) == whole[start:stop]


@given(plans, st.data())
def test_a_cut_of_a_cut_is_a_cut(plan: Plan, data: st.DataObject) -> None:
    """A range of a clip of a film needs no knowledge of how the clip came to be."""
    start = data.draw(st.integers(0, plan.length))
    stop = data.draw(st.integers(start, plan.length))
    inner = plan.cut(start, stop)
    a = data.draw(st.integers(0, inner.length))
    b = data.draw(st.integers(a, inner.length))
    assert render(inner.cut(a, b), read) == render(plan, read)[start + a : start + b]


@given(plans)
def test_the_length_is_known_before_sending(plan: Plan) -> None:
    """Content-Length is what is sent."""
    assert plan.length == len(render(plan, read)) == sum(part.length for part in plan.parts)


@given(st.lists(plans, max_size=4))
def test_joined_plans_are_sent_in_turn(several: list[Plan]) -> None:
    """A multipart body is its parts, one after the other."""
    assert render(Plan.joined(several), read) == b"".join(render(plan, read) for plan in several)


def test_touching_extents_are_one() -> None:
    """Neighbouring pieces of a file are one sendfile, pieces of two files are two."""
    first, second = SOURCES
    parts: list[Part] = [Extent(first, 0, 10), Extent(first, 10, 5), Extent(second, 15, 5), Extent(second, 21, 1)]
    assert Plan(parts).parts == (Extent(first, 0, 15), Extent(second, 15, 5), Extent(second, 21, 1))


def test_the_whole_is_cut_for_free() -> None:
    """A range of everything is the plan itself."""
    plan = Plan([Literal(b"abc")])
    assert plan.cut(0, 3) is plan


@pytest.mark.parametrize("bounds", [(-1, 2), (2, 1), (0, 4)])
def test_a_cut_outside_is_refused(bounds: tuple[int, int]) -> None:
    """No arithmetic slip can send bytes that are not there."""
    with pytest.raises(ValueError, match="cut"):
        Plan([Literal(b"abc")]).cut(*bounds)


def test_a_cut_of_generated_bytes_renders_nothing() -> None:
    """Answering HEAD for a part of an encrypted segment encrypts nothing."""

    def never(_start: int, _stop: int) -> Iterator[bytes]:
        raise AssertionError("rendered")

    assert Plan([Generated(10, never)]).cut(2, 5).length == 3


def test_plans_compare_by_what_they_send() -> None:
    """Equal requests have equal plans."""
    assert Plan([Literal(b"a")]) == Plan([Literal(b""), Literal(b"a")])
    assert hash(Plan([Literal(b"a")])) == hash(Plan([Literal(b"a")]))
    assert Plan([Literal(b"a")]) != "a"


def test_a_part_that_was_made_too_short_is_not_sent() -> None:
    """Its length was promised: what is missing is a mistake of ours, not of the client's."""
    part = Transformed(10, (), lambda _: b"short")
    with pytest.raises(ValueError, match="5 bytes were made where 10 were promised"):
        part.made_of(())


def test_parts_are_found_as_they_are_needed() -> None:
    """Of a film of thousands of segments those are looked up that are sent next."""
    asked: list[int] = []

    def unfold(start: int, stop: int) -> Iterator[Part]:
        for at in range(start, stop, 10):
            asked.append(at)
            yield Literal(bytes(min(10, stop - at)))

    whole = Folded(1000, unfold)
    first, second, rest = whole.cut(500, 600).first(20)
    assert (first.length, second.length, rest) == (10, 10, Folded(80, unfold, 520))
    assert asked == [500, 510]
    assert sum(part.length for part in whole.first(5000)) == 1000


def test_a_promise_of_nothing_is_noticed() -> None:
    """Parts that are not there fail, instead of being looked for forever."""
    with pytest.raises(ValueError, match="no parts"):
        Folded(5, lambda start, stop: iter(())).first(1)
