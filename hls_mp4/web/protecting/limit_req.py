"""limit_req: how often somebody may ask (nginx's ngx_http_limit_req_module, 1.22).

Here are the directives and what becomes of a request; `leaky_bucket` has the arithmetic. A request waits in the
reactor, and its wait ends with its client.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from twisted.internet.defer import Deferred
from twisted.internet.task import deferLater

from hls_mp4.directives import ANYWHERE, HTTP, Choice, Flag, Number, Parsed, directive
from hls_mp4.web.facts import RequestFacts
from hls_mp4.web.protecting.leaky_bucket import NO_DELAY, PASSED, Limit, RateZone, RequestZone, judge
from hls_mp4.web.protecting.zones import (
    LOG_LEVELS,
    STATUS_BOUNDS,
    check_names,
    read_count,
    read_zone_size,
    rendered_key,
    shared_zone,
)
from hls_mp4.web.refusal import Refusal
from hls_mp4.web.variables import compile_template

if TYPE_CHECKING:
    from hls_mp4.web.request import StreamingRequest

_LONGEST_KEY = 65535


def read_zone(args: Sequence[str]) -> RequestZone:
    """Return the zone of `key zone=name:size rate=number[r/s | r/m]`; raises ValueError."""
    if len(args) != 3:
        raise ValueError("invalid number of arguments")
    name, size, rate = "", 0, 1000
    for parameter in args[1:]:
        if parameter.startswith("zone="):
            name, size = read_zone_size(parameter)
        elif parameter.startswith("rate="):
            found = re.fullmatch(r"rate=([0-9]{1,9})(r/s|r/m)?", parameter)
            rate = int(found[1]) * 1000 // (60 if found[2] == "r/m" else 1) if found else 0
            if rate <= 0:
                raise ValueError(f'invalid rate "{parameter}"')
        else:
            raise ValueError(f'invalid parameter "{parameter}"')
    if not name:
        raise ValueError('must have "zone" parameter')
    return RequestZone(name, compile_template(args[0]), size, rate)


@dataclass(frozen=True, slots=True)
class RequestLimit:
    """A limit_req.

    Args:
        zone: its name.
        burst: excess above which requests are refused, in thousandths of a request.
        delay: excess up to which they do not wait, in thousandths.
    """

    zone: str
    burst: int = 0
    delay: int = 0


def read_limit(args: Sequence[str]) -> RequestLimit:
    """Return the limit of `zone=name [burst=number] [nodelay | delay=number]`; raises ValueError."""
    if not 1 <= len(args) <= 3:
        raise ValueError("invalid number of arguments")
    zone, burst, delay = "", 0, 0
    for parameter in args:
        name, _, value = parameter.partition("=")
        if parameter.startswith("zone="):
            zone = value
        elif parameter == "nodelay":
            delay = NO_DELAY
        elif name in ("burst", "delay") and parameter != name:
            number = read_count(value) * 1000
            if not number:
                raise ValueError(f'invalid {name} value "{parameter}"')
            burst, delay = (number, delay) if name == "burst" else (burst, number)
        else:
            raise ValueError(f'invalid parameter "{parameter}"')
    if not zone:
        raise ValueError('must have "zone" parameter')
    return RequestLimit(zone, burst, delay)


@dataclass(frozen=True, slots=True, kw_only=True)
class LimitReqSettings:
    """How often clients may ask."""

    zones: tuple[RequestZone, ...] = directive(
        "limit_req_zone",
        HTTP,
        Parsed("key zone=name:size rate=rate", read_zone),
        default=(),
        repeated=True,
        doc="Keeps count of requests for each value of the key, as $binary_remote_addr, and lets `rate` pass: 10r/s or"
        " 30r/m. A request with an empty key is not counted. The least recently used states go first when `size` is"
        " full; a state takes about 400 bytes.",
        differs="states take more memory: about 2,500 in a megabyte",
    )
    limits: tuple[RequestLimit, ...] = directive(
        "limit_req",
        ANYWHERE,
        Parsed("zone=name [burst=number] [nodelay | delay=number]", read_limit),
        default=(),
        repeated=True,
        doc="Holds requests to the zone's rate. Up to `burst` of them may come too early and wait for their turn, or"
        " with nodelay, or the first `delay` of them, do not wait; more are refused. $limit_req_status says what"
        " happened: PASSED, DELAYED, REJECTED, DELAYED_DRY_RUN or REJECTED_DRY_RUN.",
    )
    status: int = directive(
        "limit_req_status",
        ANYWHERE,
        Number(*STATUS_BOUNDS, syntax="code"),
        default="503",
        doc="Status of a request that limit_req refuses.",
    )
    log_level: str = directive(
        "limit_req_log_level",
        ANYWHERE,
        Choice(LOG_LEVELS),
        default="error",
        doc="How bad a refused request is in the error log; a delayed one is one level less bad.",
    )
    dry_run: bool = directive(
        "limit_req_dry_run",
        ANYWHERE,
        Flag(),
        default="off",
        doc="Counts and logs as limit_req would, and lets everybody pass.",
    )

    def __post_init__(self) -> None:
        """Check that the zones that limits name are there."""
        check_names("limit_req_zone", self.zones, (limit.zone for limit in self.limits))


def prepare(settings: LimitReqSettings, shared: Any) -> Callable[[StreamingRequest], Deferred[None] | None] | None:
    """Return the check of a location, None when it has no limits; see `phases`."""
    declared = {zone.name: zone for zone in settings.zones}

    def buckets(name: str) -> RateZone:
        zone: RateZone = shared_zone(shared, "limit_req_zone", name, lambda: RateZone(declared[name]))
        return zone

    limits = tuple(Limit(buckets(limit.zone), limit.burst, limit.delay) for limit in settings.limits)
    dry_run, status, level = settings.dry_run, settings.status, settings.log_level
    delay_level = LOG_LEVELS[max(0, LOG_LEVELS.index(level) - 1)]
    mark, suffix = (", dry run", "_DRY_RUN") if dry_run else ("", "")
    reactor = shared.reactor

    def check(request: StreamingRequest) -> Deferred[None] | None:
        if "limit_req_status" in request.values:
            return None  # counted already, before an internal redirect
        facts = RequestFacts(request)
        keys = [rendered_key(request, facts, limit.zone.key, _LONGEST_KEY) for limit in limits]
        if not any(keys):
            return None
        verdict = judge(limits, keys, int(reactor.seconds() * 1000))
        if verdict is PASSED:
            request.set_value("limit_req_status", "PASSED")
        elif verdict.refused:
            request.set_value("limit_req_status", f"REJECTED{suffix}")
            reason, bad = f'limiting requests{mark}, excess: {verdict.amount} by zone "{verdict.zone}"', level
            if verdict.full:
                reason, bad = f'could not allocate node in limit_req zone "{verdict.zone}"', "alert"
            if not dry_run:
                raise Refusal(status, reason, level=bad)
            request.report(reason, level=bad)
        else:
            request.set_value("limit_req_status", f"DELAYED{suffix}")
            reason = f'delaying request{mark}, excess: {verdict.amount}, by zone "{verdict.zone}"'
            request.report(reason, level=delay_level)
            if not dry_run:
                waiting: Deferred[None] = deferLater(reactor, verdict.delay_ms / 1000)
                return waiting
        return None

    return check if limits else None
