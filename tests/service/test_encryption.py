"""Which addresses are encrypted, and what of it is wrong: each mistake with the line it is in."""

from __future__ import annotations

import datetime
from pathlib import Path

import pytest

from hls_mp4.config import ConfigErrors, load_from_text
from hls_mp4.service.encryption import Encryption
from hls_mp4.service.settings_classes import settings_classes
from hls_mp4.web.tls.connection import Terms
from tests.certificates import DAY, issue

CLASSES = settings_classes()


def encryption(text: str, folder: Path, now: datetime.datetime | None = None) -> tuple[Encryption, list[Terms | None]]:
    """Return what a configuration encrypts, and what its servers agree to at their first addresses."""
    config = load_from_text(f"http {{\n{text}\n}}", CLASSES, prefix=str(folder), name="x.conf")
    made = Encryption(config, now)
    return made, [made.terms(server, server.listens) for server in config.servers]


def mistakes(text: str, folder: Path) -> list[str]:
    """Return what is wrong."""
    with pytest.raises(ConfigErrors) as caught:
        encryption(text, folder)
    return [str(problem) for problem in caught.value.problems]


@pytest.fixture
def files(tmp_path: Path) -> Path:
    """A folder with a.pem, b.pem and their keys."""
    issue("a").write(tmp_path, "a")
    issue("b").write(tmp_path, "b")
    return tmp_path


A = "ssl_certificate a.pem; ssl_certificate_key a.key;"


def test_an_address_is_encrypted_when_one_of_its_servers_says_so(files: Path) -> None:
    """As in nginx; a server without a certificate has the default one's."""
    made, (first, second, plain) = encryption(
        f"server {{ listen 443 ssl; {A} }} server {{ listen 443; }} server {{ listen 80; }}", files
    )
    assert made.addresses == {"0.0.0.0:443"}
    assert first is not None and first.context is not None
    assert second is None and plain is None


def test_what_stands_in_http_holds_for_all_servers(files: Path) -> None:
    """One context for all that say the same."""
    _, (first, second) = encryption(
        f"{A} ssl_buffer_size 4k; server {{ listen 443 ssl; }} server {{ listen 443 ssl; http2 on; }}", files
    )
    assert first is not None and second is not None
    assert first.context is second.context
    assert (first.record, first.http2, second.http2) == (4096, False, True)


def test_certificates_that_nobody_shows_are_not_read(files: Path) -> None:
    """A server without encryption may inherit what is not there."""
    encryption("ssl_certificate no.pem; ssl_certificate_key no.key; server { listen 80; }", files)


def test_every_mistake_is_told_with_its_line(files: Path) -> None:
    """All of them at once."""
    (files / "junk.pem").write_text("junk")
    text = f"""server {{
        listen 443 ssl;
        ssl_certificate missing.pem; ssl_certificate_key a.key;
        ssl_certificate a.pem;
        ssl_certificate_key b.key;
    }}
    server {{ listen 444 ssl; {A} ssl_ciphers NONSENSE; }}
    server {{ listen 445 ssl; ssl_certificate a.pem; }}
    server {{ listen 446 ssl; ssl_certificate junk.pem; ssl_certificate_key a.key; }}
    server {{ listen 447 ssl; {A} ssl_password_file none; }}"""
    found = mistakes(text, files)
    assert [line.partition(": ")[0] for line in found] == [f"x.conf:{line}" for line in (4, 6, 8, 9, 10, 11)]
    assert f'cannot load certificate "{files}/missing.pem" (2: No such file or directory)' in found[0]
    assert f'key "{files}/b.key" is not that of certificate "{files}/a.pem"' in found[1]
    assert "NONSENSE" in found[2]
    assert 'no "ssl_certificate_key" is defined' in found[3]
    assert "junk.pem" in found[4]
    assert "passwords" in found[5]


def test_the_default_server_needs_a_certificate(files: Path) -> None:
    """Unless it rejects handshakes; then all beside it need one, or reject them too."""
    (missing,) = mistakes(f"server {{ listen 443 ssl; }} server {{ listen 443 ssl; {A} }}", files)
    assert missing == 'x.conf:2: no "ssl_certificate" is defined for the "listen ... ssl" directive of 0.0.0.0:443'
    rejecting = "server { listen 443 ssl default_server; ssl_reject_handshake on; }"
    _, (_, rejects) = encryption(f"server {{ listen 443 ssl; {A} }} {rejecting}", files)
    assert rejects is not None and rejects.context is None
    (missing,) = mistakes(f"server {{ listen 443 ssl; }} {rejecting}", files)
    assert 'no "ssl_certificate" is defined' in missing


def test_what_is_doubtful_is_a_warning(files: Path) -> None:
    """An expired certificate is served, and a key that all may read is used."""
    (files / "a.key").chmod(0o644)
    made, _ = encryption(f"server {{ listen 443 ssl; {A} }}", files, datetime.datetime.now(datetime.UTC) + 20 * DAY)
    expired, readable = map(str, made.warnings)
    assert expired.startswith("x.conf:2: certificate ") and "has expired on" in expired
    assert readable.startswith("x.conf:2: certificate key ") and "may be read by everybody" in readable
