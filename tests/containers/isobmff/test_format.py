"""Whole films as their index tells them, judged by FFmpeg's demuxer."""

from __future__ import annotations

import io
import struct
from collections import defaultdict
from fractions import Fraction

import av
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hls_mp4.containers.isobmff import IsobmffFormat
from hls_mp4.containers.isobmff.box import Box
from hls_mp4.containers.isobmff.format import rebased, start_of
from hls_mp4.errors import StreamingError
from hls_mp4.interfaces import IndexLimits
from hls_mp4.media.drive import index_bytes
from hls_mp4.media.index import Edit, MediaIndex
from tests.films import RECIPES, Library, quiet

SAMPLE_COUNT_OF_FFMPEG_DIFFERS = ("pcm-mov", "ipcm", "pcm-big-chunks")
"""FFmpeg joins frames of PCM into packets."""


def index_of(data: bytes) -> MediaIndex:
    index = index_bytes(IsobmffFormat().index(len(data), IndexLimits()), data)
    assert isinstance(index, MediaIndex)
    return index


def packets_of(data: bytes) -> dict[int, list[av.Packet]]:
    """Return FFmpeg's packets by track id, in decoding order, edit lists ignored."""
    found: dict[int, list[av.Packet]] = defaultdict(list)
    options = {"ignore_editlist": "1", "advanced_editlist": "0"}
    with quiet(), av.open(io.BytesIO(data), options=options) as container:
        for packet in container.demux():
            if packet.dts is not None and packet.size:
                found[packet.stream.id].append(packet)
    return {track: sorted(packets, key=lambda packet: packet.dts) for track, packets in found.items()}


@pytest.mark.parametrize("name", sorted(RECIPES))
def test_every_sample_is_what_ffmpeg_demuxes(films: Library, name: str) -> None:
    """Whatever the codec and the layout: times, sizes, places and key frames of all samples are those players see."""
    data = films.data(name)
    index = index_of(data)
    judged = packets_of(data)
    for track in index.tracks:
        packets = judged.get(track.id)
        if packets is None:
            assert track.handler == "text"  # chapters: FFmpeg reads them, and shows no packets
            continue
        table = track.samples
        if name in SAMPLE_COUNT_OF_FFMPEG_DIFFERS and track.handler == "soun":
            assert table.bytes_between(0, table.count) == sum(packet.size for packet in packets)
            assert table.offset(0) == packets[0].pos
            continue
        keys = set(table.sync_samples.tolist())
        early = packets[0].dts - table.decode_time(0)
        shown = packets[0].pts - table.presentation_time(0)
        for sample, packet in enumerate(packets):
            assert packet.dts - early == table.decode_time(sample)
            assert packet.pts - shown == table.presentation_time(sample)
            assert packet.size == table.size(sample)
            assert packet.pos == table.offset(sample)
            assert packet.is_keyframe == (sample in keys)
        assert table.count == len(packets)


def borders(box: Box) -> set[int]:
    """Return where the boxes of a tree begin, where their payloads begin, and where they end."""
    found = {box.offset, box.offset + box.header, box.offset + box.size}
    for child in box.children:
        found |= borders(child)
    return found


@pytest.mark.parametrize("name", ["h264", "moov-last", "fragmented-short", "hybrid", "several-mdat", "size-0-mdat"])
def test_a_film_cut_off_at_any_box(films: Library, name: str) -> None:
    """An unfinished download is refused, or plays as far as it goes; it never points behind its end."""
    data = films.data(name)
    header = index_of(data).header
    cuts = borders(header.moov) | {at for box in header.boxes for at in (box.offset, box.offset + box.header)}
    for cut in sorted({cut + by for cut in cuts for by in (-1, 0, 1)}):
        if not 0 <= cut < len(data):
            continue
        try:
            index = index_of(data[:cut])
            for track in index.tracks:
                chunks = track.samples.chunks(0, track.samples.count)
                assert not len(chunks) or int((chunks.offsets + chunks.sizes).max()) <= cut
        except StreamingError as error:
            assert "mp4" in str(error) or "chunk" in str(error)


@pytest.mark.parametrize(("head", "known"), [(b"ftyp", True), (b"moov", True), (b"RIFF", False), (b"", False)])
def test_what_is_of_this_family(head: bytes, known: bool) -> None:
    """Other files are left to other formats, whatever their names are."""
    assert IsobmffFormat().probe(struct.pack(">I", 24) + head + bytes(16)) is known
    assert IsobmffFormat().probe(struct.pack(">I", 4) + head + bytes(16)) is known  # broken: its index says how


def test_a_film_of_six_gibibytes(films: Library) -> None:
    """Samples beyond 4 GiB are where they are, though nobody reads what lies between."""
    data = films.data("co64")
    moov = index_of(data).header.moov
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
    plain = index_of(data)
    for track, other in zip(index.tracks, plain.tracks, strict=True):
        last = track.samples.count - 1
        assert track.samples.offset(last) == other.samples.offset(last) + far


# When fragments begin.

MOVIE = 1000
timescales = st.sampled_from([600, 12800, 30000, 44100, 48000, 90000, 10_000_000])


def begins(edits: tuple[Edit, ...], media: int) -> Fraction:
    """Return when media time 0 is shown, seconds."""
    waited = sum(edit.segment_duration for edit in edits if edit.media_time < 0)
    skipped = next((edit.media_time for edit in edits if edit.media_time >= 0), 0)
    return Fraction(waited, MOVIE) - Fraction(skipped, media)


@given(
    st.integers(0, 10**12),
    st.fractions(0, 100),
    timescales,
    st.one_of(st.just(()), st.integers(0, 5000).map(lambda skipped: (Edit(0, skipped),))),
)
def test_tracks_of_a_live_piece_stay_together(begin: int, start: Fraction, media: int, edits: tuple[Edit, ...]) -> None:
    """Wherever a piece of a live stream begins, a track is shown when it should be: to half a unit of its time."""
    made = rebased(edits, begin, start, media, MOVIE)
    assert abs(begins(made, media) - start) <= Fraction(1, 2 * media)
    assert all(edit.media_time >= -1 and edit.segment_duration >= 0 for edit in made)


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
    index = index_of(later(data, {1: 12_800 * 1000, 2: 44_100 * 1000 + sound}))
    picture, tone = (begins(track.edits, track.timescale) for track in index.tracks)
    assert abs(tone - picture - apart) <= Fraction(1, 12_800)
    assert min(picture, tone) <= Fraction(1, MOVIE)
    assert 12 <= index.duration / index.timescale < 13
