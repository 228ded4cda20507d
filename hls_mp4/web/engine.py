"""The way of a request through nginx's phases: server, arrival, location, limits, admission, content.

`hls_mp4.web.phases` has the tables of what takes part, `hls_mp4.web.content` what lies at a URI in the end.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from hls_mp4.web.answer import Answer
from hls_mp4.web.content import content_at
from hls_mp4.web.refusal import Refusal
from hls_mp4.web.uri import BadTarget, parse_host, parse_target

if TYPE_CHECKING:
    from hls_mp4.web.phases import Check
    from hls_mp4.web.request import StreamingRequest
    from hls_mp4.web.rules import LocationRules

_METHOD = re.compile(rb"[A-Z_-]+")  # nginx's idea of one
_MOST_REDIRECTS = 10  # nginx's limit of internal redirects


async def answer(request: StreamingRequest) -> Answer:
    """Return the answer to a request; raises Refusal."""
    path = _choose_server(request, request.uri)
    if request.method not in (b"GET", b"HEAD"):
        if not _METHOD.fullmatch(request.method):
            raise Refusal(400, "client sent invalid method", level="info")
        if request.method in (b"TRACE", b"CONNECT"):
            raise Refusal(405, headers=[("Allow", "GET, HEAD")])
    assert request.server is not None
    await _pass_checks(request, request.server.payload.arrival)
    for _ in range(_MOST_REDIRECTS):
        rules = _choose_location(request, path)
        await _pass_checks(request, rules.limits)
        await _pass_checks(request, _admission(request, rules))
        redirected = await content_at(request, rules, path)
        if isinstance(redirected, Answer):
            return redirected
        path = redirected
    raise Refusal(500, f'rewrite or internal redirection cycle while internally redirecting to "{path}"')


def body_limit(request: StreamingRequest, raw_target: bytes) -> int:
    """Return how long the body of a request may be whose header was just read (nginx: client_max_body_size)."""
    try:
        most = _choose_location(request, _choose_server(request, raw_target)).body.most
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
    except BadTarget as problem:
        raise Refusal(400, str(problem), level="info") from None
    request.host_name = host
    request.query = target.query
    server, captures = request.site.servers.find(host)
    request.server = server
    if captures:
        request.captures = captures
    return target.path


def _is_http11(request: StreamingRequest) -> bool:
    return request.clientproto not in (b"HTTP/1.0", b"HTTP/2")


def _choose_location(request: StreamingRequest, path: str) -> LocationRules:
    server = request.server
    assert server is not None
    location, captures = server.locate(path)
    if captures:
        request.captures = {**request.captures, **captures}
    request.location_path = path
    rules: LocationRules = location.payload if location is not None else server.payload
    request.rules = rules
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
