"""The dash module: what is turned on by `dash;` (ISO/IEC 23009-1)."""

from __future__ import annotations

from dataclasses import replace
from zlib import crc32

import numpy as np
from zope.interface import implementer

from hls_mp4.errors import NotFound
from hls_mp4.interfaces import Delivery, IEncryptingModule, IndexLimits, IPackagerModule, Learning
from hls_mp4.media.presentation import Presentation, Rendition
from hls_mp4.media.protection import Protection
from hls_mp4.media.texts import Text
from hls_mp4.packagers.dash.carried import Carried, carried
from hls_mp4.packagers.dash.contentprotection import key_set
from hls_mp4.packagers.dash.mpd import MIME, Manifest
from hls_mp4.packagers.dash.names import INIT, KEYS, MANIFEST, TEXT, WHOLE, Asked, find_text, find_track, parse_name
from hls_mp4.packagers.dash.query import with_query
from hls_mp4.packagers.dash.sets import adaptation_sets
from hls_mp4.packagers.dash.settings import DashSettings
from hls_mp4.packagers.dash.single import Single, is_known, single, single_plan
from hls_mp4.packagers.dash.texts import vtt_file
from hls_mp4.packagers.fmp4.encryption import (
    ENCRYPTED_SAMPLE,
    Reading,
    encryptable,
    protected_init,
    protected_segment,
)
from hls_mp4.packagers.fmp4.fragment import media_segment
from hls_mp4.packagers.fmp4.init import init_segment
from hls_mp4.packagers.fmp4.lengths import segment_lengths
from hls_mp4.packagers.fmp4.texts import text_init, text_segment
from hls_mp4.packagers.segmenting.presentable import Presentable, fragmentable, presentable
from hls_mp4.plan import Literal, Plan

MPD = "application/dash+xml"
VTT = "text/vtt; charset=utf-8"

_STPP = "stpp"


@implementer(IPackagerModule, IEncryptingModule)
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

    def respond(
        self, presentation: Presentation, match: Asked, settings: DashSettings, now: float
    ) -> Delivery | Learning:
        """Return the manifest, or what it names.

        Raises:
            NotFound: there is no such track or segment.
            UnsupportedMedia: the film cannot be told in this form.
        """
        if match.kind == MANIFEST:
            return _manifest(presentation, settings)
        if match.kind == KEYS:
            return _keys(presentation)
        if match.track.startswith("t"):
            return _text(presentation, match)
        return _media(presentation, match)


def _key(presentation: Presentation, settings: DashSettings) -> tuple[object, ...]:
    return (DashModule.name, settings.profile, settings.template, settings.texts, presentation.protection)


def _literal(data: bytes, content_type: str, cache: str) -> Delivery:
    return Delivery(Plan([Literal(data)]), f"{crc32(data):08x}", content_type=content_type, cache=cache)


def _manifest(presentation: Presentation, settings: DashSettings) -> Delivery:
    """Return the manifest; it is kept once, however many viewers have tokens of their own."""
    key = _key(presentation, settings)
    text, complaint = presentation.keep(key, lambda: _written(presentation, settings))
    if presentation.forward:
        return replace(_literal(with_query(text, presentation.forward).encode(), MPD, "manifest"), complaint=complaint)
    return presentation.keep(
        ("plain", *key), lambda: replace(_literal(with_query(text, "").encode(), MPD, "manifest"), complaint=complaint)
    )


def _written(presentation: Presentation, settings: DashSettings) -> tuple[str, str]:
    """Return the manifest, without the arguments of its URLs, and what is wrong with the film."""
    protection = presentation.protection
    chosen = _presentable(presentation)
    complaint = chosen.complaint
    sets = adaptation_sets(presentation, chosen.numbers)
    members = [member for each in sets for member in each.members]
    singles: dict[int, Single] = {}
    if settings.profile == "on-demand" and protection is None:
        singles = {member.number: single(presentation, member) for member in members}
        sizes = {number: np.diff(each.offsets) for number, each in singles.items()}
    else:
        sizes = {member.number: segment_lengths(member.rendition, member.parts) for member in members}
    if protection is not None:
        for member in members:
            sizes[member.number] = sizes[member.number] + np.diff(member.parts) * ENCRYPTED_SAMPLE
        if settings.profile == "on-demand":
            complaint = "; ".join(filter(None, (complaint, "what is encrypted is offered in segments, not on demand")))
    manifest = Manifest(presentation, sets, sizes, template=settings.template, texts=settings.texts, singles=singles)
    return manifest.text(), complaint


def _presentable(presentation: Presentation) -> Presentable:
    """Return the pictures and sounds that are presented, and tracks of TTML."""
    protection = presentation.protection

    def can(rendition: Rendition) -> None:
        fragmentable(rendition)
        if protection is not None:
            encryptable(rendition, protection)

    chosen = presentable(presentation, can)
    documents = tuple(
        number
        for number, each in enumerate(presentation.renditions)
        if each.kind == "text" and each.track.codec == _STPP
    )
    return replace(chosen, numbers=chosen.numbers + documents)


def _keys(presentation: Presentation) -> Delivery:
    """Return the keys, where they are given to anybody who asks."""
    protection = presentation.protection
    if protection is None or not protection.clear_key:
        raise NotFound("no keys")
    return Delivery(
        Plan([Literal(key_set(protection))]), protection.variant, content_type="application/json", cache="key"
    )


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


def _media(presentation: Presentation, match: Asked) -> Delivery | Learning:
    """Return an init segment, a media segment, or all of a rendition."""
    member = _member(presentation, match)
    rendition = member.rendition
    kind = MIME[rendition.kind]
    protection = presentation.protection if rendition.kind != "text" else None
    if match.kind == INIT:
        return presentation.keep(
            ("dash init", member.number, protection), lambda: _literal(_init(rendition, protection), kind, "init")
        )
    if match.kind == WHOLE:
        if protection is not None:
            raise NotFound("what is encrypted is not there in one file")
        variant = f"mp4-{member.number}-{crc32(member.parts.tobytes(), member.offset):08x}"
        return Delivery(single_plan(presentation, member), variant, content_type=kind, cache="segment")
    number = match.number if match.time < 0 else member.number_at(match.time)
    samples = member.segment(number)
    if samples is None:
        raise NotFound(f"no segment {match.number if match.time < 0 else f'at {match.time}'}")
    first, stop = samples
    variant = f"m4s-{member.number}-{number}-{first}-{stop}-{presentation.lead_ms}"
    if protection is not None:
        parts = protected_segment(presentation, rendition, first, stop, number, protection)
        return _learned(parts, f"{variant}-{protection.variant}", kind)
    made = media_segment(rendition, presentation.assets[rendition.source].source, first, stop, number)
    return Delivery(Plan(made), variant, content_type=kind, cache="segment")


def _init(rendition: Rendition, protection: Protection | None) -> bytes:
    return init_segment([rendition]) if protection is None else protected_init(rendition, protection)


def _learned(parts: Reading, variant: str, kind: str) -> Learning:
    """Return a generator that returns the delivery of an encrypted segment."""
    made = yield from parts
    return Delivery(Plan(made), variant, content_type=kind, cache="segment")


def _member(presentation: Presentation, match: Asked) -> Carried:
    number = find_track(presentation, match.track)
    if number is None:
        raise NotFound(f'no track "{match.track}"')
    rendition = presentation.renditions[number]
    if rendition.kind == "text" and rendition.track.codec != _STPP:
        raise NotFound(f'track "{match.track}" is no TTML')
    fragmentable(rendition)
    return carried(presentation, number)
