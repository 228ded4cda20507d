"""Directives of encryption are understood as nginx understands them."""

from __future__ import annotations

import pytest

from hls_mp4.config import ConfigErrors, load_from_text
from hls_mp4.web.tls.settings import TlsSettings, read_file, read_protocols, read_session_cache


def settings(text: str) -> TlsSettings:
    """Return what holds in a server."""
    config = load_from_text(f"http {{ server {{ {text} }} }}", [TlsSettings], prefix="/etc/x")
    return config.servers[0].scope[TlsSettings]


def test_what_holds_without_a_word() -> None:
    """Versions that are safe today, and nobody has to show a certificate."""
    usual = settings("")
    assert usual.protocols == {"TLSv1.2", "TLSv1.3"}
    assert (usual.verify, usual.session_cache, usual.session_tickets, usual.session_timeout) == (
        "off",
        "none",
        True,
        300_000,
    )
    assert (usual.certificates, usual.reject_handshake, usual.buffer_size) == ((), False, 16384)


def test_certificates_come_in_pairs_and_relative_to_the_file() -> None:
    """Two kinds of keys, each with its certificate."""
    found = settings(
        "ssl_certificate a.pem; ssl_certificate_key a.key; ssl_certificate /b.pem; ssl_certificate_key /b.key;"
    )
    assert found.certificates == ("/etc/x/a.pem", "/b.pem")
    assert found.keys == ("/etc/x/a.key", "/b.key")


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("ssl_certificate /c/$ssl_server_name.pem;", "variables are not supported"),
        ("ssl_certificate_key data:$key;", "variables are not supported"),
        ("ssl_certificate_key engine:pkcs11:x;", '"engine:" is not supported'),
        ("ssl_protocols SSLv3;", "broken for years"),
        ("ssl_protocols TLS1;", 'invalid value "TLS1"'),
        ("ssl_protocols;", "invalid number of arguments"),
        ("ssl_session_cache shared:x:1k;", "too small"),
        ("ssl_session_cache shared:x;", "invalid session cache"),
        ("ssl_session_cache none off;", "invalid session cache"),
        ("ssl_session_cache;", "invalid number of arguments"),
        ("ssl_conf_command Options KTLS;", '"Options" is not supported'),
        ("ssl_conf_command Groups;", "invalid number of arguments"),
        ("ssl_verify_client maybe;", "it must be one of on, off, optional, optional_no_ca"),
        ("ssl on;", "not supported"),
        ("ssl_ocsp on;", "not supported"),
    ],
)
def test_what_cannot_be_done_is_refused(text: str, reason: str) -> None:
    """With the reason; nothing that protects is passed over."""
    with pytest.raises(ConfigErrors, match=reason):
        settings(text)


def test_caches_of_sessions() -> None:
    """All of nginx's ways to write them."""
    assert [read_session_cache(words.split()) for words in ("off", "none", "builtin", "builtin:1000 shared:S:1m")] == [
        *("off", "none", "on", "on")
    ]


def test_versions_are_a_set() -> None:
    """Their order means nothing."""
    assert read_protocols(["TLSv1.3", "TLSv1"]) == {"TLSv1", "TLSv1.3"}


def test_a_file_is_one_word() -> None:
    """And stays as it is written."""
    assert read_file(["/a"]) == "/a"
    with pytest.raises(ValueError, match="number"):
        read_file([])
