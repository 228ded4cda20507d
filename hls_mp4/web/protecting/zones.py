"""Zones of limit_conn_zone and limit_req_zone: how they are written, named, and how much memory their states take.

nginx's zones are shared by its processes and have its slab allocator; here a zone is shared by all locations of the
daemon. Its size is kept to by an estimate of what Python needs for a state, which is more than nginx needs: a megabyte
holds about 2,500 states of limit_req or 5,000 of limit_conn.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

from hls_mp4.directives import parse_size
from hls_mp4.web.facts import RequestFacts
from hls_mp4.web.variables import Template

if TYPE_CHECKING:
    from hls_mp4.web.request import StreamingRequest

LEAST_SIZE = 8 * 4096
"""nginx wants eight pages of memory."""

STATUS_BOUNDS = (400, 599)
LOG_LEVELS = ("info", "notice", "warn", "error")

_COUNT = re.compile("[0-9]{1,9}")


class Named(Protocol):
    """What a zone has in any directive."""

    @property
    def name(self) -> str:
        """What limits call it."""

    @property
    def key(self) -> Template:
        """What is counted under one state."""


def read_zone_size(parameter: str) -> tuple[str, int]:
    """Return name and bytes of `zone=name:size`; raises ValueError."""
    name, colon, written = parameter.removeprefix("zone=").partition(":")
    try:
        size = parse_size(written if colon else "")
    except ValueError:
        raise ValueError(f'invalid zone size "{parameter}"') from None
    if size < LEAST_SIZE:
        raise ValueError(f'zone "{parameter}" is too small')
    return name, size


def read_count(text: str) -> int:
    """Return a positive whole number, 0 when a text is none."""
    return int(text) if _COUNT.fullmatch(text) else 0


def check_names(directive: str, zones: Sequence[Named], wanted: Iterable[str]) -> None:
    """Check that every zone has a name of its own, and that those that limits name are there, once in a block.

    Args:
        directive: that declares them.
        zones: declared.
        wanted: names that the limits of one block mention.

    Raises:
        ValueError: in nginx's words.
    """
    keys: dict[str, str] = {}
    for zone in zones:
        if zone.name in keys:
            raise ValueError(f'"{zone.name}" is already bound to key "{keys[zone.name]}"')
        keys[zone.name] = zone.key.text
    seen = set()
    for name in wanted:
        if name not in keys:
            raise ValueError(f'zero size shared memory zone "{name}", no {directive} has this name')
        if name in seen:
            raise ValueError(f'is duplicate for zone "{name}"')
        seen.add(name)


def rendered_key(request: StreamingRequest, facts: RequestFacts, key: Template, longest: int) -> str:
    """Return the key of a request, one character per byte; empty for a request that is not counted."""
    text = key.render(facts)
    if len(text) > longest:
        request.report(f'the value of the "{key.text}" key is more than {longest} bytes: "{text}"')
        return ""
    return text


@dataclass(slots=True)
class Room:
    """Bytes of a zone that are free.

    Args:
        free: of them.
        state: of memory that a state needs beside its key.
    """

    free: int
    state: int

    def take(self, key: str) -> bool:
        """Take the room of one more state; False when there is none."""
        need = self.state + len(key)
        if need > self.free:
            return False
        self.free -= need
        return True

    def give_back(self, key: str) -> None:
        """Free the room of a state."""
        self.free += self.state + len(key)


def shared_zone(shared: Any, directive: str, name: str, make: Callable[[], Any]) -> Any:
    """Return the states of a zone, the same for every location."""
    return shared.once((directive, name), make)
