"""What lies at a URI: a file, an index file, a listing, and what a delivery module makes of a film."""

from __future__ import annotations

import os
import stat
from typing import TYPE_CHECKING

from hls_mp4.interfaces import Delivery
from hls_mp4.plan import Extent, Plan
from hls_mp4.sources.local import LocalFile
from hls_mp4.web.answer import Answer
from hls_mp4.web.delivering import delivered
from hls_mp4.web.filters import filtered
from hls_mp4.web.finding.redirects import client_location
from hls_mp4.web.finding.root import map_path
from hls_mp4.web.finding.texts import escape_path
from hls_mp4.web.mimetypes import content_type
from hls_mp4.web.opening import open_file
from hls_mp4.web.pages.autoindex import answer_listing
from hls_mp4.web.pages.player import answer_player
from hls_mp4.web.precut import precut
from hls_mp4.web.presenting import presented
from hls_mp4.web.refusal import Refusal, refusal_of
from hls_mp4.web.variables import byte_text

if TYPE_CHECKING:
    from hls_mp4.web.request import StreamingRequest
    from hls_mp4.web.rules import LocationRules


async def content_at(request: StreamingRequest, rules: LocationRules, path: str) -> Answer | str:
    """Return the answer, or the URI of an internal redirect."""
    if rules.ask is not None:
        asked: Answer = await rules.ask(request)
        return asked
    if request.method not in (b"GET", b"HEAD"):
        raise Refusal(405, headers=[("Allow", "GET, HEAD")])
    filename = map_path(request, rules, path)
    request.filename = filename
    if path.endswith("/"):
        return await _answer_folder(request, rules, path, filename)
    if rules.precut:
        made = await precut(request, rules, filename)
        if made is not None:
            return made
    if rules.packagers:
        made = await presented(request, rules, filename)
        if made is not None:
            return made
    opened = await open_file(request, rules, filename)
    if not isinstance(opened, LocalFile):
        if stat.S_ISDIR(opened.st_mode):
            raise Refusal(301, headers=[("Location", _folder_url(request, path))])
        raise Refusal(404, f'"{filename}" is not a regular file', level="critical")
    try:
        return await _answer_file(request, rules, opened)
    except BaseException:
        opened.release()
        raise


def _folder_url(request: StreamingRequest, path: str) -> str:
    """Return the URL of a folder asked for without its slash, query kept."""
    query = "?" + request.query.decode("latin-1") if request.query else ""
    return client_location(request, f"{escape_path(byte_text(path))}/{query}")


async def _answer_folder(request: StreamingRequest, rules: LocationRules, path: str, filename: str) -> Answer | str:
    """Redirect to the first index file there is, else list the folder where that is allowed."""
    for name in rules.content.index:
        if name.startswith("/"):
            return name
        try:
            opened = await open_file(request, rules, filename + name)
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
        await open_file(request, rules, filename.rstrip("/") or "/")
        return await answer_listing(request, rules, path, filename)
    except OSError as problem:
        raise refusal_of(problem, f'"{filename}"') from None


async def _answer_file(request: StreamingRequest, rules: LocationRules, file: LocalFile) -> Answer:
    shown = await answer_player(request, rules, file)
    if shown is not None:
        shown.held = file
        return shown
    delivery = await delivered(request, rules, file)
    if delivery is None:
        delivery = Delivery(Plan([Extent(file, 0, file.size)]))
    kind = delivery.content_type or content_type(rules.types, file.path)
    made = filtered(request, rules, delivery.plan, file, delivery, kind)
    made.held = file
    return made
