"""limit_conn: how many requests somebody may have under way (nginx's ngx_http_limit_conn_module, 1.22).

Counted is a request, from here until its last byte went or its client did: a connection that waits for its next
request counts nothing, and on HTTP/2 every request counts for itself.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from hls_mp4.directives import ANYWHERE, HTTP, Choice, Flag, Number, Parsed, directive
from hls_mp4.web.facts import RequestFacts
from hls_mp4.web.protecting.zones import (
    LOG_LEVELS,
    STATUS_BOUNDS,
    Room,
    check_names,
    read_count,
    read_zone_size,
    rendered_key,
    shared_zone,
)
from hls_mp4.web.refusal import Refusal
from hls_mp4.web.variables import Template, compile_template

if TYPE_CHECKING:
    from hls_mp4.web.request import StreamingRequest

_LONGEST_KEY = 255
_STATE_BYTES = 200  # of the object of a key and its place in a table that may have just grown
_MOST = 65535


@dataclass(frozen=True, slots=True)
class ConnectionZone:
    """A limit_conn_zone.

    Args:
        name: what limit_conn calls it.
        key: what has a number of its own.
        size: bytes that all numbers may take.
    """

    name: str
    key: Template
    size: int


def read_zone(args: Sequence[str]) -> ConnectionZone:
    """Return the zone of `key zone=name:size`; raises ValueError."""
    if len(args) != 2:
        raise ValueError("invalid number of arguments")
    if not args[1].startswith("zone="):
        raise ValueError(f'invalid parameter "{args[1]}"')
    name, size = read_zone_size(args[1])
    if not name:
        raise ValueError('must have "zone" parameter')
    return ConnectionZone(name, compile_template(args[0]), size)


@dataclass(frozen=True, slots=True)
class ConnectionLimit:
    """A limit_conn.

    Args:
        zone: its name.
        most: requests at a time.
    """

    zone: str
    most: int


def read_limit(args: Sequence[str]) -> ConnectionLimit:
    """Return the limit of `zone number`; raises ValueError."""
    if len(args) != 2:
        raise ValueError("invalid number of arguments")
    most = read_count(args[1])
    if not most:
        raise ValueError(f'invalid number of connections "{args[1]}"')
    if most > _MOST:
        raise ValueError(f"connection limit must be less {_MOST + 1}")
    return ConnectionLimit(args[0], most)


@dataclass(frozen=True, slots=True, kw_only=True)
class LimitConnSettings:
    """How many requests clients may have under way."""

    zones: tuple[ConnectionZone, ...] = directive(
        "limit_conn_zone",
        HTTP,
        Parsed("key zone=name:size", read_zone),
        default=(),
        repeated=True,
        doc="Keeps count of the requests under way for each value of the key, as $binary_remote_addr; one with an empty"
        " key is not counted. A request that finds `size` full is refused; a state takes about 200 bytes.",
        differs="states take more memory: about 5,000 in a megabyte",
    )
    limits: tuple[ConnectionLimit, ...] = directive(
        "limit_conn",
        ANYWHERE,
        Parsed("zone number", read_limit),
        default=(),
        repeated=True,
        doc="Refuses a request when as many with the same key are under way. $limit_conn_status says what happened:"
        " PASSED, REJECTED or REJECTED_DRY_RUN.",
    )
    status: int = directive(
        "limit_conn_status",
        ANYWHERE,
        Number(*STATUS_BOUNDS, syntax="code"),
        default="503",
        doc="Status of a request that limit_conn refuses.",
    )
    log_level: str = directive(
        "limit_conn_log_level",
        ANYWHERE,
        Choice(LOG_LEVELS),
        default="error",
        doc="How bad a refused request is in the error log.",
    )
    dry_run: bool = directive(
        "limit_conn_dry_run",
        ANYWHERE,
        Flag(),
        default="off",
        doc="Counts and logs as limit_conn would, and lets everybody pass.",
    )

    def __post_init__(self) -> None:
        """Check that the zones that limits name are there."""
        check_names("limit_conn_zone", self.zones, (limit.zone for limit in self.limits))


class CountZone:
    """The numbers of a zone.

    Args:
        zone: its declaration.
    """

    def __init__(self, zone: ConnectionZone) -> None:
        self.name = zone.name
        self.key = zone.key
        self._room = Room(zone.size, _STATE_BYTES)
        self._counts: dict[str, int] = {}

    def __len__(self) -> int:
        return len(self._counts)

    def count(self, key: str) -> int:
        """Return how many requests of a key are under way."""
        return self._counts.get(key, 0)

    def enter(self, key: str) -> bool:
        """Count one more; False when there is no room for another key."""
        count = self._counts.get(key, 0)
        if not count and not self._room.take(key):
            return False
        self._counts[key] = count + 1
        return True

    def leave(self, key: str) -> None:
        """Count one less."""
        count = self._counts[key] - 1
        if count:
            self._counts[key] = count
        else:
            del self._counts[key]
            self._room.give_back(key)


def _leave_all(entered: Sequence[tuple[CountZone, str]]) -> None:
    for zone, key in entered:
        zone.leave(key)


def prepare(settings: LimitConnSettings, shared: Any) -> Callable[[StreamingRequest], None] | None:
    """Return the check of a location, None when it has no limits; see `phases`."""
    declared = {zone.name: zone for zone in settings.zones}

    def counts(name: str) -> CountZone:
        zone: CountZone = shared_zone(shared, "limit_conn_zone", name, lambda: CountZone(declared[name]))
        return zone

    limits = tuple((counts(limit.zone), limit.most) for limit in settings.limits)
    dry_run, status, level = settings.dry_run, settings.status, settings.log_level
    mark = ", dry run," if dry_run else ""
    rejected = "REJECTED_DRY_RUN" if dry_run else "REJECTED"

    def check(request: StreamingRequest) -> None:
        if "limit_conn_status" in request.values:
            return  # counted already, before an internal redirect
        facts = RequestFacts(request)
        entered: list[tuple[CountZone, str]] = []
        for zone, most in limits:
            key = rendered_key(request, facts, zone.key, _LONGEST_KEY)
            if not key:
                continue
            if zone.count(key) >= most:
                reason, bad = f'limiting connections{mark} by zone "{zone.name}"', level
            elif not zone.enter(key):
                reason, bad = f'no memory in limit_conn_zone "{zone.name}"', "crit"
            else:
                entered.append((zone, key))
                continue
            _leave_all(entered)
            request.set_value("limit_conn_status", rejected)
            if not dry_run:
                raise Refusal(status, reason, level=bad)
            request.report(reason, level=bad)
            return
        if entered:
            request.set_value("limit_conn_status", "PASSED")
            request.at_end(lambda: _leave_all(entered))

    return check if limits else None
