"""The flv module answers a request."""

from __future__ import annotations

from typing import Any

import pytest
from zope.interface.verify import verifyObject

from hls_mp4.errors import ClipOutOfRange
from hls_mp4.interfaces import IClipUrls, IDeliveryModule, Needs
from hls_mp4.packagers.flv.module import MUCH_COPIED, FlvModule
from hls_mp4.packagers.flv.settings import FlvSettings
from hls_mp4.plan import Extent, Literal
from tests.containers.flv.indexes import indexed
from tests.flvs import AUDIO, SCRIPT, VIDEO, FlvLibrary, Tag, film, tags_of
from tests.packagers.flv.bodies import answer, body, bytes_of

NGINX_HEADER = b"FLV\x01\x05\0\0\0\x09\0\0\0\0"


def test_it_is_a_delivery_module() -> None:
    """It provides what the web and its pages ask of one."""
    verifyObject(IDeliveryModule, FlvModule())
    verifyObject(IClipUrls, FlvModule())
    assert FlvModule.name == "flv"


@pytest.mark.parametrize("start", [1, 12, 13, 5000, -1])
def test_bytes_are_nginx_s(flvs: FlvLibrary, start: int) -> None:
    """Thirteen constant bytes, then the file from that byte on, whatever it is; the film is not even indexed."""
    data = flvs.data("aac")
    start = start if start > 0 else len(data) - 1
    query = b"start=%d" % start
    assert body(data, query) == NGINX_HEADER + data[start:]
    delivery = answer(data, query)
    assert delivery is not None
    assert [type(part) for part in delivery.plan.parts] == [Literal, Extent]
    assert (delivery.variant, delivery.headers) == (f"b{start}", ())


def test_bytes_beyond_the_end_are_the_file(flvs: FlvLibrary) -> None:
    """As in nginx: no error, and the very same entity as without arguments."""
    data = flvs.data("h264")
    for start in (len(data), len(data) + 1, 2**62):
        delivery = answer(data, b"start=%d" % start)
        assert delivery is not None
        assert (bytes_of(delivery), delivery.variant) == (data, "")


@pytest.mark.parametrize("query", [b"", b"start=0", b"start=abc", b"start=5.5", b"end=5", b"x=1"])
def test_without_a_byte_the_file_is_meant(query: bytes) -> None:
    """Nothing is asked of the module then."""
    assert FlvModule().match(query, FlvSettings()) is None


def test_what_is_needed_of_an_index() -> None:
    """Bytes need none, key frames no samples, an end does."""
    module = FlvModule()

    def needs(query: bytes, **settings: Any) -> Needs:
        configured = FlvSettings(**settings)
        match = module.match(query, configured)
        assert match is not None
        return module.needs(match, configured)

    assert needs(b"start=5") is Needs.NOTHING
    assert needs(b"start=5", metadata=True) is Needs.KEY_FRAMES
    assert needs(b"", metadata=True) is Needs.KEY_FRAMES
    assert needs(b"start=5", start="keyframe") is Needs.KEY_FRAMES
    assert needs(b"start=5", start="time") is Needs.KEY_FRAMES
    assert needs(b"start=5&end=7", start="time") is Needs.SAMPLES


def test_files_that_are_served() -> None:
    """Flash video; of unknown files what nginx would send, when it is asked for, and never of MP4."""
    module, settings = FlvModule(), FlvSettings(metadata=True)
    asked, unasked = module.match(b"start=5", settings), module.match(b"", settings)
    assert asked is not None
    assert unasked is not None
    assert module.serves("flv", asked, settings)
    assert module.serves("flv", unasked, settings)
    assert module.serves(None, asked, settings)
    assert not module.serves(None, unasked, settings)
    assert not module.serves("mp4", asked, settings)


def test_a_byte_becomes_the_key_frame_before_it(flvs: FlvLibrary) -> None:
    """`flv_start keyframe`: metadata and headers, then the film from that key frame on."""
    data = flvs.data("h264")
    keys = [tag for tag in tags_of(data) if tag.is_key]
    delivery = answer(data, b"start=%d" % (keys[3].offset + 1), start="keyframe")
    assert delivery is not None
    made = bytes_of(delivery)
    assert made.endswith(data[keys[3].offset :])
    assert [tag.kind for tag in tags_of(made)[:4]] == [SCRIPT, VIDEO, AUDIO, VIDEO]
    assert tags_of(made)[3].is_key
    assert dict(delivery.headers) == {"X-Clip-Start": "6.000", "X-Content-Duration": "12.084"}
    assert answer(data, b"start=%d" % keys[3].offset, start="keyframe") is not None
    assert body(data, b"start=%d" % keys[3].offset, start="keyframe") == made
    assert body(data, b"start=%d" % (keys[3].offset - 1), start="keyframe").endswith(data[keys[2].offset :])


def test_before_the_first_key_frame_is_the_file(flvs: FlvLibrary) -> None:
    """So is what lies beyond the end, as with bytes."""
    data = flvs.data("h264")
    for start in (1, 13, len(data), len(data) + 9):
        delivery = answer(data, b"start=%d" % start, start="keyframe")
        assert delivery is not None
        assert (bytes_of(delivery), delivery.variant) == (data, "")


def test_a_second_becomes_the_key_frame_before_it(flvs: FlvLibrary) -> None:
    """`flv_start time`: whatever the clock of the film shows, its timestamps untouched."""
    for name in ("h264", "five-hours", "wrapping"):
        data = flvs.data(name)
        key = [tag for tag in tags_of(data) if tag.is_key][2]
        delivery = answer(data, b"start=5.9", start="time")
        assert delivery is not None
        assert bytes_of(delivery).endswith(data[key.offset :])
        assert dict(delivery.headers) == {"X-Clip-Start": "4.000", "X-Content-Duration": "12.084"}
        assert {tag.time for tag in tags_of(bytes_of(delivery))[1:3]} == {key.time}


def test_an_end_in_seconds(flvs: FlvLibrary) -> None:
    """Everything with a timestamp before the end is there, and the last tag has one."""
    data = flvs.data("h264")
    made = tags_of(body(data, b"start=4&end=7", start="time"))
    film = tags_of(data)
    inside = [tag.payload for tag in film if 4000 <= tag.time < 7000 and tag.kind != SCRIPT]
    sent = [tag.payload for tag in made if tag.kind != SCRIPT and not tag.is_header]
    assert set(inside) <= set(sent)
    assert made[-1].time < 7000
    assert max(tag.time for tag in made) < 7100
    assert body(data, b"end=7", start="time").startswith(data[:13])
    whole = answer(data, b"start=0&end=500", start="time")
    assert whole is not None
    assert bytes_of(whole).endswith(data[-1000:])


def test_from_the_start_is_the_file(flvs: FlvLibrary) -> None:
    """start=0 is the film itself, and says how long it is."""
    data = flvs.data("h264")
    delivery = answer(data, b"start=0", start="time")
    assert delivery is not None
    assert (bytes_of(delivery), delivery.variant) == (data, "")
    assert dict(delivery.headers) == {"X-Clip-Start": "0.000", "X-Content-Duration": "12.084"}


def test_past_the_end_in_seconds(flvs: FlvLibrary) -> None:
    """500 as for MP4, or the film from its last key frame on."""
    data = flvs.data("h264")
    with pytest.raises(ClipOutOfRange):
        answer(data, b"start=13", start="time")
    delivery = answer(data, b"start=13&end=14", start="time", past_end="last_key_frame")
    assert delivery is not None
    assert bytes_of(delivery).endswith(data[[tag for tag in tags_of(data) if tag.is_key][-1].offset :])


def test_music_is_cut_at_any_tag(flvs: FlvLibrary) -> None:
    """Without video every sample can be begun at."""
    data = flvs.data("mp3")
    delivery = answer(data, b"start=5&end=5.5", start="time")
    assert delivery is not None
    times = [tag.time for tag in tags_of(bytes_of(delivery)) if tag.kind == AUDIO]
    assert 4970 <= times[0] <= 5000
    assert 5470 <= times[-1] < 5500


def test_metadata_in_whole_films(flvs: FlvLibrary) -> None:
    """Without any argument a film gets what it lacks, and what lacks nothing is the file."""
    delivery = answer(flvs.data("h264"), b"", metadata=True)
    assert delivery is not None
    assert delivery.variant == "m"
    true = answer(flvs.data("indexed"), b"", metadata=True)
    assert true is not None
    assert (bytes_of(true), true.variant) == (flvs.data("indexed"), "")


@pytest.mark.parametrize("mode", ["bytes", "keyframe"])
def test_bytes_count_in_what_was_sent(flvs: FlvLibrary, mode: str) -> None:
    """A player that asks for a position of the injected list gets the key frame that is meant."""
    data = flvs.data("h264")
    sent = body(data, b"", metadata=True)
    assert len(sent) > len(data)
    for tag in [tag for tag in tags_of(sent) if tag.is_key]:
        made = body(data, b"start=%d" % tag.offset, metadata=True, start=mode)
        assert made.endswith(sent[tag.offset :])
        if mode == "bytes":
            assert made == NGINX_HEADER + sent[tag.offset :]
    last = answer(data, b"start=%d" % (len(data) + 10), metadata=True)
    assert last is not None
    assert last.plan.length == 13 + len(sent) - len(data) - 10


def test_every_body_has_a_name_of_its_own(flvs: FlvLibrary) -> None:
    """No two clips share an ETag unless they are the same bytes."""
    data = flvs.data("h264")
    names: dict[str, bytes] = {}
    for settings in ({}, {"start": "keyframe"}, {"start": "time"}):
        for metadata in (False, True):
            for query in (b"start=5", b"start=6", b"start=30000", b"start=5&end=7", b"start=5&end=7.01", b"start=9.9"):
                try:
                    delivery = answer(data, query, metadata=metadata, **settings)
                except ClipOutOfRange:
                    continue
                if delivery is not None:
                    made = bytes_of(delivery)
                    assert names.setdefault(delivery.variant, made) == made


def test_a_broken_film_is_served_up_to_the_break(flvs: FlvLibrary) -> None:
    """And the log is told why it ends there."""
    data = flvs.data("h264")
    delivery = answer(data[:-500], b"start=5", start="time")
    assert delivery is not None
    assert "truncated" in delivery.complaint
    tags_of(bytes_of(delivery))  # ends with a whole tag


def test_a_film_whose_video_has_no_key_frame() -> None:
    """It is sent from its beginning, for there is nowhere else to begin."""
    data = film([Tag(VIDEO, 40 * number, b"\x22x") for number in range(100)])
    assert body(data, b"start=3", start="time").endswith(data[13:])
    assert body(data, b"start=500", start="keyframe") == data


def test_nothing_between() -> None:
    """An interval before whatever comes first in a file that is out of order holds nothing."""
    data = film([Tag(VIDEO, 500, b"\x12x"), Tag(AUDIO, 0, b"\x2fx"), Tag(AUDIO, 600, b"\x2fx")])
    assert tags_of(body(data, b"end=0.1", start="time"))
    late = film(
        [Tag(AUDIO, 0, b"\x2fx"), Tag(VIDEO, 5000, b"\x12x"), Tag(AUDIO, 100, b"\x2fx"), Tag(VIDEO, 6000, b"\x22x")]
    )
    assert tags_of(body(late, b"start=5&end=5.5", start="time"))


def test_only_long_work_is_done_in_a_thread(flvs: FlvLibrary) -> None:
    """Metadata of hours, or of a liar, makes no other viewer wait."""
    module = FlvModule()

    def long(data: bytes, query: bytes, **settings: Any) -> bool:
        configured = FlvSettings(**settings)
        match = module.match(query, configured)
        assert match is not None
        return module.takes_long(indexed(data), match, configured)

    plain = flvs.data("h264")
    tags = tags_of(plain)
    large = film([Tag(SCRIPT, 0, tags[0].payload + bytes(MUCH_COPIED)), *tags[1:]])
    assert not long(plain, b"start=5", start="time")
    assert not long(plain, b"start=5", start="time", metadata=True)
    assert long(large, b"start=5", start="time")
    assert long(film([Tag(SCRIPT, 0, tags[0].payload + bytes(2000)), *tags[1:]]), b"", metadata=True)
    assert not module.takes_long(None, None, FlvSettings())  # type: ignore[arg-type]


def test_limits_are_those_of_the_directives() -> None:
    """flv_buffer_size and flv_max_buffer_size; a read that is too small to be of use is made larger."""
    limits = FlvModule().limits(FlvSettings(buffer_size=1, max_buffer_size=77))
    assert (limits.buffer_size, limits.max_buffer_size) == (4096, 77)


def test_pages_link_to_parts_where_seconds_are_understood() -> None:
    """A listing offers no seconds to a location that takes bytes."""
    module = FlvModule()
    assert module.clip_query(5000, None, FlvSettings()) is None
    timed = FlvSettings(start="time", start_arg="from")
    assert module.clip_query(5000, None, timed) == "from=5.000"
    assert module.clip_query(0, 7250, timed) == "from=0.000&end=7.250"
