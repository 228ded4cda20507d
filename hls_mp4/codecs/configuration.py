"""The codec of a track as its container describes it: the same shape for every container."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from hls_mp4.codecs.records import Record
from hls_mp4.codecs.strings import codec_string


@dataclass(frozen=True, slots=True)
class Configuration:
    """The codec of a track.

    Args:
        entry: four letters of the codec, as a sample entry of MP4 has them; of the original format when it is
            protected. Empty when there is none.
        protected: whether the samples are encrypted.
        records: payloads of the boxes in the sample entry, by four letters (avcC, hvcC, esds, ...); of twins the
            first. Containers without boxes give what would be in them.
    """

    entry: str = ""
    protected: bool = False
    records: Mapping[str, Record] = field(default_factory=dict)

    @property
    def codec_string(self) -> str:
        """The codecs parameter of RFC 6381."""
        return codec_string(self.entry, self.records)
