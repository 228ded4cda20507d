"""The forms of segments, fragmented MP4 and MPEG-TS: what each can carry, how long segments are, what is in them."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Generator, Sequence
from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from hls_mp4.errors import NotFound, UnsupportedMedia
from hls_mp4.media.presentation import Presentation, Rendition
from hls_mp4.media.protection import Protection
from hls_mp4.packagers.fmp4.encryption import ENCRYPTED_SAMPLE, encryptable, protected_segment
from hls_mp4.packagers.fmp4.encryption import Reading as PartReading
from hls_mp4.packagers.fmp4.fragment import media_segment
from hls_mp4.packagers.fmp4.lengths import moof_lengths, segment_lengths
from hls_mp4.packagers.hls.aes128 import encrypted, padded_sizes
from hls_mp4.packagers.hls.keys import AES_128, SAMPLE_AES, Keys
from hls_mp4.packagers.hls.protecting import key_tags, protection_of
from hls_mp4.packagers.mpegts.keyframes import key_frame_ranges
from hls_mp4.packagers.mpegts.scrambling import Scrambling, scrambled
from hls_mp4.packagers.mpegts.segment import segment_parts
from hls_mp4.packagers.mpegts.streams import stream_of_rendition
from hls_mp4.packagers.mpegts.totals import totals_key, totals_of
from hls_mp4.packagers.segmenting.cutting import cutting_of
from hls_mp4.packagers.segmenting.presentable import Presentable, fragmentable, presentable
from hls_mp4.plan import Buffer, Extent, Part, Plan

_MDAT_HEADER = 8


@dataclass(frozen=True, slots=True)
class Segment:
    """A media segment.

    Args:
        plan: its bytes.
        variant: what tells it from every other made of the film.
        content_type: of it.
    """

    plan: Plan
    variant: str
    content_type: str


Reading = Generator[Extent, Buffer, Segment]
"""Yields what has to be read before a segment can be told, is sent it, and returns the segment."""


@dataclass(frozen=True, slots=True)
class Form(ABC):
    """A form of segments.

    Args:
        keys: what they are encrypted with; None for nothing.
        protection: how fragments are encrypted; None for not at all.
    """

    keys: Keys | None
    protection: Protection | None = None

    name: ClassVar[str]
    suffix: ClassVar[str]
    has_init: ClassVar[bool]
    muxed: ClassVar[bool]
    """Whether pictures and sound may be in the same segments."""

    @property
    def has_key_frames(self) -> bool:
        """Whether a range of a segment's bytes can be played by itself."""
        return self.protection is None and (self.keys is None or self.keys.method != AES_128)

    def presentable(self, presentation: Presentation) -> Presentable:
        """Return the pictures and sounds that segments can carry.

        Raises:
            UnsupportedMedia: there is none.
        """
        return presentable(presentation, self.can)

    def lengths(self, presentation: Presentation, numbers: Sequence[int]) -> NDArray[np.int64]:
        """Return the bytes of each segment of some renditions, exactly."""
        sizes = self.clear_lengths(presentation, numbers)
        return padded_sizes(sizes) if self.keys is not None and self.keys.method == AES_128 else sizes

    def key_tags(self, presentation: Presentation, numbers: Sequence[int]) -> list[str]:
        """Return the lines of a playlist that tell players of keys."""
        if self.keys is not None:
            return [self.keys.tag(presentation.forward)]
        if self.protection is not None:
            return key_tags(self.protection, presentation.renditions[numbers[0]].kind, presentation.forward)
        return []

    def segment(self, presentation: Presentation, numbers: Sequence[int], number: int) -> Segment | Reading:
        """Return a segment of some renditions, or what reads something of the film to return it.

        Args:
            presentation: whose they are.
            numbers: of the renditions.
            number: of the segment, from 1.

        Raises:
            NotFound: there is none of this number.
        """
        cutting = cutting_of(presentation, numbers)
        if number > len(cutting):
            raise NotFound(f"no segment {number}")
        bounds = "-".join(f"{parts[number - 1]}-{parts[number]}" for parts in cutting.parts)
        marks = (str(presentation.lead_ms), *self.marks(presentation, numbers, number))
        variant = "-".join((self.suffix, *map(str, numbers), str(number), bounds, *marks))
        parts = self.parts(presentation, numbers, number)
        kind = self.content_type(presentation.renditions[numbers[0]])
        if not isinstance(parts, list):
            assert self.protection is not None
            return _read(parts, f"{variant}-{self.protection.variant}", kind)
        if self.keys is not None:
            variant += f"-{self.keys.print}"
            if self.keys.method == AES_128:
                parts = [encrypted(parts, self.keys.key, self.keys.iv_of(number))]
        return Segment(Plan(parts), variant, kind)

    def marks(self, presentation: Presentation, numbers: Sequence[int], number: int) -> Sequence[str]:
        """Return what else a segment's bytes depend on."""
        return ()

    @abstractmethod
    def version(self, *, key_frames: bool = False) -> int:
        """Return the version of the protocol that playlists need."""

    @abstractmethod
    def can(self, rendition: Rendition) -> None:
        """Raise UnsupportedMedia where segments cannot carry a rendition."""

    @abstractmethod
    def clear_lengths(self, presentation: Presentation, numbers: Sequence[int]) -> NDArray[np.int64]:
        """Return the bytes of each segment of some renditions, before they are encrypted as a whole."""

    @abstractmethod
    def parts(self, presentation: Presentation, numbers: Sequence[int], number: int) -> list[Part] | PartReading:
        """Return a segment before it is encrypted as a whole, or what reads something of the film to return it."""

    @abstractmethod
    def content_type(self, rendition: Rendition) -> str:
        """Return the type of segments that have a rendition first."""

    @abstractmethod
    def key_frames(self, presentation: Presentation, number: int) -> list[tuple[int, int]]:
        """Return for each segment of a video where its key frame begins in it, and its bytes."""

    @abstractmethod
    def takes_long(self, presentation: Presentation, numbers: Sequence[int]) -> bool:
        """Tell whether more than some milliseconds pass before a segment can be told the length of."""


class FragmentedForm(Form):
    """Fragmented MP4: one rendition in a segment, its bytes as the film has them."""

    __slots__ = ()

    name = "fmp4"
    suffix = "m4s"
    has_init = True
    muxed = False

    def version(self, *, key_frames: bool = False) -> int:
        """Return the version of the protocol that playlists need: EXT-X-MAP."""
        return 7

    def can(self, rendition: Rendition) -> None:
        """Raise UnsupportedMedia where segments cannot carry a rendition."""
        fragmentable(rendition)
        if self.protection is not None:
            encryptable(rendition, self.protection)

    def clear_lengths(self, presentation: Presentation, numbers: Sequence[int]) -> NDArray[np.int64]:
        """Return the bytes of each segment of some renditions, before they are encrypted as a whole."""
        more = ENCRYPTED_SAMPLE if self.protection is not None else 0
        found = zip(numbers, cutting_of(presentation, numbers).parts, strict=True)
        return np.asarray(
            sum(
                segment_lengths(presentation.renditions[number], parts) + more * np.diff(parts)
                for number, parts in found
            )
        )

    def parts(self, presentation: Presentation, numbers: Sequence[int], number: int) -> list[Part] | PartReading:
        """Return a segment before it is encrypted as a whole, or what reads something of the film to return it."""
        if len(numbers) != 1:
            raise NotFound("a segment of fragmented MP4 has one track")
        rendition = presentation.renditions[numbers[0]]
        (bounds,) = cutting_of(presentation, numbers).parts
        first, stop = bounds[number - 1 : number + 1].tolist()
        if self.protection is not None:
            return protected_segment(presentation, rendition, first, stop, number, self.protection)
        return media_segment(rendition, presentation.assets[rendition.source].source, first, stop, number)

    def content_type(self, rendition: Rendition) -> str:
        """Return the type of segments that have a rendition first."""
        return "audio/mp4" if rendition.kind == "audio" else "video/mp4"

    def key_frames(self, presentation: Presentation, number: int) -> list[tuple[int, int]]:
        """Return for each segment of a video where its key frame begins in it, and its bytes."""
        rendition = presentation.renditions[number]
        samples = rendition.track.samples
        (parts,) = cutting_of(presentation, (number,)).parts
        heads = (moof_lengths(rendition, parts) + _MDAT_HEADER).tolist()
        return [(0, head + samples.size(first)) for head, first in zip(heads, parts[:-1].tolist(), strict=True)]

    def takes_long(self, presentation: Presentation, numbers: Sequence[int]) -> bool:
        """Tell whether more than some milliseconds pass before a segment can be told the length of: never."""
        return False


class TransportForm(Form):
    """MPEG-TS: pictures, sound, or both in a segment."""

    __slots__ = ()

    name = "ts"
    suffix = "ts"
    has_init = False
    muxed = True

    def version(self, *, key_frames: bool = False) -> int:
        """Return the version of the protocol that playlists need: byte ranges, SAMPLE-AES."""
        if self.keys is not None and self.keys.method == SAMPLE_AES:
            return 5
        return 4 if key_frames else 3

    @property
    def _scrambled(self) -> bool:
        return self.keys is not None and self.keys.method == SAMPLE_AES

    def can(self, rendition: Rendition) -> None:
        """Raise UnsupportedMedia where segments cannot carry a rendition."""
        stream = stream_of_rendition(rendition)
        if self._scrambled:
            scrambled(stream, rendition)

    def clear_lengths(self, presentation: Presentation, numbers: Sequence[int]) -> NDArray[np.int64]:
        """Return the bytes of each segment of some renditions, before they are encrypted as a whole."""
        return totals_of(presentation, numbers, scrambled=self._scrambled).sizes

    def marks(self, presentation: Presentation, numbers: Sequence[int], number: int) -> Sequence[str]:
        """Return what else a segment's bytes depend on: continuity counters."""
        totals = totals_of(presentation, numbers, scrambled=self._scrambled)
        return [f"{before[number - 1] & 15:x}" for before in (totals.video, totals.sound)]

    def parts(self, presentation: Presentation, numbers: Sequence[int], number: int) -> list[Part]:
        """Return a segment before it is encrypted as a whole."""
        scrambling = None
        if self._scrambled:
            assert self.keys is not None
            scrambling = Scrambling(self.keys.key, self.keys.iv_of(number))
        return segment_parts(presentation, numbers, number - 1, scrambling)

    def content_type(self, rendition: Rendition) -> str:
        """Return the type of segments that have a rendition first."""
        return "video/mp2t"

    def key_frames(self, presentation: Presentation, number: int) -> list[tuple[int, int]]:
        """Return for each segment of a video where its key frame begins in it, and its bytes."""
        return key_frame_ranges(presentation, number, scrambled=self._scrambled)

    def takes_long(self, presentation: Presentation, numbers: Sequence[int]) -> bool:
        """Tell whether more than some milliseconds pass before a segment can be told the length of."""
        return totals_key(presentation, numbers, scrambled=self._scrambled) not in presentation.kept


_FORMS: dict[str, type[Form]] = {form.name: form for form in (FragmentedForm, TransportForm)}


def form_of(name: str, keys: Keys | None, protection: Protection | None = None) -> Form:
    """Return a form of segments.

    Args:
        name: as `hls_segment_format` has it.
        keys: what `hls_encryption` wants them encrypted with; None for nothing.
        protection: how they are encrypted where a location has a file of keys; `keys` counts for nothing then.

    Raises:
        UnsupportedMedia: they cannot be encrypted so.
    """
    if protection is not None:
        if name == TransportForm.name:
            raise UnsupportedMedia("MPEG-TS cannot be under Common Encryption, and there is a drm_key_file")
        return FragmentedForm(None, protection)
    if keys is not None and keys.method == SAMPLE_AES and name == FragmentedForm.name:
        return FragmentedForm(keys, protection_of(keys))
    return _FORMS[name](keys)


def _read(reading: PartReading, variant: str, content_type: str) -> Reading:
    """Return a generator that returns a segment when everything is known of it."""
    parts = yield from reading
    return Segment(Plan(parts), variant, content_type)
