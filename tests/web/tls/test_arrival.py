"""From the first byte on a TLS port to the protocol that answers."""

from __future__ import annotations

import socket
import ssl
from collections.abc import Callable
from pathlib import Path

import pytest
import pytest_twisted
from twisted.logger import capturedLogs

from tests.certificates import Issued, issue
from tests.secure import Http2, ask, away, connect, context, reply, shown
from tests.web.conftest import SMALL
from tests.web.harness import Served
from tests.web.tls.conftest import Secure


def other(root: Path, authority: Issued, more: str = "", name: str = "b") -> str:
    """Return a server block of another name, with a certificate of its own."""
    own = issue(name, authority).write(root, name)
    return f"server {{ listen 127.0.0.1:0 ssl; server_name {name}; {own} root {root}; {more} }}"


def asked(port: int, name: str | None, *protocols: str, host: str = "a") -> tuple[str, int, bytes]:
    """Return the name in the certificate that a client is shown, and what it gets."""
    with connect(port, name, context(*protocols)) as client:
        status, _, body = ask(client, "/small.mp4", host)
        return shown(client), status, body


@pytest_twisted.ensureDeferred
async def test_each_server_shows_its_own_certificate(secure: Secure, root: Path, authority: Issued) -> None:
    """A client that names a server gets that one's; others get the default server's."""
    _, port = secure(http=other(root, authority))
    assert await away(asked, port, "a") == ("a", 200, SMALL)
    assert await away(asked, port, "b", host="b") == ("b", 200, SMALL)
    assert await away(asked, port, "A") == ("a", 200, SMALL)
    assert await away(asked, port, None) == ("b", 200, SMALL)
    assert await away(asked, port, "nobody.example") == ("b", 200, SMALL)
    assert await away(asked, port, "-bad-") == ("b", 200, SMALL)


@pytest_twisted.ensureDeferred
async def test_a_server_without_a_certificate_shows_that_of_the_default(
    serve: Callable[..., Served], root: Path, authority: Issued
) -> None:
    """As in nginx: its address is encrypted, and it answers under its own name all the same."""
    served = serve("server_name c; return 204;", f"access_log off; {other(root, authority)}")
    assert await away(asked, served.listen(), "c", host="c") == ("b", 204, b"")


@pytest_twisted.ensureDeferred
async def test_the_versions_are_those_of_the_server_that_is_named(
    secure: Secure, root: Path, authority: Issued
) -> None:
    """One server can stay with TLSv1.2 while its neighbour refuses it."""
    _, port = secure("ssl_protocols TLSv1.3;", other(root, authority, "ssl_protocols TLSv1.2;"))

    def version(name: str, *versions: ssl.TLSVersion) -> str | None:
        with connect(port, name, context(versions=(versions[0], versions[-1]))) as client:
            return client.version()

    assert await away(version, "a", ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3) == "TLSv1.3"
    assert await away(version, "b", ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3) == "TLSv1.2"
    with pytest.raises(ssl.SSLError), capturedLogs() as events:
        await away(version, "a", ssl.TLSVersion.TLSv1_2)
    reasons = [str(event.get("reason")) for event in events]
    assert any("SSL_do_handshake() failed (unsupported protocol)" in reason for reason in reasons), reasons


@pytest_twisted.ensureDeferred
async def test_a_handshake_can_be_rejected(secure: Secure, root: Path) -> None:
    """Who names no server of ours sees no certificate."""
    _, port = secure(http="server { listen 127.0.0.1:0 ssl; ssl_reject_handshake on; }")
    assert (await away(asked, port, "a"))[0] == "a"
    for name in (None, "nobody.example"):
        with pytest.raises(ssl.SSLError, match=r"(?i)unrecognized.name"):
            await away(asked, port, name)


@pytest_twisted.ensureDeferred
async def test_http_2_is_spoken_where_both_want_it(secure: Secure, root: Path, authority: Issued) -> None:
    """The server that is named decides; a client that speaks neither is told so in the handshake."""
    _, port = secure("http2 on;", other(root, authority))

    def chosen(name: str, *protocols: str) -> str | None:
        with connect(port, name, context(*protocols)) as client:
            return client.selected_alpn_protocol()

    assert await away(chosen, "a", "h2", "http/1.1") == "h2"
    assert await away(chosen, "a", "http/1.1") == "http/1.1"
    assert await away(chosen, "b", "h2", "http/1.1") == "http/1.1"
    assert await away(chosen, "a") is None
    with pytest.raises(ssl.SSLError, match=r"(?i)alert"):
        await away(chosen, "a", "spdy/3")


@pytest_twisted.ensureDeferred
async def test_the_parameter_of_listen_allows_http_2_too(secure: Secure) -> None:
    """As it is written in most configurations."""
    _, port = secure(parameters=" ssl http2")

    def get() -> bytes:
        with connect(port, "a", context("h2")) as client:
            return bytes(Http2(client).get("/small.mp4").body)

    assert await away(get) == SMALL


@pytest_twisted.ensureDeferred
async def test_plain_http_gets_a_page_that_says_so(secure: Secure) -> None:
    """400 with nginx's words, whatever is asked for, and the connection ends."""
    _, port = secure()

    def plain() -> tuple[int, str, bytes, bytes]:
        with socket.create_connection(("127.0.0.1", port), timeout=20) as client:
            client.sendall(b"GET /small.mp4 HTTP/1.1\r\nHost: a\r\n\r\n")
            return (*reply(client), client.recv(1))

    status, head, body, rest = await away(plain)
    assert status == 400
    assert b"The plain HTTP request was sent to HTTPS port" in body
    assert "Connection: close" in head
    assert rest == b""


@pytest_twisted.ensureDeferred
async def test_plain_http_can_be_led_to_https(secure: Secure) -> None:
    """error_page knows nginx's 497."""
    _, port = secure("error_page 497 =301 https://$host$request_uri;")

    def plain() -> tuple[int, str, bytes]:
        with socket.create_connection(("127.0.0.1", port), timeout=20) as client:
            client.sendall(b"GET /small.mp4?x HTTP/1.1\r\nHost: a\r\n\r\n")
            return reply(client)

    status, head, _ = await away(plain)
    assert status == 301
    assert "Location: https://a/small.mp4?x" in head


@pytest.mark.parametrize("begin", [b"", b"\x16\x03\x01\x02\x00\x01"])
@pytest_twisted.ensureDeferred
async def test_a_client_that_does_not_finish_its_handshake_is_dropped(secure: Secure, begin: bytes) -> None:
    """client_header_timeout holds for it; takes that second, and one of resolution."""
    _, port = secure("client_header_timeout 1s;")

    def wait() -> bytes:
        with socket.create_connection(("127.0.0.1", port), timeout=20) as client:
            client.sendall(begin)
            try:
                return client.recv(1)
            except ConnectionResetError:
                return b""

    with capturedLogs() as events:
        assert await away(wait) == b""
    assert any("timed out while SSL handshaking" in str(event.get("reason")) for event in events)


@pytest_twisted.ensureDeferred
async def test_a_handshake_that_stops_in_its_middle_is_dropped(secure: Secure) -> None:
    """The hello alone wins no more time; takes two seconds."""
    _, port = secure("client_header_timeout 1s;")

    def stop() -> bytes:
        sent, received = ssl.MemoryBIO(), ssl.MemoryBIO()
        hello = context().wrap_bio(received, sent, server_hostname="a")
        with pytest.raises(ssl.SSLWantReadError):
            hello.do_handshake()
        with socket.create_connection(("127.0.0.1", port), timeout=20) as client:
            client.sendall(sent.read())
            try:
                while client.recv(1 << 16):
                    pass
            except ConnectionResetError:
                pass
        return b""

    assert await away(stop) == b""


@pytest_twisted.ensureDeferred
async def test_rubbish_is_refused_with_an_alert(secure: Secure) -> None:
    """What begins like TLS and is none ends the connection, with a line in the log."""
    served, port = secure()

    def rubbish() -> bytes:
        with socket.create_connection(("127.0.0.1", port), timeout=20) as client:
            client.sendall(b"\x16\x03\x01\x00\x08" + b"\x01\x00\x00\x04abcd")
            return client.recv(100)

    with capturedLogs() as events:
        assert (await away(rubbish))[:1] in (b"\x15", b"")
        await served.until(lambda: not served.site.channels)
    assert any("while SSL handshaking" in str(event.get("reason")) for event in events)


@pytest_twisted.ensureDeferred
async def test_stopping_does_not_wait_for_handshakes(secure: Secure) -> None:
    """A connection on which nothing was asked for is closed when the site is drained."""
    served, port = secure()
    with socket.create_connection(("127.0.0.1", port), timeout=20):
        await served.until(lambda: len(served.site.channels) == 1)
        served.site.drain()
        await served.until(lambda: not served.site.channels)
