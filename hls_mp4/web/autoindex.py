"""Folder listings: a page for people, or JSON in nginx's shape for programs.

The page needs nothing but itself, follows the reader's light or dark scheme, and fits a telephone. A name goes into it
as the bytes that it is on disk: percent-encoded in a link (RFC 3986 2.1), escaped in text, what is no UTF-8 as U+FFFD.
"""

from __future__ import annotations

import json
import re
import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from html import escape
from urllib.parse import quote

from hls_mp4.directives import ANYWHERE, Choice, Flag, directive
from hls_mp4.web.conditional import last_modified

CLIPPED = (".mp4", ".m4v", ".m4a", ".mov")
"""Names of files that a clip can be asked of."""

_FILMS = (
    ".mp4",
    ".m4v",
    ".mov",
    ".mkv",
    ".webm",
    ".avi",
    ".flv",
    ".f4v",
    ".ts",
    ".mpg",
    ".mpeg",
    ".ogv",
    ".3gp",
    ".wmv",
)
_SOUNDS = (".m4a", ".mp3", ".aac", ".flac", ".ogg", ".oga", ".opus", ".wav", ".ac3", ".wma")

_EARLIEST, _LATEST = -62135596800, 253402300799  # the years 1 to 9999; some file systems can store others


@dataclass(frozen=True, slots=True, kw_only=True)
class AutoindexSettings:
    """Folder listings."""

    enabled: bool = directive(
        "autoindex", ANYWHERE, Flag(), default="off", doc="Lists folders that have no index file."
    )
    exact_size: bool = directive(
        "autoindex_exact_size", ANYWHERE, Flag(), default="on", doc="Shows sizes in bytes rather than rounded."
    )
    localtime: bool = directive(
        "autoindex_localtime", ANYWHERE, Flag(), default="off", doc="Shows times in local time rather than UTC."
    )
    format: str = directive(
        "autoindex_format", ANYWHERE, Choice(("html", "json")), default="html", doc="What a listing is written in."
    )


@dataclass(frozen=True, slots=True)
class Entry:
    """Something in a folder.

    Args:
        name: bytes that are no UTF-8 are surrogates.
        is_dir: whether it is a folder.
        size: bytes.
        mtime: seconds since the epoch.
    """

    name: str
    is_dir: bool
    size: int
    mtime: int


def listing_page(path: str, entries: Iterable[Entry], settings: AutoindexSettings, *, clips: bool) -> tuple[str, bytes]:
    """Return the content type and the body of a folder's listing.

    Args:
        path: normalised URI of the folder, with its final slash.
        entries: what is in it, in any order.
        settings: how it is shown.
        clips: whether films of this folder answer `start=`.
    """
    ordered = sorted(entries, key=_order)
    if settings.format == "json":
        return "application/json", _json(ordered)
    return "text/html; charset=utf-8", _html(path, ordered, settings, clips).encode("utf-8")


def _order(entry: Entry) -> tuple[bool, list[str | int], str]:
    """Sort folders first and Episode 2 before Episode 10; text and numbers alternate, so like meets like."""
    words = re.split("([0-9]+)", entry.name.casefold())
    return not entry.is_dir, [int(word) if at % 2 else word for at, word in enumerate(words)], entry.name


def readable(name: str) -> str:
    """Return a name as characters: what is no UTF-8 is U+FFFD."""
    return name.encode("utf-8", "surrogateescape").decode("utf-8", "replace")


def link_to(name: str) -> str:
    """Return a relative URL of a name, safe in an attribute; a colon in it does not look like a scheme's."""
    return quote(name.encode("utf-8", "surrogateescape"), safe="")


def size_text(size: int, *, exact: bool) -> str:
    """Return `1,234,567` or `1.2 MiB`."""
    if exact:
        return f"{size:,}"
    if size < 1024:
        return f"{size} B"
    value, unit = size / 1024, "KiB"
    for larger in ("MiB", "GiB", "TiB"):
        if value < 1023.5:
            break
        value, unit = value / 1024, larger
    return f"{value:.1f} {unit}" if value < 9.95 else f"{value:.0f} {unit}"


def _json(entries: Sequence[Entry]) -> bytes:
    """Return nginx's JSON listing: an object for each entry, one on a line."""
    lines = []
    for entry in entries:
        row: dict[str, object] = {
            "name": readable(entry.name),
            "type": "directory" if entry.is_dir else "file",
            "mtime": last_modified(_clamped(entry.mtime)),
        }
        if not entry.is_dir:
            row["size"] = entry.size
        lines.append(json.dumps(row, ensure_ascii=False))
    return ("[\n" + ",\n".join(lines) + "\n]\n").encode("utf-8")


def _clamped(mtime: int) -> int:
    return min(max(mtime, _EARLIEST), _LATEST)


_HEAD = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>%s</title>
<link rel="icon" href="data:,">
<style>
:root {
  --page: #f6f7f9; --card: #fff; --ink: #1b1f24; --quiet: #5b6470; --line: #e3e6ea; --link: #0a58ca; --tint: #eef4ff;
}
@media (prefers-color-scheme: dark) {
  :root {
    --page: #121417; --card: #1a1d21; --ink: #e8eaed; --quiet: #9aa3ae; --line: #2b3036; --link: #8ab8ff;
    --tint: #222b3a;
  }
}
* { box-sizing: border-box }
body {
  margin: 0 auto; padding: 2rem 1rem 3rem; max-width: 62rem; background: var(--page); color: var(--ink);
  font: 1rem/1.5 system-ui, -apple-system, "Segoe UI", Roboto, sans-serif;
}
a { color: var(--link); text-decoration: none }
a:hover { text-decoration: underline }
a:focus-visible { outline: 2px solid var(--link); outline-offset: 2px; border-radius: .25rem }
bdi { overflow-wrap: anywhere; white-space: pre-wrap }
nav ol { display: flex; flex-wrap: wrap; margin: 0; padding: 0; list-style: none }
nav li + li::before { content: "/"; padding: 0 .5rem; color: var(--quiet) }
h1 { margin: .25rem 0 0; font-size: 1.6rem; line-height: 1.25; font-weight: 650 }
.summary { margin: .25rem 0 1.25rem; color: var(--quiet) }
main ul {
  margin: 0; padding: 0; list-style: none; overflow: hidden;
  background: var(--card); border: 1px solid var(--line); border-radius: .75rem;
}
main li {
  display: grid; grid-template-columns: 1.25rem 1fr auto minmax(6rem, auto) 9rem; gap: 0 .85rem; align-items: center;
  padding: .6rem 1rem;
}
main li + li { border-top: 1px solid var(--line) }
main li:hover { background: var(--tint) }
.shapes { position: absolute; width: 0; height: 0 }
main svg {
  width: 1.25rem; height: 1.25rem; color: var(--quiet); fill: none;
  stroke: currentColor; stroke-width: 1.5; stroke-linejoin: round; stroke-linecap: round;
}
.folder { font-weight: 550 }
.facts { display: contents; color: var(--quiet); font-size: .875rem; white-space: nowrap }
.clip {
  grid-column: 3; padding: .1rem .6rem; border: 1px solid var(--line); border-radius: 1rem; background: var(--page);
  font-size: .8125rem;
}
.size, time { font-variant-numeric: tabular-nums; text-align: right }
.size { grid-column: 4 }
time { grid-column: 5 }
footer { margin-top: 1.25rem; color: var(--quiet); font-size: .875rem }
code { padding: .1rem .3rem; border-radius: .25rem; background: var(--tint); color: var(--ink); white-space: nowrap }
@media (max-width: 44rem) {
  main li { grid-template-columns: 1.25rem 1fr }
  .facts { display: flex; grid-column: 2; gap: 1rem; align-items: center; margin-top: .15rem }
  .clip { order: 1; margin-left: auto }
}
</style>
</head>
<body>
<svg class="shapes" aria-hidden="true">
<symbol id="up" viewBox="0 0 20 20"><path d="M10 16V5M5.5 9.5 10 5l4.5 4.5"/></symbol>
<symbol id="folder" viewBox="0 0 20 20">
<path d="M2.5 5.5v9a1 1 0 0 0 1 1h13a1 1 0 0 0 1-1v-8a1 1 0 0 0-1-1H10l-2-2H3.5a1 1 0 0 0-1 1z"/>
</symbol>
<symbol id="film" viewBox="0 0 20 20">
<rect x="2.5" y="4" width="15" height="12" rx="1.5"/><path d="m8.5 7.5 4 2.5-4 2.5z"/>
</symbol>
<symbol id="sound" viewBox="0 0 20 20">
<path d="M7.5 14.5v-10l8-1.5v10"/><circle cx="5.5" cy="14.5" r="2"/><circle cx="13.5" cy="13" r="2"/>
</symbol>
<symbol id="file" viewBox="0 0 20 20"><path d="M5 2.5h6.5L15.5 6.5v11H5zM11.5 2.5v4h4"/></symbol>
</svg>
"""

_HINT = """<footer>Every film begins where you say: <code>?start=30</code> at half a minute,
<code>?start=20&amp;end=25.5</code> is five and a half seconds of it.</footer>
"""


def _html(path: str, entries: Sequence[Entry], settings: AutoindexSettings, clips: bool) -> str:
    """Return the page."""
    folders = [readable(name) for name in path.split("/") if name]
    items = [f'<li>{_picture("up")}<a href="../">Parent folder</a></li>'] if folders else []
    items += [_item(entry, settings, clips) for entry in entries]
    listing = "<ul>\n" + "\n".join(items) + "\n</ul>\n" if items else ""
    heading = f"<bdi>{escape(folders[-1])}</bdi>" if folders else "Index of /"
    return (
        _HEAD % escape("Index of " + readable(path))
        + f"<header>\n{_crumbs(folders)}<h1>{heading}</h1>\n"
        + f'<p class="summary">{_summary(entries, settings)}</p>\n</header>\n'
        + f"<main>\n{listing}</main>\n"
        + (_HINT if clips and any(map(_is_clipped, entries)) else "")
        + "</body>\n</html>\n"
    )


def _crumbs(folders: Sequence[str]) -> str:
    """Return links to every folder above; none above the first.

    They are relative, so that they hold behind a proxy that serves all this below a prefix.
    """
    if not folders:
        return ""
    names = ["Home", *folders[:-1]]
    links = [
        f'<li><a href="{"../" * (len(folders) - depth)}"><bdi>{escape(name)}</bdi></a></li>'
        for depth, name in enumerate(names)
    ]
    return '<nav aria-label="Folders above"><ol>\n' + "\n".join(links) + "\n</ol></nav>\n"


def _summary(entries: Sequence[Entry], settings: AutoindexSettings) -> str:
    if not entries:
        return "This folder is empty."
    folders = sum(entry.is_dir for entry in entries)
    files = len(entries) - folders
    parts = [
        f"{count} {word}{'' if count == 1 else 's'}" for count, word in ((folders, "folder"), (files, "file")) if count
    ]
    if files:
        parts.append(size_text(sum(entry.size for entry in entries if not entry.is_dir), exact=False))
    return ", ".join(parts) + (" · local time" if settings.localtime else " · times are UTC")


def _is_clipped(entry: Entry) -> bool:
    return not entry.is_dir and entry.name.lower().endswith(CLIPPED)


def _kind(entry: Entry) -> str:
    """Return the name of an entry's picture."""
    name = entry.name.lower()
    if entry.is_dir:
        return "folder"
    return "film" if name.endswith(_FILMS) else "sound" if name.endswith(_SOUNDS) else "file"


def _item(entry: Entry, settings: AutoindexSettings, clips: bool) -> str:
    """Return one entry of the page."""
    link, name = link_to(entry.name), escape(readable(entry.name))
    facts = ""
    if entry.is_dir:
        anchor = f'<a class="folder" href="{link}/"><bdi>{name}</bdi>/</a>'
    else:
        anchor = f'<a href="{link}"><bdi>{name}</bdi></a>'
        if clips and _is_clipped(entry):
            facts = f'<a class="clip" href="{link}?start=30" aria-label="{name} from 0:30">from 0:30</a>'
        exact = size_text(entry.size, exact=True)
        facts += f'<span class="size" title="{exact} bytes">{size_text(entry.size, exact=settings.exact_size)}</span>'
    at = (time.localtime if settings.localtime else time.gmtime)(_clamped(entry.mtime))
    day, clock = f"{at.tm_year:04d}-{at.tm_mon:02d}-{at.tm_mday:02d}", f"{at.tm_hour:02d}:{at.tm_min:02d}"
    facts += f'<time datetime="{day}T{clock}{"" if settings.localtime else "Z"}">{day} {clock}</time>'
    return f'<li>{_picture(_kind(entry))}{anchor}<span class="facts">{facts}</span></li>'


def _picture(kind: str) -> str:
    return f'<svg aria-hidden="true"><use href="#{kind}"/></svg>'
