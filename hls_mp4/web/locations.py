"""Which virtual server and which location answer, in nginx's order.

Servers: the exact name, the longest name that begins with a wildcard, the longest that ends in one, the first regular
expression in the file, the default. Locations: `=`, then the longest prefix; unless that one says `^~`, the first
regular expression that matches goes before it. Nested locations are looked at before the regular expressions beside
their parent.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from hls_mp4.directives import compile_regex

Captures = dict[str, str]

_NONE: Captures = {}


def captures_of(found: re.Match[str]) -> Captures:
    """Return what groups of a match caught, by number and by name; a group that took no part is empty."""
    captures = {str(number): text or "" for number, text in enumerate(found.groups(), 1)}
    captures.update({name.lower(): text or "" for name, text in found.groupdict().items()})
    return captures


def later_captures(known: Captures, caught: Captures) -> Captures:
    """Return captures after another expression matched: numbers are of the last match only, names remain.

    Args:
        known: of earlier matches.
        caught: of the last one; empty after an expression that did not match.
    """
    if not known:
        return caught
    return {name: text for name, text in known.items() if not name.isdigit()} | caught


@dataclass(frozen=True, slots=True)
class Location:
    """A location.

    Args:
        modifier: "", "=", "^~", "~" or "~*".
        pattern: URI, its beginning, or a regular expression.
        payload: what holds there.
        locations: nested ones, in the order of the file.
    """

    modifier: str
    pattern: str
    payload: Any
    locations: tuple[Location, ...] = ()


def is_named(location: Location) -> bool:
    """Tell whether a location is one that only redirects lead to, as `location @missing`."""
    return not location.modifier and location.pattern.startswith("@")


class _Level:
    """Locations that stand beside each other, prepared for looking up."""

    __slots__ = ("exact", "inner", "lengths", "prefixes", "regexes")

    def __init__(self, locations: Iterable[Location]) -> None:
        self.exact: dict[str, Location] = {}
        self.prefixes: dict[str, Location] = {}
        self.regexes: list[tuple[re.Pattern[str], Location]] = []
        self.inner: dict[int, _Level] = {}
        for location in locations:
            if is_named(location):
                continue
            if location.modifier == "=":
                self.exact[location.pattern] = location
            elif location.modifier in ("~", "~*"):
                self.regexes.append((compile_regex(location.pattern, ignore_case=location.modifier == "~*"), location))
            else:
                self.prefixes[location.pattern] = location
            if location.locations:
                self.inner[id(location)] = _Level(location.locations)
        # One dictionary look-up for each length that occurs: hundreds of locations have few.
        self.lengths = sorted({len(prefix) for prefix in self.prefixes}, reverse=True)

    def find(self, path: str) -> tuple[Location | None, Captures, bool]:
        """Return (location, captures, final): final when no regular expression outside may outweigh it."""
        if self.exact:
            location = self.exact.get(path)
            if location is not None:
                return location, _NONE, True
        best = None
        for length in self.lengths:
            best = self.prefixes.get(path[:length]) if length <= len(path) else None
            if best is not None:
                break
        captures = _NONE
        found = best
        if best is not None and self.inner:
            inner = self.inner.get(id(best))
            if inner is not None:
                nested, captures, final = inner.find(path)
                if final:
                    return nested, captures, True
                found = nested or best
        if best is None or best.modifier != "^~":
            for regex, location in self.regexes:
                match = regex.search(path)
                if match:
                    captures = captures_of(match)
                    inner = self.inner.get(id(location))
                    if inner is not None:
                        nested, more, _ = inner.find(path)
                        if nested is not None:
                            return nested, later_captures(captures, more) if more else captures, True
                    return location, captures, True
        return found, captures, False


def _shown(name: str) -> str:
    """Return a server's first name as `$server_name` and the error log show it."""
    return name if name.startswith("~") else name.lower().removeprefix(".")


class VirtualServer:
    """A server.

    Args:
        names: of `server_name`, as written.
        payload: what holds outside every location.
        locations: in the order of the file.

    Raises:
        ValueError: a regular expression is wrong.
    """

    __slots__ = ("_level", "name", "named", "names", "payload")

    def __init__(self, names: Sequence[str], payload: Any, locations: Iterable[Location] = ()) -> None:
        self.names = tuple(names)
        self.name = _shown(self.names[0]) if self.names else ""
        self.payload = payload
        locations = tuple(locations)
        self.named = {location.pattern: location for location in locations if is_named(location)}
        self._level = _Level(locations)

    def locate(self, path: str) -> tuple[Location | None, Captures]:
        """Return the location of a normalised path, None when none matches, and what its expressions caught."""
        location, captures, _ = self._level.find(path)
        return location, captures


class ServerTable:
    """The servers of one listening address.

    Args:
        servers: in the order of the file; of equal names the first wins.
        default: answers for hosts that nobody names.

    Raises:
        ValueError: a regular expression, or a wildcard that is not at an end.
    """

    def __init__(self, servers: Sequence[VirtualServer], default: VirtualServer) -> None:
        self.servers = tuple(servers)
        self.default = default
        self._exact: dict[str, VirtualServer] = {}
        self._leading: dict[str, VirtualServer] = {}
        self._trailing: dict[str, VirtualServer] = {}
        self._regexes: list[tuple[re.Pattern[str], VirtualServer]] = []
        for server in self.servers:
            for name in server.names:
                self._add(name, server)

    def _add(self, name: str, server: VirtualServer) -> None:
        if name.startswith("~"):
            self._regexes.append((compile_regex(name[1:], ignore_case=True), server))
            return
        name = name.lower()
        if name.startswith("."):
            self._exact.setdefault(name[1:], server)
            self._leading.setdefault(name, server)
        elif name.startswith("*."):
            self._leading.setdefault(name[1:], server)
        elif name.endswith(".*"):
            self._trailing.setdefault(name[:-1], server)
        elif "*" in name:
            raise ValueError(f'invalid server name or wildcard "{name}"')
        else:
            self._exact.setdefault(name, server)

    def find(self, host: str) -> tuple[VirtualServer, Captures]:
        """Return the server of a host, lower case and without port, and what its expression caught."""
        server = self._exact.get(host)
        if server is not None:
            return server, _NONE
        if self._leading:
            at = host.find(".")
            while at >= 0:  # the longest wildcard first
                server = self._leading.get(host[at:])
                if server is not None and at:
                    return server, _NONE
                at = host.find(".", at + 1)
        if self._trailing:
            at = host.rfind(".")
            while at >= 0:
                server = self._trailing.get(host[: at + 1])
                if server is not None:
                    return server, _NONE
                at = host.rfind(".", 0, at)
        for regex, candidate in self._regexes:
            match = regex.search(host)
            if match:
                return candidate, captures_of(match)
        return self.default, _NONE
