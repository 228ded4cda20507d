"""nginx Plus's names of HLS: `film.mp4.m3u8`, and `film.mp4.ts?start=12.5&end=17.25` of its playlists.

The playlist is our multivariant one, its names led below the film's; segments of playlists that were made elsewhere are
found by the second that they begin at.
"""

from __future__ import annotations

import posixpath
import re
from urllib.parse import quote

import numpy as np

from hls_mp4.errors import NotFound
from hls_mp4.media.presentation import Presentation
from hls_mp4.packagers.progressive.arguments import parse_seconds

PLAYLIST, SEGMENT = ".m3u8", ".ts"

_START = re.compile(rb"(?:^|&)start=([^&]*)")
_URI = re.compile(r'URI="(?!/|[A-Za-z][A-Za-z0-9+.-]*:)')
_ABSOLUTE = re.compile(r"/|[A-Za-z][A-Za-z0-9+.-]*:")


def film_of(path: str, suffix: str) -> str | None:
    """Return the path of the film that a name is of, None when it is no such name.

    Args:
        path: as `/srv/film.mp4.m3u8`.
        suffix: PLAYLIST or SEGMENT.
    """
    film = path.removesuffix(suffix)
    return film if film != path and posixpath.splitext(film)[1] else None


def begins_at(query: bytes) -> int | None:
    """Return the millisecond that a query asks a segment from; None when it does not say."""
    found = _START.search(query)
    return parse_seconds(found[1]) if found else None


def segment_name(presentation: Presentation, begin_ms: int) -> str:
    """Return our name of the segment that begins nearest to an instant of the film.

    Raises:
        NotFound: the film is over by then.
    """
    segments = presentation.segments()
    wanted = (begin_ms + presentation.lead_ms) * segments.timescale // 1000
    if wanted >= int(segments.times[-1]):
        raise NotFound(f"no segment at {begin_ms} ms")
    return f"seg-{int(np.abs(segments.times[:-1] - wanted).argmin()) + 1}.ts"


def led_below(playlist: str, film: str) -> str:
    """Return a playlist that lies beside a film: every relative name in it below the film's.

    Args:
        playlist: its names are relative to the film's URL and a slash.
        film: name of the film.
    """
    prefix = quote(film, safe="") + "/"
    lines = []
    for line in playlist.split("\n"):
        if line.startswith("#"):
            lines.append(_URI.sub(lambda _: f'URI="{prefix}', line))
        else:
            lines.append(line if not line or _ABSOLUTE.match(line) else prefix + line)
    return "\n".join(lines)
