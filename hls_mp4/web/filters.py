"""From a body that was found to the answer: preconditions, ranges, gzip, pace and headers (nginx's header filters)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from hls_mp4.plan import Plan
from hls_mp4.web.answer import Answer, Headers, base_headers, dressed
from hls_mp4.web.compressing import Compression
from hls_mp4.web.conditional import GO_ON, WHOLE, evaluate, last_modified, make_etag
from hls_mp4.web.facts import RequestFacts
from hls_mp4.web.films.expiry import cache_headers
from hls_mp4.web.gzip import GzipSettings, client_takes, compressible, proxy_takes, weak
from hls_mp4.web.pacing import Pace
from hls_mp4.web.ranges import apply_ranges
from hls_mp4.web.refusal import Refusal

if TYPE_CHECKING:
    from collections.abc import Hashable

    from hls_mp4.interfaces import Delivery
    from hls_mp4.web.request import StreamingRequest
    from hls_mp4.web.rules import LocationRules

_COMPRESSED = (200, 403, 404)  # nginx's list
_NO_GZIP = GzipSettings()
_VARY = ("Vary", "Accept-Encoding")


class Versioned(Protocol):
    """What a body is made of: a file, or several together."""

    @property
    def mtime(self) -> int:
        """Seconds since the epoch."""

    @property
    def key(self) -> Hashable:
        """What tells this version from every other."""

    @property
    def validator(self) -> str:
        """Text that differs for every version."""


def filtered(
    request: StreamingRequest,
    rules: LocationRules,
    plan: Plan,
    file: Versioned | None,
    delivery: Delivery | None,
    kind: str,
    *,
    status: int = 200,
) -> Answer:
    """Return the answer of a body that was found: conditional, cut to its ranges, with all its headers.

    A body with another status than 200, that of an error whose page it is above all, is sent whole.
    """
    headers = base_headers(request)
    mtime = None
    status = request.error_status or status
    whole = status != 200 or request.subrequest
    if status in (204, 304):
        return Answer(status, dressed(request, rules, status, headers, None), Plan(()), rules)
    gzip: GzipSettings = rules.of.get(GzipSettings, _NO_GZIP)
    varies = gzip.enabled and not request.subrequest and status in _COMPRESSED and compressible(gzip, kind, plan)
    compression: Compression | None = None
    if file is not None and delivery is not None:
        mtime = file.mtime
        etag = make_etag(file.validator, delivery.variant) if rules.conditional.etag else None
        validators: Headers = [("Last-Modified", last_modified(mtime))]
        if etag is not None:
            validators.append(("ETag", etag))
        if delivery.cache and status == 200:
            validators += cache_headers(rules, delivery.cache, request.started, mtime)
        if varies:
            compression = _compression(request, gzip, rules, validators, mtime, (file.key, delivery.variant))
        get = request.requestHeaders.getRawHeaders
        since = rules.conditional.if_modified_since
        outcome = WHOLE if whole else evaluate(get, etag, mtime, since) if request.conditional else GO_ON
        if outcome.status == 304:
            if compression is not None:
                validators = _weakened(validators)
            if varies and gzip.vary:
                validators.append(_VARY)
            return Answer(304, dressed(request, rules, 304, headers + validators, mtime), Plan(()), rules)
        if outcome.status == 412:
            raise Refusal(412)
        # Ranges are of GET only (RFC 9110 14.2).
        wanted = get(b"range") if outcome.ranges and request.method == b"GET" else None
        if wanted is not None:
            ranged = apply_ranges(plan, wanted[0].decode("latin-1"), kind, rules.ranges, request.identify())
            if ranged.status == 416:
                raise Refusal(416, headers=ranged.headers)
            status, plan = ranged.status, ranged.plan
            headers += ranged.headers
            if status == 206:
                compression = None
        if status != 206 or not any(name == "Content-Type" for name, _ in headers):
            headers.append(("Content-Type", kind))
        headers.append(("Content-Length", str(plan.length)))
        headers += validators if compression is None else _weakened(validators)
        if status == 200 and rules.ranges.most and compression is None:
            headers.append(("Accept-Ranges", "bytes"))
        headers += delivery.headers
    else:
        headers += [("Content-Type", kind), ("Content-Length", str(plan.length))]
        if varies:
            compression = _compression(request, gzip, rules, [], None, None)
    if compression is not None:
        headers.append(("Content-Encoding", "gzip"))
    if varies and gzip.vary:
        headers.append(_VARY)
    headers = dressed(request, rules, status, headers, mtime)
    pace = _pace(request, rules, delivery)
    return Answer(status, headers, plan, rules, pace=pace, compression=compression)


def _compression(
    request: StreamingRequest,
    gzip: GzipSettings,
    rules: LocationRules,
    validators: Headers,
    mtime: int | None,
    key: Hashable,
) -> Compression | None:
    """Return how a text is compressed for this client, None when it is not."""
    facts = RequestFacts(request)
    header = facts.request_header
    if not client_takes(gzip, facts.protocol, header):
        return None
    proxied = header("via") is not None
    if proxied and not proxy_takes(gzip, header, dressed(request, rules, 200, validators, mtime), request.started):
        return None
    return Compression(gzip.level, key)


def _weakened(validators: Headers) -> Headers:
    return [(name, weak(value) if name == "ETag" else value) for name, value in validators]


def _pace(request: StreamingRequest, rules: LocationRules, delivery: Delivery | None) -> Pace | None:
    """Return the slower of limit_rate and the module's own pace."""
    rate, after = rules.pacing.rate, rules.pacing.after
    if request.limit_rate is not None:
        rate = request.limit_rate
    if delivery is not None and delivery.rate and (not rate or delivery.rate < rate):
        rate, after = delivery.rate, delivery.rate_after
    return Pace(rate, after, request.shared.reactor.seconds()) if rate else None
