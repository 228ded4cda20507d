"""Samples as FLV tags, many at a time (Video File Format Specification 10.1, E.4.1 to E.4.3).

A tag is 11 bytes of header, then what stands before a sample - 5 bytes for H.264, 2 for AAC, 1 for MP3 -, the sample,
and 4 bytes that repeat the tag's size. What lies between two samples, the end of one tag and the front of the next, is
one row of a table of twenty bytes, so that a hundred tags are written with five assignments.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from hls_mp4.containers.flv.tag import AROUND, AUDIO, BIGGEST, TAG_HEADER, VIDEO, tag
from hls_mp4.errors import UnsupportedMedia

AVC_KEY, AVC_FRAME = 0x17, 0x27
AAC = 0xAF
"""44 kHz, 16 bits, stereo, whatever it is: the specification wants these bits for AAC."""

VIDEO_FRONT, AAC_FRONT, MP3_FRONT = 5, 2, 1
"""Bytes between a tag's header and the sample."""

_ROW = 20
_BACK = 4
_MP3_RATES = ((40000, 3), (20000, 2), (9000, 1), (0, 0))
_MP3, _MP3_AT_8_KHZ = 2, 14
_SIGNED_24 = 1 << 23


def avc_header(record: bytes, time: int) -> bytes:
    """Return the tag that configures a decoder of H.264: an AVCDecoderConfigurationRecord, with a timestamp in ms."""
    return tag(VIDEO, time, bytes((AVC_KEY, 0, 0, 0, 0)) + record)


def aac_header(specific: bytes, time: int) -> bytes:
    """Return the tag that configures a decoder of AAC: an AudioSpecificConfig, with a timestamp in ms."""
    return tag(AUDIO, time, bytes((AAC, 0)) + specific)


def mp3_byte(rate: int, channels: int) -> int:
    """Return the first byte of a tag of MP3; rates that FLV has no number for get the nearest.

    Args:
        rate: samples per second.
        channels: 0 when unknown.
    """
    if rate == 8000:
        return _MP3_AT_8_KHZ << 4 | 2 | (channels != 1)
    number = next(number for least, number in _MP3_RATES if rate >= least)
    return _MP3 << 4 | number << 2 | 2 | (channels != 1)


@dataclass(frozen=True, slots=True, eq=False)
class Tags:
    """Samples in the order in which they are sent; arrays of one length.

    Args:
        video: whether each is a picture.
        firsts: the first byte of each tag's payload: what codec it is, and whether a key frame.
        times: timestamps, ms.
        compositions: presentation time minus timestamp, ms; of sound without meaning.
        sizes: bytes of each sample.
    """

    video: NDArray[np.bool_]
    firsts: NDArray[np.uint8]
    times: NDArray[np.int64]
    compositions: NDArray[np.int64]
    sizes: NDArray[np.int64]

    def __len__(self) -> int:
        return len(self.sizes)

    @property
    def fronts(self) -> NDArray[np.int64]:
        """Bytes between each tag's header and its sample."""
        sound = np.where(self.firsts == AAC, AAC_FRONT, MP3_FRONT)
        return np.asarray(np.where(self.video, VIDEO_FRONT, sound), np.int64)

    @property
    def lengths(self) -> NDArray[np.int64]:
        """Bytes of each tag, with those behind it that repeat its size."""
        return np.asarray(self.sizes + self.fronts + AROUND)

    def check(self) -> None:
        """Raise UnsupportedMedia when a tag cannot be written: its size has 24 bits, a composition offset 24 signed."""
        if len(self) and int((self.sizes + self.fronts).max()) > BIGGEST:
            raise UnsupportedMedia(f"a sample of {int(self.sizes.max())} bytes is too large for an FLV tag")
        shifts = self.compositions[self.video]
        if len(shifts) and not -_SIGNED_24 <= int(shifts.min()) <= int(shifts.max()) < _SIGNED_24:
            raise UnsupportedMedia("composition offsets are too large for FLV tags")

    def cut(self, start: int, stop: int) -> Tags:
        """Return tags [start, stop)."""
        rows = slice(start, stop)
        return Tags(self.video[rows], self.firsts[rows], self.times[rows], self.compositions[rows], self.sizes[rows])

    def between(self) -> list[memoryview]:
        """Return what stands before each sample, and at last what stands behind the last one.

        The first piece is a tag's front; the others begin with the size of the tag before.
        """
        if not len(self):
            return []
        fronts = self.fronts
        payload = self.sizes + fronts
        rows = np.empty((len(self), 5), ">u4")
        rows[1:, 0] = payload[:-1] + TAG_HEADER
        rows[0, 0] = 0
        rows[:, 1] = np.where(self.video, VIDEO << 24, AUDIO << 24) | payload
        rows[:, 2] = (self.times & 0xFFFFFF) << 8 | self.times >> 24 & 0xFF
        rows[:, 3] = self.firsts
        rows[:, 4] = 1 << 24 | np.where(self.video, self.compositions & 0xFFFFFF, 0)
        data = memoryview(rows.tobytes())
        ends = (np.arange(0, len(self) * _ROW, _ROW) + fronts + _BACK + TAG_HEADER).tolist()
        found = [data[at:end] for at, end in zip(range(0, len(self) * _ROW, _ROW), ends, strict=True)]
        found[0] = found[0][_BACK:]
        found.append(memoryview(struct.pack(">I", int(payload[-1]) + TAG_HEADER)))
        return found
