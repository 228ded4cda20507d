"""What goes over an encrypted connection arrives, whole and in order."""

from __future__ import annotations

import os
import socket
import ssl
import threading
from pathlib import Path

import pytest
import pytest_twisted
from twisted.internet.interfaces import ISSLTransport
from twisted.internet.testing import StringTransport
from zope.interface.verify import verifyObject

from hls_mp4.web.tls.connection import SEALED, Terms, TlsConnection
from tests.secure import ask, away, connect, context
from tests.web.conftest import BODY, SMALL
from tests.web.tls.conftest import Secure

OLD = (ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_2)


@pytest.mark.parametrize("versions", [None, OLD], ids=["1.3", "1.2"])
@pytest.mark.parametrize(
    "text", ["", "ssl_buffer_size 1k;", "ssl_ciphers AES128-SHA256:AES128-SHA:ECDHE-ECDSA-AES128-SHA;"]
)
@pytest_twisted.ensureDeferred
async def test_bodies_are_whole(secure: Secure, versions: object, text: str) -> None:
    """Large and small ones, in records of any size and with any cipher, one after the other on one connection."""
    _, port = secure(text)

    def get() -> list[tuple[int, bytes]]:
        with connect(port, "a", context(versions=versions)) as client:  # type: ignore[arg-type]
            return [ask(client, path, keep=True)[::2] for path in ("/small.mp4", "/large.mp4", "/small.mp4", "/no")]

    answers = await away(get)
    assert [status for status, _ in answers] == [200, 200, 200, 404]
    assert [body for _, body in answers[:3]] == [SMALL, BODY, SMALL]


@pytest_twisted.ensureDeferred
async def test_nothing_goes_in_the_clear(secure: Secure) -> None:
    """No plain byte of the film is on the wire, though it is sent to the socket itself."""
    _, port = secure()

    def listen() -> bytes:
        wire = bytearray()
        sent, received = ssl.MemoryBIO(), ssl.MemoryBIO()
        client = context().wrap_bio(received, sent, server_hostname="a")
        body = bytearray()
        with socket.create_connection(("127.0.0.1", port), timeout=20) as plain:
            asked = False
            while len(body) < len(BODY):
                try:
                    if not asked:
                        client.do_handshake()
                        client.write(b"GET /large.mp4 HTTP/1.1\r\nHost: a\r\n\r\n")
                        asked = True
                    body += client.read(1 << 16)
                except ssl.SSLWantReadError:
                    plain.sendall(sent.read())
                    data = plain.recv(1 << 16)
                    wire += data
                    received.write(data)
        assert BODY[:1000] in body
        return bytes(wire)

    wire = await away(listen)
    assert len(wire) > len(BODY)
    assert BODY[:64] not in wire and b"video/mp4" not in wire


@pytest_twisted.ensureDeferred
async def test_small_records_are_small(secure: Secure) -> None:
    """ssl_buffer_size is the most that a client has to wait for before it can read."""
    _, port = secure("ssl_buffer_size 2k;")

    def sizes() -> set[int]:
        with connect(port, "a") as client:
            client.sendall(b"GET /small.mp4 HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")
            found = set()
            while data := client.recv(1 << 16):
                found.add(len(data))
            return found

    assert max(await away(sizes)) == 2048


@pytest_twisted.ensureDeferred
async def test_a_slow_reader_gets_everything(secure: Secure, root: Path) -> None:
    """A client that takes a little at a time loses nothing, and its film is not read ahead of it."""
    (root / "huge.mp4").write_bytes(BODY * 8)
    _, port = secure()

    def sip() -> bool:
        with connect(port, "a") as client:
            client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 17)
            client.sendall(b"GET /huge.mp4 HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")
            received = bytearray()
            while data := client.recv(5000):
                received += data
            return received.endswith(BODY * 8)

    assert await away(sip)


@pytest_twisted.ensureDeferred
async def test_what_is_said_between_pieces_of_a_body_comes_in_its_turn(secure: Secure, root: Path) -> None:
    """Records are numbered (RFC 8446 5.3): an alert or a change of keys in the middle of a film waits for its turn."""
    (root / "huge.mp4").write_bytes(BODY * 8)
    served, port = secure()
    told, mark = threading.Event(), b"between"

    def take() -> bytes:
        with connect(port, "a") as client:
            client.sendall(b"GET /huge.mp4 HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")
            received = bytearray(client.recv(1000))
            assert told.wait(20)
            while data := client.recv(1 << 16):
                received += data
            return bytes(received)

    taking = away(take)
    await served.until(
        lambda: any(getattr(channel, "tls", None) and channel.tls.queue for channel in served.site.channels)
    )
    (channel,) = served.site.channels
    for _ in range(3):
        channel.tls.write(mark)
    told.set()
    received = await taking
    assert received.count(mark) == 3
    assert received.replace(mark, b"").endswith(b"\r\n\r\n" + BODY * 8)


@pytest_twisted.ensureDeferred
async def test_the_end_is_said(secure: Secure) -> None:
    """A client can tell the end of a body from a cut (RFC 8446 6.1); what it had to say besides is dropped."""
    _, port = secure()

    def end() -> bytes:
        with connect(port, "a") as client:
            client.suppress_ragged_eofs = False
            assert ask(client, "/small.mp4")[0] == 200
            return client.recv(1)  # raises SSLEOFError when nobody said that this is the end

    assert await away(end) == b""


@pytest_twisted.ensureDeferred
async def test_a_client_that_ends_first_is_let_go(secure: Secure, root: Path) -> None:
    """In the middle of a body, politely or not, nothing is left of the connection."""
    (root / "huge.mp4").write_bytes(BODY * 8)
    served, port = secure()

    def leave(politely: bool) -> None:
        client = connect(port, "a")
        client.sendall(b"GET /huge.mp4 HTTP/1.1\r\nHost: a\r\n\r\n")
        client.recv(1000)
        if politely:
            client.settimeout(0.2)
            try:
                client.unwrap()
            except (ssl.SSLError, OSError):
                pass
        client.close()

    for politely in (True, False):
        await away(leave, politely)
        await served.until(lambda: not served.site.channels)


@pytest_twisted.ensureDeferred
async def test_unix_sockets_can_be_encrypted(secure: Secure, tmp_path: Path) -> None:
    """Where the socket cannot be written to directly bodies go through the transport's buffer."""
    served, _ = secure()
    served.listen_unix(tmp_path / "s")

    def get() -> bytes:
        with socket.socket(socket.AF_UNIX) as plain:
            plain.settimeout(20)
            plain.connect(str(tmp_path / "s"))
            with context().wrap_socket(plain, server_hostname="a") as client:
                return ask(client, "/large.mp4")[2]

    assert await away(get) == BODY


def test_nothing_is_written_after_the_end() -> None:
    """And a connection can be ended twice, in any state."""
    from OpenSSL import SSL

    class Above:
        def makeConnection(self, transport: object) -> None:
            self.transport = transport

        def connectionLost(self, reason: object) -> None:
            self.lost = True

    above = Above()
    connection = TlsConnection(Terms(SSL.Context(SSL.TLS_SERVER_METHOD)), "a", above)
    assert verifyObject(ISSLTransport, connection)
    below = StringTransport()
    connection.makeConnection(below)
    assert above.transport is connection
    connection.loseConnection()
    connection.loseConnection()
    connection.write(os.urandom(10))
    assert below.value() == b"" and below.disconnected
    connection.connectionLost()
    assert above.lost
    assert SEALED >= 1 << 14
