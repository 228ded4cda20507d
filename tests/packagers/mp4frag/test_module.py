"""The mp4frag module, against what OpenHttpStreamer's nginx module sends."""

from __future__ import annotations

import pytest
from zope.interface.verify import verifyObject

from hls_mp4.containers.mp4frag.index import packed_index
from hls_mp4.errors import MalformedMedia, NotFound, StreamingError
from hls_mp4.interfaces import Delivery, IPrecutModule, Media, Table
from hls_mp4.media.segments import SegmentPolicy
from hls_mp4.packagers.mp4frag.listing import Listing, Quality
from hls_mp4.packagers.mp4frag.module import Asked, Mp4fragModule, atoi
from hls_mp4.packagers.mp4frag.settings import Mp4fragSettings
from hls_mp4.testing.chance import mutated
from tests.films import Library
from tests.media.test_presentation import presented
from tests.packagers.mp4frag.bodies import asked, body_of, prescribed

SETTINGS = Mp4fragSettings(enabled=True, folders=("/films",))


def index_of(data: bytes) -> bytes:
    """Return the index of a film, which is its two qualities."""
    presentation = presented(data, data)
    presentation.policy = SegmentPolicy(2000, rule="at_least")
    qualities = [Quality("a.mp4", b"a.mp4", len(data), source) for source in (0, 1)]
    listing = Listing(presentation, qualities)
    return packed_index([listing.written(quality) for quality in qualities])


def answer(index: bytes, data: bytes, quality: int, number: int) -> Delivery:
    """Return what the module answers."""
    return asked(Mp4fragModule().answer(Asked(quality, number), SETTINGS), index, data)[0]


def test_it_is_a_module_of_precut_fragments() -> None:
    """It provides what the web asks of one, and says its version as the original does."""
    verifyObject(IPrecutModule, Mp4fragModule())
    assert Mp4fragModule.headers == (("X-Mp4frag-Version", "0.4"),)


@pytest.mark.parametrize("name", ["h264", "fragmented", "audio-only", "video-only", "shuffled"])
def test_bodies_are_those_of_the_original(films: Library, name: str) -> None:
    """Byte for byte; of films with one track too, whose other configuration is empty."""
    data = films.data(name)
    index = index_of(data)
    for quality in (0, 1):
        for number in range(1, 7 if name != "audio-only" else 6):
            delivery = answer(index, data, quality, number)
            assert body_of(delivery) == prescribed(index, lambda _: data, quality, number)
            assert delivery.content_type == "video/f4f"
            assert delivery.cache == "segment"


def test_little_is_read_of_an_index(films: Library) -> None:
    """The record of the fragment alone, and the film only when that is known to be in it."""
    data = films.data("h264")
    index = index_of(data)
    _, steps = asked(Mp4fragModule().answer(Asked(1, 3), SETTINGS), index, data)
    table, *reads, media = steps
    assert isinstance(table, Table)
    assert table.name == "index"
    assert sum(each.length for each in reads) < len(index) // 8
    assert media == Media(b"a.mp4", ("/films",))


@pytest.mark.parametrize(("quality", "number"), [(0, 0), (0, 7), (0, -1), (2, 1), (-1, 1)])
def test_what_is_not_listed_is_not_found(films: Library, quality: int, number: int) -> None:
    """Fragments count from 1, qualities from 0; a quality too many is 404 as well."""
    data = films.data("h264")
    with pytest.raises(NotFound):
        answer(index_of(data), data, quality, number)


def test_a_film_that_became_shorter_is_noticed(films: Library) -> None:
    """Before the first byte is sent: an index is not that of every film of that name."""
    data = films.data("h264")
    index = index_of(data)
    with pytest.raises(MalformedMedia, match="not of this film"):
        answer(index, data[:-20], 0, 6)


def test_a_damaged_index_ends_in_a_body_or_an_error(films: Library) -> None:
    """Whatever bits fell over, nobody gets more or less than was announced."""
    data = films.data("h264")
    for damaged in mutated([index_of(data)], 300):
        try:
            delivery = answer(damaged, data, 0, 2)
        except StreamingError:
            continue
        assert len(body_of(delivery)) == delivery.plan.length


def test_bodies_of_other_records_have_other_tags(films: Library) -> None:
    """An index that was written anew for the same film changes the ETag."""
    data = films.data("h264")
    index = index_of(data)
    variants = {answer(index, data, quality, number).variant for quality in (0, 1) for number in range(1, 7)}
    assert len(variants) == 12


@pytest.mark.parametrize(
    ("name", "asked_for"),
    [
        ("0/Seg1-Frag1", Asked(0, 1)),
        ("3/Seg1-Frag012", Asked(3, 12)),
        ("film/Seg1-Frag2", Asked(0, 2)),
        ("1x/Seg1-Frag2y", Asked(1, 2)),
        ("0/Seg1-Frag", Asked(0, 0)),
        ("0/Seg2-Frag1", None),
        ("Seg1-Frag1", None),
        ("a/0/Seg1-Frag1", None),
        ("0/Seg1-Frag1/x", None),
    ],
)
def test_numbers_are_read_as_the_original_reads_them(name: str, asked_for: Asked | None) -> None:
    """What begins with digits is their number, everything else is 0; the segment is always 1."""
    assert Mp4fragModule().match(name, SETTINGS) == asked_for


def test_atoi() -> None:
    """Signs and blanks, and no number of a million digits."""
    assert [atoi(text) for text in ("7", " -7x", "+3", "", "x1", "9" * 100)] == [7, -7, 3, 0, 0, 9999999999]
