"""Which tracks FLV tags can carry: H.264, AAC and MP3. Others are left out, and it is said why.

Enhanced RTMP has tags for more codecs, but no player of fragments knows them.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from hls_mp4.codecs.mpeg4 import audio_format, audio_object_type, stream_of
from hls_mp4.codecs.names import codec_name
from hls_mp4.containers.f4f.tags import AAC, AVC_KEY, aac_header, avc_header, mp3_byte
from hls_mp4.packagers.description import configuration

if TYPE_CHECKING:
    from hls_mp4.codecs.configuration import Configuration
    from hls_mp4.media.presentation import Presentation, Rendition

AVC_ID, AAC_ID, MP3_ID = 7, 10, 2
"""What onMetaData calls these codecs."""

_AVC = ("avc1", "avc3")
_AAC_STREAMS = (0x40, 0x66, 0x67, 0x68)
_MP3_STREAMS = (0x69, 0x6B)
_AAC_TYPES = (1, 2, 3, 4, 5, 29)
_MP3_TYPE = 34
_SHORTEST_AVC = 7


@dataclass(frozen=True, slots=True)
class Coding:
    """How a track is carried.

    Args:
        video: whether it is pictures.
        first: first byte of its tags, of a key frame.
        number: of the codec, one of those above.
        record: what configures its decoder: AVCDecoderConfigurationRecord, AudioSpecificConfig; empty for MP3.
    """

    video: bool
    first: int
    number: int
    record: bytes = b""

    def header(self, time: int) -> bytes:
        """Return the tag that configures the decoder, with a timestamp in ms; empty for MP3."""
        if self.video:
            return avc_header(self.record, time)
        return aac_header(self.record, time) if self.number == AAC_ID else b""


@dataclass(frozen=True, slots=True)
class Codings:
    """How the tracks of a presentation are carried.

    Args:
        of: for each rendition that is; by its number in the presentation.
        complaint: which are not, and why; empty for none.
    """

    of: dict[int, Coding]
    complaint: str


def codings_of(presentation: Presentation) -> Codings:
    """Return how the pictures and sounds of a presentation are carried."""
    return presentation.keep(("hds", "codings"), lambda: _found(presentation))


def _found(presentation: Presentation) -> Codings:
    found: dict[int, Coding] = {}
    refused: list[str] = []
    for number, rendition in enumerate(presentation.renditions):
        if rendition.kind not in ("video", "audio"):
            continue
        coding = coding_of(rendition)
        if isinstance(coding, Coding):
            found[number] = coding
        else:
            source = f"source {rendition.source + 1} " if len(presentation.assets) > 1 else ""
            refused.append(f"{source}{rendition.kind} {rendition.number} is {coding}")
    return Codings(found, f"HDS has H.264, AAC and MP3 only: {', '.join(refused)}" if refused else "")


def coding_of(rendition: Rendition) -> Coding | str:
    """Return how a rendition is carried, or what it is instead of something that could be."""
    told = configuration(rendition.track)
    if told.protected:
        return f"encrypted {codec_name(told.entry)}"
    coding = _video(told) if rendition.kind == "video" else _audio(told, rendition)
    return coding or _name(told, rendition)


def _name(told: Configuration, rendition: Rendition) -> str:
    name = codec_name(told.codec_string) or rendition.track.codec or "of no known codec"
    return f"{name} without a configuration" if name in ("H.264", "AAC") else name


def _video(told: Configuration) -> Coding | None:
    record = bytes(told.records.get("avcC", b""))
    if told.entry not in _AVC or len(record) < _SHORTEST_AVC:
        return None
    return Coding(True, AVC_KEY, AVC_ID, record)


def _audio(told: Configuration, rendition: Rendition) -> Coding | None:
    rate, channels = rendition.track.rate, rendition.track.channels
    mp3 = Coding(False, mp3_byte(rate, channels), MP3_ID)
    if told.entry == ".mp3":
        return mp3
    if told.entry != "mp4a" or "esds" not in told.records:
        return None
    try:
        stream = stream_of(told.records["esds"])
        if stream.object_type in _MP3_STREAMS:
            return mp3
        if stream.object_type not in _AAC_STREAMS:
            return None
        kind = audio_object_type(stream.specific)
        audio_format(stream.specific)
    except (LookupError, ValueError):
        return None
    if kind == _MP3_TYPE:
        return mp3
    return Coding(False, AAC, AAC_ID, stream.specific) if kind in _AAC_TYPES else None
