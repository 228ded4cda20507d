"""nginx's $ssl_* variables, and $http2: what a request may know of its encrypted connection.

They have no value on a plain connection. `$ssl_ciphers`, `$ssl_curves`, `$ssl_early_data` and `$ssl_session_id` have
none here: OpenSSL's binding does not tell what a client offered, early data is not taken, and sessions are numbered by
clients themselves since TLS 1.3.
"""

from __future__ import annotations

import datetime
from collections.abc import Callable
from typing import TYPE_CHECKING
from urllib.parse import quote

from cryptography import x509
from cryptography.hazmat.primitives.hashes import SHA1
from cryptography.hazmat.primitives.serialization import Encoding

from hls_mp4.web.tls.client import distinguished_name
from hls_mp4.web.tls.connection import TlsConnection
from hls_mp4.web.tls.openssl import session_reused

if TYPE_CHECKING:
    from hls_mp4.web.request import StreamingRequest

Compute = Callable[["StreamingRequest"], str | None]

_SECONDS_OF_A_DAY = 86400


def _of_connection(tell: Callable[[TlsConnection], str | None]) -> Compute:
    """Return a variable that is told by the connection, when it is encrypted."""

    def compute(request: StreamingRequest) -> str | None:
        connection = request.tls
        return None if connection is None else tell(connection) or None

    return compute


def _of_certificate(tell: Callable[[x509.Certificate], str]) -> Compute:
    """Return a variable that is told by the client's certificate, when it showed one."""

    def of_connection(connection: TlsConnection) -> str | None:
        certificate = connection.client.certificate
        # A header or a log line is one character per byte.
        return None if certificate is None else tell(certificate).encode().decode("latin-1")

    return _of_connection(of_connection)


def _pem(certificate: x509.Certificate) -> str:
    return certificate.public_bytes(Encoding.PEM).decode("ascii").rstrip("\n")


def _serial(certificate: x509.Certificate) -> str:
    digits = f"{certificate.serial_number:X}"
    return digits if len(digits) % 2 == 0 else f"0{digits}"


def _date(moment: datetime.datetime) -> str:
    """Return a date as OpenSSL prints it."""
    return f"{moment:%b} {moment.day:2d} {moment:%H:%M:%S %Y} GMT"


def _days_left(request: StreamingRequest) -> str | None:
    certificate = request.tls.client.certificate if request.tls is not None else None
    if certificate is None:
        return None
    left = certificate.not_valid_after_utc.timestamp() - request.started
    return str(max(0, int(left // _SECONDS_OF_A_DAY)))


def _verdict(request: StreamingRequest) -> str | None:
    return None if request.tls is None else request.tls.client.verdict


def _http2(request: StreamingRequest) -> str | None:
    return "h2" if request.clientproto == b"HTTP/2.0" else ""


VARIABLES: dict[str, Compute] = {
    "http2": _http2,
    "ssl_cipher": _of_connection(lambda connection: connection.openssl.get_cipher_name()),
    "ssl_curve": _of_connection(lambda connection: connection.openssl.get_group_name()),
    "ssl_protocol": _of_connection(lambda connection: connection.openssl.get_protocol_version_name()),
    "ssl_server_name": _of_connection(lambda connection: connection.server_name),
    "ssl_session_reused": _of_connection(lambda connection: "r" if session_reused(connection.openssl) else "."),
    "ssl_client_verify": _verdict,
    "ssl_client_s_dn": _of_certificate(lambda certificate: distinguished_name(certificate.subject)),
    "ssl_client_i_dn": _of_certificate(lambda certificate: distinguished_name(certificate.issuer)),
    "ssl_client_serial": _of_certificate(_serial),
    "ssl_client_fingerprint": _of_certificate(lambda certificate: certificate.fingerprint(SHA1()).hex()),
    "ssl_client_v_start": _of_certificate(lambda certificate: _date(certificate.not_valid_before_utc)),
    "ssl_client_v_end": _of_certificate(lambda certificate: _date(certificate.not_valid_after_utc)),
    "ssl_client_v_remain": _days_left,
    "ssl_client_raw_cert": _of_certificate(_pem),
    "ssl_client_cert": _of_certificate(lambda certificate: _pem(certificate).replace("\n", "\n\t")),
    "ssl_client_escaped_cert": _of_certificate(lambda certificate: quote(_pem(certificate), safe="")),
}
"""Variable -> its value for a request."""
