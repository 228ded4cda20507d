"""The forms of segments, fragmented MP4 and MPEG-TS: what each can carry, how long segments are, what is in them."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from hls_mp4.errors import NotFound
from hls_mp4.media.presentation import Presentation, Rendition
from hls_mp4.packagers.fmp4.fragment import Run, media_segment, moof
from hls_mp4.packagers.fmp4.lengths import segment_lengths
from hls_mp4.packagers.hls.aes128 import encrypted, padded_sizes
from hls_mp4.packagers.hls.keys import AES_128, SAMPLE_AES, Keys
from hls_mp4.packagers.mpegts.keyframes import key_frame_ranges
from hls_mp4.packagers.mpegts.scrambling import Scrambling, scrambled
from hls_mp4.packagers.mpegts.segment import segment_parts
from hls_mp4.packagers.mpegts.streams import stream_of_rendition
from hls_mp4.packagers.mpegts.totals import totals_key, totals_of
from hls_mp4.packagers.segmenting.cutting import cutting_of
from hls_mp4.packagers.segmenting.presentable import Presentable, fragmentable, presentable
from hls_mp4.plan import Part, Plan

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


@dataclass(frozen=True, slots=True)
class Form(ABC):
    """A form of segments.

    Args:
        keys: what they are encrypted with; None for nothing.
    """

    keys: Keys | None

    name: ClassVar[str]
    suffix: ClassVar[str]
    has_init: ClassVar[bool]
    muxed: ClassVar[bool]
    """Whether pictures and sound may be in the same segments."""

    @property
    def has_key_frames(self) -> bool:
        """Whether a range of a segment's bytes can be played by itself."""
        return self.keys is None or self.keys.method != AES_128

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

    def segment(self, presentation: Presentation, numbers: Sequence[int], number: int) -> Segment:
        """Return a segment of some renditions.

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
        marks = self.marks(presentation, numbers, number)
        variant = "-".join((self.suffix, *map(str, numbers), str(number), bounds, *marks))
        parts = self.parts(presentation, numbers, number)
        if self.keys is not None:
            variant += f"-{self.keys.print}"
            if self.keys.method == AES_128:
                parts = [encrypted(parts, self.keys.key, self.keys.iv_of(number))]
        return Segment(Plan(parts), variant, self.content_type(presentation.renditions[numbers[0]]))

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
    def parts(self, presentation: Presentation, numbers: Sequence[int], number: int) -> list[Part]:
        """Return a segment before it is encrypted as a whole."""

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

    def clear_lengths(self, presentation: Presentation, numbers: Sequence[int]) -> NDArray[np.int64]:
        """Return the bytes of each segment of some renditions, before they are encrypted as a whole."""
        found = zip(numbers, cutting_of(presentation, numbers).parts, strict=True)
        return np.asarray(sum(segment_lengths(presentation.renditions[number], parts) for number, parts in found))

    def parts(self, presentation: Presentation, numbers: Sequence[int], number: int) -> list[Part]:
        """Return a segment before it is encrypted as a whole."""
        if len(numbers) != 1:
            raise NotFound("a segment of fragmented MP4 has one track")
        rendition = presentation.renditions[numbers[0]]
        (bounds,) = cutting_of(presentation, numbers).parts
        first, stop = bounds[number - 1 : number + 1].tolist()
        return media_segment(rendition, presentation.assets[rendition.source].source, first, stop, number)

    def content_type(self, rendition: Rendition) -> str:
        """Return the type of segments that have a rendition first."""
        return "audio/mp4" if rendition.kind == "audio" else "video/mp4"

    def key_frames(self, presentation: Presentation, number: int) -> list[tuple[int, int]]:
        """Return for each segment of a video where its key frame begins in it, and its bytes."""
        rendition = presentation.renditions[number]
        samples = rendition.track.samples
        (parts,) = cutting_of(presentation, (number,)).parts
        bounds = parts.tolist()
        return [
            (0, len(moof(Run.of(rendition, first, stop), 1)) + _MDAT_HEADER + samples.size(first))
            for first, stop in pairwise(bounds)
        ]

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


def form_of(name: str, keys: Keys | None) -> Form:
    """Return a form of segments by its name in `hls_segment_format`."""
    return _FORMS[name](keys)
