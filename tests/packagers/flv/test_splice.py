"""Bodies made of a film's own tags."""

from __future__ import annotations

from dataclasses import replace

import pytest

from hls_mp4.containers.flv.metadata import members_of
from hls_mp4.interfaces import Asset
from hls_mp4.packagers.flv.seek import key_frame_at
from hls_mp4.packagers.flv.splice import clip, with_metadata
from hls_mp4.plan import Extent, Literal, Plan, render
from hls_mp4.testing import MemorySource
from tests.containers.flv.indexes import layout_of
from tests.flvs import ENCODED, MADE, SCRIPT, FlvLibrary, Tag, tags_of


def rendered(plan: Plan) -> bytes:
    """Return the bytes of a plan."""
    return render(plan, lambda source, offset, length: source.data[offset : offset + length])


@pytest.mark.parametrize("name", [*ENCODED, *sorted(MADE)])
@pytest.mark.parametrize("metadata", [False, True])
def test_a_clip_is_headers_and_then_the_film(flvs: FlvLibrary, name: str, metadata: bool) -> None:
    """It begins with metadata and, at the time of its first tag, headers, and goes on with the film's own bytes."""
    data = flvs.data(name)
    layout = layout_of(data)
    asset = Asset(None, MemorySource(data))
    place = key_frame_at(layout, 4100)
    plan = clip(asset, layout, place, layout.end, None, metadata=metadata)
    head, rest = plan.parts
    assert isinstance(head, Literal)
    assert rest == Extent(asset.source, place.offset, len(data) - place.offset)
    film, part = tags_of(data), tags_of(rendered(plan))
    before = [tag for tag in part if tag.offset < head.length]
    wanted = [tag for tag in film if tag.offset < place.offset and (tag.kind == SCRIPT or tag.payload[0] & 15 == 4)]
    wanted += [tag for tag in film if tag.offset < place.offset and tag.is_header]
    assert {tag.payload for tag in before if tag.kind != SCRIPT} >= {tag.payload for tag in wanted if tag.is_header}
    assert {tag.time for tag in before if tag.kind != SCRIPT} <= {place.time % 2**32}
    assert {tag.time for tag in before if tag.kind == SCRIPT} <= {0}
    assert [tag.kind for tag in before if tag.kind == SCRIPT] == (
        [SCRIPT] if metadata or name != "no-metadata" else []
    )[: 1 if metadata or layout.metadata else 0]
    if not metadata and layout.metadata:
        assert before[0].payload == layout.metadata.payload
    assert [replace(tag, offset=0) for tag in part[len(before) :]] == [
        replace(tag, offset=0) for tag in film if tag.offset >= place.offset
    ]
    assert rendered(plan)[4] == data[4]


def positions_hold(body: bytes) -> None:
    """Assert that metadata tells the size of a body, and key frames where they are in it."""
    tags = tags_of(body)
    members = members_of(next(tag.payload for tag in tags if tag.kind == SCRIPT))
    by_offset = {tag.offset: tag for tag in tags}
    assert members["filesize"] == len(body)
    listed = members["keyframes"]
    for offset, time in zip(listed["filepositions"], listed["times"], strict=True):
        tag = by_offset[int(offset)]
        assert tag.time == round(time * 1000) % 2**32
        # FFmpeg lists the colours that it writes before a key frame of H.265 in its place.
        assert tag.is_key or tag.payload[0] == 0xD4 or not any(tag.is_key for tag in tags)
    keys = [tag for tag in tags if tag.is_key]
    assert len(listed["times"]) == len(keys) or not keys


@pytest.mark.parametrize("name", [*ENCODED, *sorted(set(MADE) - {"wrapping"})])
def test_metadata_is_true_of_what_is_sent(flvs: FlvLibrary, name: str) -> None:
    """Of whole films and of clips: a player that seeks by it lands on a key frame."""
    data = flvs.data(name)
    layout = layout_of(data)
    asset = Asset(None, MemorySource(data))
    if layout.video or not layout.truthful:
        positions_hold(rendered(with_metadata(asset, layout).plan))
    positions_hold(rendered(clip(asset, layout, key_frame_at(layout, 4100), layout.end, None, metadata=True)))
    positions_hold(rendered(clip(asset, layout, key_frame_at(layout, 2100), layout.end, 9000, metadata=True)))


def test_a_whole_film_keeps_its_tags(flvs: FlvLibrary) -> None:
    """Metadata is exchanged, or put in front; not a byte of anything else changes."""
    for name in ("h264", "no-metadata", "long-header"):
        data = flvs.data(name)
        body = rendered(with_metadata(Asset(None, MemorySource(data)), layout_of(data)).plan)
        first = int.from_bytes(data[5:9], "big") + 4
        assert body[:first] == data[:first]
        kept = [replace(tag, offset=0) for tag in tags_of(body) if tag.kind != SCRIPT]
        assert kept == [replace(tag, offset=0) for tag in tags_of(data) if tag.kind != SCRIPT]


def test_true_metadata_is_left_alone(flvs: FlvLibrary) -> None:
    """The film is the file then, in one piece."""
    data = flvs.data("indexed")
    asset = Asset(None, MemorySource(data))
    whole = with_metadata(asset, layout_of(data))
    assert whole.plan == Plan([Extent(asset.source, 0, len(data))])
    assert whole.in_file(5000) == 5000


def test_bytes_of_the_body_are_bytes_of_the_file(flvs: FlvLibrary) -> None:
    """Each tag of the film is found by its place in what was sent; places within the metadata are the tag behind."""
    data = flvs.data("h264")
    whole = with_metadata(Asset(None, MemorySource(data)), layout_of(data))
    sent, film = tags_of(rendered(whole.plan)), tags_of(data)
    for before, after in zip(film[1:], sent[1:], strict=True):
        assert whole.in_file(after.offset) == before.offset
    assert whole.in_file(20) == film[1].offset
    assert whole.in_file(5) == 5


def test_a_tag_alone() -> None:
    """A helper of these tests that is wrong would hide mistakes: the smallest film reads as it was written."""
    assert tags_of(b"FLV\x01\x01\0\0\0\x09\0\0\0\0") == []
    assert Tag(SCRIPT, 0, b"").end == 14
