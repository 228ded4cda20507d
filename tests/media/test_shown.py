"""Which samples are shown when."""

from __future__ import annotations

import pytest

from hls_mp4.media.samples import SampleTable
from hls_mp4.media.shown import shown_before, shown_from
from tests import boxes
from tests.films import Library
from tests.indexes import indexed


def table(films: Library, name: str, track: int = 0) -> tuple[SampleTable, list[boxes.Sample]]:
    """Return a track's samples, and the same as plain lists."""
    data = films.data(name)
    return indexed(data).tracks[track].samples, boxes.read_movie(data).tracks[track].samples


@pytest.mark.parametrize("name", ["h264", "open-gop", "no-b-frames", "negative-offsets", "av1", "texts"])
def test_a_clip_begins_with_the_earliest_sample_that_is_still_to_be_shown(films: Library, name: str) -> None:
    """In decode order, by the definition: all samples that are shown at that time or later are after it."""
    for track in (0, 1):
        samples, plain = table(films, name, track)
        times = [sample.decode + sample.composition for sample in plain]
        step = plain[0].duration
        for media_time in range(0, min(40, len(plain)) * step, step // 3):
            first, on_show = shown_from(samples, media_time)
            begun = [time for time in times if time <= media_time]
            assert on_show == (times.index(max(begun)) if begun else None)
            since = max(begun) if begun else media_time
            assert first == min(number for number, time in enumerate(times) if time >= since)


@pytest.mark.parametrize("name", ["h264", "open-gop", "no-b-frames", "negative-offsets", "av1", "texts"])
def test_a_clip_ends_after_the_last_sample_that_is_shown_before_its_end(films: Library, name: str) -> None:
    """In decode order, by the definition."""
    for track in (0, 1):
        samples, plain = table(films, name, track)
        times = [sample.decode + sample.composition for sample in plain]
        step = plain[0].duration
        for media_time in range(0, min(40, len(plain)) * step, step // 3):
            expected = max((number + 1 for number, time in enumerate(times) if time < media_time), default=0)
            assert shown_before(samples, media_time) == expected


def test_after_the_last_sample_nothing_is_shown(films: Library) -> None:
    """The last picture lasts as long as its duration."""
    samples, plain = table(films, "h264")
    end = max(sample.decode + sample.composition + sample.duration for sample in plain)
    assert samples.presentation_end == end
    assert shown_from(samples, end) == (samples.count, None)
    assert shown_from(samples, end - 1)[0] < samples.count
    assert shown_before(samples, end) == samples.count
