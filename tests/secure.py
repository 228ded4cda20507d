"""Clients that encrypt, for tests: Python's own ssl, and HTTP/2 by hand with h2. They block, so run them in threads."""

from __future__ import annotations

import socket
import ssl
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import h2.config
import h2.connection
import h2.events
from cryptography import x509
from twisted.internet.defer import Deferred
from twisted.internet.threads import deferToThread

PATIENCE = 20
_GOAWAY = 7


def context(
    *protocols: str,
    versions: tuple[ssl.TLSVersion, ssl.TLSVersion] | None = None,
    client: tuple[Path, Path] | None = None,
) -> ssl.SSLContext:
    """Return what a client shakes hands with; it trusts everybody.

    Args:
        protocols: that it offers to speak.
        versions: of TLS, the oldest and the newest.
        client: files of its own certificate and key.
    """
    made = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    made.check_hostname = False
    made.verify_mode = ssl.CERT_NONE
    if protocols:
        made.set_alpn_protocols(list(protocols))
    if versions:
        made.minimum_version, made.maximum_version = versions
        made.set_ciphers("ALL:@SECLEVEL=0")
    if client:
        made.load_cert_chain(*client)
    return made


def connect(
    port: int, name: str | None = None, how: ssl.SSLContext | None = None, session: ssl.SSLSession | None = None
) -> ssl.SSLSocket:
    """Return an encrypted connection.

    Args:
        port: of this machine.
        name: of the server that the hello names, None for no name.
        how: see `context`.
        session: of an earlier connection.
    """
    plain = socket.create_connection(("127.0.0.1", port), timeout=PATIENCE)
    try:
        return (how or context()).wrap_socket(plain, server_hostname=name, session=session)
    except BaseException:
        plain.close()
        raise


def shown(client: ssl.SSLSocket) -> str:
    """Return the name in the certificate that a server showed."""
    der = client.getpeercert(binary_form=True)
    assert der is not None
    subject = x509.load_der_x509_certificate(der).subject
    return str(subject.get_attributes_for_oid(x509.NameOID.COMMON_NAME)[0].value)


def ask(client: socket.socket, path: str, host: str = "a", *lines: str, keep: bool = False) -> tuple[int, str, bytes]:
    """Ask over HTTP/1.1; return status, head and body of the answer."""
    wanted = "keep-alive" if keep else "close"
    head = "\r\n".join([f"GET {path} HTTP/1.1", f"Host: {host}", f"Connection: {wanted}", *lines, "", ""])
    client.sendall(head.encode("latin-1"))
    return reply(client)


def reply(client: socket.socket) -> tuple[int, str, bytes]:
    """Return status, head and body of the next answer."""
    stream = client.makefile("rb")
    lines = []
    while line := stream.readline().strip():
        lines.append(line.decode("latin-1"))
    assert lines, "the server closed without an answer"
    head = "\r\n".join(lines)
    lengths = [line.partition(":")[2] for line in lines if line.lower().startswith("content-length:")]
    body = stream.read(int(lengths[0])) if lengths else stream.read()
    return int(lines[0].split()[1]), head, body


@dataclass
class Reply:
    """An answer on a stream."""

    status: int = 0
    headers: dict[str, str] = field(default_factory=dict)
    body: bytearray = field(default_factory=bytearray)
    ended: bool = False
    reset: int | None = None


@dataclass(frozen=True)
class Goodbye:
    """What GOAWAY says."""

    last_stream_id: int
    error_code: int


class Http2:
    """A connection that speaks HTTP/2.

    Args:
        client: it goes over.
        settings: of ours that are not the usual ones.
        window: whether what came is acknowledged at once.
    """

    def __init__(self, client: socket.socket, settings: dict[Any, int] | None = None, *, window: bool = True) -> None:
        self.client = client
        self.window = window
        self.replies: dict[int, Reply] = {}
        self.goodbye: Goodbye | None = None
        self._unread = bytearray()
        self.closed = False
        self.received = 0
        config = h2.config.H2Configuration(
            client_side=True, header_encoding="utf-8", validate_outbound_headers=False, normalize_outbound_headers=False
        )
        self.protocol = h2.connection.H2Connection(config)
        self.protocol.initiate_connection()
        if settings:
            self.protocol.update_settings(settings)
        self.flush()

    def flush(self) -> None:
        """Send what is to be said; a server that hung up is no failure yet."""
        try:
            self.client.sendall(self.protocol.data_to_send())
        except OSError:
            self.closed = True

    def begin(self, path: str, *, ended: bool = True, headers: Any = None, **more: str) -> int:
        """Send the head of a request; return its stream."""
        stream = int(self.protocol.get_next_available_stream_id())
        usual = [(":method", "GET"), (":scheme", "https"), (":authority", "a"), (":path", path)]
        usual += [(name.replace("_", "-"), value) for name, value in more.items()]
        self.protocol.send_headers(stream, usual if headers is None else headers, end_stream=ended)
        self.replies[stream] = Reply()
        return stream

    def read(self) -> bool:
        """Take what the server sent next; False when it has closed."""
        try:
            data = self.client.recv(1 << 16)
        except (ConnectionError, ssl.SSLError):
            data = b""
        if not data:
            self.closed = True
            return False
        self.received += len(data)
        self._unread += data
        while len(self._unread) >= 9 and len(self._unread) >= 9 + int.from_bytes(self._unread[:3], "big"):
            end = 9 + int.from_bytes(self._unread[:3], "big")
            frame, self._unread = bytes(self._unread[:end]), self._unread[end:]
            self._take(frame)
        self.flush()
        return True

    def _take(self, frame: bytes) -> None:
        if frame[3] == _GOAWAY:
            # h2 takes nothing after it, and answers to what was asked before may well come.
            self.goodbye = Goodbye(int.from_bytes(frame[9:13], "big"), int.from_bytes(frame[13:17], "big"))
            return
        for event in self.protocol.receive_data(frame):
            self.heed(event)

    def heed(self, event: Any) -> None:
        """Keep what an event says."""
        reply = self.replies.setdefault(getattr(event, "stream_id", 0) or 0, Reply())
        if isinstance(event, h2.events.ResponseReceived):
            reply.headers = {str(name): str(value) for name, value in event.headers}
            reply.status = int(reply.headers[":status"])
        elif isinstance(event, h2.events.DataReceived):
            reply.body += event.data
            if self.window:
                self.protocol.acknowledge_received_data(event.flow_controlled_length, event.stream_id)
        elif isinstance(event, h2.events.StreamEnded):
            reply.ended = True
        elif isinstance(event, h2.events.StreamReset):
            reply.reset = int(event.error_code)

    def until(self, condition: Callable[[], bool]) -> None:
        """Read until something has come about, or the server has closed."""
        self.flush()
        while not condition() and self.read():
            pass
        assert condition(), "the server closed before"

    def get(self, path: str, **more: str) -> Reply:
        """Return the whole answer to a request."""
        stream = self.begin(path, **more)
        reply = self.replies[stream]
        self.until(lambda: reply.ended or reply.reset is not None)
        return reply

    def to_the_end(self) -> None:
        """Read until the server closes."""
        while self.read():
            pass


def away(call: Callable[..., Any], *args: Any, **named: Any) -> Deferred[Any]:
    """Run a blocking client in a thread, so that the server can answer it."""
    return deferToThread(call, *args, **named)
