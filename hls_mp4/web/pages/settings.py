"""Directives of the pages: nginx's autoindex, what it shows of films, and the player page."""

from __future__ import annotations

from dataclasses import dataclass

from hls_mp4.directives import ANYWHERE, Choice, Flag, directive


@dataclass(frozen=True, slots=True, kw_only=True)
class AutoindexSettings:
    """Folder listings."""

    enabled: bool = directive(
        "autoindex",
        ANYWHERE,
        Flag(),
        default="off",
        doc="Lists folders that have no index file.",
        differs="the page is another one, it shows what films are",
    )
    exact_size: bool = directive(
        "autoindex_exact_size", ANYWHERE, Flag(), default="on", doc="Shows sizes in bytes rather than rounded."
    )
    localtime: bool = directive(
        "autoindex_localtime", ANYWHERE, Flag(), default="off", doc="Shows times in local time rather than UTC."
    )
    format: str = directive(
        "autoindex_format",
        ANYWHERE,
        Choice(("html", "xml", "json", "jsonp")),
        default="html",
        doc="What a listing is written in; all but html are nginx's, for programs.",
    )
    films: bool = directive(
        "autoindex_films",
        ANYWHERE,
        Flag(),
        default="on",
        doc="Shows length, resolution and codecs of films in listings, where a module such as mp4 is on.",
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class PlayerSettings:
    """The player page."""

    player: str = directive(
        "player",
        ANYWHERE,
        Choice(("on", "off", "auto")),
        default="auto",
        doc="Answers ?player behind a film's URL with a page that plays it; auto means where autoindex is on.",
    )
