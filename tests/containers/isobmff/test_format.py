"""The index of real films, whole, cut short and broken; judged by FFmpeg's demuxer (through PyAV)."""

from __future__ import annotations

import contextlib
import io
import struct
from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction

import av
import pytest
from hypothesis import given
from hypothesis import strategies as st
from zope.interface.verify import verifyObject

from hls_mp4.containers.isobmff.format import FIRST_BOXES, IsobmffFormat, rebased, start_of
from hls_mp4.errors import MediaTooLarge, StreamingError
from hls_mp4.interfaces import IFilmDetails, IMediaFormat, IndexLimits, ReadAt
from hls_mp4.media.drive import index_bytes
from hls_mp4.media.index import Edit, Track
from tests import boxes, films
from tests.boxes import make
from tests.films import Library
from tests.indexes import USUAL, indexed, used
from tests.samples import listed

# FFmpeg as the judge.


@dataclass(frozen=True)
class Packet:
    """What a demuxer says of a packet: times in the track's timescale, bytes, place in the file."""

    dts: int
    pts: int
    size: int
    position: int
    key: bool


def packets(data: bytes) -> dict[int, list[Packet]]:
    """Return FFmpeg's packets of each track, edit lists left aside."""
    found: dict[int, list[Packet]] = {}
    options = {"ignore_editlist": "1", "advanced_editlist": "0"}
    with films.quiet(), av.open(io.BytesIO(data), options=options) as container:
        for packet in container.demux():
            if packet.dts is not None and packet.pos is not None and packet.size:
                track = found.setdefault(packet.stream.id, [])
                track.append(Packet(packet.dts, packet.pts, packet.size, packet.pos, packet.is_keyframe))
    return found


def assert_same(track: Track, judged: list[Packet]) -> None:
    """Assert that a track has the samples that FFmpeg has."""
    table = track.samples
    # Several samples of uncompressed sound are one packet.
    starts = [0]
    for packet in judged:
        starts.append(starts[-1] + (packet.size // table.uniform_size if table.uniform_size else 1))
    assert table.count == starts.pop()
    assert [table.offset(sample) for sample in starts] == [packet.position for packet in judged]
    stops = [*starts[1:], table.count]
    assert list(map(table.bytes_between, starts, stops)) == [packet.size for packet in judged]
    sync = set(table.sync_samples.tolist())
    assert [sample in sync for sample in starts] == [packet.key for packet in judged]
    decoded = [table.decode_time(sample) for sample in starts]
    shown = [table.presentation_time(sample) for sample in starts]
    # FFmpeg's clock starts at the decode time of the first fragment, and goes around negative offsets.
    by_decode, by_shown = judged[0].dts - decoded[0], judged[0].pts - shown[0]
    assert [time + by_decode for time in decoded] == [packet.dts for packet in judged]
    assert [time + by_shown for time in shown] == [packet.pts for packet in judged]
    if table.composition_bounds[0] >= 0:
        assert by_decode == by_shown


SMOOTH = films.Recipe(form="ismv", mux=(("movflags", "+frag_keyframe"),))


@pytest.mark.parametrize("name", [*films.RECIPES, "smooth"])
def test_every_sample_is_ffmpegs(films: Library, name: str) -> None:
    """However a film is laid out, every sample has the time, size, place and flag that FFmpeg finds."""
    data = smooth(films) if name == "smooth" else films.data(name)
    judged = packets(data)
    index = used(data)
    assert {track.id for track in index.tracks} >= set(judged)
    assert judged
    for track in index.tracks:
        if track.id in judged:  # FFmpeg keeps chapters to itself
            assert_same(track, judged[track.id])


def smooth(library: Library) -> bytes:
    """Return a Smooth Streaming film."""
    return library.made("smooth", lambda: films.remux(library.data("h264"), SMOOTH))


@pytest.mark.parametrize("name", ["h264", "texts", "two-edits", "rotated", "compact-sizes", "shuffled", "co64"])
def test_every_sample_is_that_of_a_naive_reader(films: Library, name: str) -> None:
    """What takes no time for a whole film is what a reader finds who looks at every sample."""
    data = films.data(name)
    movie = boxes.read_movie(data)
    index = indexed(data)
    assert (index.timescale, index.duration) == (movie.timescale, movie.duration)
    assert len(index.tracks) == len(movie.tracks)
    for track, naive in zip(index.tracks, movie.tracks, strict=True):
        assert listed(track.samples) == naive.samples
        assert (track.id, track.timescale, track.duration) == (naive.track_id, naive.timescale, naive.media_duration)
        assert track.handler.encode() == naive.handler
        assert [(edit.segment_duration, edit.media_time) for edit in track.edits] == [
            (edit.duration, edit.media_time) for edit in naive.edits
        ]
        assert track.samples.all_sync == (not naive.has_stss)


FRAGMENTED = [name for name in films.RECIPES if name.startswith("fragmented")] + ["hybrid"]


@pytest.mark.parametrize("name", FRAGMENTED)
def test_a_fragmented_film_is_the_film(films: Library, name: str) -> None:
    """A film in fragments has the samples of the film it was made of: sizes, key frames, and times of its pictures."""
    plain, fragmented = indexed(films.data("h264")), indexed(films.data(name))
    assert fragmented.fragmented
    assert not plain.fragmented
    for before, after in zip(plain.tracks, fragmented.tracks, strict=True):
        assert after.samples.count == before.samples.count
        count = before.samples.count
        assert after.samples.sizes(0, count).tolist() == before.samples.sizes(0, count).tolist()
        assert after.samples.sync_samples.tolist() == before.samples.sync_samples.tolist()
        if before.handler == "vide":  # FFmpeg moves sound by its priming when it copies packets
            times = [
                [table.decode_time(number) for number in range(count)] for table in (before.samples, after.samples)
            ]
            assert times[0] == times[1]


@pytest.mark.parametrize("name", ["h264", "fragmented", "hybrid", "pcm-mov"])
def test_facts_of_tracks_are_known(films: Library, name: str) -> None:
    """Codec, picture size and sound are what was encoded."""
    video, audio = indexed(films.data(name)).tracks
    assert (video.handler, video.codec, video.width, video.height, video.enabled) == ("vide", "avc1", 160, 120, True)
    assert (audio.handler, audio.rate, audio.channels >= 1, audio.language) == ("soun", 44100, True, "und")
    assert not video.samples.all_sync
    assert audio.samples.all_sync


# What an index costs.


def test_a_film_of_six_gibibytes(films: Library) -> None:
    """Samples beyond 4 GiB are where they are, though nobody reads what lies between."""
    data = films.data("co64")
    moov = indexed(data).header.moov
    far = 6 << 30
    raw = bytearray(moov.raw)
    at = -1
    while (at := raw.find(b"co64", at + 1)) > 0:
        (count,) = struct.unpack_from(">I", raw, at + 8)
        for entry in range(at + 12, at + 12 + 8 * count, 8):
            struct.pack_into(">Q", raw, entry, struct.unpack_from(">Q", raw, entry)[0] + far)
    head = data[: moov.offset] + bytes(raw) + struct.pack(">I4sQ", 1, b"mdat", far + len(data))
    size = far + len(data) + len(head)
    reading = IsobmffFormat().index(size, IndexLimits(buffer_size=4096))
    wanted = next(reading)
    total = 0
    try:
        while True:
            total += wanted.length
            piece = head[wanted.offset : wanted.offset + wanted.length]
            wanted = reading.send(piece + bytes(wanted.length - len(piece)))
    except StopIteration as done:
        index = done.value
    assert total < 3 * len(head) + 8192
    plain = indexed(data)
    for track, other in zip(index.tracks, plain.tracks, strict=True):
        last = track.samples.count - 1
        assert track.samples.offset(last) == other.samples.offset(last) + far


@pytest.mark.parametrize(
    ("name", "reads"), [("h264", 1), ("moov-last", 2), ("several-mdat-moov-last", 9), ("fragmented", 14), ("gaps", 2)]
)
def test_media_is_not_read(films: Library, name: str, reads: int) -> None:
    """An index costs a few small reads wherever the metadata is, and no media is read for it."""
    data = films.data(name)
    moov = boxes.tree(data).need("moov").size
    indexing = IsobmffFormat().index(len(data), IndexLimits(buffer_size=max(4096, moov + 64)))
    wanted: list[ReadAt] = []
    with contextlib.suppress(StopIteration):
        read = next(indexing)
        while True:
            wanted.append(read)
            read = indexing.send(data[read.offset : read.offset + read.length])
    assert len(wanted) <= reads
    assert all(read.length and 0 <= read.offset < len(data) for read in wanted)


def test_weight_is_that_of_the_metadata(films: Library) -> None:
    """A film in the cache counts for its metadata, not for its media."""
    index = indexed(films.data("h264"))
    assert index.metadata_size < index.weight < index.metadata_size + 100_000


def test_metadata_above_the_limit_is_refused(films: Library) -> None:
    """A moov that the administrator does not want in memory is refused, in the words nginx has for it."""
    data = films.data("h264")
    size = len(boxes.tree(data).need("moov").payload)
    assert indexed(data, IndexLimits(1024, size)).tracks
    with pytest.raises(MediaTooLarge) as caught:
        indexed(data, IndexLimits(1024, size - 1))
    assert caught.value.message == (f"mp4 moov atom is too large:{size}, you may want to increase mp4_max_buffer_size")
    assert caught.value.box == "moov"
    with pytest.raises(MediaTooLarge, match="mp4 moof atom is too large"):
        indexed(films.data("fragmented"), IndexLimits(1024, 2048))


@pytest.mark.parametrize("name", films.RECIPES)
def test_films_are_known_by_their_first_bytes(films: Library, name: str) -> None:
    """What a film is follows from its bytes, not from its name."""
    assert IsobmffFormat().probe(films.data(name)[:4096])


@given(head=st.binary(max_size=40))
def test_other_files_are_not_taken(head: bytes) -> None:
    """Probing never fails, and takes no file that begins with anything but a box such files begin with."""
    assert not IsobmffFormat().probe(head) or head[4:8] in FIRST_BOXES
    for other in (b"FLV\x01\x05\0\0\0\x09", b"\x1a\x45\xdf\xa3\x01\0\0\0", b"RIFF\0\0\0\0WAVE", b"", b"\0\0\0\x18fty"):
        assert not IsobmffFormat().probe(other + head if len(other) >= 8 else other)


@pytest.mark.parametrize(("head", "known"), [(b"ftyp", True), (b"moov", True), (b"RIFF", False), (b"", False)])
def test_what_is_of_this_family(head: bytes, known: bool) -> None:
    """Other files are left to other formats, whatever their names are."""
    assert IsobmffFormat().probe(struct.pack(">I", 24) + head + bytes(16)) is known
    assert IsobmffFormat().probe(struct.pack(">I", 4) + head + bytes(16)) is known  # broken: its index says how


def test_the_format_is_an_imediaformat() -> None:
    """The format can be used by whoever knows the contract only."""
    assert verifyObject(IMediaFormat, IsobmffFormat())


def test_the_format_tells_details(films: Library) -> None:
    """Pages learn codecs and chapters from it without knowing what a box is."""
    assert verifyObject(IFilmDetails, IsobmffFormat())
    data = films.data("tagged")
    index = indexed(data)
    assert [IsobmffFormat().codec(track) for track in index.tracks] == ["avc1.4D400B", "mp4a.40.2", "text"]
    assert len(index_bytes(IsobmffFormat().chapters(index), data)) == 3


# Files that break off.


def borders(box: boxes.Box) -> Iterator[int]:
    """Yield where boxes begin, where their payload begins, and where it ends."""
    for child in box.children:
        yield from (child.offset, child.offset + 4, child.offset + child.header, child.offset + child.size)
        yield child.offset + child.size - 1
        yield from borders(child)


@pytest.mark.parametrize(
    "name",
    ["h264", "moov-last", "fragmented", "fragmented-short", "hybrid", "size-0-mdat", "big-boxes", "several-mdat"],
)
def test_a_file_that_breaks_off_is_refused_or_plays_so_far(films: Library, name: str) -> None:
    """Cut at any border of any box, a film is an error in words or has the samples that are there."""
    data = films.data(name)
    places = sorted({at for at in borders(boxes.tree(data)) if at < len(data)})
    for place in places:
        for size in (place, len(data)):  # the file is that short; it gets shorter while it is read
            try:
                index = index_bytes(IsobmffFormat().index(size, USUAL), data[:place])
            except StreamingError as error:
                assert error.message
                continue
            for track in index.tracks:
                with contextlib.suppress(StreamingError):
                    for chunk in zip(*everything(track), strict=True):
                        assert sum(chunk) <= size


def everything(track: Track) -> tuple[list[int], list[int]]:
    """Return offsets and lengths of all chunks of a track."""
    chunks = track.samples.chunks(0, track.samples.count)
    return chunks.offsets.tolist(), chunks.sizes.tolist()


def test_a_recording_that_breaks_off_plays_so_far(films: Library) -> None:
    """The whole fragments of a recording that was cut off play, the last one that is not there does not matter."""
    data = films.data("fragmented")
    moofs = [box.offset for box in boxes.tree(data).children if box.kind == b"moof"]
    whole = used(data)
    for number, place in enumerate(moofs[1:], 1):
        for end in (place, place + 4, place + 100):
            index = used(data[:end])
            counts = [track.samples.count for track in index.tracks]
            assert counts[0] == 50 * number
            assert counts[1] <= whole.tracks[1].samples.count


# Tracks that begin late.

MOVIE = 1000


def begins(edits: tuple[Edit, ...], media: int) -> Fraction:
    """Return when media time 0 is shown, seconds."""
    waited = sum(edit.segment_duration for edit in edits if edit.media_time < 0)
    skipped = next((edit.media_time for edit in edits if edit.media_time >= 0), 0)
    return Fraction(waited, MOVIE) - Fraction(skipped, media)


EDITS = st.one_of(
    st.just(()),
    st.builds(lambda at: (Edit(0, at),), st.integers(0, 10_000)),
    st.builds(lambda waited, at: (Edit(waited, -1), Edit(0, at)), st.integers(0, 5000), st.integers(0, 10_000)),
)


@given(
    edits=st.tuples(EDITS, EDITS),
    begins=st.tuples(st.integers(0, 2**40), st.integers(0, 2**40)),
    scales=st.tuples(st.sampled_from([90_000, 12_800]), st.sampled_from([44_100, 48_000])),
    movie=st.sampled_from([1, 600, 1000]),
)
def test_a_piece_of_a_stream_stays_together(
    edits: tuple[tuple[Edit, ...], tuple[Edit, ...]], begins: tuple[int, int], scales: tuple[int, int], movie: int
) -> None:
    """Wherever in a live stream a recording began, its tracks keep the distance they had, to half a tick."""
    starts = [start_of(*each, movie) for each in zip(edits, begins, scales, strict=True)]
    earliest = max(Fraction(0), min(starts))
    for before, begin, scale, start in zip(edits, begins, scales, starts, strict=True):
        after = rebased(before, begin, start - earliest, scale, movie)
        assert abs(start_of(after, 0, scale, movie) - (start - earliest)) <= Fraction(1, 2 * scale)
        assert all(edit.media_time >= -1 and edit.segment_duration >= 0 for edit in after)


def test_when_a_track_of_fragments_is_shown() -> None:
    """What an edit list waits for and what it cuts off both count."""
    assert start_of((), 90_000, 90_000, MOVIE) == 1
    assert start_of((Edit(500, -1), Edit(0, 9_000)), 90_000, 90_000, MOVIE) == Fraction(7, 5)
    assert start_of((Edit(0, 45_000),), 0, 90_000, MOVIE) == Fraction(-1, 2)


def later(data: bytes, ticks: dict[int, int]) -> bytes:
    """Return a fragmented film whose tracks begin that much later."""
    made = bytearray(data)
    at = -1
    while (at := made.find(b"tfdt", at + 1)) > 0:
        (track,) = struct.unpack_from(">I", made, made.rfind(b"tfhd", 0, at) + 8)
        form = ">Q" if made[at + 4] else ">I"
        struct.pack_into(form, made, at + 8, struct.unpack_from(form, made, at + 8)[0] + ticks[track])
    return bytes(made)


@pytest.mark.parametrize("sound", [0, 22_592, -333])
def test_a_piece_of_a_live_stream(films: Library, sound: int) -> None:
    """A recording from the middle of a stream begins at 0, its sound as far from its picture as it was there."""
    data = films.data("fragmented")
    apart = Fraction(sound, 44_100)
    index = indexed(later(data, {1: 12_800 * 1000, 2: 44_100 * 1000 + sound}))
    picture, tone = (begins(track.edits, track.timescale) for track in index.tracks)
    assert abs(tone - picture - apart) <= Fraction(1, 12_800)
    assert min(picture, tone) <= Fraction(1, MOVIE)
    assert 12 <= index.duration / index.timescale < 13


@pytest.mark.parametrize("left_out", [1, 3])
def test_a_recording_of_a_part_of_a_stream(films: Library, left_out: int) -> None:
    """A film whose first fragments are missing begins with what is there, sound and picture together."""
    data = films.data("fragmented")
    file = boxes.tree(data)
    pairs = [box for box in file.children if box.kind in (b"moof", b"mdat")]
    start = pairs[0].offset
    rest = pairs[2 * left_out].offset
    cut = data[:start] + make(b"free", bytes(rest - start - 8)) + data[rest:]
    index, whole = used(cut), indexed(data)
    for track, before in zip(index.tracks, whole.tracks, strict=True):
        missing = before.samples.count - track.samples.count
        assert missing > 0
        original = Fraction(before.samples.decode_time(missing), track.timescale)
        earliest = min(
            Fraction(w.samples.decode_time(w.samples.count - t.samples.count), w.timescale)
            for t, w in zip(index.tracks, whole.tracks, strict=True)
        )
        assert abs(begins(track.edits, track.timescale) - (original - earliest)) <= Fraction(1, track.timescale)
