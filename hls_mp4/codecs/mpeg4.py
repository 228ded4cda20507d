"""MPEG-4 elementary streams: the codec string of mp4a and mp4v (RFC 6381 3.3; ISO/IEC 14496-1 7.2.6, 14496-3 1.6.2.1).

AAC, MP3, MPEG-4 Visual and what else has an object type; the numbers lie in the descriptors of esds.
"""

from __future__ import annotations

from typing import NamedTuple

from hls_mp4.codecs.records import Record, Records

ENTRIES = frozenset(("mp4a", "mp4v"))

_ES, _DECODER_CONFIG, _SPECIFIC_INFO = 3, 4, 5
_MPEG4_VISUAL, _MPEG4_AUDIO = 0x20, 0x40
_VISUAL_SEQUENCE = b"\x00\x00\x01\xb0"
_ESCAPED_TYPE = 31
_LC, _SBR, _PARAMETRIC_STEREO = 2, 5, 29
_SYNC_EXTENSION, _SYNC_STEREO = f"{0x2B7:011b}", f"{0x548:011b}"
_RATES = (96000, 88200, 64000, 48000, 44100, 32000, 24000, 22050, 16000, 12000, 11025, 8000, 7350)
_CHANNELS = {7: 8, 11: 7, 12: 8, 14: 8}
"""Channels of the configurations that are not called after their number (ISO/IEC 14496-3 1.6.3.5)."""


class Stream(NamedTuple):
    """What esds says of a stream: its object type, and the decoder's own configuration."""

    object_type: int
    specific: bytes


def describe(entry: str, records: Records) -> str:
    """Return "mp4a.40.2": object type in hexadecimal, then the audio object type or the visual profile, decimal.

    Args:
        entry: four letters of the sample entry.
        records: esds with its version and flags.

    Raises:
        LookupError: there is no record, or it is cut short.
        ValueError: its descriptors are not those of a stream.
    """
    stream = stream_of(records["esds"])
    told = f"{entry}.{stream.object_type:02X}"
    if stream.object_type == _MPEG4_AUDIO:
        return f"{told}.{audio_object_type(stream.specific)}"
    if stream.object_type == _MPEG4_VISUAL and stream.specific.startswith(_VISUAL_SEQUENCE):
        return f"{told}.{stream.specific[4]}"
    return told


def audio_object_type(specific: bytes) -> int:
    """Return the first audio object type of an AudioSpecificConfig: 2 for AAC-LC, 5 where SBR is told first."""
    kind = specific[0] >> 3
    if kind != _ESCAPED_TYPE:
        return kind
    return 32 + ((specific[0] & 7) << 3 | specific[1] >> 5)


def audio_format(specific: bytes) -> tuple[int, int]:
    """Return samples per second and channels of an AudioSpecificConfig, 0 for what it does not say.

    Those of the core where SBR or parametric stereo come on top without being told.

    Raises:
        LookupError: it is cut short.
    """
    bits = int.from_bytes(specific[:8].ljust(8, b"\0"), "big")
    if len(specific) < 2:
        raise IndexError("AudioSpecificConfig cut short")
    at = 64 - (11 if specific[0] >> 3 == _ESCAPED_TYPE else 5)
    at -= 4
    row = bits >> at & 15
    if row == 15:
        if len(specific) < 5:
            raise IndexError("AudioSpecificConfig cut short")
        at -= 24
        rate = bits >> at & 0xFFFFFF
    else:
        rate = _RATES[row] if row < len(_RATES) else 0
    channels = bits >> at - 4 & 15
    return rate, _CHANNELS.get(channels, channels)


class Heard(NamedTuple):
    """What a decoder makes of AAC: the object type on top (2; 5 with SBR, 29 with parametric stereo), its format."""

    object_type: int
    rate: int
    channels: int


def heard(specific: bytes) -> Heard:
    """Return what comes out of a decoder, as far as an AudioSpecificConfig tells (ISO/IEC 14496-3 1.6.2.1, 1.6.5).

    SBR and parametric stereo are known where they are told of before the core, or behind it, as players of before them
    like it; not where they are found in the frames only.

    Raises:
        LookupError: it is cut short.
    """
    rate, channels = audio_format(specific)
    kind = audio_object_type(specific)
    bits = "".join(f"{byte:08b}" for byte in specific[:64])
    at = (11 if kind >= 32 else 5) + (28 if bits[5:9] == "1111" and kind < 32 else 4) + 4
    if kind in (_SBR, _PARAMETRIC_STEREO):
        return Heard(kind, _rate(bits, at) or rate, 2 if kind == _PARAMETRIC_STEREO else channels)
    if kind == _LC and channels:
        at += 2 + (14 if bits[at + 1 : at + 2] == "1" else 0) + 1
        if bits[at : at + 11] == _SYNC_EXTENSION and bits[at + 11 : at + 17] == f"{_SBR:05b}1":
            at += 17
            rate = _rate(bits, at) or rate
            at += 28 if bits[at : at + 4] == "1111" else 4
            if bits[at : at + 12] == _SYNC_STEREO + "1":
                return Heard(_PARAMETRIC_STEREO, rate, 2)
            return Heard(_SBR, rate, channels)
    return Heard(kind, rate, channels)


def _rate(bits: str, at: int) -> int:
    """Return the samples per second that are written at a place, 0 for none."""
    row = bits[at : at + 4]
    if row == "1111":
        return int(bits[at + 4 : at + 28].ljust(24, "0"), 2)
    return _RATES[int(row, 2)] if len(row) == 4 and int(row, 2) < len(_RATES) else 0


def esds_of(object_type: int, specific: bytes = b"") -> bytes:
    """Return the payload of an esds box: the opposite of `stream_of`.

    Args:
        object_type: of the stream; all are audio.
        specific: the decoder's own configuration; empty for none.
    """
    config = bytes((object_type, 0x15)) + bytes(11)
    if specific:
        config += _described(_SPECIFIC_INFO, specific)
    return bytes(4) + _described(_ES, bytes(3) + _described(_DECODER_CONFIG, config) + _described(6, b"\x02"))


def _described(tag: int, body: bytes) -> bytes:
    size = len(body)
    return bytes((tag, *(size >> shift & 0x7F | 0x80 for shift in (21, 14, 7)), size & 0x7F)) + body


def stream_of(record: Record) -> Stream:
    """Return what the descriptors of an esds box say.

    Raises:
        LookupError: they are cut short.
        ValueError: they are others.
    """
    body = _descriptor(bytes(record), 4, _ES)
    flags = body[2]
    at = 3 + (2 if flags & 0x80 else 0)
    if flags & 0x40:
        at += 1 + body[at]
    if flags & 0x20:
        at += 2
    config = _descriptor(body, at, _DECODER_CONFIG)
    return Stream(config[0], _descriptor(config, 13, _SPECIFIC_INFO) if len(config) > 13 else b"")


def _descriptor(data: bytes, at: int, tag: int) -> bytes:
    """Return the body of the descriptor that begins here."""
    if data[at] != tag:
        raise ValueError(f"descriptor {data[at]}")
    size = 0
    for _ in range(4):
        at += 1
        size = size << 7 | data[at] & 0x7F
        if not data[at] & 0x80:
            break
    at += 1
    if at + size > len(data):
        raise IndexError("descriptor cut short")
    return data[at : at + size]
