"""Backends over https: looked at closely, or not at all."""

from __future__ import annotations

import datetime
from dataclasses import replace
from ipaddress import ip_address
from pathlib import Path
from typing import Any

import pytest
import pytest_twisted
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from twisted.internet.ssl import PrivateCertificate

from hls_mp4.web.proxying.asking import BackendFailed, Backends, Patience, Reply
from hls_mp4.web.proxying.backend import parse_backend
from hls_mp4.web.proxying.tls import ProxyTlsSettings, connection_maker, trusted_certificates
from tests.web.proxying.backends import Backend


def authority(*names: x509.GeneralName) -> tuple[Any, bytes]:
    """Return TLS options of a server with these names, and the certificate that a client has to trust, in PEM."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "localhost")])
    now = datetime.datetime.now(datetime.UTC)
    day = datetime.timedelta(days=1)
    made = x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key())
    made = made.serial_number(x509.random_serial_number()).not_valid_before(now - day).not_valid_after(now + day)
    if names:
        made = made.add_extension(x509.SubjectAlternativeName(names), critical=False)
    signed = made.sign(key, hashes.SHA256()).public_bytes(serialization.Encoding.PEM)
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    return PrivateCertificate.loadPEM(signed + private).options(), signed


async def ask(settings: ProxyTlsSettings, port: int, host: str = "127.0.0.1", seconds: float = 20) -> Reply:
    """Ask a backend of this machine over https."""
    from twisted.internet import reactor

    backends = Backends(reactor, connection_maker(settings))
    try:
        url = parse_backend(f"https://{host}:{port}/")
        return await backends.ask(url, "GET", "/", [("Host", "h")], Patience(seconds, seconds))
    finally:
        await backends.close()


@pytest_twisted.ensureDeferred
async def test_certificates(backend: Backend, tmp_path: Path) -> None:
    """Any is good enough unless proxy_ssl_verify is on; then it has to be trusted, and of the right name."""
    options, signed = authority(x509.DNSName("localhost"), x509.IPAddress(ip_address("127.0.0.1")))
    pem = tmp_path / "ca.pem"
    pem.write_bytes(b"# remarks\n" + signed)
    port = backend.listen_tls(options)
    trusting = ProxyTlsSettings(verify=True, trusted=str(pem))
    assert (await ask(ProxyTlsSettings(), port)).status == 200
    for host in ("127.0.0.1", "localhost"):
        assert (await ask(trusting, port, host)).status == 200
    assert (await ask(replace(trusting, name="localhost"), port)).status == 200
    for wrong in (ProxyTlsSettings(verify=True), replace(trusting, name="other.example")):
        with pytest.raises(BackendFailed, match=r"SSL_do_handshake\(\) failed \(certificate verify failed\)"):
            await ask(wrong, port)


@pytest_twisted.ensureDeferred
async def test_a_certificate_without_a_name(backend: Backend, tmp_path: Path) -> None:
    """A trusted certificate that says nothing of whose it is proves nothing."""
    options, signed = authority()
    (tmp_path / "ca.pem").write_bytes(signed)
    port = backend.listen_tls(options)
    with pytest.raises(BackendFailed, match="certificate verify failed"):
        await ask(ProxyTlsSettings(verify=True, trusted=str(tmp_path / "ca.pem")), port)


@pytest_twisted.ensureDeferred
async def test_a_plain_backend_asked_over_https(backend: Backend) -> None:
    """Who does not speak TLS is not waited for longer than for anybody else."""
    with pytest.raises(BackendFailed, match="upstream"):
        await ask(ProxyTlsSettings(), backend.listen(), seconds=0.05)


def test_files_of_certificates(tmp_path: Path) -> None:
    """A file without one is a mistake, and so is one that is not there."""
    (tmp_path / "empty.pem").write_text("nothing")
    with pytest.raises(ValueError, match="no certificate"):
        trusted_certificates(str(tmp_path / "empty.pem"))
    with pytest.raises(FileNotFoundError):
        connection_maker(ProxyTlsSettings(verify=True, trusted=str(tmp_path / "none.pem")))
