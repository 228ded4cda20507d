"""The dash module: what is turned on by `dash;` (ISO/IEC 23009-1)."""

from __future__ import annotations

from dataclasses import replace
from zlib import crc32

import numpy as np
from zope.interface import implementer

from hls_mp4.errors import NotFound
from hls_mp4.interfaces import Delivery, IndexLimits, IPackagerModule
from hls_mp4.media.presentation import Presentation
from hls_mp4.media.texts import Text
from hls_mp4.packagers.dash.carried import Carried, carried
from hls_mp4.packagers.dash.mpd import MIME, Manifest
from hls_mp4.packagers.dash.names import FRAGMENT, INIT, MANIFEST, TEXT, WHOLE, Asked, find_text, find_track, parse_name
from hls_mp4.packagers.dash.sets import adaptation_sets
from hls_mp4.packagers.dash.settings import DashSettings
from hls_mp4.packagers.dash.single import Single, is_known, single, single_plan
from hls_mp4.packagers.dash.texts import vtt_file
from hls_mp4.packagers.fmp4.fragment import media_segment
from hls_mp4.packagers.fmp4.init import init_segment
from hls_mp4.packagers.fmp4.lengths import segment_lengths
from hls_mp4.packagers.fmp4.texts import text_init, text_segment
from hls_mp4.packagers.segmenting.presentable import Presentable, fragmentable, presentable
from hls_mp4.plan import Literal, Plan

MPD = "application/dash+xml"
VTT = "text/vtt; charset=utf-8"

_STPP = "stpp"


@implementer(IPackagerModule)
class DashModule:
    """MPEG-DASH."""

    name = "dash"
    settings = DashSettings

    def match(self, name: str, query: bytes, settings: DashSettings) -> Asked | None:
        """Return what a URL asks for, None when it is none of DASH."""
        asked = parse_name(name)
        if asked is not None and asked.kind == WHOLE and settings.profile != "on-demand":
            return None
        return asked

    def limits(self, settings: DashSettings) -> IndexLimits:
        """Return what indexing may cost."""
        return IndexLimits(max(4096, settings.buffer_size), settings.max_buffer_size)

    def takes_long(self, presentation: Presentation, match: Asked, settings: DashSettings) -> bool:
        """Tell whether a manifest, or an index of segments, has to be written that is not kept yet."""
        if match.kind == WHOLE:
            number = find_track(presentation, match.track)
            return number is not None and not is_known(presentation, carried(presentation, number))
        return match.kind == MANIFEST and _key(presentation, settings) not in presentation.kept

    def respond(self, presentation: Presentation, match: Asked, settings: DashSettings, now: float) -> Delivery:
        """Return the manifest, or what it names.

        Raises:
            NotFound: there is no such track or segment.
            UnsupportedMedia: the film cannot be told in this form.
        """
        if match.kind == MANIFEST:
            return _manifest(presentation, settings)
        if match.track.startswith("t"):
            return _text(presentation, match)
        if match.kind in (INIT, FRAGMENT, WHOLE):
            return _media(presentation, match)
        raise NotFound(f'no "{match.kind}"')


def _key(presentation: Presentation, settings: DashSettings) -> tuple[object, ...]:
    return (DashModule.name, settings.profile, settings.template, settings.texts, presentation.forward)


def _literal(data: bytes, content_type: str, cache: str) -> Delivery:
    return Delivery(Plan([Literal(data)]), f"{crc32(data):08x}", content_type=content_type, cache=cache)


def _manifest(presentation: Presentation, settings: DashSettings) -> Delivery:
    """Return the manifest; what is wrong with the film is told when it is written, not each time it is asked for."""
    complaints: list[str] = []

    def written() -> Delivery:
        chosen = _presentable(presentation)
        complaints.append(chosen.complaint)
        sets = adaptation_sets(presentation, chosen.numbers)
        members = [member for each in sets for member in each.members]
        singles: dict[int, Single] = {}
        if settings.profile == "on-demand":
            singles = {member.number: single(presentation, member) for member in members}
            sizes = {number: np.diff(each.offsets) for number, each in singles.items()}
        else:
            sizes = {member.number: segment_lengths(member.rendition, member.parts) for member in members}
        manifest = Manifest(
            presentation,
            sets,
            sizes,
            template=settings.template,
            texts=settings.texts,
            singles=singles,
            protection={},
        )
        return _literal(manifest.text().encode(), MPD, "manifest")

    made = presentation.keep(_key(presentation, settings), written)
    return replace(made, complaint="; ".join(complaints)) if any(complaints) else made


def _presentable(presentation: Presentation) -> Presentable:
    """Return the pictures and sounds that are presented, and tracks of TTML."""
    chosen = presentable(presentation, fragmentable)
    documents = tuple(
        number
        for number, each in enumerate(presentation.renditions)
        if each.kind == "text" and each.track.codec == _STPP
    )
    return replace(chosen, numbers=chosen.numbers + documents)


def _text(presentation: Presentation, match: Asked) -> Delivery:
    """Return what is asked for of a subtitle."""
    number = find_text(presentation, match.track)
    if number is None:
        raise NotFound(f'no text "{match.track}"')
    text: Text = presentation.texts[number]
    if match.kind == TEXT:
        return _literal(vtt_file(text), VTT, "segment")
    if match.kind == INIT:
        return _literal(text_init(text), MIME["text"], "init")
    segments = presentation.segments()
    place = match.number
    if match.time >= 0:
        # Of times that are rounded to milliseconds several may be one: the first one counts.
        ticks = segments.times[:-1] * 1000 // segments.timescale
        at = int(ticks.searchsorted(match.time))
        place = at + 1 if at < len(ticks) and int(ticks[at]) == match.time else 0
    return _literal(text_segment(presentation, text, place), MIME["text"], "segment")


def _media(presentation: Presentation, match: Asked) -> Delivery:
    """Return an init segment, a media segment, or all of a rendition."""
    member = _member(presentation, match)
    rendition = member.rendition
    kind = MIME[rendition.kind]
    if match.kind == INIT:
        return _literal(init_segment([rendition]), kind, "init")
    if match.kind == WHOLE:
        return Delivery(
            single_plan(presentation, member), f"mp4-{member.number}-{_crc(member)}", content_type=kind, cache="segment"
        )
    number = match.number if match.time < 0 else member.number_at(match.time)
    samples = member.segment(number)
    if samples is None:
        raise NotFound(f"no segment {match.number if match.time < 0 else f'at {match.time}'}")
    first, stop = samples
    made = media_segment(rendition, presentation.assets[rendition.source].source, first, stop, number)
    variant = f"m4s-{member.number}-{number}-{first}-{stop}-{presentation.lead_ms}"
    return Delivery(Plan(made), variant, content_type=kind, cache="segment")


def _crc(member: Carried) -> str:
    """Return what tells a division into segments from every other."""
    return f"{crc32(member.parts.tobytes(), member.offset):08x}"


def _member(presentation: Presentation, match: Asked) -> Carried:
    number = find_track(presentation, match.track)
    if number is None:
        raise NotFound(f'no track "{match.track}"')
    rendition = presentation.renditions[number]
    if rendition.kind == "text" and rendition.track.codec != _STPP:
        raise NotFound(f'track "{match.track}" is no TTML')
    fragmentable(rendition)
    return carried(presentation, number)
