"""What a rendition is in a transport stream: its type, what the tables say of it, and what each sample gets in front.

H.264, HEVC, AAC, MP3, AC-3 and E-AC-3; everything else is refused by name, and so is what is encrypted in the file.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from weakref import WeakKeyDictionary

from babel.core import get_global

from hls_mp4.codecs import avc, hevc
from hls_mp4.codecs.adts import LONGEST as LONGEST_ADTS
from hls_mp4.codecs.adts import Adts, adts_of
from hls_mp4.codecs.annexb import Framing, framing_of_avc, framing_of_hevc
from hls_mp4.codecs.configuration import Configuration
from hls_mp4.codecs.mpeg4 import stream_of
from hls_mp4.codecs.names import codec_name
from hls_mp4.containers.mpegts import pes
from hls_mp4.containers.mpegts.tables import ProgramStream, language, registration
from hls_mp4.errors import UnsupportedMedia
from hls_mp4.media.index import Track
from hls_mp4.media.presentation import Rendition
from hls_mp4.packagers.description import configuration

VIDEO_PID, AUDIO_PID = 0x100, 0x101

H264, H265, AAC, MP3, MP3_LOW, AC3, EAC3 = 0x1B, 0x24, 0x0F, 0x03, 0x04, 0x81, 0x87
"""Stream types."""

_LEAST_MPEG1_RATE = 32_000
_AAC_OBJECTS = frozenset((0x40, 0x66, 0x67, 0x68))
_MP3_OBJECTS = frozenset((0x69, 0x6B))
_AC3_OBJECT, _EAC3_OBJECT = 0xA5, 0xA6
_LONGEST_GROUP = pes.LONGEST - 64  # what a PES header tells of, without what the header itself has


@dataclass(frozen=True, slots=True)
class Stream:
    """A rendition in a transport stream.

    Args:
        pid: of its packets.
        stream_type: for the PMT.
        stream_id: for PES headers.
        descriptors: for the PMT, without that of the language.
        framing: of pictures; None for sound.
        adts: of AAC; None for others.
        longest: bytes of a frame of sound that can be told; 0 for pictures.
    """

    pid: int
    stream_type: int
    stream_id: int
    descriptors: bytes = b""
    framing: Framing | None = None
    adts: Adts | None = None
    longest: int = 0

    @property
    def overhead(self) -> int:
        """Bytes before each frame of sound."""
        return self.adts.overhead if self.adts is not None else 0


def stream_of_rendition(rendition: Rendition) -> Stream:
    """Return what a rendition is in a transport stream.

    Raises:
        UnsupportedMedia: it cannot be in one; the message names the codec.
    """
    found = _STREAMS.get(rendition.track)
    if found is None:
        try:
            found = _stream(rendition)
        except UnsupportedMedia as problem:
            found = problem
        _STREAMS[rendition.track] = found
    if isinstance(found, UnsupportedMedia):
        raise UnsupportedMedia(found.message)
    return found


_STREAMS: WeakKeyDictionary[Track, Stream | UnsupportedMedia] = WeakKeyDictionary()


def _stream(rendition: Rendition) -> Stream:
    told = configuration(rendition.track)
    make = _VIDEO.get(told.entry) if rendition.kind == "video" else _sound(told)
    name = codec_name(told.codec_string) or rendition.track.codec or "no known codec"
    if make is None:
        raise UnsupportedMedia(f"MPEG-TS cannot carry {name}")
    if told.protected:
        raise UnsupportedMedia(f"{name} that is encrypted in the file cannot be put in MPEG-TS")
    try:
        return make(told, rendition)
    except (LookupError, ValueError) as problem:
        raise UnsupportedMedia(f"MPEG-TS cannot carry this {name}: {problem}") from problem


def _avc(told: Configuration, rendition: Rendition) -> Stream:
    framing = framing_of_avc(told.records["avcC"])
    return Stream(VIDEO_PID, H264, pes.VIDEO, framing=framing)


def _hevc(told: Configuration, rendition: Rendition) -> Stream:
    framing = framing_of_hevc(told.records["hvcC"])
    return Stream(VIDEO_PID, H265, pes.VIDEO, registration(b"HEVC"), framing=framing)


def _aac(told: Configuration, rendition: Rendition) -> Stream:
    adts = adts_of(stream_of(told.records["esds"]).specific)
    return Stream(AUDIO_PID, AAC, pes.AUDIO, adts=adts, longest=LONGEST_ADTS - adts.overhead)


def _mp3(told: Configuration, rendition: Rendition) -> Stream:
    rate = rendition.track.rate
    kind = MP3 if not rate or rate >= _LEAST_MPEG1_RATE else MP3_LOW
    return Stream(AUDIO_PID, kind, pes.AUDIO, longest=_LONGEST_GROUP)


def _ac3(told: Configuration, rendition: Rendition) -> Stream:
    return Stream(AUDIO_PID, AC3, pes.PRIVATE, registration(b"AC-3"), longest=_LONGEST_GROUP)


def _eac3(told: Configuration, rendition: Rendition) -> Stream:
    return Stream(AUDIO_PID, EAC3, pes.PRIVATE, registration(b"EAC3"), longest=_LONGEST_GROUP)


_Make = Callable[[Configuration, Rendition], Stream]

_VIDEO: dict[str, _Make] = {
    **dict.fromkeys(avc.ENTRIES, _avc),
    **dict.fromkeys(hevc.ENTRIES, _hevc),
}
_SOUND: dict[str, _Make] = {
    "ac-3": _ac3,
    "sac3": _ac3,
    "ec-3": _eac3,
    **dict.fromkeys((".mp3", "ms\0U"), _mp3),
}


def _sound(told: Configuration) -> _Make | None:
    if told.entry != "mp4a":
        return _SOUND.get(told.entry)
    try:
        kind = stream_of(told.records["esds"]).object_type
    except (LookupError, ValueError):
        return None
    if kind in _AAC_OBJECTS:
        return _aac
    if kind in _MP3_OBJECTS:
        return _mp3
    return {_AC3_OBJECT: _ac3, _EAC3_OBJECT: _eac3}.get(kind)


def program_stream(stream: Stream, rendition: Rendition) -> ProgramStream:
    """Return a stream as the PMT lists it; of sound with its language."""
    told = language(three_letters(rendition.language)) if rendition.kind == "audio" else b""
    return ProgramStream(stream.pid, stream.stream_type, stream.descriptors + told)


@lru_cache(maxsize=256)
def three_letters(code: str) -> str:
    """Return a language as ISO 639-2 has it, "und" for what has no such code.

    Args:
        code: of ISO 639 with two or three letters, or a tag of BCP 47.
    """
    first = code.replace("_", "-").partition("-")[0].lower()
    if not first.isascii() or not first.isalpha():
        return "und"
    if len(first) == 3:
        return first
    aliases = get_global("language_aliases")
    return min((long for long, short in aliases.items() if short == first and len(long) == 3), default="und")
