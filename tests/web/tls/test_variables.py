"""$ssl_* variables: what logs and rules may know of an encrypted connection."""

from __future__ import annotations

import datetime
import ssl
from pathlib import Path
from urllib.parse import unquote

import pytest_twisted
from cryptography.hazmat.primitives.hashes import SHA1

from hls_mp4.web.tls.variables import VARIABLES
from tests.certificates import Issued, issue
from tests.secure import Http2, ask, away, connect, context
from tests.web.harness import Served
from tests.web.tls.conftest import Secure

HEADERS = "".join(f"add_header X-{name} ${name} always;" for name in sorted(VARIABLES) if "cert" not in name)


def told(
    port: int, how: ssl.SSLContext, session: ssl.SSLSession | None = None
) -> tuple[dict[str, str], ssl.SSLSession]:
    """Return the variables of a request over HTTP/1, and the session."""
    with connect(port, "a", how, session) as client:
        head = ask(client, "/small.mp4")[1]
        assert client.session is not None
        lines = (line.partition(": ") for line in head.split("\r\n"))
        return {name[2:]: value for name, _, value in lines if name.startswith("X-")}, client.session


@pytest_twisted.ensureDeferred
async def test_what_was_agreed_on(secure: Secure) -> None:
    """Version, cipher, group and the name that the client gave; nothing of a certificate that it did not show."""
    _, port = secure(f"ssl_ecdh_curve prime256v1; {HEADERS}")
    found, _ = await away(told, port, context(versions=(ssl.TLSVersion.TLSv1_3, ssl.TLSVersion.TLSv1_3)))
    assert found.pop("ssl_cipher").startswith("TLS_")
    assert found.pop("ssl_curve") in ("prime256v1", "secp256r1")
    assert found == {
        "ssl_protocol": "TLSv1.3",
        "ssl_server_name": "a",
        "ssl_session_reused": ".",
        "ssl_client_verify": "NONE",
    }


@pytest_twisted.ensureDeferred
async def test_a_resumed_session_is_told(secure: Secure) -> None:
    """By ticket, and by cache where there are no tickets; not where neither is wanted."""
    for text, reused in (
        ("", "r"),
        ("ssl_session_tickets off; ssl_session_cache shared:S:1m;", "r"),
        ("ssl_session_tickets off;", "."),
        ("ssl_session_tickets off; ssl_session_cache off;", "."),
    ):
        for version in (ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3):
            _, port = secure(f"{HEADERS} {text}")
            how = context(versions=(version, version))
            _, session = await away(told, port, how)
            found, _ = await away(told, port, how, session)
            assert found["ssl_session_reused"] == reused, (text, version)


@pytest_twisted.ensureDeferred
async def test_the_certificate_of_a_client_is_told(secure: Secure, root: Path, authority: Issued) -> None:
    """Who it is of, who signed it, its number, its dates, and itself."""
    (root / "authority.pem").write_bytes(authority.pem)
    mine = issue("müller", authority)
    mine.write(root, "mine")
    _, port = secure(
        f"{HEADERS} add_header X-pem $ssl_client_escaped_cert;"
        f"ssl_verify_client on; ssl_client_certificate {root}/authority.pem;"
    )
    found, _ = await away(told, port, context(client=(root / "mine.pem", root / "mine.key")))
    certificate = mine.certificate
    assert found["ssl_client_verify"] == "SUCCESS"
    assert found["ssl_client_s_dn"].encode("latin-1").decode() == "CN=müller"
    assert found["ssl_client_i_dn"] == "CN=authority"
    assert int(found["ssl_client_serial"], 16) == certificate.serial_number
    assert found["ssl_client_fingerprint"] == certificate.fingerprint(SHA1()).hex()
    ends = datetime.datetime.strptime(found["ssl_client_v_end"], "%b %d %H:%M:%S %Y GMT").replace(tzinfo=datetime.UTC)
    assert ends == certificate.not_valid_after_utc
    assert found["ssl_client_v_remain"] == "9"
    assert unquote(found["pem"]).encode() == mine.pem.rstrip()


@pytest_twisted.ensureDeferred
async def test_http_2_is_told(secure: Secure) -> None:
    """$http2 and $server_protocol, as nginx has them, $https and $scheme as over HTTP/1."""
    text = "add_header X '$http2 $server_protocol $https $scheme $ssl_server_name $request';"
    _, port = secure(f"http2 on; {text}")

    def get() -> str:
        with connect(port, "a", context("h2")) as client:
            return Http2(client).get("/small.mp4?q").headers["x"]

    assert await away(get) == "h2 HTTP/2.0 on https a GET /small.mp4?q HTTP/2.0"


@pytest_twisted.ensureDeferred
async def test_plain_connections_have_none(serve: object) -> None:
    """A variable without a value is an empty text, and a header without one is not sent."""
    served: Served = serve(f"{HEADERS}")  # type: ignore[operator]
    client = await served.connect()
    client.send(b"GET /small.mp4 HTTP/1.1\r\nHost: a\r\n\r\n")
    _, headers, _ = await client.answer()
    assert not [name for name in headers if name.startswith("x-ssl") or name == "x-http2"]
