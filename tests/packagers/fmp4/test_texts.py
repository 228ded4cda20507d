"""Subtitles in segments, read again as what they are: a text track."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from hls_mp4.containers.isobmff.timedtext import read_cues
from hls_mp4.media.drive import index_bytes
from hls_mp4.media.segments import SegmentPolicy
from hls_mp4.media.texts import Cue, Text
from hls_mp4.packagers.fmp4.texts import EMPTY_CUE, segment_times, text_init, text_samples, text_segment
from tests import boxes
from tests.films import Library
from tests.indexes import indexed
from tests.media.test_presentation import presented

CUES = st.lists(
    st.builds(
        lambda begin, length, text: Cue(begin, begin + length, text),
        st.integers(0, 11_000),
        st.integers(1, 6000),
        st.sampled_from(("a", "b <i>c</i>", "d\ne")),
    ),
    max_size=6,
).map(lambda cues: tuple(sorted(cues, key=lambda cue: cue.begin_ms)))


@given(CUES, st.integers(0, 5000), st.integers(1, 9000))
def test_samples_fill_their_time_and_show_what_is_shown(cues: tuple[Cue, ...], begin: int, length: int) -> None:
    """At every millisecond the sample of that time holds the cues of that time and no other."""
    at = begin
    for duration, data in text_samples(Text(cues), begin, begin + length):
        for moment in (at, at + duration - 1):
            shown = [cue for cue in cues if cue.begin_ms <= moment < cue.end_ms]
            assert data.count(b"payl") == len(shown)
            assert (data == EMPTY_CUE) == (not shown)
        at += duration
    assert at == begin + length


def test_a_track_of_all_segments_has_the_cues(films: Library) -> None:
    """Parsed by the reader of text tracks: each cue once, at its time, with its name and settings."""
    presentation = presented(films.data("h264"))
    presentation.policy = SegmentPolicy(2000)
    cues = (Cue(500, 5000, "One\nmore", "line:0", "first"), Cue(4000, 9000, "Two &amp; a half"), Cue(9000, 9500, "3"))
    text = Text(cues, "deu", header="STYLE\n::cue { color: lime }")
    count = len(segment_times(presentation)) - 1
    init = text_init(text)
    data = init + b"".join(text_segment(presentation, text, number) for number in range(1, count + 1))
    (track,) = indexed(data).tracks
    assert (track.codec, track.handler, track.timescale, track.language) == ("wvtt", "text", 1000, "deu")
    found = index_bytes(read_cues(track, 0), data)
    lead = presentation.lead_ms
    # The first fragment begins at the lead, which is not told of a track without an edit list.
    shift = found[0].begin_ms - cues[0].begin_ms
    assert shift in (0, lead)
    assert [(cue.begin_ms - shift, cue.end_ms - shift, cue.text, cue.settings, cue.name) for cue in found] == [
        (cue.begin_ms, cue.end_ms, cue.text, cue.settings, cue.name) for cue in cues
    ]
    entry = boxes.tree(init).need("moov/trak/mdia/minf/stbl/stsd").payload
    assert b"vttCWEBVTT\n\nSTYLE\n::cue { color: lime }" in bytes(entry)


def test_each_segment_begins_where_the_pictures_do(films: Library) -> None:
    """So a player that seeks has the subtitles with the pictures."""
    presentation = presented(films.data("h264"))
    times = segment_times(presentation)
    for number in range(1, len(times)):
        tree = boxes.tree(text_segment(presentation, Text((Cue(3000, 7000, "x"),)), number))
        moof = tree.need("moof")
        assert int.from_bytes(moof.need("traf/tfdt").payload[4:12], "big") == times[number - 1]
        assert int.from_bytes(moof.need("mfhd").payload[4:8], "big") == number
        trun = moof.need("traf/trun").payload
        rows = [int.from_bytes(trun[at : at + 4], "big") for at in range(12, len(trun), 4)]
        assert sum(rows[::2]) == times[number] - times[number - 1]
        assert sum(rows[1::2]) == len(tree.children[1].payload)
        assert int.from_bytes(trun[8:12], "big") == len(bytes(moof.payload)) + 16


def test_a_cue_that_goes_on_is_known_again(films: Library) -> None:
    """It has the same number in all samples that it is in, and another one has another."""
    text = Text((Cue(0, 5000, "One"), Cue(1000, 2000, "Two")))
    samples = [data for _, data in text_samples(text, 0, 4000)] + [data for _, data in text_samples(text, 4000, 8000)]
    sources = [data[data.index(b"vsid") + 4 :][:4] for data in samples if b"vsid" in data]
    assert len(set(sources)) == 1
    assert len(sources) == 4
