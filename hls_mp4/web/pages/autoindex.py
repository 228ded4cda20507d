"""The answer to a folder without an index file (nginx: ngx_http_autoindex_module).

The folder is read in a thread. What its films hold is taken from memory, or learned within a moment: `known` says how.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from hls_mp4.plan import Literal, Plan
from hls_mp4.web.filters import filtered
from hls_mp4.web.finding.root import document_root
from hls_mp4.web.pages.addresses import arguments, page_number, query_of
from hls_mp4.web.pages.folder import Entry, FolderPage, read_folder, read_folder_page
from hls_mp4.web.pages.formats import callback_of, program_listing
from hls_mp4.web.pages.known import Film, known_films
from hls_mp4.web.pages.listing import Listing, Offer, listing_page
from hls_mp4.web.pages.markup import HTML
from hls_mp4.web.pages.place import clips_of, has_player, indexer, lies_at, may_be_told, rules_at
from hls_mp4.web.pages.style import HEADERS

if TYPE_CHECKING:
    from hls_mp4.web.answer import Answer
    from hls_mp4.web.request import StreamingRequest
    from hls_mp4.web.rules import LocationRules


async def answer_listing(request: StreamingRequest, rules: LocationRules, path: str, filename: str) -> Answer:
    """Return the listing of a folder.

    Args:
        request: for it.
        rules: of the folder's location.
        path: normalised URI of the folder, with its final slash.
        filename: absolute path of the folder, with its final slash.

    Raises:
        OSError: the folder cannot be read.
        Refusal: the arguments are not right.
    """
    settings, threads = rules.autoindex, request.shared.threads
    if settings.format != "html":
        callback = callback_of(request.query) if settings.format == "jsonp" else b""
        kind, body = await threads.call(
            lambda: program_listing(settings.format, read_folder(filename), callback)  # thousands of lines, perhaps
        )
        return filtered(request, rules, Plan([Literal(body)]), None, None, kind)
    shown = await threads.call(read_folder_page, filename, page_number(request.query))
    offers = await _offers(request, rules, path, filename, shown)
    carried = query_of([found for found in arguments(request.query) if found[0].lower() != b"page"])
    body = listing_page(Listing(path, shown, offers, carried), settings)
    answer = filtered(request, rules, Plan([Literal(body)]), None, None, HTML)
    answer.headers += HEADERS
    return answer


async def _offers(
    request: StreamingRequest, rules: LocationRules, path: str, filename: str, shown: FolderPage
) -> dict[str, Offer]:
    """Return what a listing offers of each film on it."""
    places = {entry: rules_at(request, path + entry.name) for entry in shown.entries if entry.kind == "file"}
    facts = {}
    if rules.autoindex.films:
        facts = await known_films(request.shared).learn(_wanted(request, rules, places, path, filename))
    offers = {}
    for entry, place in places.items():
        known = facts.get(entry.name)
        clips = clips_of(place, known.format) if known is not None else None
        offers[entry.name] = Offer(has_player(place, entry.name), clips.query if clips is not None else None, known)
    return offers


def _wanted(
    request: StreamingRequest, rules: LocationRules, places: dict[Entry, LocationRules], path: str, filename: str
) -> Iterator[Film]:
    """Yield the films whose facts may be shown."""
    for entry, place in places.items():
        enabled = indexer(place, entry.name)
        if enabled is None or not may_be_told(rules, place):
            continue
        if not lies_at(request, place, path + entry.name, filename + entry.name):
            continue
        policy = place.content.symlinks
        trusted = policy.trusted.replace("$document_root", document_root(request, place))
        limits = enabled.module.limits(enabled.settings)
        yield Film(entry.name, filename + entry.name, entry.version, limits, (policy.mode, trusted))
