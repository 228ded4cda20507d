"""error_page: what answers in the place of an error, a URI of this server, a named location or a URL.

nginx's core module: the first `error_page` of the block that names the status holds. A URI is gone to as if the client
had asked for it with GET (HEAD stays HEAD), with the arguments that it names itself and no others; a named location
keeps URI and arguments. The client gets the status of the error, `=code`, or with `=` that of what answers. A page may
have an error of its own, which has its own page only with `recursive_error_pages`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from hls_mp4.directives import ANYWHERE, LOCATION_IF, Flag, Parsed, directive
from hls_mp4.web.answer import Answer, error_answer
from hls_mp4.web.facts import RequestFacts
from hls_mp4.web.finding.redirecting import MOST_CHANGES, named_location, split_redirect
from hls_mp4.web.finding.redirects import client_location
from hls_mp4.web.finding.returning import REDIRECTS
from hls_mp4.web.variables import Template, compile_template, native_text

if TYPE_CHECKING:
    from hls_mp4.web.finding.redirecting import Step
    from hls_mp4.web.refusal import Refusal
    from hls_mp4.web.request import StreamingRequest

CLOSED = 444
"""nginx's status of a connection that is closed without an answer; it has no page."""

_OWN_STATUSES = {494: 400, 495: 400, 496: 400, 497: 400}
"""Statuses that only nginx has, which clients know as another."""


@dataclass(frozen=True, slots=True)
class ErrorPage:
    """One error_page.

    Args:
        statuses: what it is for.
        target: a URI, a named location or a URL.
        status: what the client gets: None for that of the error, 0 for that of what answers.
    """

    statuses: tuple[int, ...]
    target: Template
    status: int | None = None


def read_error_page(args: Sequence[str]) -> ErrorPage:
    """Return what `code ... [=[response]] uri` means; raises ValueError."""
    if len(args) < 2:
        raise ValueError("invalid number of arguments")
    *codes, target = args
    status = None
    if codes[-1].startswith("="):
        written = codes.pop()
        if not codes or (written != "=" and not _is_number(written[1:])):
            raise ValueError(f'invalid value "{written}"')
        status = int(written[1:] or 0)
        if status and not 200 <= status <= 599:
            raise ValueError(f'value "{written}" must be between 200 and 599')
    for code in codes:
        if not _is_number(code) or code == "499":
            raise ValueError(f'invalid value "{code}"')
        if not 300 <= int(code) <= 599:
            raise ValueError(f'value "{code}" must be between 300 and 599')
    return ErrorPage(tuple(map(int, codes)), compile_template(target), status)


def _is_number(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) <= 4


def _leads(args: Sequence[str]) -> tuple[str, ...]:
    return tuple(arg for arg in args[-1:] if arg.startswith("@") and "$" not in arg)


@dataclass(frozen=True, slots=True, kw_only=True)
class ErrorPageSettings:
    """Pages for errors."""

    pages: tuple[ErrorPage, ...] = directive(
        "error_page",
        ANYWHERE | LOCATION_IF,
        Parsed("code ... [=[response]] uri", read_error_page, leads=_leads),
        default=(),
        repeated=True,
        doc="What answers in the place of these errors: a URI here, @location, or a URL to go to. =code changes the"
        " status, = leaves it to what answers.",
        differs="what is refused while it is read, as a malformed head or too large a body, has its plain page",
    )
    recursive: bool = directive(
        "recursive_error_pages",
        ANYWHERE,
        Flag(),
        default="off",
        doc="Whether errors of what error_page leads to have pages of their own.",
    )


def error_page_step(request: StreamingRequest, refusal: Refusal) -> Step | Answer | None:
    """Return where `error_page` leads a request that was refused, None when it leads nowhere.

    Raises:
        Refusal: there is no such named location, or the URI of the request changed too often.
    """
    rules = request.rules
    assert rules is not None
    settings: ErrorPageSettings = rules.of[ErrorPageSettings]
    if request.error_page_taken or not settings.pages or request.uri_changes > MOST_CHANGES:
        return None
    if refusal.status == CLOSED:
        return None
    request.error_page_taken = not settings.recursive
    page = next((page for page in settings.pages if refusal.status in page.statuses), None)
    if page is None:
        return None
    request.code = refusal.status
    target = page.target.render(RequestFacts(request))
    request.error_status = _OWN_STATUSES.get(refusal.status, refusal.status) if page.status is None else page.status
    if target.startswith("@"):
        return named_location(request, native_text(target))
    if target.startswith("/"):
        request.read_with_get()
        return split_redirect(request, native_text(target))
    status = request.error_status if request.error_status in REDIRECTS else 302
    request.error_status = 0
    return error_answer(request, status, [("Location", client_location(request, target))])


def refused_answer(request: StreamingRequest, refusal: Refusal) -> Answer:
    """Return the page of a status itself."""
    request.error_status = 0
    return error_answer(request, refusal.status, refusal.headers)
