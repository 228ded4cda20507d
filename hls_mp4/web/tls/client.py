"""The certificate that a client showed, and whether it is a good one: nginx's ssl_verify_client.

While hands are shaken every certificate is let pass, as in nginx, and what is wrong with it is kept: the client then
gets a page that says so instead of a broken connection.
"""

from __future__ import annotations

from typing import Any

from cryptography import x509
from cryptography.x509.oid import NameOID

_REASONS = {
    3: "unable to get certificate CRL",
    9: "certificate is not yet valid",
    10: "certificate has expired",
    12: "CRL has expired",
    18: "self-signed certificate",
    19: "self-signed certificate in certificate chain",
    20: "unable to get local issuer certificate",
    21: "unable to verify the first certificate",
    22: "certificate chain too long",
    23: "certificate revoked",
    24: "invalid CA certificate",
    26: "unsuitable certificate purpose",
    66: "EE certificate key too weak",
    79: "invalid CA certificate",
}
"""X509_verify_cert_error_string(3) of what happens."""

_OF_UNKNOWN_AUTHORITY = frozenset((18, 19, 20, 21))
"""What `optional_no_ca` does not mind."""

_ATTRIBUTES = {
    NameOID.EMAIL_ADDRESS: "emailAddress",
    NameOID.SERIAL_NUMBER: "serialNumber",
    NameOID.SURNAME: "SN",
    NameOID.GIVEN_NAME: "GN",
    NameOID.TITLE: "title",
}


class ClientCertificate:
    """What is known of a client's certificate on one connection."""

    __slots__ = ("_certificate", "depth", "error")

    def __init__(self) -> None:
        self.error = 0
        self.depth = 0
        self._certificate: x509.Certificate | None = None

    @property
    def certificate(self) -> x509.Certificate | None:
        """The client's own, None when it showed none."""
        return self._certificate

    @property
    def reason(self) -> str:
        """What is wrong with it or with those above it; empty when nothing is."""
        return _REASONS.get(self.error, f"error {self.error}") if self.error else ""

    def judged(self, error: int, depth: int) -> None:
        """Keep what OpenSSL found first to be wrong."""
        if not self.error:
            self.error, self.depth = error, depth

    def shown(self, certificate: x509.Certificate | None) -> None:
        """Keep the certificate, when hands are shaken."""
        self._certificate = certificate

    def acceptable(self, verify: str) -> bool:
        """Tell whether nothing is wrong that a value of `ssl_verify_client` minds; no certificate is acceptable."""
        return not self.error or (verify == "optional_no_ca" and self.error in _OF_UNKNOWN_AUTHORITY)

    @property
    def verdict(self) -> str:
        """nginx's $ssl_client_verify."""
        if self._certificate is None:
            return "NONE"
        return f"FAILED:{self.reason}" if self.error else "SUCCESS"


def keep_verdict(connection: Any, _certificate: Any, error: int, depth: int, ok: int) -> bool:
    """Take note of what OpenSSL says of one certificate of a chain, and let it pass; a callback of set_verify."""
    owner = connection.get_app_data()
    if not ok and owner is not None:
        owner.client.judged(error, depth)
    return True


def distinguished_name(name: x509.Name) -> str:
    """Return a name as nginx's variables write it (RFC 2253: the most specific part first)."""
    return name.rfc4514_string(_ATTRIBUTES)
