"""How connections of clients are read from and closed: the directives, and what a socket can be asked.

nginx's core module. What has to be known before a request is understood (`ReadSettings`) is taken from the default
server of the address, as nginx takes it; the rest holds where the request is answered.
"""

from __future__ import annotations

import fcntl
import sys
import termios
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from twisted.internet.error import ConnectionDone
from twisted.python.failure import Failure

from hls_mp4.directives import ANYWHERE, HTTP, SERVER, Choice, Flag, Number, Parsed, Size, Time, directive, parse_size
from hls_mp4.web.head import HeadRules


@dataclass(frozen=True, slots=True)
class HeaderBuffers:
    """Value of large_client_header_buffers.

    Args:
        number: how many.
        size: of each.
    """

    number: int = 4
    size: int = 8192


def parse_buffers(args: Sequence[str]) -> HeaderBuffers:
    """Return the buffers of `number size`."""
    if len(args) != 2:
        raise ValueError("invalid number of arguments")
    number = Number(least=1, most=1024).parse([args[0]])
    size = parse_size(args[1])
    if not 64 <= size <= 1 << 24:
        raise ValueError(f'invalid size "{args[1]}", it must be between 64 bytes and 16m')
    return HeaderBuffers(number, size)


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadSettings:
    """How the heads of requests are read."""

    first: int = directive(
        "client_header_buffer_size",
        HTTP | SERVER,
        Size(least=64),
        default="1k",
        doc="First buffer for a request's head; what does not fit takes large_client_header_buffers.",
    )
    buffers: HeaderBuffers = directive(
        "large_client_header_buffers",
        HTTP | SERVER,
        Parsed("number size", parse_buffers),
        default="4 8k",
        doc="A request line longer than a buffer is refused with 414, a header line, or a head of more, with 400.",
    )
    timeout: int = directive(
        "client_header_timeout",
        HTTP | SERVER,
        Time(),
        default="60s",
        doc="A client that has not sent its request's head within this time is hung up on; the log says 408.",
    )
    headers: int = directive(
        "max_headers",
        HTTP | SERVER,
        Number(least=1, most=100_000),
        default="1000",
        doc="A request with more header lines is refused with 400.",
    )
    ignore_invalid: bool = directive(
        "ignore_invalid_headers",
        HTTP | SERVER,
        Flag(),
        default="on",
        doc="Headers are dropped whose names have other characters than letters, digits and hyphens; off keeps them.",
    )
    underscores: bool = directive(
        "underscores_in_headers",
        HTTP | SERVER,
        Flag(),
        default="off",
        doc="Whether names of headers may have underscores; without, they count as invalid.",
    )

    def head_rules(self) -> HeadRules:
        """Return what a head may be.

        nginx reads the beginning of a head into the first buffer, moves on to large ones, and never parts a line.
        """
        line = max(self.first, self.buffers.size)
        total = self.first + self.buffers.number * self.buffers.size
        return HeadRules(line, total, self.headers, self.ignore_invalid, self.underscores)


@dataclass(frozen=True, slots=True, kw_only=True)
class CloseSettings:
    """How connections end."""

    lingering: str = directive(
        "lingering_close",
        ANYWHERE,
        Choice(("off", "on", "always")),
        default="on",
        doc="Whether more input is awaited and dropped before a connection is closed; on: when there may be some.",
    )
    total: int = directive(
        "lingering_time", ANYWHERE, Time(), default="30s", doc="Most time that input is dropped for, of one connection."
    )
    silence: int = directive(
        "lingering_timeout", ANYWHERE, Time(), default="5s", doc="Most time to wait for the next input that is dropped."
    )
    reset: bool = directive(
        "reset_timedout_connection",
        ANYWHERE,
        Flag(),
        default="off",
        doc="Resets connections of clients that were too slow, so that unsent data takes no memory; off closes them.",
    )


def input_waits(transport: Any) -> bool:
    """Tell whether the kernel has input of a plain connection that nobody has read."""
    counted = fcntl.ioctl(transport.fileno(), termios.FIONREAD, bytes(4))
    return int.from_bytes(counted, sys.byteorder) > 0


def unread_output(transport: Any) -> int:
    """Return how many bytes the client of a plain connection has not acknowledged."""
    counted = fcntl.ioctl(transport.fileno(), termios.TIOCOUTQ, bytes(4))  # SIOCOUTQ, tcp(7)
    return int.from_bytes(counted, sys.byteorder)


def close_at_once(transport: Any, bare: Any, *, reset: bool) -> None:
    """End a connection now, whatever is still unsent.

    Args:
        transport: of the connection.
        bare: the one that has the socket; None when there is none of ours.
        reset: whether the kernel forgets what it has not sent either, and tells the client so.
    """
    if bare is not None and not reset and bare.connected:
        bare.connectionLost(Failure(ConnectionDone()))
    else:
        transport.abortConnection()
