"""The mp4 module answers a request."""

from __future__ import annotations

from typing import Any

import pytest
from zope.interface.verify import verifyObject

from hls_mp4.errors import MediaTooLarge
from hls_mp4.interfaces import Asset, Delivery, IClipUrls, IDeliveryModule
from hls_mp4.packagers.progressive.module import Mp4Module
from hls_mp4.packagers.progressive.settings import Mp4Settings
from hls_mp4.plan import Extent, Plan
from tests import boxes
from tests.films import Library
from tests.packagers.progressive.clips import index_of, rendered


def answer(data: bytes, query: bytes, **settings: Any) -> Delivery | None:
    """Return what the module answers; None when it leaves the file to others."""
    module = Mp4Module()
    configured = Mp4Settings(enabled=True, **settings)
    match = module.match(query, configured)
    return None if match is None else module.respond(Asset(index_of(data), data), match, configured, 0.0)


def test_it_is_a_delivery_module() -> None:
    """It provides what the web asks of one."""
    verifyObject(IDeliveryModule, Mp4Module())
    assert Mp4Module.name == "mp4"


@pytest.mark.parametrize(("start_ms", "end_ms"), [(0, None), (90_000, None), (90_500, 120_000), (1, 2), (0, 10)])
def test_it_can_be_asked_for_what_it_says(start_ms: int, end_ms: int | None) -> None:
    """The query that a page is told leads to that part of the film, by the configured names."""
    module, settings = Mp4Module(), Mp4Settings(start_arg="t", end_arg="to")
    verifyObject(IClipUrls, module)
    asked = module.match(module.clip_query(start_ms, end_ms, settings).encode(), settings)
    assert asked is not None
    assert (asked.start_ms, asked.end_ms) == (start_ms, end_ms)
    assert module.clip_query(90_500, 120_000, settings) == "t=90.5&to=120"


@pytest.mark.parametrize("query", [b"", b"start=abc", b"start=-5", b"start=&start=5", b"x=1", b"end=0"])
def test_without_a_start_the_file_itself_is_meant(query: bytes) -> None:
    """Nothing is even indexed then."""
    assert Mp4Module().match(query, Mp4Settings()) is None


@pytest.mark.parametrize("query", [b"start=0", b"START=0.0009", b"start=0&end=abc", b"start=0&end=0"])
def test_a_start_at_0_of_a_faststart_film_is_the_file_itself(films: Library, query: bytes) -> None:
    """One extent, no variant: the same entity as without arguments, and it says how long it is."""
    data = films.data("h264")
    delivery = answer(data, query)
    assert delivery is not None
    assert delivery.plan == Plan((Extent(data, 0, len(data)),))
    assert delivery.variant == ""
    assert dict(delivery.headers)["X-Clip-Start"] == "0.000"
    assert dict(delivery.headers)["X-Content-Duration"].startswith("12.0")
    assert delivery.rate == 0


@pytest.mark.parametrize("name", ["moov-last", "fragmented", "size-0-mdat", "several-mdat-moov-last"])
def test_a_start_at_0_makes_a_film_playable_at_once(films: Library, name: str) -> None:
    """moov comes first in what is sent, whatever the file is like."""
    data = films.data(name)
    delivery = answer(data, b"start=0")
    assert delivery is not None
    kinds = [box.kind for box in boxes.tree(rendered(delivery.plan)).children]
    assert kinds[:2] == [b"ftyp", b"moov"]
    if name != "size-0-mdat":
        assert delivery.variant
        assert kinds == [b"ftyp", b"moov", b"mdat"]


def test_a_clip_says_where_it_is(films: Library) -> None:
    """Players learn where in the film a clip begins, and how long the film is."""
    delivery = answer(films.data("h264"), b"start=5.25&end=7")
    assert delivery is not None
    assert dict(delivery.headers)["X-Clip-Start"] == "5.250"
    assert dict(delivery.headers)["X-Content-Duration"].startswith("12.0")
    assert delivery.variant == "5250-7000"
    assert delivery.content_type is None


def test_requests_that_mean_the_same_get_the_same(films: Library) -> None:
    """start=5 and start=5.0009 are one entity with one name."""
    data = films.data("h264")
    assert answer(data, b"start=5") == answer(data, b"start=5.0009") == answer(data, b"START=05.&end=4")
    assert answer(data, b"start=5") != answer(data, b"start=5.001")


def test_with_pacing_on_every_request_is_paced(films: Library) -> None:
    """mp4_limit_rate: without arguments the file itself, with arguments the clip, each by its own bitrate."""
    data = films.data("h264")
    whole = answer(data, b"", limit_rate=1100, limit_rate_after_ms=1000)
    assert whole is not None
    assert whole.plan == Plan((Extent(data, 0, len(data)),))
    assert whole.variant == ""
    media = boxes.tree(data).need("mdat").size
    assert abs(whole.rate - media * 1.1 / 12) < 100
    assert len(data) - media < whole.rate_after < len(data) - media + media / 11
    part = answer(data, b"start=6", limit_rate=2000, limit_rate_after_ms=1000)
    assert part is not None
    assert abs(part.rate - whole.rate * 2 / 1.1) < whole.rate / 5
    free = answer(data, b"start=6&end=8", limit_rate=1100, limit_rate_after_ms=60_000)
    assert free is not None
    assert (free.rate, free.rate_after) == (0, 0)


def test_without_arguments_a_paced_film_is_still_the_file(films: Library) -> None:
    """Pacing changes no byte, not even of files whose moov comes last."""
    for name in ("moov-last", "fragmented"):
        data = films.data(name)
        delivery = answer(data, b"", limit_rate=1100)
        assert delivery is not None
        assert rendered(delivery.plan) == data


def test_a_film_with_more_metadata_than_allowed_is_refused(films: Library) -> None:
    """Also when its index was made, and kept, under a larger limit of another location."""
    data = films.data("h264")
    index = index_of(data)
    settings = Mp4Settings(buffer_size=1024, max_buffer_size=4096)
    module = Mp4Module()
    match = module.match(b"start=5", settings)
    expected = f"mp4 moov atom is too large:{index.metadata_size}, you may want to increase mp4_max_buffer_size"
    with pytest.raises(MediaTooLarge, match=expected) as raised:
        module.respond(Asset(index, data), match, settings, 0.0)
    assert raised.value.status_hint == 500
    roomy = Mp4Settings(buffer_size=1 << 20, max_buffer_size=4096)
    assert module.respond(Asset(index, data), match, roomy, 0.0).variant


def test_limits_are_those_of_the_directives() -> None:
    """mp4_buffer_size and mp4_max_buffer_size; a first read that is too small to be of use is made larger."""
    limits = Mp4Module().limits(Mp4Settings(buffer_size=1, max_buffer_size=77))
    assert (limits.buffer_size, limits.max_buffer_size) == (4096, 77)


@pytest.mark.parametrize(
    ("query", "megabytes", "long"),
    [
        (b"start=1", 0.1, False),
        (b"start=1", 20, True),
        (b"start=1&end=1.5", 20, False),
        (b"start=1&end=5", 20, True),
        (b"start=100", 20, False),
        (b"start=0", 20, True),
    ],
)
def test_only_long_work_is_done_in_a_thread(films: Library, query: bytes, megabytes: float, long: bool) -> None:
    """A short window of a long film is answered at once; the rest of it makes no other viewer wait."""
    index = index_of(films.data("h264"))
    index.metadata_size = int(megabytes * (1 << 20))
    module = Mp4Module()
    match = module.match(query, Mp4Settings())
    assert match is not None
    assert module.takes_long(index, match, Mp4Settings()) is long
