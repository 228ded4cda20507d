"""A presentation of the tracks that a server manifest names, in its order, called as it calls them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace

from hls_mp4.containers.smil.manifest import Entry, ServerManifest, parse_manifest
from hls_mp4.errors import UnsupportedMedia
from hls_mp4.media.presentation import Presentation, Rendition

__all__ = ["ServerManifest", "parse_manifest", "selected"]


def selected(
    presentation: Presentation, manifest: ServerManifest, numbers: Mapping[str, int]
) -> tuple[Presentation, list[str]]:
    """Return what a server manifest offers of a presentation, and what of it is not there.

    Args:
        presentation: of all its files.
        manifest: what is offered.
        numbers: number of the asset of each of its sources; subtitle files and those that are left out are in none.

    Raises:
        UnsupportedMedia: nothing that it offers is there.
    """
    complaints: list[str] = []
    chosen: dict[int, Rendition] = {}
    for entry in manifest.entries:
        if entry.source not in numbers:
            continue
        found = list(_meant(presentation, entry, numbers[entry.source]))
        if not found:
            which = f"track {entry.track}" if entry.track else "track"
            complaints.append(f'"{entry.source}" has no {entry.kind} {which}')
        for place in found:
            chosen.setdefault(place, _called(presentation.renditions[place], entry))
    if not chosen:
        raise UnsupportedMedia("no track of the manifest is there: " + "; ".join(complaints[:4]))
    # Sources keep their order, whatever that of the tracks is: URLs name them by it.
    return replace(presentation, renditions=tuple(chosen.values()), segments_made={}, kept={}), complaints


def _meant(presentation: Presentation, entry: Entry, source: int) -> Iterator[int]:
    """Yield the renditions that an entry means, by their numbers."""
    for place, each in enumerate(presentation.renditions):
        if each.source == source and each.kind == entry.kind and entry.track in (0, each.track.id):
            yield place


def _called(rendition: Rendition, entry: Entry) -> Rendition:
    return replace(
        rendition,
        language=entry.language or rendition.language,
        label=entry.label or rendition.label,
        name=entry.name or rendition.name,
        announced=entry.bitrate,
    )
