"""The hls module: what `hls;` in a location answers below a film's URL."""

from __future__ import annotations

from dataclasses import replace
from zlib import crc32

from zope.interface import implementer

from hls_mp4.errors import NotFound
from hls_mp4.interfaces import Delivery, IEncryptingModule, IndexLimits, IPackagerModule, Learning
from hls_mp4.media.presentation import Presentation
from hls_mp4.packagers.fmp4.encryption import protected_init
from hls_mp4.packagers.fmp4.init import init_segment
from hls_mp4.packagers.hls.forms import Form, Reading, Segment, TransportForm, form_of
from hls_mp4.packagers.hls.iframes import iframe_playlist
from hls_mp4.packagers.hls.keys import keys_of
from hls_mp4.packagers.hls.master import master_playlist
from hls_mp4.packagers.hls.media import media_playlist, text_playlist
from hls_mp4.packagers.hls.names import IFRAMES, INDEX, INIT, KEY, MASTER, SEGMENT, Asked, parse_name
from hls_mp4.packagers.hls.settings import HlsSettings
from hls_mp4.packagers.hls.webvtt import vtt_segment
from hls_mp4.packagers.segmenting.names import parse_tracks
from hls_mp4.plan import Literal, Plan

PLAYLIST = "application/vnd.apple.mpegurl"

_TEXT_TRACK = "t"


@implementer(IPackagerModule, IEncryptingModule)
class HlsModule:
    """HTTP Live Streaming."""

    name = "hls"
    settings = HlsSettings

    def match(self, name: str, query: bytes, settings: HlsSettings) -> Asked | None:
        """Return what a URL asks for, None when it is none of HLS."""
        return parse_name(name)

    def limits(self, settings: HlsSettings) -> IndexLimits:
        """Return what indexing may cost."""
        return IndexLimits(max(4096, settings.buffer_size), settings.max_buffer_size)

    def takes_long(self, presentation: Presentation, match: Asked, settings: HlsSettings) -> bool:
        """Tell whether playlists have to be written, or segments counted, and are not kept yet."""
        if match.kind in (MASTER, INDEX, IFRAMES):
            return _key(presentation, match, settings) not in presentation.kept
        if match.kind != SEGMENT or match.form != TransportForm.suffix:
            return False
        form = _form(presentation, settings)
        numbers = _chosen(presentation, match, form)
        return numbers is not None and form.takes_long(presentation, numbers)

    def respond(
        self, presentation: Presentation, match: Asked, settings: HlsSettings, now: float
    ) -> Delivery | Learning:
        """Return a playlist, a segment or a key.

        Raises:
            NotFound: there is no such track or segment.
            UnsupportedMedia: the film cannot be told in this form.
        """
        if match.kind in (MASTER, INDEX, IFRAMES):
            return _kept_playlist(presentation, match, settings)
        if match.kind == KEY:
            return _key_delivery(presentation, match, settings)
        if match.form == "vtt":
            return _text_segment(presentation, match, settings)
        if match.kind == INIT:
            return _init(presentation, match, settings)
        form = _form(presentation, settings)
        if match.form != form.suffix:
            raise NotFound(f'segments are not "{match.form}" here')
        made = form.segment(presentation, _tracks(presentation, match, form), match.number)
        return _segment(made) if isinstance(made, Segment) else _learned(made)


def _form(presentation: Presentation, settings: HlsSettings) -> Form:
    return form_of(settings.form, keys_of(presentation, settings), presentation.protection)


def _segment(made: Segment) -> Delivery:
    return Delivery(made.plan, made.variant, content_type=made.content_type, cache="segment")


def _learned(reading: Reading) -> Learning:
    made = yield from reading
    return _segment(made)


def _key(presentation: Presentation, match: Asked, settings: HlsSettings) -> tuple[object, ...]:
    keys = keys_of(presentation, settings)
    told = (keys and (keys.print, keys.uri), presentation.protection and presentation.protection.variant)
    return (HlsModule.name, match, settings.form, settings.iframes, presentation.forward, told)


def _kept_playlist(presentation: Presentation, match: Asked, settings: HlsSettings) -> Delivery:
    """Return a playlist that is kept; whoever has it written hears besides what is missing in it."""
    complaint = ""

    def write() -> Delivery:
        nonlocal complaint
        text, complaint = _written(presentation, match, settings)
        data = text.encode()
        return Delivery(Plan([Literal(data)]), variant=f"{crc32(data):08x}", content_type=PLAYLIST, cache="manifest")

    kept = presentation.keep(_key(presentation, match, settings), write)
    return replace(kept, complaint=complaint) if complaint else kept


def _written(presentation: Presentation, match: Asked, settings: HlsSettings) -> tuple[str, str]:
    """Return the text of a playlist, and what is missing in it."""
    if match.kind == INDEX and match.tracks.startswith(_TEXT_TRACK):
        return text_playlist(presentation, _text(presentation, match.tracks)), ""
    form = _form(presentation, settings)
    if match.kind == MASTER:
        found = form.presentable(presentation)
        return master_playlist(presentation, found.numbers, form, iframes=settings.iframes), found.complaint
    numbers = _tracks(presentation, match, form)
    if match.kind == INDEX:
        return media_playlist(presentation, numbers, form), ""
    if len(numbers) != 1 or presentation.renditions[numbers[0]].kind != "video" or not form.has_key_frames:
        raise NotFound("no such I-frame playlist")
    return iframe_playlist(presentation, numbers[0], form), ""


def _chosen(presentation: Presentation, match: Asked, form: Form) -> tuple[int, ...] | None:
    """Return the renditions that a name asks for, None where one is not there.

    Where they may be in one segment, a name without tracks is the first picture and the first sound that can be.
    """
    numbers = parse_tracks(match.tracks, presentation)
    if numbers is None or not form.muxed:
        return numbers
    if not match.tracks.strip("f-0123456789"):
        allowed = form.presentable(presentation).numbers
        firsts: dict[str, int] = {}
        for number in numbers:
            if number in allowed:
                firsts.setdefault(presentation.renditions[number].kind, number)
        numbers = tuple(sorted(firsts.values())) or None
    return numbers


def _tracks(presentation: Presentation, match: Asked, form: Form) -> tuple[int, ...]:
    """Return the renditions that a name asks for, in segments of a form.

    Raises:
        NotFound: there are none, or not in the same segments.
    """
    numbers = _chosen(presentation, match, form)
    if numbers is None:
        raise NotFound(f'no track "{match.tracks}"')
    if match.kind in (SEGMENT, INDEX) and form.muxed:
        kinds = [presentation.renditions[number].kind for number in numbers]
        if len(set(kinds)) != len(kinds) or "text" in kinds:
            raise NotFound("a segment of MPEG-TS has one video and one sound at most")
    return numbers


def _text(presentation: Presentation, tracks: str) -> int:
    number = int(tracks[1:]) - 1 if tracks[1:].isdecimal() else -1
    if not 0 <= number < len(presentation.texts):
        raise NotFound(f'no text "{tracks}"')
    return number


def _text_segment(presentation: Presentation, match: Asked, settings: HlsSettings) -> Delivery:
    text = _text(presentation, match.tracks)
    if match.number > len(presentation.segments()):
        raise NotFound(f"no segment {match.number}")
    data = vtt_segment(presentation, text, match.number - 1, settings.form)
    return Delivery(
        Plan([Literal(data)]), variant=f"{crc32(data):08x}", content_type="text/vtt; charset=utf-8", cache="segment"
    )


def _init(presentation: Presentation, match: Asked, settings: HlsSettings) -> Delivery:
    """Return an init segment."""
    form = _form(presentation, settings)
    numbers = _tracks(presentation, match, form)
    if not form.has_init or len(numbers) != 1:
        raise NotFound("no such init segment")
    rendition = presentation.renditions[numbers[0]]
    data = init_segment([rendition]) if form.protection is None else protected_init(rendition, form.protection)
    kind = form.content_type(rendition)
    return Delivery(Plan([Literal(data)]), f"{crc32(data):08x}", content_type=kind, cache="init")


def _key_delivery(presentation: Presentation, match: Asked, settings: HlsSettings) -> Delivery:
    """Return a key of a film; where players get it elsewhere it is no business of theirs here."""
    keys = keys_of(presentation, settings)
    protection = presentation.protection
    if protection is not None:
        if not protection.clear_key or bool(match.tracks) != (len(protection.keys) > 1):
            raise NotFound("no key")
        key, variant = protection.key_of("audio" if match.tracks == "a" else "video").key, protection.variant
    else:
        if keys is None or not keys.ours or match.tracks:
            raise NotFound("no key")
        key, variant = keys.key, keys.print
    variant = f"key{match.tracks}-{variant}"
    return Delivery(Plan([Literal(key)]), variant, content_type="application/octet-stream", cache="key")
