"""How a connection runs out of time, and how it ends.

Deadlines are attributes on the site's wheel, not timers of the reactor. A socket that is closed while input waits in
it, or that gets more, is reset, and the client may never see its last answer: so our side is closed first, and what the
client still says is read and dropped for a while (RFC 9112 9.6). nginx's `lingering_close on` does so only when input
is there already; here also while a part of the answer is still under way.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from twisted.web import http

from hls_mp4.web.connections import CloseSettings, close_at_once, input_waits, unread_output

if TYPE_CHECKING:
    from hls_mp4.web.site import StreamingSite
    from hls_mp4.web.tls.connection import TlsConnection

_PATIENCE = 5.0  # for what is unsent when a connection is closed after a timeout


class ClosingChannel(http.HTTPChannel):
    """What a connection does about time and about its end; `StreamingChannel` reads."""

    site: StreamingSite
    transport: Any
    timeOut: Any
    requests: list[Any]

    # One dictionary fewer to fill: these are looked up on the class until they change.
    deadline = 0.0
    wheel_slot = -1
    _keepalive = 0.0
    _said_all = False
    _lingering = False
    _linger_until = 0.0
    _silence = _PATIENCE
    _draining = False
    _refused = False
    _halted = False
    served = 0
    _unwanted_body = False

    direct = False
    """Whether file descriptors may be sent to this connection."""

    tls: TlsConnection | None = None
    plain_on_tls = False
    """Whether the client speaks plain HTTP where encryption is expected."""

    @property
    def bare(self) -> Any:
        """The transport whose socket a sender may write to, sealed where the connection is encrypted; or None."""
        if self.direct:
            return self.transport
        return self.tls.bare if self.tls is not None else None

    @property
    def busy(self) -> bool:
        """Whether a request is being read or answered."""
        raise NotImplementedError

    @property
    def pipelined(self) -> bool:
        """Whether more input had arrived before the request under way was answered."""
        raise NotImplementedError

    def timed_out(self) -> bool:
        """Log a request that never came to its end; False when none was under way."""
        raise NotImplementedError

    def forget_input(self) -> None:
        """Forget what was read and is not wanted any more."""
        raise NotImplementedError

    def setTimeout(self, period: float | None) -> float | None:
        """Set when the client must have sent its first request; None for never. Returns what held before."""
        previous: float | None = self.timeOut
        self.timeOut = period
        self._wait(period or 0.0)
        return previous

    def _wait(self, seconds: float) -> None:
        if seconds:
            self.site.wheel.set(self, seconds)
        else:
            self.deadline = 0.0

    def deadline_passed(self) -> None:
        """Close: the client was silent for too long."""
        transport = self.transport
        if self._lingering:
            close_at_once(transport, self.bare, reset=False)
            return
        closing = self._closing(self.requests[-1] if self.requests else None)
        if self.timed_out() and closing.reset:
            transport.abortConnection()
            return
        transport.loseConnection()
        # What is still unsent after that is not wanted any more.
        self._lingering = True
        self._linger_until = self.site.shared.reactor.seconds() + _PATIENCE
        self.site.wheel.set(self, _PATIENCE)

    def keep_alive_for(self, seconds: float) -> None:
        """Set the idle time after the current request (nginx: keepalive_timeout)."""
        self._keepalive = seconds

    def _closing(self, request: Any) -> CloseSettings:
        rules = (request.rules if request is not None else None) or self.site.servers.default.payload
        settings: CloseSettings = rules.of.get(CloseSettings) or CloseSettings()
        return settings

    def end(self, request: Any) -> None:
        """End the connection after its last answer, and see that the answer arrives."""
        self._refused = True
        how = self._closing(request).lingering
        if how == "always" or (how == "on" and (self._unwanted_body or self.pipelined or self._may_hear())):
            self.linger(request)
        else:
            self.forget_input()
            self.loseConnection()

    def _may_hear(self) -> bool:
        """Tell whether the client has said more, or may before it has all of the answer (RFC 9112 9.6)."""
        bare = self.bare
        return bare is not None and not self._said_all and (input_waits(bare) or unread_output(bare) > 0)

    def linger(self, request: Any) -> None:
        """Close our side, read and drop what the client still sends, for a while."""
        closing = self._closing(request)
        self.forget_input()
        if closing.lingering == "off" or self._said_all:
            self.loseConnection()
            return
        self._lingering = True
        self._linger_until = self.site.shared.reactor.seconds() + closing.total / 1000
        self._silence = closing.silence / 1000
        if self.bare is not None:
            # A producer that was paused would be resumed when the last byte went, in the place of closing our side.
            self.transport.unregisterProducer()
            self.transport.loseWriteConnection()
        else:
            self.loseConnection()
        if self._halted:
            self._halted = False
            self._networkProducer.resumeProducing()
        self._drop()

    def _drop(self) -> None:
        """Drop input, and wait for more."""
        if self._lingering:
            left = self._linger_until - self.site.shared.reactor.seconds()
            self.site.wheel.set(self, max(0.0, min(self._silence, left)))

    def drop(self) -> None:
        """End the connection now: its client took nothing for too long."""
        request = self.requests[0] if self.requests else None
        close_at_once(self.transport, self.bare, reset=self._closing(request).reset)

    def drain(self) -> None:
        """End without cutting anything off: now when idle, else after the response under way."""
        self._draining = True
        if self.busy:
            self.persistent = False
            return
        rules = self.site.servers.default.payload
        idle = self.site.shared.reactor.seconds() - (self.deadline - self._keepalive)
        least = rules.keepalive.least / 1000 - idle
        if self.served and least > 0:
            self._wait(least)
        else:
            self.transport.loseConnection()
