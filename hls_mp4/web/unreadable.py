"""Requests that are not read to their end: a page for what cannot be understood, and lines in the logs.

nginx's statuses and manners: 400 and its kin get a page and a close; a client that was too slow gets nothing, and 408
in the access log.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from hls_mp4.web.answer import error_answer, head_bytes

if TYPE_CHECKING:
    from hls_mp4.web.request import StreamingRequest


def refuse(request: StreamingRequest, status: int, reason: str, headers: list[tuple[str, str]]) -> None:
    """Answer a request whose head or body is not fit to be read, and close.

    Args:
        request: with the method, target and version that were understood, or else its `refused_line`.
        status: of the answer.
        reason: for the error log.
        headers: further headers of the page.
    """
    _begin(request)
    request.report(reason or f"client sent a request that was refused with {status}", level="info")
    found = error_answer(request, status, headers)
    channel = request.channel
    request.code = found.status
    request.pairs = found.headers
    if not hasattr(channel, "direct"):
        channel.say(found)  # HTTP/2: of the stream only
        return
    head = head_bytes(found, False)
    body = b"".join(bytes(part.data) for part in found.plan.parts)  # type: ignore[union-attr]
    if request.method == b"HEAD":
        body = b""
    channel.write(head + body)
    request.head_length = len(head)
    request.sentLength = len(body)
    request.completed = True
    request.ended()
    channel.linger(request)


def give_up(request: StreamingRequest, status: int, reason: str) -> None:
    """Log a request that gets no answer, for its client did not send it to its end.

    Args:
        request: as for `refuse`.
        status: for the access log.
        reason: for the error log.
    """
    _begin(request)
    request.report(reason, level="info")
    request.code = status
    request.ended()


def _begin(request: StreamingRequest) -> None:
    """Let the logs have a server to name: the default one when no other was asked for, as far as that is known."""
    request.begin()
    if request.server is None:
        request.server = request.site.servers.default
