"""The way of a request through nginx's phases.

Server, arrival, the server's script, location, the location's script and location again while that changes the URI,
limits, admission, try_files, content; a refusal goes where `error_page` leads it and enters the phases once more.
`hls_mp4.web.phases` has the tables of what takes part, `hls_mp4.web.finding` scripts and redirects,
`hls_mp4.web.content` what lies at a URI in the end.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from hls_mp4.web.answer import Answer
from hls_mp4.web.content import content_at
from hls_mp4.web.finding.error_page import error_page_step, refused_answer
from hls_mp4.web.finding.log_not_found import LogNotFoundSettings
from hls_mp4.web.finding.merge_slashes import MergeSlashesSettings
from hls_mp4.web.finding.redirecting import count_change, internal_redirect
from hls_mp4.web.locations import later_captures
from hls_mp4.web.refusal import Headers, Refusal
from hls_mp4.web.uri import BadTarget, parse_host, parse_target

if TYPE_CHECKING:
    from hls_mp4.web.finding.redirecting import Step
    from hls_mp4.web.finding.script import Script
    from hls_mp4.web.phases import Check
    from hls_mp4.web.request import StreamingRequest
    from hls_mp4.web.rules import LocationRules

_METHOD = re.compile(rb"[A-Z_-]+")  # nginx's idea of one


async def answer(request: StreamingRequest) -> Answer:
    """Return the answer to a request, its refusals included."""
    found: Answer | Step
    kept: Headers = []
    try:
        path = _choose_server(request, request.uri)
        if request.method not in (b"GET", b"HEAD"):
            if path == "*" and request.method == b"OPTIONS":
                raise Refusal(204, headers=[("Allow", "GET, HEAD")])  # RFC 9112 3.2.4: the server itself
            if not _METHOD.fullmatch(request.method):
                raise Refusal(400, "client sent invalid method", level="info")
            if request.method in (b"TRACE", b"CONNECT"):
                raise Refusal(405, headers=[("Allow", "GET, HEAD")])
        if path == "*":
            raise Refusal(400, "client sent invalid request target", level="info")
        assert request.server is not None
        if request.server.payload.arrival:
            await _pass_checks(request, request.server.payload.arrival)
        found = await _found(request, path)
    except Refusal as refusal:
        found = _refused(request, refusal)
        kept += refusal.headers or ()
    return found if isinstance(found, Answer) else await _answer_at_last(request, found, kept)


async def answer_of(request: StreamingRequest, step: Step) -> Answer:
    """Return what a URI or a named location comes to, its refusals included.

    Args:
        request: the request, its server chosen.
        step: a normalised path, or what holds in a named location.
    """
    return await _answer_at_last(request, step, [])


async def _answer_at_last(request: StreamingRequest, step: Step, kept: Headers) -> Answer:
    """Return the answer after all internal redirects, with the headers of the refusals that led to them."""
    while True:
        found: Answer | Step
        try:
            found = await _found(request, step)
        except Refusal as refusal:
            found = _refused(request, refusal)
            if not isinstance(found, Answer):
                kept += refusal.headers or ()
        if isinstance(found, Answer):
            known = {name for name, _ in found.headers}
            found.headers += [header for header in kept if header[0] not in known]
            return found
        step = found


def body_limit(request: StreamingRequest, raw_target: bytes) -> int:
    """Return how long the body of a request may be whose header was just read (nginx: client_max_body_size)."""
    try:
        path = _choose_server(request, raw_target)
        assert request.server is not None
        script = request.server.payload.script
        if script is not None:
            request.shared = request.site.shared
            path = script.foreseen(request, path)
        most = _choose_location(request, path).body.most
    except Refusal:
        return 1 << 20  # it is refused for what is wrong with it, once it is complete
    return most or 1 << 62


def _choose_server(request: StreamingRequest, raw_target: bytes) -> str:
    """Set the virtual server, and return the normalised path that was asked for."""
    try:
        target = parse_target(raw_target)
        named = request.requestHeaders.getRawHeaders(b"host")
        if named is None:
            if _is_http11(request):
                raise BadTarget('client sent HTTP/1.1 request without "Host" header')
        elif len(named) > 1:
            raise BadTarget('client sent duplicate header line: "Host"')
        # Checked even when the target outweighs it (RFC 9112 3.2).
        host = parse_host(named[0]) if named else ""
        if target.host is not None:
            host = target.host
        request.host_name = host
        request.query = target.query
        server, captures = request.site.servers.find(host)
        request.server = server
        request.captures = captures
        if not server.payload.of[MergeSlashesSettings].merge:
            return parse_target(raw_target, merge=False).path
    except BadTarget as problem:
        raise Refusal(400, str(problem), level="info") from None
    return target.path


def _is_http11(request: StreamingRequest) -> bool:
    return request.clientproto not in (b"HTTP/1.0", b"HTTP/2.0")


async def _found(request: StreamingRequest, step: Step) -> Answer | Step:
    """Go through the phases once; return the answer, or where an internal redirect leads."""
    server = request.server
    assert server is not None
    if isinstance(step, str):
        request.location_path = step
        script: Script | None = server.payload.script
        if script is not None:
            request.rules = server.payload
            ended = await script.run(request)
            if ended.answer is not None:
                return ended.answer
        rules = _choose_location(request, request.location_path)
    else:
        rules = request.rules = step
    while rules.script is not None and rules is not server.payload:
        ended = await rules.script.run(request)
        if ended.answer is not None:
            return ended.answer
        assert request.rules is not None
        if not ended.again:
            rules = request.rules  # an `if` that held has settings of its own
            break
        count_change(request, f'processing "{request.location_path}"')
        rules = _choose_location(request, request.location_path)
    if rules.limits:
        await _pass_checks(request, rules.limits)
    if not request.subrequest:
        admission = _admission(request, rules)
        if admission:
            await _pass_checks(request, admission)
    if rules.try_files is not None:
        led = await rules.try_files.find(request, rules)
        if led is not None:
            return led
    found = await content_at(request, rules, request.location_path)
    return internal_redirect(request, found, request.query) if isinstance(found, str) else found


def _refused(request: StreamingRequest, refusal: Refusal) -> Answer | Step:
    """Return where `error_page` leads a refusal, else its own page; what is to be logged of it is logged."""
    while True:
        _report(request, refusal)
        if request.server is None:
            request.server = request.site.servers.default
        if request.rules is None:
            request.rules = request.server.payload
        try:
            return error_page_step(request, refusal) or refused_answer(request, refusal)
        except Refusal as further:  # the page cannot be gone to
            refusal = further


def _report(request: StreamingRequest, refusal: Refusal) -> None:
    """Write what a refusal says to the error log."""
    rules = request.rules
    unlogged = refusal.missing and rules is not None and not rules.of[LogNotFoundSettings].log
    if refusal.reason and not unlogged:
        request.report(refusal.reason, level=refusal.level)


def _choose_location(request: StreamingRequest, path: str) -> LocationRules:
    server = request.server
    assert server is not None
    location, captures = server.locate(path)
    if captures:
        request.captures = later_captures(request.captures, captures)
    request.location_path = path
    rules: LocationRules = location.payload if location is not None else server.payload
    request.rules = rules
    if rules.internal and not request.internal:
        raise Refusal(404)
    return rules


async def _pass_checks(request: StreamingRequest, checks: tuple[Check, ...]) -> None:
    for check in checks:
        waiting = check(request)
        if waiting is not None:
            await waiting


def _admission(request: StreamingRequest, rules: LocationRules) -> tuple[Check, ...]:
    """Return the checks of who may come in, which `limit_except` changes for some methods."""
    excepted = rules.limit_except is not None and request.method.decode("latin-1") not in rules.limit_except
    return rules.excepted if excepted else rules.admission
