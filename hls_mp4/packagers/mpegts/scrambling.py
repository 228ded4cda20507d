"""SAMPLE-AES in transport streams: pictures and sound encrypted in part, headers in the clear.

Apple's "MPEG-2 Stream Encryption Format for HTTP Live Streaming": AES-128 in CBC, begun anew in each NAL unit and each
frame. Of slices of H.264 the first 32 bytes are clear and of the rest one block in ten is encrypted, which is then
guarded against start codes a second time; of frames of AAC, AC-3 and E-AC-3 the first 16 bytes are clear, and what is
left over after whole blocks. The format knows no other codecs.
"""

from __future__ import annotations

import re
import struct
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

import numpy as np
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

from hls_mp4.codecs.annexb import START_CODE, Framing, filler, units_of
from hls_mp4.codecs.configuration import Configuration
from hls_mp4.codecs.mpeg4 import stream_of
from hls_mp4.containers.mpegts.tables import private_data_indicator, registration
from hls_mp4.errors import UnsupportedMedia
from hls_mp4.media.presentation import Rendition
from hls_mp4.packagers.description import configuration
from hls_mp4.packagers.mpegts.packing import Pack
from hls_mp4.packagers.mpegts.streams import AAC, AC3, EAC3, H264, Stream

SCRAMBLED_H264, SCRAMBLED_AAC, SCRAMBLED_AC3, SCRAMBLED_EAC3 = 0xDB, 0xCF, 0xC1, 0xC2
"""Stream types."""

_BLOCK = 16
_SLICES = frozenset((1, 5))
_CLEAR_SLICE, _SHORTEST_SLICE, _PERIOD = 32, 49, 160
_CLEAR_FRAME = 16
_UNGUARDED = re.compile(rb"\x00\x00(?=[\x00-\x03])")
_SYNC_WORD = b"\x0b\x77"
_SETUP_VERSION = 1
_AAC_KINDS = {0: b"zaac", 5: b"zach", 29: b"zacp"}


@dataclass(frozen=True, slots=True)
class Scrambling:
    """What samples are encrypted with.

    Args:
        key, iv: 16 bytes each.
    """

    key: bytes
    iv: bytes

    def encrypt(self, blocks: bytes) -> bytes:
        """Return whole blocks encrypted, from the initialization vector on."""
        made: bytes = Cipher(algorithms.AES(self.key), modes.CBC(self.iv)).encryptor().update(blocks)
        return made

    def of_pictures(self, framing: Framing) -> Pack:
        """Return what makes an encrypted byte stream of samples of H.264."""

        def pack(sample: memoryview, room: int) -> bytes:
            made = bytearray()
            for unit in units_of(sample, framing.length_size):
                kind = framing.family.type_of(unit[0])
                if kind == framing.family.delimiter_type:
                    continue
                made += START_CODE
                made += self.slice(unit) if kind in _SLICES and len(unit) >= _SHORTEST_SLICE else unit
            if len(made) > room:
                raise ValueError("more bytes that look like start codes when encrypted than there is room for")
            made += filler(framing.family, room - len(made))
            return bytes(made)

        return pack

    def slice(self, unit: memoryview) -> bytes:
        """Return a NAL unit encrypted."""
        data = np.frombuffer(unit, np.uint8).copy()
        count = (len(data) - (_CLEAR_SLICE + _BLOCK) + _PERIOD - 1) // _PERIOD
        places = (_CLEAR_SLICE + _PERIOD * np.arange(count))[:, None] + np.arange(_BLOCK)
        data[places] = np.frombuffer(self.encrypt(data[places].tobytes()), np.uint8).reshape(-1, _BLOCK)
        return _UNGUARDED.sub(b"\0\0\3", data.tobytes())

    def of_sound(self, stream: Stream) -> Pack:
        """Return what encrypts frames of a sound."""

        def pack(sample: memoryview, room: int) -> bytes:
            return b"".join(self.frame(frame) for frame in split(sample))

        split = _syncframes if stream.stream_type == SCRAMBLED_EAC3 else _whole
        return pack

    def frame(self, frame: memoryview) -> bytes:
        """Return a frame of sound encrypted."""
        end = _CLEAR_FRAME + max(0, len(frame) - _CLEAR_FRAME) // _BLOCK * _BLOCK
        if end == _CLEAR_FRAME:
            return bytes(frame)
        return b"".join((frame[:_CLEAR_FRAME], self.encrypt(bytes(frame[_CLEAR_FRAME:end])), frame[end:]))


def _whole(sample: memoryview) -> Iterator[memoryview]:
    yield sample


def _syncframes(sample: memoryview) -> Iterator[memoryview]:
    """Yield the frames in a sample of E-AC-3, of which it may have several (ETSI TS 102 366 E.1.3.1)."""
    at = 0
    while at < len(sample):
        head = sample[at : at + 4]
        if len(head) < 4 or head[:2] != _SYNC_WORD:
            raise ValueError("no frame of E-AC-3 where one should begin")
        end = at + 2 * (((head[2] & 7) << 8 | head[3]) + 1)
        if end > len(sample):
            raise ValueError("a frame of E-AC-3 cut short")
        yield sample[at:end]
        at = end


def scrambled(stream: Stream, rendition: Rendition) -> Stream:
    """Return a stream as tables tell of it when it is encrypted.

    Raises:
        UnsupportedMedia: there is no form for its codec.
    """
    form = _FORMS.get(stream.stream_type)
    if form is None or (stream.adts is not None and stream.adts.program):
        raise UnsupportedMedia(f"SAMPLE-AES in MPEG-TS has no form for stream type {stream.stream_type:#04x}")
    kind, indicator, setup = form
    told = configuration(rendition.track)
    try:
        descriptors = private_data_indicator(indicator) + setup(stream, told)
    except (LookupError, ValueError) as problem:
        raise UnsupportedMedia(f"SAMPLE-AES in MPEG-TS: {problem}") from problem
    return replace(stream, stream_type=kind, descriptors=descriptors)


def _no_setup(stream: Stream, told: Configuration) -> bytes:
    return b""


def _setup(kind: bytes, data: bytes) -> bytes:
    """Return the descriptor of what a decoder of sound has to know before it has a key."""
    if len(data) > 255 - 12:
        raise ValueError("a configuration of sound that no descriptor holds")
    return registration(b"apad", kind + struct.pack(">HBB", 0, _SETUP_VERSION, len(data)) + data)


def _aac_setup(stream: Stream, told: Configuration) -> bytes:
    assert stream.adts is not None
    return _setup(_AAC_KINDS[stream.adts.extension], stream_of(told.records["esds"]).specific)


def _ac3_setup(stream: Stream, told: Configuration) -> bytes:
    """Return what stands for the first ten bytes of a frame: they are written anew from dac3 (TS 102 366 F.4)."""
    box = int.from_bytes(bytes(told.records["dac3"][:3]).ljust(3, b"\0"), "big")
    rate, version, mode, channels, low, bitrate = (
        box >> 22,
        box >> 17 & 31,
        box >> 14 & 7,
        box >> 11 & 7,
        box >> 10 & 1,
        box >> 5 & 31,
    )
    mixes = 2 * (channels & 1 and channels != 1) + 2 * (channels >> 2) + 2 * (channels == 2)
    # After the mode of channels come levels of their mixes, two bits each where they are told, then the low effects.
    bits = channels << 13 | low << 12 - mixes
    head = _SYNC_WORD + struct.pack(">HBBH", 0, rate << 6 | bitrate * 2, version << 3 | mode, bits)
    return _setup(b"zac3", head.ljust(10, b"\0"))


def _eac3_setup(stream: Stream, told: Configuration) -> bytes:
    return _setup(b"zec3", bytes(told.records["dec3"]))


_FORMS: dict[int, tuple[int, bytes, Callable[[Stream, Configuration], bytes]]] = {
    H264: (SCRAMBLED_H264, b"zavc", _no_setup),
    AAC: (SCRAMBLED_AAC, b"aacd", _aac_setup),
    AC3: (SCRAMBLED_AC3, b"ac3d", _ac3_setup),
    EAC3: (SCRAMBLED_EAC3, b"ec3d", _eac3_setup),
}
