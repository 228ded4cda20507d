"""The bytes of fragments."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hls_mp4.containers.f4f.tags import AVC_KEY, Tags
from hls_mp4.errors import UnsupportedMedia
from hls_mp4.media.segments import SegmentPolicy
from hls_mp4.packagers.hds import body
from hls_mp4.packagers.hds.body import Samples, fragment_head, fragment_parts, sample_offsets
from hls_mp4.plan import Plan, Transformed
from tests.films import Library
from tests.media.test_presentation import presented
from tests.packagers.fmp4.played import rendered
from tests.packagers.hds.played import answered, fragments_of, tags_of


@pytest.mark.parametrize("name", ["h264", "fragmented", "gaps", "shuffled", "backwards", "big-chunks", "ntsc"])
def test_every_sample_is_sent_as_it_lies_in_the_film(films: Library, name: str) -> None:
    """Wherever that is: each track's samples in decode order, nothing lost and nothing twice."""
    data = films.data(name)
    presentation = presented(data)
    tags = [tag for fragment in fragments_of(presentation) for tag in tags_of(fragment) if not tag.is_header]
    for rendition, kind in zip(presentation.renditions, (9, 8), strict=True):
        samples = rendition.track.samples
        places = sample_offsets(samples, rendition.first, rendition.stop).tolist()
        sizes = samples.sizes(rendition.first, rendition.stop).tolist()
        assert [tag.sample for tag in tags if tag.kind == kind] == [
            data[place : place + size] for place, size in zip(places, sizes, strict=True)
        ]


@pytest.mark.parametrize("name", ["h264", "no-edits", "negative-offsets", "late-audio", "late-video"])
def test_fragments_follow_the_rules(films: Library, name: str) -> None:
    """Both configurations first, of one time, that of the fragment; then tags in order, the first picture a key."""
    presentation = presented(films.data(name))
    presentation.policy = SegmentPolicy(2000)
    last = 0
    for fragment in fragments_of(presentation):
        video, audio, *tags = tags_of(fragment)
        assert (video.kind, video.payload[:2], audio.kind, audio.payload[:2]) == (9, b"\x17\0", 8, b"\xaf\0")
        assert video.time == audio.time <= tags[0].time
        assert not any(tag.is_header for tag in tags)
        times = [tag.time for tag in tags]
        assert times == sorted(times)
        assert times[0] >= last
        last = times[-1]
        pictures = [tag for tag in tags if tag.kind == 9]
        assert pictures[0].payload[0] == 0x17
        assert all(tag.shift >= 0 for tag in pictures)


def test_ranges_are_pieces_of_the_whole(films: Library) -> None:
    """A download goes on where it broke off."""
    plan = answered(presented(films.data("h264")), "Seg1-Frag2").plan
    whole = rendered(plan)
    assert len(whole) == plan.length
    for start, stop in ((0, 1), (7, 300), (1000, plan.length), (plan.length - 1, plan.length)):
        assert rendered(plan.cut(start, stop)) == whole[start:stop]


def test_long_fragments_are_made_in_pieces(films: Library, monkeypatch: pytest.MonkeyPatch) -> None:
    """A slow client does not keep all of one in memory; the bytes are the same."""
    whole = rendered(answered(presented(films.data("h264")), "Seg1-Frag1").plan)
    monkeypatch.setattr(body, "PIECE", 3000)
    plan = answered(presented(films.data("h264")), "Seg1-Frag1").plan
    assert len([part for part in plan.parts if isinstance(part, Transformed)]) > 5
    assert rendered(plan) == whole


@settings(max_examples=60)
@given(st.data())
def test_samples_may_lie_anywhere(data: st.DataObject) -> None:
    """Near, far, one over the other, in two films: what is sent is what lies there."""
    films = [bytes(range(256)) * 1000, bytes(reversed(range(256))) * 2000]
    count = data.draw(st.integers(0, 30))
    sources = data.draw(st.lists(st.integers(0, 1), min_size=count, max_size=count))
    sizes = data.draw(st.lists(st.integers(0, 3000), min_size=count, max_size=count))
    offsets = [
        data.draw(st.integers(0, len(films[source]) - size)) for source, size in zip(sources, sizes, strict=True)
    ]
    tags = Tags(
        np.ones(count, np.bool_),
        np.full(count, AVC_KEY, np.uint8),
        np.arange(count),
        np.zeros(count, np.int64),
        np.array(sizes, np.int64),
    )
    samples = Samples(tags, np.array(offsets, np.int64), np.array(sources, np.int64), np.ones(count, np.bool_))
    made = tags_of(rendered(Plan(fragment_parts((), samples, films))))
    assert [tag.sample for tag in made] == [
        films[source][offset : offset + size] for source, offset, size in zip(sources, offsets, sizes, strict=True)
    ]


def test_a_fragment_of_four_gigabytes_is_refused() -> None:
    """Clients read sizes of 32 bits."""
    count = 300
    tags = Tags(
        np.ones(count, np.bool_),
        np.full(count, AVC_KEY, np.uint8),
        np.arange(count),
        np.zeros(count, np.int64),
        np.full(count, 1 << 24, np.int64) - 100,
    )
    with pytest.raises(UnsupportedMedia, match="is the most"):
        fragment_head((), tags)
