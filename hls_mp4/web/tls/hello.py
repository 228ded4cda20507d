"""The first bytes of a connection to a TLS port: is it TLS at all, and which server does the client name.

RFC 8446 4.1.2 (ClientHello, which RFC 5246 7.4.1.2 has alike) and RFC 6066 3 (server_name). OpenSSL judges the hello;
here it is only looked into, so that the server that a client names decides about everything that is negotiated, the
versions of the protocol included. What cannot be understood names nobody.
"""

from __future__ import annotations

from dataclasses import dataclass

LONGEST = 16 * 1024 + 512
"""Bytes that are waited for; the hellos of browsers have 2,000, their keys against quantum computers included."""

_MOST_RECORDS = 8  # nobody cuts a hello into more, but to make work

_HANDSHAKE = 22
_CLIENT_HELLO = 1
_SERVER_NAME = 0
_RECORD_HEADER = 5


@dataclass(frozen=True, slots=True)
class Hello:
    """What a client said first.

    Args:
        tls: whether it speaks TLS; otherwise it is plain HTTP, or nothing that we know.
        server_name: the host it wants to reach, as it wrote it; empty when it named none.
    """

    tls: bool
    server_name: bytes = b""


def read_hello(data: bytes) -> Hello | None:
    """Return what the first bytes of a connection say; None when more of them are needed."""
    if not data:
        return None
    if data[0] != _HANDSHAKE:
        # SSL 2 began with a length whose first bit is set: OpenSSL refuses it in its own words.
        return Hello(tls=bool(data[0] & 0x80))
    body = _handshake_body(data)
    if body is None:
        return None if len(data) < LONGEST else Hello(tls=True)
    try:
        return Hello(True, _server_name(_Bytes(body)))
    except (IndexError, ValueError):
        return Hello(tls=True)


def _handshake_body(data: bytes) -> bytes | None:
    """Return the ClientHello in its records without its header, empty for another message; None when it is cut."""
    message = b""
    at = 0
    for _ in range(_MOST_RECORDS):
        if at + _RECORD_HEADER > len(data):
            return None
        if data[at] != _HANDSHAKE:
            return b""
        end = at + _RECORD_HEADER + int.from_bytes(data[at + 3 : at + _RECORD_HEADER], "big")
        message += data[at + _RECORD_HEADER : end]
        if len(message) >= 4:
            if message[0] != _CLIENT_HELLO:
                return b""
            length = int.from_bytes(message[1:4], "big")
            if len(message) >= 4 + length:
                return message[4 : 4 + length]
        if end > len(data):
            return None
        at = end
    return b""


class _Bytes:
    """Reads vectors one behind the other; IndexError when there is less than was said."""

    def __init__(self, data: bytes) -> None:
        self._data = data
        self._at = 0

    @property
    def left(self) -> int:
        return len(self._data) - self._at

    def take(self, count: int) -> bytes:
        if count > self.left:
            raise IndexError
        self._at += count
        return self._data[self._at - count : self._at]

    def number(self, size: int) -> int:
        return int.from_bytes(self.take(size), "big")

    def vector(self, size_of_length: int) -> bytes:
        return self.take(self.number(size_of_length))


def _server_name(hello: _Bytes) -> bytes:
    """Return the name in the body of a ClientHello, empty when it has none."""
    hello.take(2 + 32)  # legacy_version, random
    hello.vector(1)  # legacy_session_id
    hello.vector(2)  # cipher_suites
    hello.vector(1)  # legacy_compression_methods
    if not hello.left:
        return b""
    extensions = _Bytes(hello.vector(2))
    while extensions.left:
        kind = extensions.number(2)
        content = extensions.vector(2)
        if kind == _SERVER_NAME:
            names = _Bytes(_Bytes(content).vector(2))
            while names.left:
                name_type, name = names.number(1), names.vector(2)
                if name_type == 0:
                    return name
    return b""
