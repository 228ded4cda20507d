"""Directives of presentations: files that belong together, subtitles beside them, arguments that manifests carry on."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from hls_mp4.directives import ANYWHERE, Flag, Parsed, compile_regex, directive, one

_NAME = re.compile(r"[A-Za-z0-9_.~-]{1,128}")


@dataclass(frozen=True, slots=True)
class Forwarding:
    """Which arguments of a request URLs in manifests carry on.

    Args:
        every: all of them.
        names: these, where it is not all.
    """

    every: bool = False
    names: frozenset[str] = frozenset()


def read_forwarding(args: Sequence[str]) -> Forwarding:
    """Return what `forward_args on | off | name ...` and `hls_forward_args on | off` say; raises ValueError."""
    directive_name, *words = args
    if not words:
        raise ValueError("invalid number of arguments")
    if len(words) == 1 and words[0] in ("on", "off"):
        return Forwarding(words[0] == "on")
    if directive_name == "hls_forward_args":
        raise ValueError(f'invalid value "{words[0]}", it must be "on" or "off"')
    for word in words:
        if not _NAME.fullmatch(word):
            raise ValueError(f'invalid argument name "{word}"')
        if word in ("on", "off"):
            raise ValueError(f'"{word}" cannot be combined with names')
    return Forwarding(names=frozenset(words))


def read_pattern(args: Sequence[str]) -> re.Pattern[str] | None:
    """Return the expression of `rendition_pattern`, None for off; raises ValueError."""
    text = one(args)
    if text == "off":
        return None
    pattern = compile_regex(text)
    if pattern.search(""):
        raise ValueError(f'"{text}" matches names in which there is nothing of it')
    return pattern


@dataclass(frozen=True, slots=True, kw_only=True)
class FilmSettings:
    """Films that are presented: their files, their subtitles, their URLs."""

    pattern: re.Pattern[str] | None = directive(
        "rendition_pattern",
        ANYWHERE,
        Parsed("regex | off", read_pattern),
        default="off",
        doc="What tells files of one film apart in their names, without the suffix: with `_(\\d+)p?$` film_1080.mp4 and"
        " film_720.mp4 are presented together at film.mp4/, where there is no film.mp4; the greatest number leads.",
    )
    side_cars: bool = directive(
        "sidecar_subtitles",
        ANYWHERE,
        Flag(),
        default="on",
        doc="Whether film.en.vtt, film.de.srt and film.en.forced.vtt beside film.mp4 are its subtitles.",
    )
    forward: Forwarding = directive(
        "forward_args",
        ANYWHERE,
        Parsed("on | off | name ...", read_forwarding),
        default="forward_args off",
        group=("forward_args", "hls_forward_args"),
        doc="Which arguments of a manifest's URL the URLs in it carry on: tokens above all. What says which part of a"
        " film is meant (vbegin, vend, t, filter) is always carried on.",
        differs={"hls_forward_args": "nginx sells it; it holds for all formats"},
    )
