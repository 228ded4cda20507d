"""From a body that was found to the answer: preconditions, ranges, pace and headers (nginx's header filters)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hls_mp4.plan import Plan
from hls_mp4.web.answer import Answer, Headers, base_headers
from hls_mp4.web.conditional import GO_ON, evaluate, last_modified, make_etag
from hls_mp4.web.facts import RequestFacts
from hls_mp4.web.headers import dressed, extra_headers
from hls_mp4.web.pacing import Pace
from hls_mp4.web.ranges import apply_ranges
from hls_mp4.web.refusal import Refusal

if TYPE_CHECKING:
    from hls_mp4.interfaces import Delivery
    from hls_mp4.sources.local import LocalFile
    from hls_mp4.web.request import StreamingRequest
    from hls_mp4.web.rules import LocationRules


def filtered(
    request: StreamingRequest,
    rules: LocationRules,
    plan: Plan,
    file: LocalFile | None,
    delivery: Delivery | None,
    kind: str,
) -> Answer:
    """Return the answer of a body that was found: conditional, cut to its ranges, with all its headers."""
    headers = base_headers(request)
    mtime = None
    status = 200
    if file is not None and delivery is not None:
        mtime = file.mtime
        etag = make_etag(file.validator, delivery.variant) if rules.conditional.etag else None
        validators: Headers = [("Last-Modified", last_modified(mtime))]
        if etag is not None:
            validators.append(("ETag", etag))
        get = request.requestHeaders.getRawHeaders
        outcome = evaluate(get, etag, mtime) if request.conditional else GO_ON
        status = outcome.status
        if status == 304:
            extra = extra_headers(rules.headers, 304, RequestFacts(request), request.started, mtime)
            return Answer(304, dressed(headers + validators, extra), Plan(()), rules)
        if status == 412:
            raise Refusal(412)
        # Ranges are of GET only (RFC 9110 14.2).
        wanted = get(b"range") if outcome.ranges and request.method == b"GET" else None
        if wanted is not None:
            ranged = apply_ranges(plan, wanted[0].decode("latin-1"), kind, rules.ranges, request.identify())
            if ranged.status == 416:
                raise Refusal(416, headers=ranged.headers)
            status, plan = ranged.status, ranged.plan
            headers += ranged.headers
        if status != 206 or not any(name == "Content-Type" for name, _ in headers):
            headers.append(("Content-Type", kind))
        headers.append(("Content-Length", str(plan.length)))
        headers += validators
        if status == 200 and rules.ranges.most:
            headers.append(("Accept-Ranges", "bytes"))
        headers += delivery.headers
    else:
        headers += [("Content-Type", kind), ("Content-Length", str(plan.length))]
    extra = extra_headers(rules.headers, status, RequestFacts(request), request.started, mtime)
    return Answer(status, dressed(headers, extra), plan, rules, pace=_pace(request, rules, delivery))


def _pace(request: StreamingRequest, rules: LocationRules, delivery: Delivery | None) -> Pace | None:
    """Return the slower of limit_rate and the module's own pace."""
    rate, after = rules.pacing.rate, rules.pacing.after
    if delivery is not None and delivery.rate and (not rate or delivery.rate < rate):
        rate, after = delivery.rate, delivery.rate_after
    return Pace(rate, after, request.shared.reactor.seconds()) if rate else None
