"""Flash media manifests, .f4m (F4M 3.0, in the form of 1.0 that all clients read).

`manifest.f4m` has all qualities with their bootstraps inline: qualities that are cut alike share one. Some clients take
the first bootstrap for every quality; where they differ, `set.f4m` leads to a manifest for each quality instead, in the
form of 2.0 that these clients know.
"""

from __future__ import annotations

import re
from base64 import b64encode
from collections.abc import Sequence
from xml.sax.saxutils import escape

from hls_mp4.media.presentation import Presentation
from hls_mp4.packagers.hds.bootstrap import bootstrap
from hls_mp4.packagers.hds.coding import Codings
from hls_mp4.packagers.hds.cutting import Cutting, cutting_of
from hls_mp4.packagers.hds.metadata import media_metadata
from hls_mp4.packagers.hds.names import renditions_name
from hls_mp4.packagers.hds.offer import Media, language_of

NAMESPACE, SET_NAMESPACE = "http://ns.adobe.com/f4m/1.0", "http://ns.adobe.com/f4m/2.0"

_NO_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def xml_text(text: str) -> str:
    """Return a text as an element or an attribute in quotes can hold it; what XML has no way to say is left out."""
    return escape(_NO_XML.sub("", text), {'"': "&quot;"})


def manifest(presentation: Presentation, codings: Codings, medias: Sequence[Media]) -> str:
    """Return the manifest of some medias of a presentation; one at least."""
    cuttings = [cutting_of(presentation, each.numbers) for each in medias]
    told: list[Cutting] = []
    names: list[int] = []
    for cutting in cuttings:
        same = next((number for number, other in enumerate(told) if cutting.is_like(other)), None)
        if same is None:
            told.append(cutting)
        names.append(len(told) - 1 if same is None else same)
    lines = _head(NAMESPACE, max(cutting.end for cutting in cuttings))
    for number, cutting in enumerate(told):
        # Of those that share it the longest: nothing is cut off, and all have the same fragments.
        longest = max(
            (each for each, name in zip(cuttings, names, strict=True) if name == number), key=lambda each: each.end
        )
        data = b64encode(bootstrap(Cutting(cutting.splits, cutting.starts, longest.end))).decode()
        lines.append(f'  <bootstrapInfo profile="named" id="bootstrap{number}">{data}</bootstrapInfo>')
    for media, cutting, name in zip(medias, cuttings, names, strict=True):
        data = b64encode(media_metadata(presentation, codings, media, cutting.end)).decode()
        url = f"frag{renditions_name(presentation, media.numbers)}-{_query(presentation)}"
        lines += [
            f'  <media url="{xml_text(url)}" bootstrapInfoId="bootstrap{name}"{_attributes(presentation, media)}>',
            f"    <metadata>{data}</metadata>",
            "  </media>",
        ]
    return "\n".join((*lines, "</manifest>\n"))


def set_manifest(presentation: Presentation, medias: Sequence[Media]) -> str:
    """Return the manifest that leads to one for each quality, which lies beside it."""
    lines = _head(SET_NAMESPACE, max(cutting_of(presentation, each.numbers).end for each in medias))
    for media in medias:
        href = f"manifest{renditions_name(presentation, media.numbers)}.f4m{_query(presentation)}"
        lines.append(f'  <media href="{xml_text(href)}"{_attributes(presentation, media)}/>')
    return "\n".join((*lines, "</manifest>\n"))


def _head(namespace: str, duration_ms: int) -> list[str]:
    duration = max(1000, duration_ms)  # of shorter ones some clients make nothing
    return [
        '<?xml version="1.0" encoding="UTF-8"?>',
        f'<manifest xmlns="{namespace}">',
        "  <streamType>recorded</streamType>",
        f"  <duration>{duration // 1000}.{duration % 1000:03}</duration>",
    ]


def _query(presentation: Presentation) -> str:
    """Return what follows a URL; clients put it behind the name of the fragment."""
    return f"?{presentation.forward}" if presentation.forward else ""


def _attributes(presentation: Presentation, media: Media) -> str:
    told = {"bitrate": str(media.bitrate)} if media.bitrate else {}
    first = presentation.renditions[media.numbers[0]]
    if first.kind == "video" and first.track.width and first.track.height:
        told |= {"width": str(first.track.width), "height": str(first.track.height)}
    if media.alternate:
        told |= {"type": "audio", "alternate": "true", "label": media.label}
        told["lang"] = language_of(presentation, media) or "und"
    elif first.kind == "audio":
        told["type"] = "audio"
    return "".join(f' {name}="{xml_text(value)}"' for name, value in told.items())
