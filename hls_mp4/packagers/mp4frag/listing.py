"""What the command mp4frag writes: an index or fragments, and a manifest in OpenHttpStreamer's own form.

Films of one presentation are its qualities, each with its first video and its first sound. They are cut at key frames
that all of them have, the first ones after each fragment's least length; the manifest has one bootstrap for all, so
that films which cannot be cut alike are refused.
"""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction

from hls_mp4.containers.f4f.tags import aac_header, avc_header
from hls_mp4.containers.mp4frag.index import Record, Written
from hls_mp4.errors import UnsupportedMedia
from hls_mp4.media.presentation import Presentation
from hls_mp4.packagers.hds.body import Samples, body_length, fragment_parts, fragment_samples
from hls_mp4.packagers.hds.bootstrap import bootstrap
from hls_mp4.packagers.hds.coding import MP3_ID, codings_of
from hls_mp4.packagers.hds.cutting import SAME_MS, Cutting, cutting_of
from hls_mp4.packagers.hds.manifest import NAMESPACE, xml_text
from hls_mp4.plan import Plan

BOOTSTRAP_VERSION = 14
"""What mp4frag has always written."""


@dataclass(frozen=True, slots=True)
class Quality:
    """A film.

    Args:
        path: as it was given.
        name: of its file, from the index's folder on.
        size: bytes of its file.
        source: its number in the presentation.
    """

    path: str
    name: bytes
    size: int
    source: int


class Listing:
    """Films that are cut alike.

    Args:
        presentation: of the films.
        qualities: each film.

    Raises:
        UnsupportedMedia: one of them cannot be carried, or they cannot be cut alike.
    """

    def __init__(self, presentation: Presentation, qualities: Sequence[Quality]) -> None:
        self.presentation = presentation
        self.qualities = tuple(qualities)
        self.codings = codings_of(presentation)
        self.numbers = [self._numbers(each) for each in self.qualities]
        self.cuttings = [cutting_of(presentation, numbers) for numbers in self.numbers]
        self._compare()

    def _numbers(self, quality: Quality) -> tuple[int, ...]:
        """Return the first video and the first sound of a film that can be carried."""
        found = []
        for kind in ("video", "audio"):
            mine = [
                number
                for number, each in enumerate(self.presentation.renditions)
                if each.source == quality.source and each.kind == kind
            ]
            carried = [number for number in mine if number in self.codings.of]
            if mine and not carried:
                raise UnsupportedMedia(f"{quality.path}: no {kind} that can be carried: {self.codings.complaint}")
            found += carried[:1]
        if not found:
            raise UnsupportedMedia(f"{quality.path}: no pictures and no sound")
        return tuple(found)

    def _compare(self) -> None:
        first = self.cuttings[0]
        for quality, cutting in zip(self.qualities, self.cuttings, strict=True):
            if len(cutting) != len(first):
                raise UnsupportedMedia(
                    f"{quality.path}: {len(cutting)} fragments, {self.qualities[0].path} has {len(first)}: they have to"
                    " be of one length, and to have key frames at the same times"
                )

    def warnings(self) -> Iterator[str]:
        """Yield what somebody who plays these films should know."""
        if self.codings.complaint:
            yield f"left out: {self.codings.complaint}"
        first = self.cuttings[0]
        for quality, cutting in zip(self.qualities, self.cuttings, strict=True):
            apart = int(abs(cutting.starts - first.starts).max())
            if apart > SAME_MS:
                yield f"{quality.path}: begins fragments up to {apart} ms apart from {self.qualities[0].path}"

    def seconds(self) -> Fraction:
        """Return when the last sample of all is over."""
        ends = (
            Fraction(each.decode_time(each.stop), each.track.timescale)
            for each in (self.presentation.renditions[number] for numbers in self.numbers for number in numbers)
        )
        return max(ends)

    def manifest(self, video_id: str) -> str:
        """Return the manifest; qualities are folders beside it, from 0."""
        seconds = self.seconds()
        longest = max(cutting.end for cutting in self.cuttings)
        first = self.cuttings[0]
        data = bootstrap(Cutting(first.splits, first.starts, longest), version=BOOTSTRAP_VERSION, ended=False)
        name = xml_text(video_id)
        lines = [
            '<?xml version="1.0" encoding="UTF-8"?>',
            f'<manifest xmlns="{NAMESPACE}">',
            f"<id>{name}</id>",
            "<streamType>recorded</streamType>",
            f"<duration>{float(seconds):.6g}</duration>",
            f'<bootstrapInfo profile="named" id="bootstrap">{b64encode(data).decode()}</bootstrapInfo>',
        ]
        for number, bitrate in enumerate(self._bitrates(seconds)):
            lines.append(f'<media streamId="{name}" url="{number}/" bootstrapInfoId="bootstrap" bitrate="{bitrate}" />')
        return "\n".join((*lines, "</manifest>\n"))

    def _bitrates(self, seconds: Fraction) -> list[int]:
        """Return kbit/s of whole files, rounded down to tens; none twice, for clients know qualities by them."""
        found: list[int] = []
        for quality in self.qualities:
            bitrate = max(10, int(quality.size / seconds * 8 / 10000) * 10)
            while bitrate in found:
                bitrate += 1
            found.append(bitrate)
        return found

    def written(self, quality: Quality) -> Written:
        """Return a film as an index has it; raises UnsupportedMedia when that is not possible."""
        numbers, cutting = self.numbers[quality.source], self.cuttings[quality.source]
        codings = [self.codings.of[number] for number in numbers]
        if any(coding.number == MP3_ID for coding in codings):
            raise UnsupportedMedia(f"{quality.path}: MP3 has no place in an index, write fragments")
        avc = b"".join(coding.record for coding in codings if coding.video)
        aac = b"".join(coding.record for coding in codings if not coding.video)
        headers = (avc_header(avc, 0), aac_header(aac, 0))
        try:
            records = [
                _record(self._samples(numbers, cutting, fragment), headers).packed() for fragment in range(len(cutting))
            ]
        except UnsupportedMedia as problem:
            raise UnsupportedMedia(f"{quality.path}: {problem}") from problem
        return Written(quality.name, avc, aac, records)

    def fragments(self, quality: Quality) -> Iterator[Plan]:
        """Yield each fragment of a film."""
        numbers, cutting = self.numbers[quality.source], self.cuttings[quality.source]
        sources = [asset.source for asset in self.presentation.assets]
        for fragment, start in enumerate(cutting.starts.tolist()):
            headers = [self.codings.of[number].header(start) for number in numbers]
            yield Plan(fragment_parts(headers, self._samples(numbers, cutting, fragment), sources))

    def _samples(self, numbers: tuple[int, ...], cutting: Cutting, fragment: int) -> Samples:
        return fragment_samples(self.presentation, self.codings, numbers, cutting, fragment)


def _record(samples: Samples, headers: Sequence[bytes]) -> Record:
    tags = samples.tags
    return Record(
        body_length(headers, tags),
        samples.offsets,
        tags.sizes,
        tags.times,
        tags.compositions,
        tags.video,
        samples.keys,
    )
