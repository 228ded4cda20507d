"""What is known of a request, and what the phases that it goes through leave for each other."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

from twisted.internet.address import UNIXAddress
from twisted.logger import Logger
from twisted.web import http

from hls_mp4.web.facts import RequestFacts
from hls_mp4.web.phases import COMPUTED

if TYPE_CHECKING:
    from collections.abc import Callable

    from twisted.internet.defer import Deferred

    from hls_mp4.web.direct import DirectSender
    from hls_mp4.web.http2.stream import Http2Stream
    from hls_mp4.web.locations import VirtualServer
    from hls_mp4.web.rules import LocationRules
    from hls_mp4.web.site import SharedParts, StreamingSite
    from hls_mp4.web.tls.connection import TlsConnection

_NEAREST = {"notice": "info", "crit": "critical", "alert": "critical", "emerg": "critical"}
"""Twisted's levels for those that only nginx has."""


class RequestState(http.Request):
    """A request without what answers it, see `request`: every request of the site is a StreamingRequest."""

    log = Logger()

    channel: Any
    shared: SharedParts
    # Looked up on the class until they change: a request is made thousands of times a second.
    deadline = 0.0
    wheel_slot = -1
    conditional = True
    query = b""
    refused_line = b""
    location_path = ""
    host_name = ""
    filename = ""
    server: VirtualServer | None = None
    rules: LocationRules | None = None
    pairs: list[tuple[str, str]] = []
    captures: dict[str, str] = {}
    values: dict[str, str | None] = {}
    internal = False
    subrequest = False
    asked_method = b""
    uri_changes = 0
    error_status = 0
    error_page_taken = False
    uri_rewritten = False
    uri_added = False
    limit_rate: int | None = None
    client_address = ""
    client_port = 0
    ordinal = 1
    completed = False
    _endings: list[Callable[[], None]] = []
    head_length = 0
    received_length = 0
    body_seconds = 60.0
    started = 0.0
    _began = 0.0
    _identity = ""
    _answering: Deferred[None] | None = None
    _logged = False
    most_body = 1 << 62
    _aborted = False
    _unread = 0
    _sender: DirectSender | Http2Stream | None = None

    @property
    def site(self) -> StreamingSite:
        """The site of the connection."""
        site: StreamingSite = self.channel.site
        return site

    @property
    def secure(self) -> bool:
        """Whether the connection is encrypted."""
        return bool(self.channel is not None and self.channel.isSecure())

    @property
    def tls(self) -> TlsConnection | None:
        """The encrypted connection, None on a plain one."""
        return getattr(self.channel, "tls", None)

    @property
    def remote_addr(self) -> str:
        """The client's address, `unix:` for a unix socket; with `real_ip_header` the one that a trusted proxy names."""
        return self.client_address or self.peer_addr

    @property
    def peer_addr(self) -> str:
        """The address that the connection comes from, `unix:` for a unix socket."""
        return "unix:" if isinstance(self.client, UNIXAddress) else str(self.client.host)

    @property
    def remote_port(self) -> int:
        """The client's port, that which a trusted proxy names with its address; 0 for none."""
        return self.client_port if self.client_address else self.peer_port

    @property
    def peer_port(self) -> int:
        """The port that the connection comes from, 0 for a unix socket."""
        return int(getattr(self.client, "port", 0))

    @property
    def pipelined(self) -> bool:
        """Whether more of the connection's input had arrived before this was answered."""
        return bool(getattr(self.channel, "pipelined", False))

    def elapsed(self) -> float:
        """Return the seconds since the request was complete."""
        return float(self.shared.reactor.seconds()) - self._began if self._began else 0.0

    def identify(self) -> str:
        """Return the request's random id, made when first asked for."""
        if not self._identity:
            self._identity = os.urandom(16).hex()
        return self._identity

    # -- what phases leave for each other --

    def facts(self) -> RequestFacts:
        """Return what texts with variables read of this request."""
        mine: Any = self  # a StreamingRequest, as every request is
        return RequestFacts(mine)

    def read_with_get(self) -> None:
        """Let an error page be read with GET, whatever the method of the request was (HEAD stays); logs keep it."""
        if self.method not in (b"GET", b"HEAD"):
            self.refused_line = self.refused_line or b"%b %b %b" % (self.method, self.uri, self.clientproto)
            self.method = b"GET"

    def value(self, name: str) -> str | None:
        """Return a variable that a phase set or a module computes, None when it has no value."""
        if name in self.values:
            return self.values[name]
        compute = COMPUTED.get(name) or self.shared.defined.get(name)
        mine: Any = self  # a StreamingRequest, as every request is
        return compute(mine) if compute is not None else None

    def set_value(self, name: str, value: str | None) -> None:
        """Give a variable its value for the rest of the request."""
        self.values = {**self.values, name: value}

    def at_end(self, call: Callable[[], None]) -> None:
        """Call something once when the request is over, however it ends; after its lines were logged."""
        self._endings = [*self._endings, call]

    # -- logs --

    def report(self, reason: str, *, level: str = "error") -> None:
        """Write one line to the error log, with what nginx says of the request."""
        facts = self.facts()
        getattr(self.log, _NEAREST.get(level, level))(
            "{reason}",
            reason=reason,
            severity=level,
            client=facts.remote_addr,
            server=facts.server_name,
            request=facts.request_line,
            host=facts.request_header("host") or "",
            target=self.rules.errors if self.rules is not None else None,
        )

    def ended(self) -> None:
        """Write the lines of the access logs, and call those who wait for the end."""
        self._write_access_log()
        endings, self._endings = self._endings, []
        for call in endings:
            call()

    def _write_access_log(self) -> None:
        if self._logged or not self._began:
            return
        self._logged = True
        if self._sender is not None:
            self.sentLength = self._sender.sent
        rules = self.rules or self.site.servers.default.payload
        for access_log in rules.logs:
            access_log.write(self.facts())
