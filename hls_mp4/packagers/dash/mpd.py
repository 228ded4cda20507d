"""The manifest (ISO/IEC 23009-1 5): one period, an adaptation set for each choice that a player has.

Profiles isoff-live or isoff-on-demand, and that of CMAF where segments begin as it wants. Bandwidths are exact (see
`bandwidth`), with the longest segment as minBufferTime.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import gcd

import numpy as np
from numpy.typing import NDArray

from hls_mp4.codecs.records import nclx_colour
from hls_mp4.media.presentation import Presentation, Rendition
from hls_mp4.packagers.dash.bandwidth import bandwidth
from hls_mp4.packagers.dash.carried import CLOSED, Carried
from hls_mp4.packagers.dash.channels import channel_configuration
from hls_mp4.packagers.dash.contentprotection import content_protection
from hls_mp4.packagers.dash.picture import frame_rate_of, pixel_ratio
from hls_mp4.packagers.dash.query import QUERY, TEMPLATE_QUERY
from hls_mp4.packagers.dash.sets import AdaptationSet
from hls_mp4.packagers.dash.single import Single
from hls_mp4.packagers.dash.texts import text_sets
from hls_mp4.packagers.dash.timeline import timeline
from hls_mp4.packagers.dash.xml import Element, Raw, written
from hls_mp4.packagers.description import configuration
from hls_mp4.packagers.segmenting.durations import decimal
from hls_mp4.packagers.segmenting.languages import UNKNOWN
from hls_mp4.packagers.segmenting.traits import codecs_of, label_of, tag_of, video_range

LIVE = "urn:mpeg:dash:profile:isoff-live:2011"
ON_DEMAND = "urn:mpeg:dash:profile:isoff-on-demand:2011"
CMAF = "urn:mpeg:dash:profile:cmaf:2019"
ROLE = "urn:mpeg:dash:role:2011"
TRANSFER = "urn:mpeg:mpegB:cicp:TransferCharacteristics"

MIME = {"video": "video/mp4", "audio": "audio/mp4", "text": "application/mp4"}

_NAMESPACES = {
    "xmlns": "urn:mpeg:dash:schema:mpd:2011",
    "xmlns:cenc": "urn:mpeg:cenc:2013",
    "xmlns:mspr": "urn:microsoft:playready",
    "xmlns:dashif": "https://dashif.org/CPS",
}


class Manifest:
    """A manifest to be written.

    Args:
        presentation: what it presents.
        sets: its pictures, sounds and tracks of subtitles.
        sizes: bytes of each segment of a rendition.
        template: "time" or "number": what segments are called after.
        texts: "wvtt" or "vtt": how subtitles are offered.
        singles: renditions as files of their own, by their number in the presentation; empty for segments with URLs.
    """

    def __init__(
        self,
        presentation: Presentation,
        sets: Sequence[AdaptationSet],
        sizes: Mapping[int, NDArray[np.int64]],
        *,
        template: str,
        texts: str,
        singles: Mapping[int, Single],
    ) -> None:
        self._presentation = presentation
        self._sets = sets
        self._sizes = sizes
        self._template = template
        self._singles = singles
        self._texts = "vtt" if singles else texts
        self._protection = presentation.protection
        self._buffer_ms = max(member.longest_ms for each in sets for member in each.members)

    def text(self) -> str:
        """Return the manifest, with marks where `query.with_query` puts what URLs end with."""
        members = [member for each in self._sets for member in each.members]
        duration = _duration(max(member.duration_ms for member in members))
        closed = all(member.access == CLOSED for member in members)
        profiles = [ON_DEMAND if self._singles else LIVE, *([CMAF] if closed else [])]
        sets = [self._set(number, each) for number, each in enumerate(self._sets, 1)]
        sets += text_sets(self._presentation, self._texts, self._template, len(sets) + 1)
        return written(
            Element(
                "MPD",
                {
                    **{name: uri for name, uri in _NAMESPACES.items() if name == "xmlns" or self._protection},
                    "profiles": ",".join(profiles),
                    "type": "static",
                    "mediaPresentationDuration": duration,
                    "maxSegmentDuration": None if self._singles else _duration(self._buffer_ms),
                    "minBufferTime": _duration(self._buffer_ms),
                },
                [Element("Period", {"id": "1", "start": "PT0S", "duration": duration}, sets)],
            )
        )

    def _set(self, number: int, each: AdaptationSet) -> Element:
        first = each.first
        sap = max(member.access for member in each.members)
        aligned, begins = (
            ("subsegmentAlignment", "subsegmentStartsWithSAP")
            if self._singles
            else ("segmentAlignment", "startWithSAP")
        )
        tag = tag_of(first)
        attributes: dict[str, str | int | None] = {
            "id": number,
            "contentType": each.kind,
            "lang": tag if tag != UNKNOWN and each.kind != "video" else None,
            "par": _common_ratio(each) if each.kind == "video" else None,
            "mimeType": MIME[each.kind],
            aligned: "true",
            begins: sap,
        }
        children: list[Element | str] = []
        if self._protection is not None and each.kind != "text":
            children += content_protection(self._protection, each.kind)
        if each.kind == "video" and video_range(first) != "SDR":
            colours = nclx_colour(configuration(first.track).records)
            assert colours is not None
            children.append(_descriptor("SupplementalProperty", TRANSFER, str(colours[1])))
        if each.kind != "video" or first.label:
            children.append(Element("Label", {}, text=self._label(each)))
        children.append(_descriptor("Role", ROLE, each.role))
        shared = each.same_times and not self._singles
        if shared:
            children.append(self._template_of(each.members[0], "$RepresentationID$"))
        children += [self._representation(member, shared=shared) for member in each.members]
        return Element("AdaptationSet", attributes, children)

    def _label(self, each: AdaptationSet) -> str:
        """Return what people are shown of a set: a number tells it from others of its name."""
        twins = [
            other for other in self._sets if other.kind == each.kind and label_of(other.first) == label_of(each.first)
        ]
        return label_of(each.first, twins.index(each) + 1 if len(twins) > 1 else 0)

    def _representation(self, member: Carried, *, shared: bool) -> Element:
        rendition = member.rendition
        attributes: dict[str, str | int | None] = {
            "id": member.name,
            "bandwidth": bandwidth(self._sizes[member.number], member.starts, member.timescale, self._buffer_ms),
            "codecs": codecs_of(rendition),
        }
        children: list[Element | str] = []
        if rendition.kind == "video":
            across, down = pixel_ratio(rendition)
            attributes |= {
                "width": rendition.track.width or None,
                "height": rendition.track.height or None,
                "frameRate": frame_rate_of(rendition),
                "sar": f"{across}:{down}",
            }
        elif rendition.kind == "audio":
            attributes["audioSamplingRate"] = rendition.track.rate or None
            scheme, value = channel_configuration(rendition)
            children.append(_descriptor("AudioChannelConfiguration", scheme, value))
        single = self._singles.get(member.number)
        if single is not None:
            children += self._file(member, single)
        elif not shared:
            children.append(self._template_of(member, member.name))
        return Element("Representation", attributes, children)

    def _template_of(self, member: Carried, name: str) -> Element:
        number = self._template == "number"
        attributes: dict[str, str | int | None] = {
            "timescale": member.timescale,
            "presentationTimeOffset": member.offset or None,
            "startNumber": 1 if number else None,
            "initialization": Raw(f"init-{name}.mp4{TEMPLATE_QUERY}"),
            "media": Raw(f"fragment-{'$Number$' if number else 't$Time$'}-{name}.m4s{TEMPLATE_QUERY}"),
        }
        return Element("SegmentTemplate", attributes, [Element("SegmentTimeline", {}, timeline(member.starts))])

    def _file(self, member: Carried, single: Single) -> list[Element | str]:
        attributes: dict[str, str | int | None] = {
            "timescale": member.timescale,
            "presentationTimeOffset": member.offset or None,
            "indexRange": f"{single.init}-{len(single.head) - 1}",
        }
        return [
            Element("BaseURL", {}, text=Raw(f"{member.name}.mp4{QUERY}")),
            Element("SegmentBase", attributes, [Element("Initialization", {"range": f"0-{single.init - 1}"})]),
        ]


def _descriptor(name: str, scheme: str, value: str) -> Element:
    return Element(name, {"schemeIdUri": scheme, "value": value})


def _duration(ms: int) -> str:
    return f"PT{decimal(ms, 1000, 3)}S"


def _common_ratio(each: AdaptationSet) -> str | None:
    """Return the shape of the picture that all renditions of a set have, None where they differ."""
    found = {_picture_ratio(member.rendition) for member in each.members}
    return found.pop() if len(found) == 1 else None


def _picture_ratio(rendition: Rendition) -> str | None:
    """Return the shape of the picture as it is shown, None when nobody says how large it is."""
    across, down = pixel_ratio(rendition)
    width, height = rendition.track.width * across, rendition.track.height * down
    if not width or not height:
        return None
    common = gcd(width, height)
    return f"{width // common}:{height // common}"
