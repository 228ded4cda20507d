"""What logs and headers say of a request is what happened."""

from collections.abc import Callable
from pathlib import Path

import pytest
import pytest_twisted

from tests.web.harness import Served
from tests.web.test_channel import get

Serve = Callable[..., Served]

NAMES = (
    "request_method",
    "request_uri",
    "uri",
    "args",
    "server_protocol",
    "scheme",
    "host",
    "server_name",
    "server_addr",
    "server_port",
    "remote_addr",
    "status",
    "body_bytes_sent",
    "bytes_sent",
    "request_filename",
    "document_root",
    "1",
    "pipe",
)


@pytest_twisted.ensureDeferred
async def test_every_variable(serve: Serve, root: Path, tmp_path: Path) -> None:
    """Each variable of a served film has its value."""
    log = tmp_path / "log"
    form = "|".join(f"${{{name}}}" for name in NAMES)
    served = serve(
        f"server_name films; access_log {log} all; location ~ ^/(small) {{ mp4; }}", http=f"log_format all '{form}';"
    )
    client = await served.connect()
    client.send(get("//small.mp4?x=y"))
    _, _, body = await client.answer()
    port = served.ports[0].getHost().port
    values = dict(zip(NAMES, log.read_text().rstrip("\n").split("|"), strict=True))
    head = int(values.pop("bytes_sent")) - len(body)
    assert 150 < head < 500
    assert values == {
        "request_method": "GET",
        "request_uri": "//small.mp4?x=y",
        "uri": "/small.mp4",
        "args": "x=y",
        "server_protocol": "HTTP/1.1",
        "scheme": "http",
        "host": "a",
        "server_name": "films",
        "server_addr": "127.0.0.1",
        "server_port": str(port),
        "remote_addr": "127.0.0.1",
        "status": "200",
        "body_bytes_sent": "20000",
        "request_filename": f"{root}/small.mp4",
        "document_root": str(root),
        "1": "small",
        "pipe": ".",
    }


@pytest.mark.parametrize(
    ("credentials", "user"),
    [
        ("Basic Ym9iOnNlY3JldA==", "bob"),
        ("basic Ym9iOg==", "bob"),
        ("Basic Ym9i", ""),
        ("Basic !", ""),
        ("Basic", ""),
        ("Bearer Ym9iOg==", ""),
    ],
)
@pytest_twisted.ensureDeferred
async def test_who_says_they_ask(serve: Serve, tmp_path: Path, credentials: str, user: str) -> None:
    """A user's name that is sent is logged, never the password; what is no name and password is none."""
    log = tmp_path / "log"
    client = await serve(f"access_log {log} who;", http="log_format who '[$remote_user]';").connect()
    client.send(get("/small.mp4", f"Authorization: {credentials}"))
    await client.answer()
    assert log.read_text() == f"[{user or '-'}]\n"


@pytest_twisted.ensureDeferred
async def test_a_unix_client(serve: Serve, tmp_path: Path) -> None:
    """A client of a unix socket has no address, and is logged as nginx does."""
    log = tmp_path / "log"
    served = serve(f"access_log {log} who;", http="log_format who '$remote_addr $server_addr $remote_port';")
    served.listen_unix(tmp_path / "s")
    client = await served.client(f"unix:{tmp_path / 's'}")
    client.send(get("/small.mp4"))
    await client.answer()
    assert log.read_text().startswith(f"unix: unix:{tmp_path / 's'} ")


@pytest_twisted.ensureDeferred
async def test_headers_that_mention_the_response(serve: Serve) -> None:
    """add_header may repeat what the response says of itself, whatever its status."""
    served = serve("add_header X-Said '$status $sent_http_content_type $sent_http_etag' always;")
    client = await served.connect()
    for path, expected in (("/small.mp4", "200 video/mp4 "), ("/none", "404 text/html; charset=utf-8 ")):
        client.send(get(path))
        _, headers, _ = await client.answer()
        assert headers["x-said"] == expected + headers.get("etag", "")


@pytest_twisted.ensureDeferred
async def test_what_is_known_when_all_was_sent(serve: Serve, root: Path, tmp_path: Path) -> None:
    """The log knows whether the connection stays, and how well a text was compressed."""
    (root / "a.txt").write_bytes(b"words " * 1000)
    log = tmp_path / "log"
    served = serve(
        f"access_log {log} end; gzip on; gzip_types text/plain;",
        http="log_format end '$sent_http_connection $gzip_ratio [$http2]';",
    )
    client = await served.connect()
    client.send(get("/small.mp4"))
    await client.answer()
    client.send(get("/a.txt", "Accept-Encoding: gzip", "Connection: close"))
    _, _, body = await client.answer()
    first, second = log.read_text().splitlines()
    assert first == "keep-alive - []"
    hundredths = 600_000 // len(body)
    assert second == f"close {hundredths // 100}.{hundredths % 100:02d} []"
