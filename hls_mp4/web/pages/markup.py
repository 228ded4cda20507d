"""The frame of every page: head, folders above, pictures."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

from hls_mp4.web.pages.style import SHAPES, STYLE

HTML = "text/html; charset=utf-8"

_HEAD = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>{title}</title>
<link rel="icon" href="data:,">
<style>{style}</style>
</head>
<body>
"""

_FILMS = (
    *(
        ".mp4",
        ".m4v",
        ".mov",
        ".qt",
        ".mp4v",
        ".ismv",
        ".cmfv",
        ".flv",
        ".f4v",
        ".webm",
        ".mkv",
        ".avi",
        ".ts",
        ".m2ts",
    ),
    *(".mpg", ".mpeg", ".ogv", ".3gp", ".wmv"),
)
_SOUNDS = (".m4a", ".isma", ".cmfa", ".mp3", ".aac", ".flac", ".ogg", ".oga", ".opus", ".wav", ".ac3", ".wma")


def page(title: str, body: str) -> bytes:
    """Return a whole page.

    Args:
        title: as text.
        body: as markup.
    """
    return (_HEAD.format(title=escape(title), style=STYLE) + SHAPES + body + "</body>\n</html>\n").encode("utf-8")


def crumbs(folders: Sequence[str], *, inside: bool = False) -> str:
    """Return links to the folders above; none above the first.

    They are relative, so that they hold behind a proxy that serves all this below a prefix.

    Args:
        folders: names from the root on, as text; the last one is the page's own folder.
        inside: whether the page is of something in that folder, which is then linked as well.
    """
    if not folders and not inside:
        return ""
    names = ["Home", *(folders if inside else folders[:-1])]
    above = len(names) - 1 if inside else len(names)
    links = [
        f'<li><a href="{"../" * (above - depth) or "./"}"><bdi>{escape(name)}</bdi></a></li>'
        for depth, name in enumerate(names)
    ]
    return '<nav aria-label="Folders above"><ol>\n' + "\n".join(links) + "\n</ol></nav>\n"


def picture(kind: str) -> str:
    """Return one of the small pictures: "up", "folder", "film", "sound" or "file"."""
    return f'<svg aria-hidden="true"><use href="#{kind}"/></svg>'


def kind_of(name: str) -> str:
    """Return which picture a file gets by its name."""
    lower = name.lower()
    return "film" if lower.endswith(_FILMS) else "sound" if lower.endswith(_SOUNDS) else "file"
