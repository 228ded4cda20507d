"""Certificates for tests, made when they are needed, and the files that a server reads them from."""

from __future__ import annotations

import datetime
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    NoEncryption,
    PrivateFormat,
)

DAY = datetime.timedelta(days=1)


@dataclass(frozen=True)
class Issued:
    """A certificate and its key."""

    certificate: x509.Certificate
    key: Any

    @property
    def pem(self) -> bytes:
        """The certificate as it stands in a file."""
        return self.certificate.public_bytes(Encoding.PEM)

    def key_pem(self, password: bytes = b"") -> bytes:
        """Return the key as it stands in a file."""
        how = BestAvailableEncryption(password) if password else NoEncryption()
        pem: bytes = self.key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, how)
        return pem

    def write(self, folder: Path, name: str, *above: Issued, password: bytes = b"") -> str:
        """Write NAME.pem, with certificates above it, and NAME.key; return the directives that name them."""
        (folder / f"{name}.pem").write_bytes(b"".join(each.pem for each in (self, *above)))
        key = folder / f"{name}.key"
        key.write_bytes(self.key_pem(password))
        key.chmod(0o600)
        return f"ssl_certificate {folder}/{name}.pem; ssl_certificate_key {key};"


def issue(
    name: str, issuer: Issued | None = None, *, authority: bool = False, days: int = 10, kind: str = "ec"
) -> Issued:
    """Return a certificate for a name.

    Args:
        name: common name, and the host it is for.
        issuer: who signs it; it signs itself without one.
        authority: whether it may sign others.
        days: that it is valid for; negative when it has expired.
        kind: of key, "ec" or "rsa".
    """
    key: Any = ec.generate_private_key(ec.SECP256R1()) if kind == "ec" else rsa.generate_private_key(65537, 2048)
    subject = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, name)])
    host = name if name.isascii() else "xn--x"
    now = datetime.datetime.now(datetime.UTC)
    builder = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer.certificate.subject if issuer else subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - 100 * DAY)
        .not_valid_after(now + days * DAY)
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(host)]), critical=False)
        .add_extension(x509.BasicConstraints(ca=authority, path_length=None), critical=True)
    )
    return Issued(builder.sign(issuer.key if issuer else key, hashes.SHA256()), key)


def revoke(issuer: Issued, *revoked: Issued) -> bytes:
    """Return an authority's list of certificates that it takes back."""
    now = datetime.datetime.now(datetime.UTC)
    builder = (
        x509.CertificateRevocationListBuilder()
        .issuer_name(issuer.certificate.subject)
        .last_update(now - DAY)
        .next_update(now + DAY)
    )
    for each in revoked:
        number = each.certificate.serial_number
        entry = x509.RevokedCertificateBuilder().serial_number(number).revocation_date(now - DAY).build()
        builder = builder.add_revoked_certificate(entry)
    return builder.sign(issuer.key, hashes.SHA256()).public_bytes(Encoding.PEM)
