"""Films of samples that a test makes up: any sizes, any times, and bytes that are told apart."""

from __future__ import annotations

import random
import struct
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from hls_mp4.codecs.configuration import Configuration
from hls_mp4.codecs.mpeg4 import esds_of
from hls_mp4.containers.flv.description import FlvDescription
from hls_mp4.interfaces import Asset
from hls_mp4.media.index import MediaIndex, Track
from hls_mp4.media.presentation import Presentation
from hls_mp4.media.segments import SegmentPolicy
from hls_mp4.packagers.mpegts.segment import segment_parts
from hls_mp4.packagers.mpegts.sizes import segment_sizes
from hls_mp4.plan import Plan
from tests.packagers.fmp4.played import rendered
from tests.samples import stbl_of, table_of

SPS, PPS = bytes.fromhex("674d400beca1423f2c20000003002000000641e28532c0"), bytes.fromhex("68ce0fc8")
LC_44100_STEREO = bytes.fromhex("1210")


@dataclass(frozen=True)
class Sample:
    """A sample: its bytes, how long it lasts, when it is shown after it is decoded."""

    data: bytes
    duration: int
    composition: int = 0
    sync: bool = True


def picture(units: Sequence[bytes], length_size: int = 4) -> bytes:
    """Return NAL units as MP4 has them."""
    return b"".join(len(unit).to_bytes(length_size, "big") + unit for unit in units)


def unit(kind: int, size: int, seed: int) -> bytes:
    """Return a NAL unit of a type, of bytes that no other has; without what looks like a start code."""
    rest = bytes(random.Random(seed).choices(range(4, 256), k=max(0, size - 1)))
    return bytes((kind,)) + rest


def avcc(length_size: int = 4) -> bytes:
    """Return an avcC record with a set of each kind."""
    head = bytes((1, SPS[1], SPS[2], SPS[3], 0xFC | length_size - 1, 0xE1))
    return head + struct.pack(">H", len(SPS)) + SPS + b"\x01" + struct.pack(">H", len(PPS)) + PPS


def video_box(length_size: int = 4) -> FlvDescription:
    """Return what a container says of H.264."""
    return FlvDescription("avc1", b"", Configuration("avc1", False, {"avcC": avcc(length_size)}))


def sound_box(specific: bytes = LC_44100_STEREO) -> FlvDescription:
    """Return what a container says of AAC."""
    return FlvDescription("mp4a", specific, Configuration("mp4a", False, {"esds": esds_of(0x40, specific)}))


def track(
    handler: str, timescale: int, samples: Sequence[Sample], at: int, box: Any, language: str = "und"
) -> tuple[Track, bytes]:
    """Return a track of samples that lie behind each other, and their bytes.

    Args:
        handler: "vide" or "soun".
        timescale: of the samples' times.
        samples: one at least.
        at: where they begin in the file.
        box: what the container says of the codec.
        language: of the track.
    """
    compositions = [(1, each.composition) for each in samples]
    syncs = [number for number, each in enumerate(samples, 1) if each.sync]
    table = table_of(
        stbl_of(
            stts=[(1, each.duration) for each in samples],
            ctts=compositions if any(each.composition for each in samples) else None,
            stss=syncs if len(syncs) < len(samples) else None,
            sizes=[len(each.data) for each in samples],
            stsc=[(1, len(samples), 1)],
            stco=[at],
        )
    )
    made = Track(
        id=1,
        handler=handler,
        timescale=timescale,
        declared_duration=0,
        language=language,
        codec=box.codec,
        enabled=True,
        width=0,
        height=0,
        channels=0,
        rate=0,
        edits=(),
        samples=table,
        box=box,
    )
    return made, b"".join(each.data for each in samples)


def film(
    pictures: Sequence[Sample],
    sounds: Sequence[Sample],
    *,
    policy: SegmentPolicy | None = None,
    timescales: tuple[int, int] = (90_000, 44_100),
    boxes: tuple[Any, Any] | None = None,
) -> Presentation:
    """Return the presentation of a film of these samples.

    Args:
        pictures, sounds: of its tracks; empty for no track.
        policy: how it is cut.
        timescales: of the two.
        boxes: what the container says of the two codecs.
    """
    data = b"front"
    tracks = []
    described = boxes or (video_box(), sound_box())
    for handler, timescale, samples, box in zip(
        ("vide", "soun"), timescales, (pictures, sounds), described, strict=True
    ):
        if samples:
            made, body = track(handler, timescale, samples, len(data), box)
            tracks.append(made)
            data += body + b"between"
    index = MediaIndex(
        format="mp4",
        size=len(data),
        timescale=1000,
        declared_duration=0,
        tracks=tuple(tracks),
        faststart=True,
        fragmented=False,
        weight=0,
        metadata_size=0,
        header=None,
    )
    return Presentation.of([Asset(index, data)], policy or SegmentPolicy(1000))


def segments_of(presentation: Presentation, numbers: Sequence[int], **more: Any) -> list[bytes]:
    """Return all segments of some renditions, each of the length that was promised."""
    lengths = segment_sizes(presentation, numbers, scrambled=bool(more)).tolist()
    found = []
    for segment, length in enumerate(lengths):
        plan = Plan(segment_parts(presentation, numbers, segment, **more))
        assert plan.length == length
        found.append(rendered(plan))
        assert len(found[-1]) == length
    return found
