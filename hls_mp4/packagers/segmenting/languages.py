"""Languages as players are told them: BCP 47 tags, and names for menus; the tables are CLDR's, through Babel."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import lru_cache

from babel.core import Locale, UnknownLocaleError, get_global

UNKNOWN = "und"

_ALIASES: Mapping[str, str] = get_global("language_aliases")
"""Read when the daemon starts: it takes longer than a manifest."""

_TAG = re.compile(r"[A-Za-z]{2,8}(?:-[A-Za-z0-9]{1,8})*")


@lru_cache(maxsize=512)
def language_tag(code: str) -> str:
    """Return the BCP 47 tag of a language: "eng", "en" and "EN" are "en", "pt-br" is "pt-BR"; "und" for what is none.

    Args:
        code: of ISO 639 with two or three letters, or a tag already.
    """
    code = code.strip().replace("_", "-")
    if not _TAG.fullmatch(code):
        return UNKNOWN
    first, *rest = code.split("-")
    first = first.lower()
    first = str(_ALIASES.get(first, first)).split("_")[0]
    written = [part.upper() if len(part) == 2 else part.title() if len(part) == 4 else part.lower() for part in rest]
    return "-".join((first, *written))


@lru_cache(maxsize=512)
def language_name(tag: str) -> str:
    """Return what the speakers of a language call it, "Deutsch" for "de"; the tag itself where nobody knows."""
    if tag == UNKNOWN:
        return "Unknown"
    try:
        name = Locale.parse(tag, sep="-").display_name
    except (ValueError, UnknownLocaleError):
        name = Locale("en").languages.get(tag)
    return name[:1].upper() + name[1:] if name else tag
