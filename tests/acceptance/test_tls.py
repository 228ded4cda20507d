"""HTTPS of the real daemon: certificates, versions, HTTP/2, and what is told of mistakes."""

from __future__ import annotations

import io
import ssl
import subprocess
import sys
from pathlib import Path

import av
import pytest

from tests.acceptance.conftest import Start
from tests.acceptance.daemon import PATIENCE, ROOT, environment, run, until
from tests.certificates import Issued, issue
from tests.films import Library
from tests.secure import Http2, ask, connect, context, shown

SITES = """
error_log stderr notice;
error_log error.log info;
http {{
    log_format tls '$server_protocol $status $ssl_protocol $ssl_server_name $scheme $body_bytes_sent';
    access_log access.log tls;
    http2 on;
    server {{
        listen 127.0.0.1:{port} ssl;
        server_name one.example;
        ssl_certificate {folder}/one.pem; ssl_certificate_key {folder}/one.key;
        root {media};
        location / {{ mp4; }}
    }}
    server {{
        listen 127.0.0.1:{port} ssl;
        server_name two.example;
        ssl_certificate {folder}/two.pem; ssl_certificate_key {folder}/two.key;
        ssl_protocols TLSv1.2;
        ssl_verify_client on; ssl_client_certificate {folder}/authority.pem;
        root {media};
    }}
}}
"""


@pytest.fixture
def authority(tmp_path: Path) -> Issued:
    """Who signs; its certificate and those of two servers are in the folder of the daemon."""
    made = issue("authority", authority=True)
    (tmp_path / "authority.pem").write_bytes(made.pem)
    issue("one.example", made).write(tmp_path, "one", made)
    issue("two.example", made, kind="rsa").write(tmp_path, "two", made)
    return made


def trusting(folder: Path, *protocols: str) -> ssl.SSLContext:
    """Return a client that checks names and trusts the authority only, as browsers do."""
    made = ssl.create_default_context(cafile=str(folder / "authority.pem"))
    made.set_alpn_protocols(list(protocols) or ["http/1.1"])
    return made


def seconds(film: bytes) -> float:
    """Return how much video can be decoded of a film."""
    with av.open(io.BytesIO(film)) as media:
        frames = list(media.decode(video=0))
    assert frames[-1].time is not None and frames[0].time is not None
    return float(frames[-1].time - frames[0].time)


def test_a_clip_over_https(start: Start, films: Library, authority: Issued, tmp_path: Path) -> None:
    """A client that checks the certificate seeks in a film, over HTTP/1 and over HTTP/2, and can play what it gets."""
    films.data("h264")
    daemon = start(SITES, media=films.directory)
    with connect(daemon.port, "one.example", trusting(tmp_path)) as client:
        status, _, clip = ask(client, "/h264.mp4?start=1", "one.example")
    assert status == 200
    assert 0 < seconds(clip) < seconds(films.data("h264"))
    with connect(daemon.port, "one.example", trusting(tmp_path, "h2")) as client:
        http2 = Http2(client)
        both = [http2.begin(path) for path in ("/h264.mp4?start=1", "/h264.mp4")]
        http2.until(lambda: all(http2.replies[stream].ended for stream in both))
        assert [bytes(http2.replies[stream].body) for stream in both] == [clip, films.data("h264")]
    until(lambda: len(daemon.lines("access.log")) == 3, "three lines")
    lines = daemon.lines("access.log")
    assert lines[0] == f"HTTP/1.1 200 TLSv1.3 one.example https {len(clip)}"
    assert lines.count(f"HTTP/2.0 200 TLSv1.3 one.example https {len(clip)}") == 1


def test_two_servers_at_one_address(start: Start, films: Library, authority: Issued, tmp_path: Path) -> None:
    """Each shows its certificate, speaks its versions, and asks of clients what it asks."""
    films.data("h264")
    mine = issue("viewer", authority)
    mine.write(tmp_path, "viewer")
    daemon = start(SITES, media=films.directory)
    with connect(daemon.port, "two.example", context()) as client:
        assert (shown(client), client.version()) == ("two.example", "TLSv1.2")
        status, _, page = ask(client, "/h264.mp4", "two.example")
        assert status == 400 and b"No required SSL certificate was sent" in page
    with connect(
        daemon.port, "two.example", context(client=(tmp_path / "viewer.pem", tmp_path / "viewer.key"))
    ) as client:
        assert ask(client, "/h264.mp4", "two.example")[::2] == (200, films.data("h264"))
    with connect(daemon.port, None, context()) as client:
        assert shown(client) == "one.example"
        assert ask(client, "/h264.mp4", "two.example")[0] == 421
    new = (ssl.TLSVersion.TLSv1_3, ssl.TLSVersion.TLSv1_3)
    with pytest.raises((ssl.SSLError, ConnectionResetError)):
        connect(daemon.port, "two.example", context(versions=new))
    daemon.logged("while SSL handshaking")


def test_plain_http_on_the_port(start: Start, films: Library, authority: Issued) -> None:
    """A person who forgot the s reads what is wrong."""
    daemon = start(SITES, media=films.directory)
    answer = daemon.raw(b"GET / HTTP/1.1\r\nHost: one.example\r\n\r\n")
    assert answer.startswith(b"HTTP/1.1 400 ")
    assert b"The plain HTTP request was sent to HTTPS port" in answer


def test_stopping_lets_a_film_over_http_2_end(start: Start, films: Library, authority: Issued) -> None:
    """The daemon says GOAWAY, sends the rest, and ends."""
    films.data("h264")
    large = films.directory / "large.bin"
    large.write_bytes(bytes(3_000_000))
    daemon = start(SITES, media=films.directory)
    try:
        with connect(daemon.port, "one.example", context("h2")) as client:
            http2 = Http2(client)
            stream = http2.begin("/large.bin")
            http2.until(lambda: bool(http2.replies[stream].body))
            daemon.process.terminate()
            http2.until(lambda: http2.replies[stream].ended)
            http2.to_the_end()
            assert len(http2.replies[stream].body) == 3_000_000
            assert http2.goodbye is not None and not http2.goodbye.error_code
    finally:
        large.unlink()
    assert daemon.stop(None) == 0


def test_certificates_are_read_before_anything_is_served(tmp_path: Path, authority: Issued) -> None:
    """What is wrong with them is told with file and line, by the start and by the check; nothing listens then."""
    config = tmp_path / "wrong.conf"
    config.write_text(
        f"http {{ server {{\n listen 127.0.0.1:0 ssl;\n ssl_certificate {tmp_path}/one.pem;\n"
        f" ssl_certificate_key {tmp_path}/two.key;\n}} }}\n"
    )
    wrong = f'{config}:4: key "{tmp_path}/two.key" is not that of certificate "{tmp_path}/one.pem"'
    started = run("-n", "mp4stream", "--config", str(config), cwd=tmp_path)
    assert started.returncode == 1 and wrong in started.stdout + started.stderr
    checked = check(config)
    assert checked.returncode == 1 and wrong in checked.stderr


def test_an_expired_certificate_is_a_warning(tmp_path: Path) -> None:
    """Clients refuse it, and nobody else would notice."""
    config = tmp_path / "old.conf"
    own = issue("old", days=-2).write(tmp_path, "old")
    config.write_text(f"http {{ server {{ listen 127.0.0.1:0 ssl; {own} }} }}\n")
    checked = check(config)
    assert checked.returncode == 0
    assert f'{config}:1: warning: certificate "{tmp_path}/old.pem" has expired on ' in checked.stderr


def check(config: Path) -> subprocess.CompletedProcess[str]:
    """Run `mp4stream check`."""
    return subprocess.run(
        [sys.executable, "-m", "hls_mp4.tools.main", "check", "--config", str(config)],
        cwd=ROOT,
        env=environment(),
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        check=False,
    )
