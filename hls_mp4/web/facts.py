"""What is known of a request under way, in the words of nginx's variables: the contract, and the request's view."""

from __future__ import annotations

import os
from base64 import b64decode
from typing import TYPE_CHECKING, Protocol

from twisted.internet.address import UNIXAddress

from hls_mp4.web.finding.root import document_root, map_path
from hls_mp4.web.refusal import Refusal

if TYPE_CHECKING:
    from hls_mp4.web.request import StreamingRequest


class Facts(Protocol):
    """What is known of a request under way; `RequestFacts` has it."""

    @property
    def method(self) -> str:
        """The method as the client wrote it."""

    @property
    def request_uri(self) -> str:
        """The target as the client wrote it, latin-1."""

    @property
    def request_line(self) -> str:
        """The first line as the client wrote it, latin-1; also of a request that could not be read."""

    @property
    def uri(self) -> str:
        """The normalised path, UTF-8 with surrogate escapes."""

    @property
    def query(self) -> bytes:
        """The raw query string."""

    @property
    def protocol(self) -> str:
        """`HTTP/1.1`."""

    @property
    def scheme(self) -> str:
        """`http` or `https`."""

    @property
    def host(self) -> str:
        """The host asked for, else the server's name."""

    @property
    def server_name(self) -> str:
        """The name of the virtual server that answers."""

    @property
    def server_addr(self) -> str:
        """The address the client connected to."""

    @property
    def server_port(self) -> int:
        """The port the client connected to, 0 for a unix socket."""

    @property
    def remote_addr(self) -> str:
        """The client's address, `unix:` for a unix socket."""

    @property
    def remote_port(self) -> int:
        """The client's port, 0 for a unix socket."""

    @property
    def remote_user(self) -> str:
        """The authenticated user, empty for none."""

    @property
    def status(self) -> int:
        """The status of the response."""

    @property
    def body_bytes_sent(self) -> int:
        """Bytes of the body sent."""

    @property
    def bytes_sent(self) -> int:
        """Bytes of the response sent."""

    @property
    def request_length(self) -> int:
        """Bytes of the request."""

    @property
    def started(self) -> float:
        """Seconds since the epoch at which the request was complete."""

    def elapsed(self) -> float:
        """Return the seconds since then."""

    @property
    def request_id(self) -> str:
        """Thirty-two hexadecimal digits."""

    @property
    def filename(self) -> str:
        """The path the URI was mapped to, with surrogate escapes."""

    @property
    def document_root(self) -> str:
        """The location's root or alias, with surrogate escapes."""

    @property
    def captures(self) -> dict[str, str]:
        """Captures of the regular expressions that chose server and location, by name and by number."""

    @property
    def limit_rate(self) -> int:
        """Bytes per second this response is held to, 0 for none."""

    @property
    def pipelined(self) -> bool:
        """Whether the next request had arrived before this one was answered."""

    def request_header(self, name: str) -> str | None:
        """Return a header of the request, latin-1."""

    def response_header(self, name: str) -> str | None:
        """Return a header of the response, latin-1."""

    def value(self, name: str) -> str | None:
        """Return a variable that a phase left or a module computes, latin-1; None when it has no value."""


class RequestFacts:
    """A view of a request; nothing is computed before a log format, a header or a rule asks for it.

    Args:
        request: the request.
    """

    __slots__ = ("_request",)

    def __init__(self, request: StreamingRequest) -> None:
        self._request = request

    @property
    def method(self) -> str:
        """The method as the client wrote it, whatever that of a subrequest is."""
        return (self._request.asked_method or self._request.method).decode("latin-1")

    @property
    def request_uri(self) -> str:
        """The target as the client wrote it."""
        return self._request.uri.decode("latin-1")

    @property
    def request_line(self) -> str:
        """The first line as the client wrote it; also of a request that could not be read."""
        request = self._request
        line = request.refused_line or b"%b %b %b" % (request.method, request.uri, request.clientproto)
        return line.decode("latin-1")

    @property
    def uri(self) -> str:
        """The normalised path, after internal redirects."""
        return self._request.location_path

    @property
    def query(self) -> bytes:
        """The raw query string."""
        return self._request.query

    @property
    def protocol(self) -> str:
        """`HTTP/1.1`, as the client wrote it."""
        return self._request.clientproto.decode("latin-1")

    @property
    def scheme(self) -> str:
        """`https` over TLS, else `http`."""
        return "https" if self._request.secure else "http"

    @property
    def host(self) -> str:
        """The host the client asked for, else the server's name."""
        return self._request.host_name or self.server_name

    @property
    def server_name(self) -> str:
        """The name of the virtual server that answers."""
        server = self._request.server
        return server.name if server is not None else ""

    @property
    def server_addr(self) -> str:
        """The address the client connected to."""
        address = self._request.host
        if isinstance(address, UNIXAddress):
            return "unix:" + os.fsdecode(address.name or b"")
        return str(address.host)

    @property
    def server_port(self) -> int:
        """The port the client connected to, 0 for a unix socket."""
        return int(getattr(self._request.host, "port", 0))

    @property
    def remote_addr(self) -> str:
        """The client's address, `unix:` for a unix socket."""
        return self._request.remote_addr

    @property
    def remote_port(self) -> int:
        """The client's port, 0 for a unix socket."""
        return self._request.remote_port

    @property
    def remote_user(self) -> str:
        """The user that Basic credentials name, as nginx logs it; nobody asks for the password."""
        kind, _, credentials = (self.request_header("authorization") or "").partition(" ")
        if kind.lower() != "basic":
            return ""
        try:
            user, colon, _ = b64decode(credentials).partition(b":")
        except ValueError:
            return ""
        return user.decode("latin-1") if colon else ""

    @property
    def status(self) -> int:
        """The status of the response."""
        return int(self._request.code)

    @property
    def body_bytes_sent(self) -> int:
        """Bytes of the body given to the kernel."""
        return int(self._request.sentLength)

    @property
    def bytes_sent(self) -> int:
        """Bytes of the response, its header included."""
        return self._request.head_length + int(self._request.sentLength)

    @property
    def request_length(self) -> int:
        """Bytes of the request: line, headers and body."""
        return self._request.received_length

    @property
    def started(self) -> float:
        """Seconds since the epoch at which the request was complete."""
        return self._request.started

    def elapsed(self) -> float:
        """Return the seconds since then."""
        return self._request.elapsed()

    @property
    def request_id(self) -> str:
        """Thirty-two hexadecimal digits, random for each request."""
        return self._request.identify()

    @property
    def filename(self) -> str:
        """The path the URI was mapped to."""
        request = self._request
        if request.rules is None:
            return request.filename
        try:
            return map_path(request, request.rules, request.location_path)
        except Refusal:
            return ""

    @property
    def document_root(self) -> str:
        """The location's root or alias."""
        rules = self._request.rules
        return document_root(self._request, rules) if rules is not None else ""

    @property
    def captures(self) -> dict[str, str]:
        """Captures of the regular expressions that chose server and location."""
        return self._request.captures

    @property
    def limit_rate(self) -> int:
        """Bytes per second this response is held to, 0 for none."""
        request = self._request
        if request.limit_rate is not None:
            return request.limit_rate
        return request.rules.pacing.rate if request.rules is not None else 0

    @property
    def pipelined(self) -> bool:
        """Whether the next request had arrived before this one was answered."""
        return self._request.pipelined

    def request_header(self, name: str) -> str | None:
        """Return a header of the request; several of one name are joined (RFC 9110 5.3, RFC 9113 8.2.3)."""
        values = self._request.requestHeaders.getRawHeaders(name.encode("latin-1", "replace"))
        between = "; " if name.lower() == "cookie" else ", "
        return between.join(value.decode("latin-1") for value in values) if values else None

    def response_header(self, name: str) -> str | None:
        """Return a header of the response."""
        wanted = name.lower()
        if wanted == "connection":
            persistent = getattr(self._request.channel, "persistent", None)
            return None if persistent is None else "keep-alive" if persistent else "close"
        values = [value for header, value in self._request.pairs if header.lower() == wanted]
        return ", ".join(values) if values else None

    def value(self, name: str) -> str | None:
        """Return a variable that a phase left or a module computes."""
        return self._request.value(name)
