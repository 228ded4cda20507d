"""A presentation as a player of DASH fetches it: every URL that a manifest names, saved as a file."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

from hls_mp4.interfaces import Asset, Delivery
from hls_mp4.media.presentation import Presentation
from hls_mp4.packagers.dash.module import DashModule
from hls_mp4.packagers.dash.settings import DashSettings
from tests.containers.flv.indexes import indexed
from tests.packagers.fmp4.played import rendered

NAMESPACE = "{urn:mpeg:dash:schema:mpd:2011}"


def flash(*films: bytes) -> Presentation:
    """Return the presentation of Flash videos."""
    return Presentation.of([Asset(indexed(data), data) for data in films])


def answered(presentation: Presentation, name: str, **settings: Any) -> Delivery:
    """Return what the module answers for a name."""
    module = DashModule()
    configured = DashSettings(enabled=True, **settings)
    match = module.match(name, b"", configured)
    assert match is not None, name
    return module.respond(presentation, match, configured, 0.0)


def body_of(presentation: Presentation, name: str, **settings: Any) -> bytes:
    """Return the bytes of an answer."""
    return rendered(answered(presentation, name, **settings).plan)


@dataclass(frozen=True)
class Segment:
    """A segment as a player understands the manifest; times in seconds, since the begin of the period."""

    url: str
    begin: Fraction
    end: Fraction


@dataclass(frozen=True)
class Offered:
    """A representation.

    Args:
        id: its name.
        attributes: its own, and those of its set.
        init: URL of the init segment; empty for none.
        segments: in their order.
        file: URL of the whole; empty for none.
        element: of the manifest.
        set: its adaptation set.
    """

    id: str
    attributes: dict[str, str]
    init: str
    segments: tuple[Segment, ...]
    file: str
    element: ElementTree.Element
    set: ElementTree.Element


def parsed(manifest: str) -> ElementTree.Element:
    """Return the root of a manifest."""
    return ElementTree.fromstring(manifest)


def seconds(duration: str) -> Fraction:
    """Return an xs:duration of seconds."""
    found = re.fullmatch(r"PT([0-9.]+)S", duration)
    assert found, duration
    return Fraction(found[1])


def offered(manifest: str) -> list[Offered]:
    """Return every representation of a manifest, with what its templates mean (ISO/IEC 23009-1 5.3.9.4.4)."""
    found = []
    for adaptation in parsed(manifest).iter(f"{NAMESPACE}AdaptationSet"):
        for each in adaptation.findall(f"{NAMESPACE}Representation"):
            template = each.find(f"{NAMESPACE}SegmentTemplate")
            if template is None:
                template = adaptation.find(f"{NAMESPACE}SegmentTemplate")
            base = each.find(f"{NAMESPACE}BaseURL")
            init, segments = "", ()
            if template is not None:
                init = expanded(template.attrib["initialization"], each.attrib["id"])
                segments = tuple(_segments(template, each.attrib["id"]))
            found.append(
                Offered(
                    each.attrib["id"],
                    {**adaptation.attrib, **each.attrib},
                    init,
                    segments,
                    base.text or "" if base is not None else "",
                    each,
                    adaptation,
                )
            )
    return found


def expanded(template: str, name: str, number: int = 0, time: int = 0) -> str:
    """Return the URL of a template."""
    values = {"RepresentationID": name, "Number": str(number), "Time": str(time), "": "$"}
    return re.sub(r"\$(\w*)\$", lambda found: values[found[1]], template)


def _segments(template: ElementTree.Element, name: str) -> Iterator[Segment]:
    timescale = int(template.attrib.get("timescale", "1"))
    offset = int(template.attrib.get("presentationTimeOffset", "0"))
    number = int(template.attrib.get("startNumber", "1"))
    time = 0
    for row in template.iter(f"{NAMESPACE}S"):
        time = int(row.attrib.get("t", time))
        length = int(row.attrib["d"])
        for _ in range(int(row.attrib.get("r", "0")) + 1):
            url = expanded(template.attrib["media"], name, number, time)
            yield Segment(url, Fraction(time - offset, timescale), Fraction(time + length - offset, timescale))
            time += length
            number += 1


def save(presentation: Presentation, folder: Path, **settings: Any) -> Path:
    """Save everything that the manifest leads to; return its file."""
    manifest = body_of(presentation, "manifest.mpd", **settings)
    (folder / "manifest.mpd").write_bytes(manifest)
    for each in offered(manifest.decode()):
        for url in filter(None, (each.init, each.file, *(segment.url for segment in each.segments))):
            (folder / url).write_bytes(body_of(presentation, url, **settings))
    return folder / "manifest.mpd"
