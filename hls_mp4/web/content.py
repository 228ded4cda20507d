"""What lies at a URI: a file, an index file, a listing, and what a delivery module makes of a film."""

from __future__ import annotations

import os
import stat
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from twisted.internet.defer import Deferred

from hls_mp4.errors import StreamingError
from hls_mp4.interfaces import Asset, Delivery
from hls_mp4.plan import Extent, Literal, Plan
from hls_mp4.sources.indexing import index_file
from hls_mp4.sources.local import LocalFile
from hls_mp4.web.answer import Answer
from hls_mp4.web.autoindex import Entry, listing_page
from hls_mp4.web.facts import RequestFacts
from hls_mp4.web.filters import filtered
from hls_mp4.web.mimetypes import content_type
from hls_mp4.web.refusal import Refusal, refusal_of

if TYPE_CHECKING:
    from hls_mp4.web.request import StreamingRequest
    from hls_mp4.web.rules import EnabledModule, LocationRules


async def content_at(request: StreamingRequest, rules: LocationRules, path: str) -> Answer | str:
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
        raise refusal_of(problem, f'open() "{filename}"') from None


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
        raise refusal_of(problem, f'"{filename}"') from None
    return filtered(request, rules, Plan([Literal(page)]), None, None, kind)


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
    made = filtered(request, rules, delivery.plan, file, delivery, kind)
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
