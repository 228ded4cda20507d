"""Variables about the connection of a request: nginx's ngx_http_core and ngx_http_log variables of that kind.

A connection is the channel of HTTP/1, and what the streams of HTTP/2 came on.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from hls_mp4.web.request import StreamingRequest


def _connection(request: StreamingRequest) -> Any:
    return getattr(request.channel, "connection", request.channel)


def number(request: StreamingRequest) -> str | None:
    """Return $connection: a number that no other connection of the daemon has."""
    connection = _connection(request)
    if connection is None:
        return None
    if not getattr(connection, "serial", 0):
        connection.serial = next(request.site.shared.serials)
    return str(connection.serial)


def requests(request: StreamingRequest) -> str | None:
    """Return $connection_requests: which request of its connection this is."""
    return str(request.ordinal)


def time(request: StreamingRequest) -> str | None:
    """Return $connection_time: seconds since the connection was accepted, to the millisecond."""
    connection = _connection(request)
    if connection is None:
        return None
    return f"{max(0.0, request.site.shared.reactor.seconds() - connection.began):.3f}"


def completion(request: StreamingRequest) -> str | None:
    """Return $request_completion: OK once the whole answer was given to the client, else empty."""
    return "OK" if request.completed else ""


VARIABLES: dict[str, Callable[[StreamingRequest], str | None]] = {
    "connection": number,
    "connection_requests": requests,
    "connection_time": time,
    "request_completion": completion,
}
