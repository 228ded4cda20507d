"""Listings for programs: nginx's JSON, JSONP and XML (ngx_http_autoindex_module)."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from datetime import UTC, datetime
from html import escape

from hls_mp4.web.conditional import last_modified
from hls_mp4.web.pages.addresses import argument
from hls_mp4.web.pages.folder import Entry
from hls_mp4.web.pages.words import clamped, readable
from hls_mp4.web.refusal import Refusal

_CALLBACK = re.compile(rb"[A-Za-z0-9_.]+")
_LONGEST_CALLBACK = 128
_NO_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")  # XML 1.0, 2.2


def program_listing(form: str, entries: Sequence[Entry], callback: bytes = b"") -> tuple[str, bytes]:
    """Return the content type and the body of a listing.

    Args:
        form: "json", "jsonp" or "xml".
        entries: in order.
        callback: of JSONP; without one it is JSON.
    """
    if form == "xml":
        return "text/xml; charset=utf-8", _xml(entries)
    if form == "jsonp" and callback:
        return "application/javascript", b"/* callback */\r\n%b(%b);" % (callback, _json(entries).rstrip(b"\n"))
    return "application/json", _json(entries)


def callback_of(query: bytes) -> bytes:
    """Return the function that JSONP is to call, empty for none.

    Raises:
        Refusal: it is no name; what is a name is decided as nginx does.
    """
    name = argument(query, b"callback") or b""
    if len(name) > _LONGEST_CALLBACK:
        raise Refusal(400, f'client sent too long callback name: "{name.decode("latin-1")}"', level="info")
    if name and not _CALLBACK.fullmatch(name):
        raise Refusal(400, f'client sent invalid callback name: "{name.decode("latin-1")}"', level="info")
    return name


def _json(entries: Sequence[Entry]) -> bytes:
    """Return nginx's JSON listing: an object for each entry, one on a line."""
    lines = []
    for entry in entries:
        row: dict[str, object] = {
            "name": readable(entry.name),
            "type": entry.kind,
            "mtime": last_modified(clamped(entry.mtime)),
        }
        if entry.kind == "file":
            row["size"] = entry.size
        lines.append(json.dumps(row, ensure_ascii=False))
    return ("[\n" + ",\n".join(lines) + "\n]\n").encode("utf-8")


def _xml(entries: Sequence[Entry]) -> bytes:
    """Return nginx's XML listing: an element for each entry, one on a line."""
    lines = ['<?xml version="1.0"?>', "<list>"]
    for entry in entries:
        moment = datetime.fromtimestamp(clamped(entry.mtime), UTC).replace(tzinfo=None)
        size = f' size="{entry.size}"' if entry.kind == "file" else ""
        name = escape(_NO_XML.sub("\ufffd", readable(entry.name)))
        lines.append(f'<{entry.kind} mtime="{moment.isoformat()}Z"{size}>{name}</{entry.kind}>')
    return ("\n".join([*lines, "</list>"]) + "\n").encode("utf-8")
