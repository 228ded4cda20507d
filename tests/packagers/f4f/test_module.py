"""Packaged files of Adobe's."""

from __future__ import annotations

import pytest
from zope.interface.verify import verifyObject

from hls_mp4.containers.f4f.afra import Afra, Place
from hls_mp4.containers.isobmff.build import make_box
from hls_mp4.errors import MalformedMedia, MediaTooLarge, NotFound, StreamingError
from hls_mp4.interfaces import Delivery, IPrecutModule, Media, Table
from hls_mp4.packagers.f4f.module import Asked, F4fModule
from hls_mp4.packagers.f4f.settings import F4fSettings
from hls_mp4.testing.chance import mutated
from tests.packagers.mp4frag.bodies import asked, body_of

SETTINGS = F4fSettings(enabled=True)


def packaged(count: int = 3) -> tuple[bytes, bytes, list[bytes]]:
    """Return an .f4x, its .f4f and the fragments in it, as Adobe's packager lays them out."""
    film = make_box(b"ftyp", b"f4f ", bytes(4)) + make_box(b"moov", b"x" * 100)
    places, fragments = [], []
    for number in range(1, count + 1):
        boxes = [make_box(b"afra", bytes(20)), make_box(b"abst", b"b" * number), make_box(b"moof", b"m" * 40)]
        fragment = b"".join(boxes) + b"\0\0\0\1mdat" + (16 + 100 * number).to_bytes(8, "big") + b"d" * 100 * number
        places.append(Place(4000 * number, 1, number, len(film)))
        fragments.append(fragment)
        film += fragment
    return Afra.of_places(1000, tuple(places)).box(), film + make_box(b"free", bytes(50)), fragments


def answer(table: bytes, film: bytes, fragment: int, segment: int = 1, settings: F4fSettings = SETTINGS) -> Delivery:
    """Return what the module answers."""
    return asked(F4fModule().answer(Asked("filmSeg1", segment, fragment), settings), table, film)[0]


def test_it_is_a_module_of_precut_fragments() -> None:
    """It provides what the web asks of one."""
    verifyObject(IPrecutModule, F4fModule())


def test_fragments_are_sent_as_they_lie() -> None:
    """All four boxes, large or small, and nothing behind the last one."""
    table, film, fragments = packaged()
    for number, fragment in enumerate(fragments, 1):
        delivery = answer(table, film, number)
        assert body_of(delivery) == fragment
        assert len(delivery.plan.parts) == 1
        assert delivery.content_type == "video/f4f"
    assert len({answer(table, film, number).variant for number in (1, 2, 3)}) == 3


def test_the_files_lie_side_by_side() -> None:
    """Those of the segment."""
    table, film, _ = packaged()
    match = F4fModule().match("dir-Seg-Seg1-Frag2", SETTINGS)
    assert match == Asked("dir-Seg-Seg1", 1, 2)
    _, steps = asked(F4fModule().answer(match, SETTINGS), table, film)
    assert isinstance(steps[0], Table)
    assert steps[0].name == "dir-Seg-Seg1.f4x"
    assert steps[1] == Media(b"dir-Seg-Seg1.f4f")


@pytest.mark.parametrize(
    "name", ["filmSeg1-Frag0", "filmSeg0-Frag1", "filmSeg1-Frag01", "film-Frag1", "a/Seg1-Frag1", "Seg1-Frag1x"]
)
def test_other_names_are_nobodys(name: str) -> None:
    """Numbers count from 1, without zeros in front."""
    assert F4fModule().match(name, SETTINGS) is None


def test_what_is_not_listed_is_not_found() -> None:
    """A fragment too many, another segment."""
    table, film, _ = packaged()
    for segment, fragment in ((1, 4), (2, 1)):
        with pytest.raises(NotFound):
            answer(table, film, fragment, segment)


def test_files_that_do_not_belong_together_are_refused() -> None:
    """Places without these boxes, a fragment that leaves its file, a table without global entries, or too large."""
    table, film, _ = packaged()
    bad = (
        (table, film[8:]),
        (table, film[:-60]),
        (table, b""),
        (Afra(1000, Afra.of_places(1000, ()).local).box(), film),
        (Afra.of_places(1000, (Place(0, 1, 3, 200, 9),)).box(), film),
    )
    for one, other in bad:
        with pytest.raises(MalformedMedia):
            answer(one, other, 3)
    with pytest.raises(MediaTooLarge, match="f4f_buffer_size"):
        answer(table, film, 1, settings=F4fSettings(enabled=True, buffer_size=10))


def test_damaged_files_end_in_a_fragment_or_an_error() -> None:
    """Whatever bits fell over, in either of them."""
    table, film, _ = packaged()
    for one, other in [(bad, film) for bad in mutated([table], 200)] + [(table, bad) for bad in mutated([film], 200)]:
        try:
            delivery = answer(one, other, 2)
        except StreamingError:
            continue
        assert len(body_of(delivery)) == delivery.plan.length
