"""Which bytes of a sample are encrypted (ISO/IEC 23001-7 9.5): those of slices behind their headers.

    H.264, HEVC   lengths, headers of NAL units and of slices, and everything that is no slice stay readable; of slices
                  cenc encrypts a multiple of 16 bytes at the end (10.1), cbcs everything behind the header (10.4)
    sound         everything

VP9 and AV1 want more of their headers understood than is understood here: they are refused, not sent half readable.
"""

from __future__ import annotations

from dataclasses import dataclass

from hls_mp4.codecs.annexb import START_CODE, framing_of_avc, framing_of_hevc
from hls_mp4.codecs.avc_slices import AvcSlices
from hls_mp4.codecs.hevc_slices import HevcSlices
from hls_mp4.errors import MalformedMedia, UnsupportedMedia
from hls_mp4.media.presentation import Rendition
from hls_mp4.media.protection import CENC
from hls_mp4.packagers.description import configuration

Subsamples = tuple[tuple[int, int], ...]
"""Readable bytes, then encrypted ones, and again; they add up to the sample."""

BLOCK = 16
MOST_CLEAR = 0xFFFF
MOST_SUBSAMPLES = 40
"""Of a sample: what is said of it has 255 bytes at most (14496-12 8.7.8)."""

_AVC, _HEVC = ("avc1", "avc3"), ("hvc1", "hev1")


@dataclass(frozen=True, slots=True)
class Mapper:
    """Finds the slices of samples.

    Args:
        slices: the parameter sets of the stream; those in samples are added.
        length_size: bytes of the lengths before NAL units.
        aligned: whether a multiple of 16 bytes is encrypted.
    """

    slices: AvcSlices | HevcSlices
    length_size: int
    aligned: bool

    def map(self, sample: memoryview) -> Subsamples:
        """Return what of a sample is encrypted; nothing for a sample without slices.

        Raises:
            MalformedMedia: it is no sample of its codec.
            UnsupportedMedia: it cannot be encrypted as it should be.
        """
        try:
            return self._map(sample)
        except (LookupError, ValueError) as problem:
            raise MalformedMedia(f"a picture cannot be encrypted: {problem}") from None

    def _map(self, sample: memoryview) -> Subsamples:
        found: list[tuple[int, int]] = []
        size, at, clear = len(sample), 0, 0
        while at < size:
            body = at + self.length_size
            end = body + int.from_bytes(sample[at:body], "big")
            if end > size or body > size:
                raise ValueError(f"a NAL unit of {end - body} bytes in {max(0, size - body)} bytes")
            hidden = self._hidden(sample[body:end]) if end > body else 0
            clear += end - at - hidden
            if hidden:
                while clear > MOST_CLEAR:
                    found.append((MOST_CLEAR, 0))
                    clear -= MOST_CLEAR
                found.append((clear, hidden))
                clear = 0
            at = end
        while clear > MOST_CLEAR:
            found.append((MOST_CLEAR, 0))
            clear -= MOST_CLEAR
        if clear:
            found.append((clear, 0))
        if len(found) > MOST_SUBSAMPLES:
            raise UnsupportedMedia("a picture of so many slices cannot be encrypted")
        return tuple(found)

    def _hidden(self, unit: memoryview) -> int:
        """Return how many bytes at the end of a NAL unit are encrypted."""
        first = unit[0]
        if self.slices.is_set(first):
            self.slices.learn(bytes(unit))
            return 0
        if not self.slices.is_slice(first):
            return 0
        hidden = max(0, len(unit) - self.slices.header(unit))
        return hidden - hidden % BLOCK if self.aligned else hidden


def mapper_of(rendition: Rendition, scheme: str) -> Mapper | None:
    """Return what finds the slices of a rendition; None where whole samples are encrypted.

    Raises:
        UnsupportedMedia: its codec cannot be encrypted.
    """
    told = configuration(rendition.track)
    if rendition.kind == "audio":
        if 0 < rendition.track.samples.uniform_size < BLOCK:
            raise UnsupportedMedia(f'sound of "{told.entry}", in samples of a few bytes, cannot be encrypted')
        return None
    slices: AvcSlices | HevcSlices
    try:
        if told.entry in _AVC:
            framing, slices = framing_of_avc(told.records["avcC"]), AvcSlices()
        elif told.entry in _HEVC:
            framing, slices = framing_of_hevc(told.records["hvcC"]), HevcSlices()
        else:
            raise UnsupportedMedia(f'codec "{told.entry}" cannot be encrypted')
        for unit in framing.parameter_sets.split(START_CODE)[1:]:
            if slices.is_set(unit[0]):
                slices.learn(unit)
    except (LookupError, ValueError) as problem:
        raise UnsupportedMedia(f'codec "{told.entry}" cannot be encrypted: {problem}') from None
    return Mapper(slices, framing.length_size, scheme == CENC)
