"""Where everything lies in a segment."""

from __future__ import annotations

import numpy as np
import pytest

from hls_mp4.errors import UnsupportedMedia
from hls_mp4.packagers.mpegts.layout import lay_out, sample_offsets
from hls_mp4.packagers.mpegts.totals import totals_of
from tests.films import Library
from tests.media.test_presentation import presented


@pytest.mark.parametrize("name", ["h264", "shuffled", "gaps", "big-chunks", "one-chunk-each", "fragmented"])
def test_samples_are_found_wherever_they_lie(films: Library, name: str) -> None:
    """The same places as when each is asked for by itself."""
    for rendition in presented(films.data(name)).renditions:
        samples = rendition.track.samples
        for first, stop in ((0, samples.count), (7, 90), (33, 34), (5, 5)):
            found = sample_offsets(samples, first, stop, samples.sizes(first, stop))
            assert found.tolist() == [samples.offset(number) for number in range(first, stop)]


def test_units_come_in_the_order_in_which_they_are_needed(films: Library) -> None:
    """Pictures and groups of sound by the times they are decoded at; each unit has its packets."""
    totals = totals_of(presented(films.data("late-video")), (0, 1))
    for segment in range(3):
        layout = lay_out(totals, segment)
        assert layout.seen is not None
        assert layout.heard is not None
        times = np.empty(len(layout.packets), np.int64)
        times[layout.seen.units], times[layout.heard.units] = layout.seen.decoded, layout.heard.times
        times[layout.told_units] = layout.told
        assert (np.diff(times) >= 0).all()
        assert int(layout.packets.sum() + 2) * 188 == totals.sizes[segment]


def test_samples_of_a_second_description_are_refused(films: Library, monkeypatch: pytest.MonkeyPatch) -> None:
    """What is known of the codec is that of the first one: nothing is sent with the wrong parameter sets."""
    samples = presented(films.data("h264")).renditions[0].track.samples
    chunks = samples.chunks(0, 100)
    descriptions = chunks.descriptions.copy()
    descriptions[-1] = 2
    object.__setattr__(chunks, "descriptions", descriptions)
    monkeypatch.setattr(type(samples), "chunks", lambda *_: chunks)
    with pytest.raises(UnsupportedMedia, match="second description"):
        sample_offsets(samples, 0, 100, samples.sizes(0, 100))
