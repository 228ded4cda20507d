"""The smooth module: what `smooth;` in a location answers below a film's URL."""

from __future__ import annotations

from zlib import crc32

from zope.interface import implementer

from hls_mp4.containers.isobmff.build import make_box
from hls_mp4.errors import NotFound
from hls_mp4.interfaces import Delivery, IEncryptingModule, IndexLimits, IPackagerModule, Learning
from hls_mp4.media.presentation import Presentation
from hls_mp4.media.protection import Protection
from hls_mp4.packagers.fmp4.encryption import encrypted_samples
from hls_mp4.packagers.segmenting.languages import UNKNOWN, language_tag
from hls_mp4.packagers.smooth.clock import TICKS
from hls_mp4.packagers.smooth.fragment import Chunk, chunk_data, chunk_head, mdat_head, text_head, whole_chunk
from hls_mp4.packagers.smooth.manifest import carried, manifest
from hls_mp4.packagers.smooth.names import (
    FRAGMENT_INFO,
    KEY_FRAMES,
    MANIFEST,
    RAW_FRAGMENTS,
    Asked,
    parse_name,
)
from hls_mp4.packagers.smooth.protection import piff_box, protection_lines
from hls_mp4.packagers.smooth.settings import SmoothSettings
from hls_mp4.packagers.smooth.streams import Level, Stream, key_of, offer_of
from hls_mp4.packagers.smooth.ttml import document
from hls_mp4.plan import Literal, Part, Plan

XML = "text/xml; charset=utf-8"
"""What IIS called manifests, so that players know them by it."""

_TYPES = {"video": "video/mp4", "audio": "audio/mp4", "text": "application/mp4"}
_RAW = "application/octet-stream"
_TICKS_PER_MS = TICKS // 1000
_QUERY = "\0"
"""Stands in a kept manifest where the query of URLs will; no other text of it can hold it."""


@implementer(IPackagerModule, IEncryptingModule)
class SmoothModule:
    """Smooth Streaming."""

    name = "smooth"
    settings = SmoothSettings

    def match(self, name: str, query: bytes, settings: SmoothSettings) -> Asked | None:
        """Return what a URL asks for, None when it is none of Smooth Streaming."""
        return parse_name(name)

    def limits(self, settings: SmoothSettings) -> IndexLimits:
        """Return what indexing may cost."""
        return IndexLimits(max(4096, settings.buffer_size), settings.max_buffer_size)

    def takes_long(self, presentation: Presentation, match: Asked, settings: SmoothSettings) -> bool:
        """Tell whether the manifest, or what it is written from, is not kept yet."""
        key = _key(presentation, settings) if match.noun == MANIFEST else key_of(presentation)
        return key not in presentation.kept

    def respond(
        self, presentation: Presentation, match: Asked, settings: SmoothSettings, now: float
    ) -> Delivery | Learning:
        """Return the manifest, or a chunk.

        Raises:
            NotFound: there is no such stream, quality level or chunk.
            UnsupportedMedia: nothing of the film can be told in Smooth Streaming.
        """
        if match.noun == MANIFEST:
            return _manifest(presentation, settings)
        found = offer_of(presentation).find(match.stream, match.bitrate)
        if found is None:
            raise NotFound(f'no quality level {match.bitrate} of a stream "{match.stream}"')
        stream, level = found
        number = stream.chunk_at(match.time)
        if number is None:
            raise NotFound(f'no chunk of "{match.stream}" begins at {match.time}')
        if level.told is None:
            return _text(presentation, match, stream, level, number)
        return _media(presentation, match, stream, level, number)


def _key(presentation: Presentation, settings: SmoothSettings) -> tuple[object, ...]:
    return (SmoothModule.name, MANIFEST, settings.version, presentation.protection)


def _manifest(presentation: Presentation, settings: SmoothSettings) -> Delivery:
    """Return the manifest; it is kept once, however many viewers have tokens of their own."""
    key = _key(presentation, settings)
    text = presentation.keep(key, lambda: manifest(presentation, settings.version, _QUERY))
    data = text.replace(_QUERY, carried(presentation.forward)).encode()
    return Delivery(
        Plan([Literal(data)]),
        variant=f"{crc32(data):08x}",
        content_type=XML,
        cache="manifest",
        complaint=offer_of(presentation).complaint,
    )


def _media(presentation: Presentation, match: Asked, stream: Stream, level: Level, number: int) -> Delivery | Learning:
    rendition = presentation.renditions[level.number]
    source = presentation.assets[rendition.source].source
    first, stop = int(level.parts[number]), int(level.parts[number + 1])
    begin, end = int(stream.starts[number]), int(stream.starts[number + 1])
    chunk = Chunk(rendition, first, stop, begin, end, level.early, number + 1)
    if match.noun == KEY_FRAMES:
        chunk = chunk.key_frame()
    variant = f"mss-{match.noun}-{level.number}-{first}-{stop}-{begin}-{end}-{level.early}"
    kind = _RAW if match.noun == RAW_FRAGMENTS else _TYPES[stream.kind]
    if presentation.protection is not None:
        return _protected(presentation, match, chunk, variant, kind, presentation.protection)
    parts: list[Part]
    if match.noun == FRAGMENT_INFO:
        parts = [Literal(chunk_head(chunk))]
    elif match.noun == RAW_FRAGMENTS:
        parts = chunk_data(chunk, source)
    else:
        parts = whole_chunk(chunk, source)
    return Delivery(Plan(parts), variant, content_type=kind, cache="segment")


def _protected(
    presentation: Presentation, match: Asked, chunk: Chunk, variant: str, kind: str, protection: Protection
) -> Learning:
    """Return a generator that returns an encrypted chunk: its pictures have to be looked at first."""
    protection_lines(protection)  # what no player could decrypt is not sent either
    made = yield from encrypted_samples(presentation, chunk.rendition, chunk.first, chunk.stop, protection)
    parts: list[Part] = []
    if match.noun != RAW_FRAGMENTS:
        parts.append(Literal(chunk_head(chunk, piff_box(made))))
    if match.noun not in (FRAGMENT_INFO, RAW_FRAGMENTS):
        parts.append(Literal(mdat_head(chunk)))
    if match.noun != FRAGMENT_INFO:
        parts += made.parts
    return Delivery(Plan(parts), f"{variant}-{protection.variant}", content_type=kind, cache="segment")


def _text(presentation: Presentation, match: Asked, stream: Stream, level: Level, number: int) -> Delivery:
    begin, end = int(stream.starts[number]), int(stream.starts[number + 1])
    text = presentation.texts[level.number]
    tag = language_tag(text.language)
    # Rounded alike for the end of a chunk and the begin of the next one: no cue is lost between two.
    shown = [at // _TICKS_PER_MS - presentation.lead_ms for at in (begin, end)]
    data = document(text, shown[0], shown[1], "" if tag == UNKNOWN else tag)
    head = text_head(begin, end, len(data), number + 1)
    made = {FRAGMENT_INFO: head, RAW_FRAGMENTS: data}.get(match.noun, head + make_box(b"mdat", data))
    kind = _RAW if match.noun == RAW_FRAGMENTS else _TYPES["text"]
    return Delivery(Plan([Literal(made)]), f"{crc32(made):08x}", content_type=kind, cache="segment")
