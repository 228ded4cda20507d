"""What a delivery needs to know of a file besides its samples: where playing can begin, and what to say before."""

from __future__ import annotations

from collections.abc import Generator, Iterable
from dataclasses import dataclass

import numpy as np

from hls_mp4.containers.flv.metadata import KeyFrames, is_metadata
from hls_mp4.containers.flv.packets import CONFIG, SIDE
from hls_mp4.containers.flv.scan import Special, Stream, Tags
from hls_mp4.containers.flv.tag import AROUND, TAG_HEADER, VIDEO
from hls_mp4.errors import MalformedMedia, MediaTooLarge
from hls_mp4.interfaces import IndexLimits, ReadAt


@dataclass(frozen=True, slots=True)
class Metadata:
    """The tag with onMetaData.

    Args:
        offset: absolute, of the tag.
        payload: what it carries.
    """

    offset: int
    payload: bytes

    @property
    def length(self) -> int:
        """Bytes of the tag and of the size behind it."""
        return len(self.payload) + AROUND


@dataclass(frozen=True, slots=True)
class Configuring:
    """A tag that tells a decoder what it has to know beforehand.

    Args:
        offset: absolute, of the tag.
        kind: AUDIO or VIDEO.
        stream: kind << 16 | track.
        role: CONFIG or SIDE.
        payload: what the tag carries.
        skip: bytes of it in front of the configuration.
        codec: four letters as a number.
    """

    offset: int
    kind: int
    stream: int
    role: int
    payload: bytes
    skip: int
    codec: int


@dataclass(frozen=True, slots=True, eq=False)
class FlvLayout:
    """A file without its samples.

    Args:
        flags: of the file's header.
        first: absolute offset of the first tag.
        end: absolute offset behind the last good one.
        media: absolute offset of the first sample's tag.
        begin: the earliest timestamp of a sample, milliseconds.
        duration_ms: from there to the end of the last sample.
        last: the last timestamp.
        keys: tags that playing can begin at, in order of time: those of the first video; in a film without video every
            sample.
        video: whether there is video.
        metadata: the first onMetaData, None when there is none.
        truthful: whether it has size, duration and key frames, and they are right.
        configs: in file order, each where it changes.
        streams: of the file.
        complaint: why the film ends before its file does; empty when it does not.
    """

    flags: int
    first: int
    end: int
    media: int
    begin: int
    duration_ms: int
    last: int
    keys: KeyFrames
    video: bool
    metadata: Metadata | None
    truthful: bool
    configs: tuple[Configuring, ...]
    streams: tuple[Stream, ...]
    complaint: str

    @property
    def weight(self) -> int:
        """Bytes this holds in memory."""
        held = (
            sum(len(config.payload) + 200 for config in self.configs)
            + self.keys.offsets.nbytes
            + self.keys.times.nbytes
        )
        return held + (len(self.metadata.payload) + 100 if self.metadata else 0) + 1000

    def configs_at(self, offset: int) -> Iterable[Configuring]:
        """Return what decoders have to know at a tag: of each stream and role the last that comes before it."""
        latest = {(config.stream, config.role): config for config in self.configs if config.offset < offset}
        return sorted(latest.values(), key=lambda config: (config.kind != VIDEO, config.stream, config.role != CONFIG))


def key_frames_of(tags: Tags) -> KeyFrames:
    """Return where playing can begin: at key frames of video; at every sample where there is no video."""
    kinds = np.array([stream.kind for stream in tags.known])
    leading = np.array([stream.kind == VIDEO and stream.track in (0, 256) for stream in tags.known])
    rows = tags.keys & leading[tags.streams] if (kinds == VIDEO).any() else tags.keys
    return KeyFrames(tags.offsets[rows], np.maximum.accumulate(tags.times[rows]))


def read_specials(
    specials: Iterable[Special], size: int, limits: IndexLimits, spent: int
) -> Generator[ReadAt, bytes, tuple[Metadata | None, tuple[Configuring, ...], int]]:
    """Return the metadata and the configurations of a file, and how many bytes of metadata it has by now.

    Args:
        specials: tags, in file order.
        size: of the file.
        limits: of metadata.
        spent: bytes of metadata that were counted before.

    Raises:
        MediaTooLarge: it is more than the limit.
        MalformedMedia: the file became shorter.
    """
    metadata: Metadata | None = None
    configs: list[Configuring] = []
    for special in specials:
        told = special.role not in (CONFIG, SIDE)
        if told and (metadata is not None or not is_metadata(special.head)):
            continue
        spent += special.size
        if spent > max(limits.buffer_size, limits.max_buffer_size):
            raise MediaTooLarge(
                f"flv metadata is too large:{spent}, you may want to increase flv_max_buffer_size",
                offset=special.offset,
            )
        payload = yield ReadAt(special.offset + TAG_HEADER, special.size)
        if len(payload) < special.size:
            raise MalformedMedia("flv file truncated", offset=special.offset)
        if told:
            metadata = Metadata(special.offset, payload)
        else:
            configs.append(
                Configuring(
                    special.offset,
                    special.stream >> 16,
                    special.stream,
                    special.role,
                    payload,
                    special.skip,
                    special.codec,
                )
            )
    return metadata, tuple(configs), spent
