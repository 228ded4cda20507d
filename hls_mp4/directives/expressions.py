"""Regular expressions of a configuration: PCRE's spelling, Python's engine."""

from __future__ import annotations

import re
from contextvars import ContextVar

CAPTURE_NAMES: ContextVar[frozenset[str]] = ContextVar("CAPTURE_NAMES", default=frozenset())
"""Named groups of the regular expressions in the configuration that is being read: arguments may mention them as
variables, whichever of the two is written first."""

_POSIX_CLASSES = {
    "[:alnum:]": "a-zA-Z0-9",
    "[:alpha:]": "a-zA-Z",
    "[:blank:]": r" \t",
    "[:digit:]": "0-9",
    "[:lower:]": "a-z",
    "[:space:]": r"\s",
    "[:upper:]": "A-Z",
    "[:word:]": r"\w",
    "[:xdigit:]": "0-9a-fA-F",
}
_PCRE_SPELLINGS = (
    (re.compile(r"((?:^|[^\\])(?:\\\\)*\(\?)<(?=[A-Za-z_])"), r"\1P<"),  # (?<name> is (?P<name> here
    (re.compile(r"((?:^|[^\\])(?:\\\\)*)\\z"), r"\1\\Z"),
)


def compile_regex(pattern: str, *, ignore_case: bool = False) -> re.Pattern[str]:
    r"""Return a regular expression of a configuration (`location ~`, `server_name ~`), compiled.

    PCRE's spelling of named groups, POSIX classes and `\z` is understood; classes such as `\w` are ASCII, as PCRE's
    are without its UTF mode.

    Raises:
        ValueError: with the reason and the position.
    """
    translated = pattern
    for spelling, ours in _PCRE_SPELLINGS:
        translated = spelling.sub(ours, translated)
    for name, members in _POSIX_CLASSES.items():
        translated = translated.replace(name, members)
    try:
        return re.compile(translated, re.ASCII | (re.IGNORECASE if ignore_case else 0))
    except (re.error, OverflowError, RecursionError) as e:
        raise ValueError(f'invalid regular expression "{pattern}": {e}') from None
