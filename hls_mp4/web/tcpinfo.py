"""$tcpinfo_rtt, $tcpinfo_rttvar, $tcpinfo_snd_cwnd, $tcpinfo_rcv_space: what the kernel knows of a connection.

tcp(7) TCP_INFO; nginx's core module. Of a connection that is no TCP connection, or is closed, nothing is known.
"""

from __future__ import annotations

import socket
import struct
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from hls_mp4.web.request import StreamingRequest

_OFFSETS = {"tcpinfo_rtt": 68, "tcpinfo_rttvar": 72, "tcpinfo_snd_cwnd": 80, "tcpinfo_rcv_space": 96}
"""Where the fields lie in struct tcp_info of linux/tcp.h, which only grows at its end."""

_LENGTH = 104


def _reader(offset: int) -> Callable[[StreamingRequest], str | None]:
    def read(request: StreamingRequest) -> str | None:
        bare: Any = getattr(request.channel, "bare", None)
        try:
            told = bare.getHandle().getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, _LENGTH)
        except (AttributeError, OSError):
            return None  # no TCP, or closed meanwhile
        return str(struct.unpack_from("=I", told, offset)[0]) if len(told) >= offset + 4 else None

    return read


VARIABLES: dict[str, Callable[[StreamingRequest], str | None]] = {
    name: _reader(offset) for name, offset in _OFFSETS.items()
}
