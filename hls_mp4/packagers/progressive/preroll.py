"""How many samples a decoder must have seen before what it gives is right: audio pre-roll (ISO/IEC 14496-12 10.1, 8.9).

A film may say it itself, by a sample group of type `roll` or `prol`. Otherwise it follows from the codec: one
access unit for transform codecs whose blocks overlap, 80 ms for Opus (RFC 7845 4.6), the reservoir's reach for MPEG
audio, nothing for PCM and lossless codecs.
"""

from __future__ import annotations

import struct
from weakref import WeakKeyDictionary

from hls_mp4.containers.isobmff.box import Box
from hls_mp4.media.index import Track

OPUS_MS = 80
MOST_SAMPLES = 512
"""A film that asks for more is not believed."""

OVERLAPPING = frozenset(("mp4a", "ac-3", "ec-3", "ac-4", "dtsc", "dtsh", "dtsl", "dtse", "mha1", "mhm1", "vorb"))
RESERVOIR = frozenset((".mp3", "ms\x00\x55", "mp3 "))
RESERVOIR_SAMPLES = 10
SPEECH = frozenset(("samr", "sawb", "sawp", "sqcp", "sevc", "ssmv"))
SPEECH_SAMPLES = 5


_KNOWN: WeakKeyDictionary[Track, int] = WeakKeyDictionary()


def preroll_samples(track: Track) -> int:
    """Return how many samples before the first one shown a decoder needs; Opus, which counts time, gives 0."""
    known = _KNOWN.get(track)
    if known is None:
        known = _KNOWN[track] = _preroll_samples(track)
    return known


def _preroll_samples(track: Track) -> int:
    if track.handler != "soun":
        return 0
    rolls = _signalled(track.box)
    if rolls:
        return rolls
    if track.codec in OVERLAPPING:
        return 1
    if track.codec in RESERVOIR:
        return RESERVOIR_SAMPLES
    return SPEECH_SAMPLES if track.codec in SPEECH else 0


def first_decoded(track: Track, first: int) -> int:
    """Return the sample to start decoding at so that sample `first` is right."""
    if track.handler != "soun" or first <= 0:
        return first
    if track.codec == "Opus":
        samples = track.samples
        timed = samples.sample_at(max(0, samples.decode_time(first) - OPUS_MS * track.timescale // 1000))
        return min(first, timed)
    return max(0, first - preroll_samples(track))


def _signalled(trak: Box) -> int:
    """Return the longest distance that the film's own roll groups give."""
    stbl = trak.find(b"mdia", b"minf", b"stbl")
    if stbl is None:
        return 0
    longest = 0
    for box in stbl.all(b"sgpd"):
        payload = box.payload
        if len(payload) < 12 or bytes(payload[4:8]) not in (b"roll", b"prol"):
            continue
        version = payload[0]
        at = 8 if version == 0 else 12
        length = 2 if version != 1 else int.from_bytes(payload[8:12], "big")
        count = int.from_bytes(payload[at : at + 4], "big")
        at += 4
        # Lengths of their own for each entry would be odd for entries of two bytes, and are not worth following.
        if length != 2 or at + 2 * min(count, MOST_SAMPLES) > len(payload):
            continue
        distances = struct.unpack_from(f">{min(count, MOST_SAMPLES)}h", payload, at)
        longest = max(longest, -min(distances, default=0))
    return longest if longest <= MOST_SAMPLES else 0
