"""The content type of a file, by its suffix: nginx's `types`, `default_type` and `charset`.

Nothing is converted: `charset` says what the files are written in, and of text only.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

from hls_mp4.directives import ANYWHERE, LOCATION_IF, Block, Parsed, Text, directive

BUILT_IN: Mapping[str, str] = MappingProxyType(
    {
        suffix: kind
        for kind, suffixes in {
            "video/mp4": "mp4 m4v mp4v f4v ismv cmfv",
            "audio/mp4": "m4a isma cmfa",
            "application/mp4": "cmft ismt",
            "video/iso.segment": "m4s",
            "video/quicktime": "mov qt",
            "video/x-flv": "flv",
            "video/mp2t": "ts m2ts",
            "video/webm": "webm",
            "video/x-matroska": "mkv",
            "video/3gpp": "3gp 3gpp",
            "video/mpeg": "mpg mpeg",
            "audio/mpeg": "mp3",
            "audio/aac": "aac",
            "audio/ogg": "ogg oga opus",
            "audio/wav": "wav",
            "audio/flac": "flac",
            "application/vnd.apple.mpegurl": "m3u8",
            "audio/mpegurl": "m3u",
            "application/dash+xml": "mpd",
            "application/vnd.ms-sstr+xml": "ism ismc isml",
            "application/f4m+xml": "f4m",
            "video/f4f": "f4f",
            "text/vtt": "vtt",
            "application/x-subrip": "srt",
            "application/ttml+xml": "ttml dfxp",
            "text/html": "html htm",
            "text/css": "css",
            "text/plain": "txt log",
            "text/javascript": "js mjs",
            "application/json": "json",
            "text/xml": "xml",
            "image/jpeg": "jpg jpeg",
            "image/png": "png",
            "image/gif": "gif",
            "image/webp": "webp",
            "image/avif": "avif",
            "image/svg+xml": "svg svgz",
            "image/x-icon": "ico",
            "application/pdf": "pdf",
            "application/zip": "zip",
            "font/woff2": "woff2",
        }.items()
        for suffix in suffixes.split()
    }
)
"""What holds where no `types` block stands."""


def _read_line(words: Sequence[str]) -> tuple[str, tuple[str, ...]]:
    kind, *suffixes = words
    if not suffixes:
        raise ValueError("invalid number of arguments")
    return kind, tuple(suffixes)


def _build(lines: Iterable[tuple[str, tuple[str, ...]]]) -> Mapping[str, str]:
    return MappingProxyType({suffix.lower(): kind for kind, suffixes in lines for suffix in suffixes})


CHARSET_TYPES = frozenset(
    (
        *("text/html", "text/xml", "text/plain", "text/vnd.wap.wml", "text/css", "text/javascript"),
        *("application/javascript", "application/rss+xml", "text/vtt", "application/x-subrip"),
    )
)
"""What a charset is told of; nginx's list, style sheets and subtitles."""


def _charset(args: Sequence[str]) -> str:
    """Return the charset of `name | off`, empty for off; raises ValueError."""
    if len(args) != 1:
        raise ValueError("invalid number of arguments")
    if not re.fullmatch(r"[A-Za-z0-9!#$%&'+^_`{}~.:-]+", args[0]) or "$" in args[0]:
        raise ValueError(f'invalid charset "{args[0]}"')
    return "" if args[0] == "off" else args[0]


@dataclass(frozen=True, slots=True, kw_only=True)
class TypeSettings:
    """Content types."""

    types: Mapping[str, str] = directive(
        "types",
        ANYWHERE,
        Block("{ type suffix ...; }", _read_line, _build),
        default=BUILT_IN,
        doc="Content types by suffix; without it a table of the usual ones holds.",
        differs="other default: a table of the usual types; nginx's has three",
    )
    default: str = directive(
        "default_type",
        ANYWHERE,
        Text("mime-type"),
        default="application/octet-stream",
        doc="Content type of files whose suffix is not listed.",
        differs="other default; nginx's is text/plain",
    )
    charset: str = directive(
        "charset",
        ANYWHERE | LOCATION_IF,
        Parsed("charset | off", _charset),
        default="off",
        doc="Told with the content type of texts; nothing is converted.",
        differs="nothing is converted",
    )


def content_type(settings: TypeSettings, path: str) -> str:
    """Return the content type of a file."""
    dot = path.rfind(".")
    kind = settings.default
    if dot >= 0 and path.find("/", dot) < 0:
        kind = settings.types.get(path[dot + 1 :].lower(), kind)
    return f"{kind}; charset={settings.charset}" if settings.charset and kind in CHARSET_TYPES else kind
