"""The rules for `location` and `server_name` that need no request to be checked."""

from __future__ import annotations

import re
from collections.abc import Sequence

from hls_mp4.directives import compile_regex

MODIFIERS = ("=", "^~", "~*", "~")
METHODS = frozenset(
    (
        *("GET", "HEAD", "POST", "PUT", "DELETE", "MKCOL", "COPY", "MOVE", "OPTIONS"),
        *("PROPFIND", "PROPPATCH", "LOCK", "UNLOCK", "PATCH"),
    )
)
"""What `limit_except` may name."""

_NAME = re.compile(r"(\*?\.)?[^*]+|[^.*][^*]*\.\*")


def parse_location(args: Sequence[str]) -> tuple[str, str]:
    """Return (modifier, pattern) of a location; the two may be written together, as in `=/`.

    Raises:
        ValueError: with the reason in nginx's words.
    """
    if len(args) == 2:
        modifier, pattern = args
        if modifier not in MODIFIERS:
            raise ValueError(f'invalid location modifier "{modifier}"')
    elif len(args) == 1:
        modifier = next((known for known in MODIFIERS if args[0].startswith(known)), "")
        pattern = args[0][len(modifier) :]
    else:
        raise ValueError("invalid number of arguments")
    if modifier in ("~", "~*"):
        compile_regex(pattern, ignore_case=modifier == "~*")
    return modifier, pattern


def is_named(modifier: str, pattern: str) -> bool:
    """Tell whether a location is a named one, as `location @missing`."""
    return not modifier and pattern.startswith("@")


def nesting_mistake(modifier: str, pattern: str, outer_modifier: str, outer_pattern: str) -> str | None:
    """Return why a location cannot be reached inside another one, in nginx's words; None when it can."""
    if is_named(modifier, pattern):
        return f'named location "{pattern}" can be on the server level only'
    if is_named(outer_modifier, outer_pattern):
        return f'location "{pattern}" cannot be inside the named location "{outer_pattern}"'
    if outer_modifier == "=":
        return f'location "{pattern}" cannot be inside the exact location "{outer_pattern}"'
    # Inside of a regular expression only another one can be: a beginning would have to begin with the expression.
    if modifier not in ("~", "~*") and not pattern.startswith(outer_pattern):
        return f'location "{pattern}" is outside location "{outer_pattern}"'
    return None


def location_key(modifier: str, pattern: str) -> tuple[bool, str] | None:
    """Return what two locations side by side cannot have in common; None for a regular expression."""
    return None if modifier in ("~", "~*") else (modifier == "=", pattern)


def check_server_name(name: str) -> None:
    """Check a name of a server.

    Raises:
        ValueError: with the reason in nginx's words.
    """
    if name.startswith("~"):
        if name == "~":
            raise ValueError('empty regex in server name "~"')
        compile_regex(name[1:], ignore_case=True)
    elif name and (name == "." or not _NAME.fullmatch(name)):
        raise ValueError(f'server name "{name}" is invalid')


def parse_methods(args: Sequence[str]) -> frozenset[str]:
    """Return the methods that a `limit_except` spares.

    Raises:
        ValueError: with the reason in nginx's words.
    """
    if not args:
        raise ValueError("invalid number of arguments")
    for method in args:
        if method.upper() not in METHODS:
            raise ValueError(f'invalid method "{method}"')
    methods = frozenset(method.upper() for method in args)
    return methods | {"HEAD"} if "GET" in methods else methods
