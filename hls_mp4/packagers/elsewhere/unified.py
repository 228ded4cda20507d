"""Unified Streaming's names below a film's URL, as ours.

Manifests have any name, or none: `film.ism/.m3u8`, `film.ism/any.mpd`. What ours name is ours, so that players never
ask for the others; they are for addresses that were kept: `dash/film-video_eng=401000-48000.dash`, with the name and
the bit rate of each track, and the time or the number of a segment.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from hls_mp4.errors import NotFound
from hls_mp4.media.presentation import Presentation, Rendition
from hls_mp4.packagers.segmenting.names import tracks_name

_MANIFESTS = {"m3u8": "master.m3u8", "mpd": "manifest.mpd", "f4m": "manifest.f4m"}
_MANIFEST = re.compile(r"[^/=]{0,255}\.(m3u8|mpd|f4m)")

_TRACK = r"[A-Za-z_][A-Za-z0-9_]{0,127}=[0-9]{1,10}"
_MEDIA = re.compile(
    rf"(?:(?:dash|hls)/)?[^/]{{0,255}}?-?(?P<tracks>{_TRACK}(?:-{_TRACK}){{0,7}})(?:-(?P<number>[0-9]{{1,18}}))?"
    r"\.(?P<form>m3u8|ts|m4s|dash)"
)


@dataclass(frozen=True, slots=True)
class Media:
    """A playlist, an init segment or a media segment, by the names and bit rates of its tracks.

    Args:
        tracks: pairs of name and bit rate.
        number: of a media segment, or its time; None for the others.
        form: "m3u8", "ts", "m4s" or "dash".
    """

    tracks: tuple[tuple[str, int], ...]
    number: int | None
    form: str

    def name(self, presentation: Presentation) -> str:
        """Return our name of it.

        Raises:
            NotFound: the presentation has no such tracks.
        """
        tracks = tracks_name([_found(presentation, *track) for track in self.tracks], presentation)
        if self.form == "m3u8":
            return f"index{tracks}.m3u8"
        if self.number is None:
            return f"init{tracks}.mp4"
        if self.form != "dash":
            return f"seg-{self.number}{tracks}.{self.form}"
        # Numbers of segments are below those of any time but the first, which is 0.
        timed = not 0 < self.number <= len(presentation.segments())
        return f"fragment-{'t' if timed else ''}{self.number}{tracks}.m4s"


def manifest_name(name: str) -> str | None:
    """Return our name of a manifest, None when it is not the name of one."""
    found = _MANIFEST.fullmatch(name)
    return _MANIFESTS[found[1]] if found else None


def parse_media(name: str) -> Media | None:
    """Return what a name asks for, None when it is none of those."""
    found = _MEDIA.fullmatch(name)
    if found is None:
        return None
    tracks = tuple((title, int(rate)) for title, _, rate in (each.partition("=") for each in _each(found["tracks"])))
    number = int(found["number"]) if found["number"] is not None else None
    if (number is None) != (found["form"] == "m3u8") and found["form"] in ("m3u8", "ts"):
        return None
    return Media(tracks, number, found["form"])


def _each(tracks: str) -> list[str]:
    return re.findall(_TRACK, tracks)


def _found(presentation: Presentation, title: str, rate: int) -> Rendition:
    """Return the rendition of a name and a bit rate; raises NotFound."""
    kind = title.partition("_")[0].lower()
    alike = [each for each in presentation.renditions if each.bitrate == rate]
    for each in alike:
        if each.name == title:
            return each
    for each in alike:
        if each.kind == kind:
            return each
    raise NotFound(f'no track "{title}={rate}"')
