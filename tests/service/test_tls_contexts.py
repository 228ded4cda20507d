"""Settings of encryption become a context, or a reason why not."""

from __future__ import annotations

import ssl
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from OpenSSL import SSL

from hls_mp4.service.tls_contexts import BadSetting, choose_protocol, make_context
from hls_mp4.service.tls_files import Identity
from hls_mp4.web.tls.connection import Terms
from hls_mp4.web.tls.settings import TlsSettings
from tests.certificates import issue
from tests.secure import context as client_context

RSA_ONLY = "ECDHE-RSA-AES128-GCM-SHA256"


def identity(folder: Path, name: str = "a", kind: str = "ec") -> Identity:
    """Return a certificate in a file."""
    made = issue(name, kind=kind)
    made.write(folder, name)
    return Identity(str(folder / f"{name}.pem"), made.certificate, made.key)


def shake(context: SSL.Context, client: ssl.SSLContext) -> ssl.SSLObject:
    """Shake hands in memory; return the client's side."""
    to_client, to_server = ssl.MemoryBIO(), ssl.MemoryBIO()
    side = client.wrap_bio(to_client, to_server, server_hostname="a")
    server = SSL.Connection(context)
    server.set_app_data(SimpleNamespace(terms=Terms(context)))
    server.set_accept_state()
    for _ in range(4):
        try:
            side.do_handshake()
        except ssl.SSLWantReadError:
            pass
        if to_server.pending:
            server.bio_write(to_server.read())
        try:
            server.do_handshake()
        except SSL.WantReadError:
            pass
        finally:
            try:
                to_client.write(server.bio_read(1 << 16))
            except SSL.WantReadError:
                pass
    return side


def test_two_kinds_of_keys(tmp_path: Path) -> None:
    """A client gets the certificate that it can check."""
    both = make_context(TlsSettings(), [identity(tmp_path, "ec"), identity(tmp_path, "rsa", "rsa")])
    old = client_context(versions=(ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_2))
    old.set_ciphers(RSA_ONLY)
    assert b"rsa" in (shake(both, old).getpeercert(binary_form=True) or b"")
    old.set_ciphers(RSA_ONLY.replace("RSA", "ECDSA"))
    assert b"rsa" not in (shake(both, old).getpeercert(binary_form=True) or b"rsa")


def test_versions_may_have_a_hole(tmp_path: Path) -> None:
    """Only what is named is spoken."""
    settings = replace(TlsSettings(), protocols=frozenset(("TLSv1.1", "TLSv1.3")))
    context = make_context(settings, [identity(tmp_path)])
    assert shake(context, client_context()).version() == "TLSv1.3"
    with pytest.raises((ssl.SSLError, SSL.Error)):
        shake(context, client_context(versions=(ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_2)))


def test_the_server_may_choose_the_cipher(tmp_path: Path) -> None:
    """ssl_prefer_server_ciphers, in the order of ssl_ciphers."""
    order = ["ECDHE-ECDSA-AES256-GCM-SHA384", "ECDHE-ECDSA-AES128-GCM-SHA256"]
    for prefer, chosen in ((True, order[0]), (False, order[1])):
        settings = replace(TlsSettings(), ciphers=":".join(order), prefer_server_ciphers=prefer)
        client = client_context(versions=(ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_2))
        client.set_ciphers(":".join(reversed(order)))
        cipher = shake(make_context(settings, [identity(tmp_path)]), client).cipher()
        assert cipher is not None and cipher[0] == chosen


def test_commands_for_openssl(tmp_path: Path) -> None:
    """Ciphers of TLSv1.3, groups and signatures."""
    commands = (
        *(("Ciphersuites", "TLS_CHACHA20_POLY1305_SHA256"), ("Groups", "X25519"), ("Curves", "prime256v1")),
        ("SignatureAlgorithms", "ECDSA+SHA256"),
    )
    context = make_context(replace(TlsSettings(), conf_commands=commands), [identity(tmp_path)])
    cipher = shake(context, client_context()).cipher()
    assert cipher is not None and cipher[0] == "TLS_CHACHA20_POLY1305_SHA256"


@pytest.mark.parametrize(
    ("changes", "attribute", "reason"),
    [
        ({"ciphers": "NONSENSE"}, "ciphers", "no cipher match"),
        ({"curves": "nonsense"}, "curves", "nonsense"),
        ({"dhparam": "/nowhere"}, "dhparam", "/nowhere"),
        ({"conf_commands": (("Groups", "X25519"), ("Ciphersuites", "x"))}, "conf_commands", "no cipher match"),
        ({"verify": "on"}, "verify", 'no "ssl_client_certificate"'),
        ({"verify": "on", "client_certificate": "/nowhere"}, "client_certificate", "No such file"),
        ({"verify": "optional_no_ca", "revoked": "/nowhere"}, "revoked", "No such file"),
    ],
)
def test_what_openssl_refuses_is_told(tmp_path: Path, changes: dict[str, Any], attribute: str, reason: str) -> None:
    """With the directive, and in a line."""
    with pytest.raises(BadSetting, match=reason) as caught:
        make_context(replace(TlsSettings(), **changes), [identity(tmp_path)])
    assert caught.value.attribute == attribute
    assert caught.value.position == (1 if attribute == "conf_commands" else 0)
    assert "\n" not in str(caught.value)


def test_what_is_spoken_is_chosen_of_what_is_offered() -> None:
    """HTTP/2 before HTTP/1 where the server has it; nothing of ours ends the handshake (RFC 7301 3.2)."""

    def connection(http2: bool) -> Any:
        return SimpleNamespace(get_app_data=lambda: SimpleNamespace(terms=Terms(None, http2)))

    assert choose_protocol(connection(True), [b"http/1.1", b"h2"]) == b"h2"
    assert choose_protocol(connection(False), [b"h2", b"http/1.1"]) == b"http/1.1"
    assert choose_protocol(connection(False), [b"http/1.0"]) == b"http/1.0"
    with pytest.raises(SSL.Error):
        choose_protocol(connection(False), [b"h2"])
