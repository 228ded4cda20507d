"""A player that knows of DASH what the manifest says, and of MP4 what FFmpeg says: it takes everything in turn."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction

from tests.judge import Picture, Shown, Sound, decode
from tests.packagers.dash.saved import NAMESPACE, Offered

Fetch = Callable[[str], bytes]


def offset_of(each: Offered) -> Fraction:
    """Return what a player takes away from times in media."""
    for element in (each.element, each.set):
        for name in ("SegmentTemplate", "SegmentBase"):
            found = element.find(f"{NAMESPACE}{name}")
            if found is not None:
                offset = int(found.attrib.get("presentationTimeOffset", "0"))
                return Fraction(offset, int(found.attrib.get("timescale", "1")))
    return Fraction(0)


def played(each: Offered, fetch: Fetch, *, strict: bool = True) -> Shown:
    """Return what is shown of a representation, at times of the period."""
    if each.file:
        data = fetch(each.file)
    else:
        data = fetch(each.init) + b"".join(fetch(segment.url) for segment in each.segments)
    return moved(decode(data, strict=strict), -offset_of(each))


def moved(shown: Shown, by: Fraction) -> Shown:
    """Return the same, earlier or later."""
    return Shown(
        shown.duration,
        [[Picture(each.time + by, each.number, each.pixels) for each in pictures] for pictures in shown.videos],
        [Sound(each.rate, each.time + by, each.samples) for each in shown.sounds],
        [[(at + by, data) for at, data in texts] for texts in shown.texts],
        shown.complaints,
    )


def assert_same_pictures(original: list[Picture], shown: list[Picture]) -> None:
    """Assert that every picture of a film is shown, at its time to two thousandths of a second, to the pixel."""
    assert [picture.number for picture in shown] == [picture.number for picture in original]
    for before, after in zip(original, shown, strict=True):
        assert abs(before.time - after.time) < Fraction(1, 500)
        assert (before.pixels == after.pixels).all()


def assert_same_sound(original: Sound, shown: Sound) -> None:
    """Assert that a sound is where it is in the film, to the hundredth of a second and better."""
    assert shown.rate == original.rate
    assert abs(shown.end - original.end) < Fraction(1, 20)
    middle = shown.between(Fraction(5), Fraction(6))
    errors = {
        shift: float(abs(middle - original.between(at, at + 1)[:, : middle.shape[1]]).mean())
        for shift in range(-60, 61, 4)
        for at in (Fraction(5) + Fraction(shift, original.rate),)
    }
    assert min(errors, key=lambda shift: errors[shift]) == 0
