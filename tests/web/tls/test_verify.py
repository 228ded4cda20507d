"""Clients that have to show a certificate, and what becomes of those that have none."""

from __future__ import annotations

from pathlib import Path

import pytest
import pytest_twisted
from twisted.logger import capturedLogs

from tests.certificates import Issued, issue, revoke
from tests.secure import ask, away, connect, context
from tests.web.conftest import SMALL
from tests.web.tls.conftest import Secure


def get(port: int, name: str | None, shows: str = "", root: Path | None = None, host: str = "a") -> tuple[int, bytes]:
    """Return the answer to a client that shows a certificate of this name, or none."""
    client = (root / f"{shows}.pem", root / f"{shows}.key") if shows and root else None
    with connect(port, name, context(client=client)) as connection:
        status, _, body = ask(connection, "/small.mp4", host)
        return status, body


@pytest.fixture
def clients(root: Path, authority: Issued) -> Path:
    """The folder, with certificates of clients: good, strange (of nobody), old, taken (revoked), deep (two below)."""
    (root / "authority.pem").write_bytes(authority.pem)
    issue("good", authority).write(root, "good")
    issue("strange").write(root, "strange")
    issue("old", authority, days=-1).write(root, "old")
    taken = issue("taken", authority)
    taken.write(root, "taken")
    (root / "revoked.pem").write_bytes(revoke(authority, taken))
    first = issue("first", authority, authority=True)
    second = issue("second", first, authority=True)
    issue("deep", second).write(root, "deep", second, first)
    return root


@pytest_twisted.ensureDeferred
async def test_only_clients_with_a_good_certificate_come_in(secure: Secure, clients: Path) -> None:
    """Others get 400 with nginx's words, and the log says what was wrong."""
    verify = f"ssl_verify_client on; ssl_client_certificate {clients}/authority.pem;"
    _, port = secure(verify)
    assert await away(get, port, "a", "good", clients) == (200, SMALL)
    with capturedLogs() as events:
        status, page = await away(get, port, "a")
        assert status == 400 and b"No required SSL certificate was sent" in page
        for name in ("strange", "old", "deep"):
            status, page = await away(get, port, "a", name, clients)
            assert status == 400 and b"The SSL certificate error" in page
    reasons = "\n".join(str(event.get("reason")) for event in events)
    assert "client sent no required SSL certificate" in reasons
    assert "client SSL certificate verify error: (10:certificate has expired)" in reasons


@pytest_twisted.ensureDeferred
async def test_depth_and_trust(secure: Secure, clients: Path) -> None:
    """Chains may be as long as it is said, and authorities may be trusted without being named to clients."""
    trust = f"ssl_verify_client on; ssl_trusted_certificate {clients}/authority.pem; ssl_verify_depth 3;"
    _, port = secure(trust)
    assert (await away(get, port, "a", "deep", clients))[0] == 200


@pytest_twisted.ensureDeferred
async def test_a_certificate_may_be_optional(secure: Secure, clients: Path) -> None:
    """Without one a client comes in, with a wrong one it does not, unless any authority will do."""
    _, port = secure(f"ssl_verify_client optional; ssl_client_certificate {clients}/authority.pem;")
    assert [(await away(get, port, "a", name, clients))[0] for name in ("", "good", "strange", "old")] == [
        *(200, 200, 400, 400)
    ]
    _, port = secure("ssl_verify_client optional_no_ca;")
    assert [(await away(get, port, "a", name, clients))[0] for name in ("", "good", "strange")] == [200, 200, 200]


@pytest_twisted.ensureDeferred
async def test_a_revoked_certificate_is_worth_nothing(secure: Secure, clients: Path) -> None:
    """ssl_crl takes it back."""
    verify = f"ssl_verify_client on; ssl_client_certificate {clients}/authority.pem;"
    _, port = secure(f"{verify} ssl_crl {clients}/revoked.pem;")
    assert (await away(get, port, "a", "good", clients))[0] == 200
    assert (await away(get, port, "a", "taken", clients))[0] == 400


@pytest_twisted.ensureDeferred
async def test_error_page_tells_the_kinds_of_400_apart(secure: Secure, clients: Path) -> None:
    """495 and 496 are nginx's own numbers."""
    verify = f"ssl_verify_client on; ssl_client_certificate {clients}/authority.pem;"
    _, port = secure(f"{verify} error_page 495 =403 /small.mp4; error_page 496 =402 /small.mp4;")
    assert await away(get, port, "a") == (402, SMALL)
    assert await away(get, port, "a", "strange", clients) == (403, SMALL)


@pytest_twisted.ensureDeferred
async def test_no_detour_leads_to_a_server_that_verifies(secure: Secure, clients: Path, authority: Issued) -> None:
    """Shaking hands with a server that asks for nothing and then naming the other one gets 421; all else is allowed."""
    own = issue("open", authority).write(clients, "open")
    open_server = f"server {{ listen 127.0.0.1:0 ssl; server_name open; {own} root {clients}; }}"
    verify = f"server_name a2; ssl_verify_client on; ssl_client_certificate {clients}/authority.pem;"
    _, port = secure(verify, open_server)
    assert await away(get, port, "open", host="open") == (200, SMALL)
    assert (await away(get, port, "open", host="a"))[0] == 421
    assert (await away(get, port, "open", "good", clients, host="a"))[0] == 421
    assert (await away(get, port, None, host="a"))[0] == 421
    assert (await away(get, port, "a", host="open"))[0] == 200
    assert await away(get, port, "a", "good", clients, host="a2") == (200, SMALL)


@pytest_twisted.ensureDeferred
async def test_sessions_of_verified_clients_are_not_resumed(secure: Secure, clients: Path) -> None:
    """What was found out about a certificate does not outlive its connection."""
    _, port = secure(
        "ssl_verify_client optional_no_ca; ssl_session_cache shared:S:1m; add_header X $ssl_client_verify;"
    )
    how = context(client=(clients / "strange.pem", clients / "strange.key"))

    def twice() -> tuple[bool | None, str, str]:
        with connect(port, "a", how) as first:
            head = ask(first, "/small.mp4")[1]
            session = first.session
        with connect(port, "a", how, session) as second:
            return second.session_reused, head, ask(second, "/small.mp4")[1]

    reused, *heads = await away(twice)
    assert not reused
    assert all("X: FAILED:" in head for head in heads)
