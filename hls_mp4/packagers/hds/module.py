"""The hds module: what `hds;` in a location answers below a film's URL."""

from __future__ import annotations

from zlib import crc32

from zope.interface import implementer

from hls_mp4.errors import NotFound, UnsupportedMedia
from hls_mp4.interfaces import Delivery, IndexLimits, IPackagerModule
from hls_mp4.media.presentation import Presentation
from hls_mp4.packagers.hds.body import fragment_parts, fragment_samples
from hls_mp4.packagers.hds.coding import codings_of
from hls_mp4.packagers.hds.cutting import cutting_of
from hls_mp4.packagers.hds.manifest import manifest, set_manifest
from hls_mp4.packagers.hds.names import FRAGMENT, SET, Asked, parse_name
from hls_mp4.packagers.hds.offer import NOTHING_LEFT, Media, chosen, offer_of
from hls_mp4.packagers.hds.settings import HdsSettings
from hls_mp4.plan import Literal, Plan

MANIFEST_TYPE, FRAGMENT_TYPE = "application/f4m", "video/f4f"


@implementer(IPackagerModule)
class HdsModule:
    """Adobe HTTP Dynamic Streaming."""

    name = "hds"
    settings = HdsSettings

    def match(self, name: str, query: bytes, settings: HdsSettings) -> Asked | None:
        """Return what a URL asks for, None when it is none of HDS."""
        return parse_name(name)

    def limits(self, settings: HdsSettings) -> IndexLimits:
        """Return what indexing may cost."""
        return IndexLimits(max(4096, settings.buffer_size), settings.max_buffer_size)

    def takes_long(self, presentation: Presentation, match: Asked, settings: HdsSettings) -> bool:
        """Tell whether a film has to be cut, or a manifest to be written, that is not kept yet."""
        if match.kind != FRAGMENT:
            return _key(presentation, match) not in presentation.kept
        numbers = chosen(presentation, codings_of(presentation), match.tracks)
        return ("hds", "cutting", numbers) not in presentation.kept

    def respond(self, presentation: Presentation, match: Asked, settings: HdsSettings, now: float) -> Delivery:
        """Return a manifest or a fragment.

        Raises:
            NotFound: there is no such track or fragment.
            UnsupportedMedia: nothing of the film can be carried, or segments are to be encrypted.
        """
        if presentation.protection is not None:
            raise UnsupportedMedia("HDS is not encrypted here", status_hint=NOTHING_LEFT)
        if match.kind == FRAGMENT:
            return _fragment(presentation, match)
        return presentation.keep(_key(presentation, match), lambda: _manifest(presentation, match))


def _key(presentation: Presentation, match: Asked) -> tuple[object, ...]:
    return (HdsModule.name, match, presentation.forward)


def _manifest(presentation: Presentation, match: Asked) -> Delivery:
    codings = codings_of(presentation)
    offer = offer_of(presentation, codings)
    medias = offer.medias
    if match.tracks:
        numbers = chosen(presentation, codings, match.tracks)
        medias = (Media(numbers, 0),)  # whoever was led here knows its bit rate
    text = set_manifest(presentation, medias) if match.kind == SET else manifest(presentation, codings, medias)
    data = text.encode()
    return Delivery(
        Plan([Literal(data)]),
        variant=f"{crc32(data):08x}",
        content_type=MANIFEST_TYPE,
        cache="manifest",
        complaint=offer.complaint,
    )


def _fragment(presentation: Presentation, match: Asked) -> Delivery:
    codings = codings_of(presentation)
    numbers = chosen(presentation, codings, match.tracks)
    cutting = cutting_of(presentation, numbers)
    if match.number > len(cutting):
        raise NotFound(f"no fragment {match.number} of {len(cutting)}")
    fragment = match.number - 1
    samples = fragment_samples(presentation, codings, numbers, cutting, fragment)
    start = int(cutting.starts[fragment])
    headers = [codings.of[number].header(start) for number in numbers]
    parts = fragment_parts(headers, samples, [asset.source for asset in presentation.assets])
    bounds = "-".join(
        f"{number}:{split[fragment]}:{split[match.number]}"
        for number, split in zip(numbers, cutting.splits, strict=True)
    )
    return Delivery(Plan(parts), variant=f"f4f-{start}-{bounds}", content_type=FRAGMENT_TYPE, cache="segment")
