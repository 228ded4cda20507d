"""Server manifests to entries: which track of which file is offered, and what it is called (SMIL 2.0, `smil/body`).

mp4split and IIS put `video`, `audio` and `textstream` into a `switch`; names of parameters are compared without case,
for Expression Encoder spells some of them in its own way. What describes a codec is left out: the films say it better.
A manifest of a live channel (`.isml`) has no files to offer and is refused.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from hls_mp4.containers.smil.tree import Element, parse_document
from hls_mp4.errors import MalformedMedia, UnsupportedMedia

MOST_ENTRIES = 256
MOST_SOURCES = 64
LONGEST_WORD = 256
"""Of a language, a name or a label: more is no name."""

KINDS = {"video": "video", "audio": "audio", "textstream": "text", "text": "text"}
"""Element -> kind of rendition."""

_NUMBER = re.compile(r"[0-9]{1,10}")


@dataclass(frozen=True, slots=True)
class Entry:
    """A track that is offered.

    Args:
        kind: "video", "audio" or "text".
        source: the file, as the manifest has it.
        track: its number in the file (trackID); 0 for every track of the kind.
        bitrate: what is announced, bits per second; 0 for what it has.
        language: what is announced; empty for what the film says.
        name: of the track (trackName); empty for none.
        label: what people are shown (trackLabel, title); empty for none.
        facts: further parameters that are written for other readers: pairs of name and value.
    """

    kind: str
    source: str
    track: int = 0
    bitrate: int = 0
    language: str = ""
    name: str = ""
    label: str = ""
    facts: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class ServerManifest:
    """What a server manifest offers.

    Args:
        entries: in its order; at least one.
        title: of the film, empty for none.
    """

    entries: tuple[Entry, ...]
    title: str = ""

    @property
    def sources(self) -> tuple[str, ...]:
        """The files of the entries, each once, in the order in which they occur."""
        return tuple(dict.fromkeys(entry.source for entry in self.entries))


def parse_manifest(data: bytes) -> ServerManifest:
    """Return what a server manifest offers.

    Raises:
        MalformedMedia: it is none.
        MediaTooLarge: it is more than a manifest can be.
        UnsupportedMedia: it is of a live channel.
    """
    root = parse_document(data)
    if root.name != "smil":
        raise MalformedMedia(f'manifest begins with "{root.name[:40]}" rather than "smil"')
    metas = {
        meta.get("name").lower(): meta.get("content")
        for head in root.named("head")
        for meta in head.named("meta")
        if meta.get("name")
    }
    if metas.get("module", "").lower() == "livesmoothstreaming" or metas.get("sourcetype"):
        raise UnsupportedMedia("manifest is of a live channel", status_hint=404)
    entries = tuple(_entry(element) for body in root.named("body") for element in _offered(body))
    if not entries:
        raise MalformedMedia("manifest has no video, audio or textstream")
    if len(entries) > MOST_ENTRIES:
        raise MalformedMedia(f"manifest has too many tracks:{len(entries)}")
    manifest = ServerManifest(entries, _word(metas.get("title", "")))
    if len(manifest.sources) > MOST_SOURCES:
        raise MalformedMedia(f"manifest has too many files:{len(manifest.sources)}")
    return manifest


def _offered(parent: Element) -> Iterator[Element]:
    """Yield the tracks below an element, in whatever `switch`, `par` or `seq` they stand."""
    for child in parent.children:
        if child.name in KINDS:
            yield child
        elif child.name in ("switch", "par", "seq"):
            yield from _offered(child)


def _entry(element: Element) -> Entry:
    parameters = {
        parameter.get("name").lower(): parameter.get("value")
        for parameter in element.named("param")
        if parameter.get("name")
    }
    source = element.get("src")
    if not source:
        raise MalformedMedia(f'"{element.name}" without src in manifest')
    if any(ord(character) < 32 for character in source):
        raise MalformedMedia("src of manifest has control characters")
    return Entry(
        kind=KINDS[element.name],
        source=source,
        track=_number(parameters.get("trackid", ""), "trackID"),
        bitrate=_number(element.get("systembitrate") or parameters.get("systembitrate", ""), "systemBitrate"),
        language=_word(element.get("systemlanguage") or parameters.get("systemlanguage", "")),
        name=_word(parameters.get("trackname", "") or element.get("title")),
        label=_word(parameters.get("tracklabel", "") or parameters.get("label", "")),
    )


def _number(text: str, name: str) -> int:
    if not text:
        return 0
    if not _NUMBER.fullmatch(text):
        raise MalformedMedia(f'invalid {name} "{text[:40]}" in manifest')
    return int(text)


def _word(text: str) -> str:
    return " ".join(text.split())[:LONGEST_WORD]
