"""What is sent back: status, headers, plan; and the header of an HTTP/1 response as bytes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from hls_mp4.plan import Literal, Plan
from hls_mp4.web.errorpages import error_page, phrase_of
from hls_mp4.web.facts import RequestFacts
from hls_mp4.web.headers import extra_headers, merged
from hls_mp4.web.server_tokens import tokens_of

if TYPE_CHECKING:
    from hls_mp4.web.compressing import Compression
    from hls_mp4.web.pacing import Pace
    from hls_mp4.web.request import StreamingRequest
    from hls_mp4.web.rules import LocationRules
    from hls_mp4.web.variables import Template

# The rest of the input is not to be trusted, or not wanted.
_CLOSING = frozenset((400, 408, 413, 414, 417, 431, 494, 495, 496, 497, 501, 505))

# Statuses of nginx's own, which error_page knows and clients do not.
_SENT_AS = {494: 400, 495: 400, 496: 400, 497: 400}

Headers = list[tuple[str, str]]


@dataclass(slots=True)
class Answer:
    """A response that is ready to be sent.

    Args:
        status: HTTP status.
        headers: all but Connection; each name and value is text of one line.
        plan: the body, also for HEAD.
        rules: the location's, None when none was found.
        pace: None for as fast as the client reads.
        held: the source the plan's extents lie in; released when the response ended.
        close: the connection ends with this response.
        compression: how the body is still to be compressed; its headers say so already, but for its length.
    """

    status: int
    headers: Headers
    plan: Plan
    rules: LocationRules | None = None
    pace: Pace | None = None
    held: Any = None
    close: bool = False
    compression: Compression | None = None


_STATUS_LINES: dict[int, str] = {}


def status_line(status: int) -> str:
    """Return `HTTP/1.1 206 Partial Content`."""
    line = _STATUS_LINES.get(status)
    if line is None:
        line = _STATUS_LINES[status] = f"HTTP/1.1 {status} {phrase_of(status)}"
    return line


def head_bytes(answer: Answer, persistent: bool) -> bytes:
    """Return the header of a response as it goes over an HTTP/1 connection.

    The version is ours, whatever the client's (RFC 9110 2.5).
    """
    lines = [status_line(answer.status)]
    for name, value in answer.headers:
        lines.append(f"{name}: {value}")
    lines.append("Connection: keep-alive\r\n\r\n" if persistent else "Connection: close\r\n\r\n")
    head = "\r\n".join(lines)
    if head.count("\n") != len(lines) + 1 or head.count("\r") != len(lines) + 1:
        head = _without_injected_lines(answer, lines)
    return head.encode("latin-1", "replace")


def _without_injected_lines(answer: Answer, lines: list[str]) -> str:
    """Return a head in which line ends that came with a value (`add_header X $arg_x`) are spaces."""
    clean = [line.replace("\r", " ").replace("\n", " ") for line in lines[:-1]]
    return "\r\n".join([*clean, lines[-1]])


def base_headers(request: StreamingRequest) -> Headers:
    """Return what every response begins with."""
    date = ("Date", request.shared.http_date(request.started))
    tokens = _tokens(request)
    name = tokens.constant
    if name is None:
        name = tokens.render(RequestFacts(request))
    return [("Server", name), date] if name else [date]


def _tokens(request: StreamingRequest) -> Template:
    """Return what `server_tokens` says; without a location the default server's."""
    return tokens_of(request.rules or request.site.servers.default.payload)


def dressed(
    request: StreamingRequest, rules: LocationRules, status: int, headers: Headers, mtime: int | None
) -> Headers:
    """Return the headers of a response with what `expires` and `add_header` add, whose variables see the response.

    Args:
        request: the request.
        rules: of its location.
        status: of the response.
        headers: of the response so far.
        mtime: of the file that is sent, seconds since the epoch; None when none is.
    """
    settings = rules.headers
    if settings.expires is None and not settings.added:
        return headers
    request.code = status
    request.pairs = headers
    return merged(headers, extra_headers(settings, status, RequestFacts(request), request.started, mtime))


def error_answer(request: StreamingRequest, status: int, headers: Headers | None = None) -> Answer:
    """Return a short page for a status, or an empty body where the status has none."""
    answer_headers = base_headers(request)
    rules = request.rules
    if status in (204, 304):
        plan = Plan(())
    else:
        content_type, page = error_page(status, _tokens(request).constant or "")
        plan = Plan([Literal(page)])
        answer_headers += [("Content-Type", content_type), ("Content-Length", str(len(page)))]
    answer_headers += headers or []
    if rules is not None:
        answer_headers = dressed(request, rules, status, answer_headers, None)
    return Answer(_SENT_AS.get(status, status), answer_headers, plan, rules, close=status in _CLOSING)
