"""A folder's page for people: folders and files, and of films how long they are and where to begin.

Everything is a link: the page works without scripts. Of a folder with many entries it is one page of several.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from html import escape

from hls_mp4.web.pages.addresses import joined
from hls_mp4.web.pages.facts import FilmFacts
from hls_mp4.web.pages.folder import Entry, FolderPage
from hls_mp4.web.pages.markup import crumbs, kind_of, page, picture
from hls_mp4.web.pages.settings import AutoindexSettings
from hls_mp4.web.pages.times import row_marks
from hls_mp4.web.pages.words import clock_text, count_text, exact_clock_text, link_to, moment, readable, size_text

Clip = Callable[[int], str | None]


@dataclass(frozen=True, slots=True)
class Offer:
    """What a listing offers of a film.

    Args:
        player: whether the film has a page.
        clip: returns the query of the film from a time (ms) on, None where it has none; None without a module.
        facts: what is known of it; None when nothing is.
    """

    player: bool = False
    clip: Clip | None = None
    facts: FilmFacts | None = None


NOTHING = Offer()


@dataclass(frozen=True, slots=True)
class Listing:
    """What a page shows.

    Args:
        path: normalised URI of the folder, with its final slash.
        shown: the entries.
        offers: what is offered of films, by their names.
        carried: arguments of the page that its neighbours get too, as a query.
    """

    path: str
    shown: FolderPage
    offers: Mapping[str, Offer] = field(default_factory=dict)
    carried: str = ""


def listing_page(listing: Listing, settings: AutoindexSettings) -> bytes:
    """Return the page of a folder."""
    shown = listing.shown
    folders = [readable(name) for name in listing.path.split("/") if name]
    items = [f'<li>{picture("up")}<div class="what"><a href="../">Parent folder</a></div></li>'] if folders else []
    items += [_item(entry, listing.offers.get(entry.name, NOTHING), settings) for entry in shown.entries]
    rows = '<ul class="rows">\n' + "\n".join(items) + "\n</ul>\n" if items else ""
    heading = f"<bdi>{escape(folders[-1])}</bdi>" if folders else "Index of /"
    return page(
        "Index of " + readable(listing.path),
        f"<header>\n{crumbs(folders)}<h1>{heading}</h1>\n"
        f'<p class="quiet">{_summary(shown, settings)}</p>\n</header>\n'
        f"<main>\n{rows}{_neighbours(listing)}</main>\n{_hint(listing.offers)}",
    )


def _summary(shown: FolderPage, settings: AutoindexSettings) -> str:
    if not shown.folders and not shown.files:
        return "This folder is empty."
    counted = ((shown.folders, "folder"), (shown.files, "file"))
    parts = [count_text(count, word) for count, word in counted if count]
    if shown.files and shown.pages == 1:
        parts.append(size_text(sum(entry.size for entry in shown.entries if entry.kind == "file"), exact=False))
    return ", ".join(parts) + (" · local time" if settings.localtime else " · times are UTC")


def _neighbours(listing: Listing) -> str:
    """Return links to the pages before and after; nothing when there is only one."""
    shown = listing.shown
    if shown.pages == 1:
        return ""

    def link(number: int, text: str, relation: str) -> str:
        url = escape(joined(f"page={number}", listing.carried))
        return f'<a class="chip" rel="{relation}" href="{url}">{text}</a>\n'

    before = link(shown.number - 1, "Previous", "prev") if shown.number > 1 else ""
    after = link(shown.number + 1, "Next", "next") if shown.number < shown.pages else ""
    return (
        f'<nav class="pages" aria-label="Pages">\n{before}'
        f"<span>Page {shown.number} of {shown.pages}</span>\n{after}</nav>\n"
    )


def _hint(offers: Mapping[str, Offer]) -> str:
    """Return how to ask for a clip, by the example of the first film that has any."""
    for offer in offers.values():
        query = offer.clip(30_000) if offer.clip is not None else None
        if query is not None:
            return (
                f"<footer>Put <code>?{escape(query)}</code> behind the address of a film, and it begins half a minute "
                "in.</footer>\n"
            )
    return ""


def _item(entry: Entry, offer: Offer, settings: AutoindexSettings) -> str:
    """Return one entry of the page."""
    link, name = link_to(entry.name), escape(readable(entry.name))
    kind, size, told, ways = "folder", "", "", ""
    if entry.is_dir:
        anchor = f'<a class="name" href="{link}/"><bdi>{name}</bdi>/</a>'
    else:
        kind = kind_of(entry.name)
        if entry.kind == "file":
            exact, shown = size_text(entry.size, exact=True), size_text(entry.size, exact=settings.exact_size)
            size = f'<span title="{exact} bytes">{shown}</span>'
        facts = offer.facts
        has_page = offer.player and not (facts is not None and facts.problem)
        anchor = f'<a class="name" href="{link}{"?player" if has_page else ""}"><bdi>{name}</bdi></a>'
        told = _told(facts) if facts is not None else ""
        ways = _ways(offer, has_page, link, name)
    machine, people = moment(entry.mtime, localtime=settings.localtime)
    return (
        f'<li>{picture(kind)}<div class="what">{anchor}{told}</div>'
        f'<span class="size number">{size}</span><time datetime="{machine}">{people}</time>{ways}</li>'
    )


def _told(facts: FilmFacts) -> str:
    """Return what a listing tells of a film."""
    if facts.problem:
        return f'<p class="facts bad">Not a playable film: {escape(facts.problem)}.</p>'
    parts = [f'<span class="number">{clock_text(facts.duration_ms)}</span>']
    parts += [f"<span>{escape(part)}</span>" for part in (facts.resolution, facts.codecs) if part]
    if facts.languages > 1:
        parts.append(f"<span>{count_text(facts.languages, 'audio language')}</span>")
    return f'<p class="facts">{"".join(parts)}</p>'


def _ways(offer: Offer, has_page: bool, link: str, name: str) -> str:
    """Return links into a film, and one that saves it."""
    ways: list[str] = []
    facts = offer.facts
    # A page that cannot play a film need not be opened at a time of it.
    for mark in row_marks(facts.duration_ms) if facts is not None and (facts.in_browsers or not has_page) else ():
        query = f"player&from={exact_clock_text(mark)}" if has_page else offer.clip(mark) if offer.clip else None
        if query is not None:
            clock = clock_text(mark)
            ways.append(
                f'<li><a class="chip number" href="{link}?{escape(query)}" aria-label="{name} from {clock}">'
                f"{'' if ways else 'from '}{clock}</a></li>"
            )
    if has_page or ways:
        ways.append(f'<li><a class="chip" href="{link}" download aria-label="Download {name}">Download</a></li>')
    return f'<ul class="ways">{"".join(ways)}</ul>' if ways else ""
