"""What lies at a URI: phases of a request as nginx has them.

target -> server -> location -> access -> file, index or listing -> delivery module -> conditional -> ranges.
"""

from __future__ import annotations

import errno
import os
import re
import stat
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from twisted.internet.defer import Deferred

from hls_mp4.errors import StreamingError
from hls_mp4.interfaces import Asset, Delivery
from hls_mp4.plan import Extent, Literal, Plan
from hls_mp4.sources.indexing import index_file
from hls_mp4.sources.local import LocalFile
from hls_mp4.web.access import allowed
from hls_mp4.web.answer import Answer, Headers, base_headers
from hls_mp4.web.autoindex import Entry, listing_page
from hls_mp4.web.conditional import GO_ON, evaluate, last_modified, make_etag
from hls_mp4.web.facts import RequestFacts
from hls_mp4.web.headers import dressed, extra_headers
from hls_mp4.web.mimetypes import content_type
from hls_mp4.web.pacing import Pace
from hls_mp4.web.ranges import apply_ranges
from hls_mp4.web.uri import BadTarget, parse_host, parse_target

if TYPE_CHECKING:
    from hls_mp4.web.request import StreamingRequest
    from hls_mp4.web.rules import EnabledModule, LocationRules

_METHOD = re.compile(rb"[A-Z_-]+")  # nginx's idea of one
_MOST_REDIRECTS = 10  # nginx's limit of internal redirects

_MISSING = (errno.ENOENT, errno.ENOTDIR, errno.ENAMETOOLONG)
_DENIED = (errno.EACCES, errno.EPERM, errno.ELOOP, errno.EMLINK)


class Refusal(Exception):
    """A request that ends with a status page.

    Args:
        status: what the client gets.
        reason: what the error log gets; empty for nothing.
        level: level of that line.
        headers: further headers of the page.
    """

    def __init__(self, status: int, reason: str = "", *, level: str = "error", headers: Headers | None = None) -> None:
        super().__init__(status, reason)
        self.status = status
        self.reason = reason
        self.level = level
        self.headers = headers


async def answer(request: StreamingRequest) -> Answer:
    """Return the answer to a request; raises Refusal."""
    path = _choose_server(request, request.uri)
    if request.method not in (b"GET", b"HEAD"):
        if not _METHOD.fullmatch(request.method):
            raise Refusal(400, "client sent invalid method", level="info")
        if request.method in (b"TRACE", b"CONNECT"):
            raise Refusal(405, headers=[("Allow", "GET, HEAD")])
    for _ in range(_MOST_REDIRECTS):
        rules = _choose_location(request, path)
        _check_access(request, rules)
        redirected = await _answer_in_location(request, rules, path)
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


def _check_access(request: StreamingRequest, rules: LocationRules) -> None:
    method = request.method.decode("latin-1")
    access = rules.access
    if rules.limit_except is not None and method not in rules.limit_except and rules.excepted is not None:
        access = rules.excepted
    if access.rules and not allowed(access, request.remote_addr):
        raise Refusal(403, "access forbidden by rule")


async def _answer_in_location(request: StreamingRequest, rules: LocationRules, path: str) -> Answer | str:
    """Return the answer, or the URI of an internal redirect."""
    if request.method not in (b"GET", b"HEAD"):
        raise Refusal(405, headers=[("Allow", "GET, HEAD")])
    filename = map_path(rules, path)
    request.filename = filename
    if filename.endswith("/"):
        return await _answer_folder(request, rules, path, filename)
    opened = await _open(request, rules, filename)
    if not isinstance(opened, LocalFile):
        if stat.S_ISDIR(opened.st_mode):
            raise Refusal(301, headers=[("Location", _folder_url(request, path))])
        raise Refusal(404, f'"{filename}" is not a regular file', level="critical")
    try:
        return await _answer_file(request, rules, opened)
    except BaseException:
        opened.release()
        raise


def map_path(rules: LocationRules, path: str) -> str:
    """Return the file path of a normalised URI, by root or alias."""
    place = rules.content.place
    return place.path + (path[len(rules.prefix) :] if place.replaces else path)


async def _open(request: StreamingRequest, rules: LocationRules, filename: str) -> LocalFile | os.stat_result:
    policy = rules.content.symlinks
    trusted = policy.trusted.replace("$document_root", rules.content.place.path)
    try:
        opened = request.shared.files.open(filename, policy.mode, trusted)
        return await opened if isinstance(opened, Deferred) else opened
    except OSError as problem:
        raise _refusal_of(problem, f'open() "{filename}"') from None


def _refusal_of(problem: OSError, what: str) -> Refusal:
    code = problem.errno or 0
    reason = f"{what} failed ({code}: {os.strerror(code)})"
    if code in _MISSING:
        return Refusal(404, reason)
    if code in _DENIED:
        return Refusal(403, reason)
    return Refusal(500, reason, level="critical")


def _folder_url(request: StreamingRequest, path: str) -> str:
    """Return the absolute URL of a folder asked for without its slash, query kept."""
    facts = RequestFacts(request)
    port = facts.server_port
    shown = "" if port in (0, 443 if request.secure else 80) else f":{port}"
    escaped = quote(os.fsencode(path), safe="/!$&'()*+,:;=@[]")
    query = "?" + request.query.decode("latin-1") if request.query else ""
    host = facts.host or facts.server_addr
    if ":" in host and not host.startswith("["):
        host = f"[{host}]"
    return f"{facts.scheme}://{host}{shown}{escaped}/{query}"


async def _answer_folder(request: StreamingRequest, rules: LocationRules, path: str, filename: str) -> Answer | str:
    """Redirect to the first index file there is, else list the folder where that is allowed."""
    for name in rules.content.index:
        if name.startswith("/"):
            return name
        try:
            opened = await _open(request, rules, filename + name)
        except Refusal as refusal:
            if refusal.status == 404:
                continue
            raise
        if isinstance(opened, LocalFile):
            opened.release()
            return path + name
    try:
        if not rules.autoindex.enabled:
            found = await request.shared.threads.call(os.stat, filename)
            if stat.S_ISDIR(found.st_mode):
                raise Refusal(403, f'directory index of "{filename}" is forbidden')
            raise Refusal(404, f'"{filename}" is not found (20: Not a directory)')
        # Strict symlink policies hold for the folder as for a file in it.
        await _open(request, rules, filename.rstrip("/") or "/")
        kind, page = await request.shared.threads.call(_list_folder, rules, path, filename)
    except OSError as problem:
        raise _refusal_of(problem, f'"{filename}"') from None
    return _finished(request, rules, Plan([Literal(page)]), None, None, kind)


def _list_folder(rules: LocationRules, path: str, filename: str) -> tuple[str, bytes]:
    """Return the listing of a folder, hidden files left out as nginx does; for threads, 6 us for each entry."""
    entries = []
    with os.scandir(filename) as scanned:
        for found in scanned:
            if found.name.startswith("."):
                continue
            try:
                status = found.stat()
            except OSError:
                continue  # a dangling link, or gone meanwhile
            entries.append(Entry(found.name, stat.S_ISDIR(status.st_mode), status.st_size, status.st_mtime_ns // 10**9))
    return listing_page(path, entries, rules.autoindex, clips=any(m.module.name == "mp4" for m in rules.modules))


async def _answer_file(request: StreamingRequest, rules: LocationRules, file: LocalFile) -> Answer:
    delivery: Delivery | None = None
    for enabled in rules.modules:
        match = enabled.module.match(request.query, enabled.settings)
        if match is not None:
            delivery = await _deliver(request, enabled, match, file)
            break
    if delivery is None:
        delivery = Delivery(Plan([Extent(file, 0, file.size)]))
    kind = delivery.content_type or content_type(rules.types, file.path)
    made = _finished(request, rules, delivery.plan, file, delivery, kind)
    made.held = file
    return made


async def _deliver(request: StreamingRequest, enabled: EnabledModule, match: Any, file: LocalFile) -> Delivery:
    """Return a module's delivery from the film's index, which is built once however many ask."""
    shared = request.shared
    limits = enabled.module.limits(enabled.settings)
    key = (*file.key, limits.max_buffer_size)
    try:
        index = shared.indexes.find(key)
        if index is None:
            index = await shared.indexes.build(key, lambda: file.held(index_file, file, shared.formats, limits))
        asset = Asset(index, file)
        if enabled.module.takes_long(index, match, enabled.settings):
            # Two viewers of long films must not make a third one wait: threads take turns, the reactor does not.
            made: Delivery = await file.held(enabled.module.respond, asset, match, enabled.settings, request.started)
            return made
        delivery: Delivery = enabled.module.respond(asset, match, enabled.settings, request.started)
        return delivery
    except StreamingError as problem:
        raise Refusal(problem.status_hint, f'"{file.path}" {problem}') from problem
    except OSError as problem:
        raise Refusal(500, f'read() "{file.path}" failed ({problem})', level="critical") from problem


def _finished(
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
