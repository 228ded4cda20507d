"""Files of certificates and keys, and what people are told of them."""

from __future__ import annotations

import datetime
from pathlib import Path

import pytest

from hls_mp4.service.tls_files import (
    LONGEST,
    BadFile,
    doubts_of_certificate,
    doubts_of_key,
    match,
    read_certificates,
    read_key,
    read_passwords,
    read_revoked,
)
from tests.certificates import DAY, issue, revoke

AUTHORITY = issue("authority", authority=True)
OWN = issue("a", AUTHORITY)


def test_a_chain_is_read_in_its_order(tmp_path: Path) -> None:
    """The server's own certificate comes first."""
    OWN.write(tmp_path, "a", AUTHORITY)
    assert read_certificates(str(tmp_path / "a.pem")) == [OWN.certificate, AUTHORITY.certificate]


@pytest.mark.parametrize("kind", ["ec", "rsa"])
def test_a_key_is_that_of_its_certificate(tmp_path: Path, kind: str) -> None:
    """And no other is."""
    mine = issue("b", kind=kind)
    mine.write(tmp_path, "b")
    key = read_key(str(tmp_path / "b.key"), [])
    assert match(mine.certificate, key)
    assert not match(OWN.certificate, key)


def test_a_locked_key_is_opened_with_the_password_that_fits(tmp_path: Path) -> None:
    """One of several, a line each."""
    (tmp_path / "passwords").write_bytes(b"wrong\n\nright\n")
    OWN.write(tmp_path, "a", password=b"right")
    passwords = read_passwords(str(tmp_path / "passwords"))
    assert passwords == [b"wrong", b"right"]
    assert match(OWN.certificate, read_key(str(tmp_path / "a.key"), passwords))
    with pytest.raises(BadFile, match="no password in ssl_password_file opens it"):
        read_key(str(tmp_path / "a.key"), [b"wrong"])
    with pytest.raises(BadFile, match="it is encrypted, see ssl_password_file"):
        read_key(str(tmp_path / "a.key"), [])


def test_files_that_are_something_else_are_refused(tmp_path: Path) -> None:
    """With their name, and the reason in a line."""
    junk = tmp_path / "junk"
    junk.write_bytes(b"-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n")
    empty = tmp_path / "empty"
    empty.write_bytes(b"")
    large = tmp_path / "large"
    large.write_bytes(bytes(LONGEST + 1))
    for path in (junk, empty, large, tmp_path / "missing", tmp_path):
        for reads in (read_certificates, read_revoked, lambda name: read_key(name, [b"x"])):
            with pytest.raises(BadFile, match=str(path)) as caught:
                reads(str(path))
            assert "\n" not in str(caught.value)


def test_revoked_certificates_may_be_of_several_authorities(tmp_path: Path) -> None:
    """One list behind the other in a file."""
    other = issue("other", authority=True)
    (tmp_path / "crl").write_bytes(b"a comment\n" + revoke(AUTHORITY, OWN) + revoke(other))
    first, second = read_revoked(str(tmp_path / "crl"))
    assert (first.issuer, second.issuer) == (AUTHORITY.certificate.subject, other.certificate.subject)
    (tmp_path / "crl").write_bytes(b"-----BEGIN X509 CRL-----\nAAAA\n")
    with pytest.raises(BadFile):
        read_revoked(str(tmp_path / "crl"))


def test_certificates_out_of_their_time_are_doubtful() -> None:
    """Clients refuse them, and nobody else would notice."""
    now = datetime.datetime.now(datetime.UTC)
    assert doubts_of_certificate("a.pem", OWN.certificate, now) == []
    (expired,) = doubts_of_certificate("a.pem", OWN.certificate, now + 30 * DAY)
    assert 'certificate "a.pem" has expired on 20' in expired
    (early,) = doubts_of_certificate("a.pem", OWN.certificate, now - 300 * DAY)
    assert 'certificate "a.pem" is not valid before 20' in early


def test_a_key_that_all_may_read_is_doubtful(tmp_path: Path) -> None:
    """The start goes on, a line says so."""
    OWN.write(tmp_path, "a")
    assert doubts_of_key(str(tmp_path / "a.key")) == []
    (tmp_path / "a.key").chmod(0o644)
    (doubt,) = doubts_of_key(str(tmp_path / "a.key"))
    assert "may be read by everybody" in doubt
    assert doubts_of_key(str(tmp_path / "missing")) == []
