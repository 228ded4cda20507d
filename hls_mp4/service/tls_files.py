"""Files of certificates, keys and passwords: read once, before root is given up, and told what is wrong with them.

PEM (RFC 7468) only, as nginx. A certificate that has expired is worth a warning, for clients refuse it and nobody else
notices; so is a key that everybody on the machine may read.
"""

from __future__ import annotations

import datetime
import stat
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat, load_pem_private_key

LONGEST = 1 << 20
"""Bytes of a file that is read; chains have some kilobytes."""


class BadFile(ValueError):
    """A file is not what it should be; the message names it and the reason."""


@dataclass(frozen=True, slots=True)
class Identity:
    """A certificate and its key.

    Args:
        path: of the certificate's file.
        certificate: the server's own, the first in the file.
        key: of the certificate.
    """

    path: str
    certificate: x509.Certificate
    key: Any


def read(path: str, what: str) -> bytes:
    """Return what a file holds; raises BadFile.

    Args:
        path: of the file.
        what: it is, for the message.
    """
    try:
        with Path(path).open("rb") as file:
            data = file.read(LONGEST + 1)
    except OSError as failed:
        raise BadFile(f'cannot load {what} "{path}" ({failed.errno}: {failed.strerror})') from None
    if len(data) > LONGEST:
        raise BadFile(f'cannot load {what} "{path}": it is larger than {LONGEST} bytes')
    return data


def read_certificates(path: str, what: str = "certificate") -> list[x509.Certificate]:
    """Return the certificates in a file, in its order; raises BadFile when there is none."""
    try:
        return x509.load_pem_x509_certificates(read(path, what))
    except BadFile:
        raise
    except ValueError as wrong:
        raise BadFile(f'cannot load {what} "{path}": {_first_line(wrong)}') from None


def read_revoked(path: str) -> list[x509.CertificateRevocationList]:
    """Return the lists of revoked certificates in a file; raises BadFile when there is none."""
    data = read(path, "revoked certificates")
    begin, end = b"-----BEGIN X509 CRL-----", b"-----END X509 CRL-----"
    pieces = [begin + piece.partition(end)[0] + end for piece in data.split(begin)[1:]]
    try:
        lists = [x509.load_pem_x509_crl(piece) for piece in pieces]
    except ValueError as wrong:
        raise BadFile(f'cannot load revoked certificates "{path}": {_first_line(wrong)}') from None
    if not lists:
        raise BadFile(f'cannot load revoked certificates "{path}": no list in PEM form')
    return lists


def read_passwords(path: str) -> list[bytes]:
    """Return the passwords in a file, one in a line; raises BadFile."""
    return [line for line in read(path, "passwords").splitlines() if line]


def read_key(path: str, passwords: list[bytes]) -> Any:
    """Return the private key in a file.

    Args:
        path: of the file.
        passwords: tried one after the other when the key is encrypted.

    Raises:
        BadFile: there is none, or no password opens it.
    """
    data = read(path, "certificate key")
    try:
        return load_pem_private_key(data, None)
    except TypeError:  # what cryptography raises for an encrypted key without a password
        for password in passwords:
            try:
                return load_pem_private_key(data, password)
            except ValueError:
                continue
        reason = "no password in ssl_password_file opens it" if passwords else "it is encrypted, see ssl_password_file"
        raise BadFile(f'cannot load certificate key "{path}": {reason}') from None
    except (ValueError, UnsupportedAlgorithm) as wrong:
        raise BadFile(f'cannot load certificate key "{path}": {_first_line(wrong)}') from None


def match(certificate: x509.Certificate, key: Any) -> bool:
    """Tell whether a key is that of a certificate."""
    form = (Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    mine: bytes = key.public_key().public_bytes(*form)
    return certificate.public_key().public_bytes(*form) == mine


def doubts_of_certificate(path: str, certificate: x509.Certificate, now: datetime.datetime) -> list[str]:
    """Return what a person should know of a certificate that is served all the same."""
    if certificate.not_valid_after_utc < now:
        return [f'certificate "{path}" has expired on {certificate.not_valid_after_utc:%Y-%m-%d}']
    if certificate.not_valid_before_utc > now:
        return [f'certificate "{path}" is not valid before {certificate.not_valid_before_utc:%Y-%m-%d}']
    return []


def doubts_of_key(path: str) -> list[str]:
    """Return what a person should know of the file of a key."""
    try:
        mode = Path(path).stat().st_mode
    except OSError:
        return []
    return [f'certificate key "{path}" may be read by everybody on this machine'] if mode & stat.S_IROTH else []


def _first_line(wrong: Exception) -> str:
    """Return what a library complains of, in a line."""
    return (str(wrong).splitlines() or ["it cannot be read"])[0].rstrip(".")
