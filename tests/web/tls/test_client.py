"""What is said of a client's certificate."""

from __future__ import annotations

import pytest
from cryptography import x509

from hls_mp4.web.tls.client import ClientCertificate, distinguished_name, keep_verdict
from tests.certificates import issue


class Connection:
    """A connection whose owner is a client."""

    def __init__(self) -> None:
        self.client = ClientCertificate()

    def get_app_data(self) -> Connection:
        return self


@pytest.mark.parametrize(
    ("error", "verify", "acceptable", "verdict"),
    [
        (0, "on", True, "SUCCESS"),
        (10, "optional_no_ca", False, "FAILED:certificate has expired"),
        (18, "optional", False, "FAILED:self-signed certificate"),
        (18, "optional_no_ca", True, "FAILED:self-signed certificate"),
        (20, "optional_no_ca", True, "FAILED:unable to get local issuer certificate"),
        (77, "on", False, "FAILED:error 77"),
    ],
)
def test_verdicts(error: int, verify: str, acceptable: bool, verdict: str) -> None:
    """nginx's words; an unknown authority matters only where one is asked for."""
    connection = Connection()
    assert keep_verdict(connection, None, error, 0, not error)
    connection.client.shown(issue("c").certificate)
    assert connection.client.acceptable(verify) is acceptable
    assert connection.client.verdict == verdict


def test_no_certificate_is_no_failure() -> None:
    """It is for the server to mind."""
    nobody = ClientCertificate()
    assert (nobody.verdict, nobody.acceptable("on"), nobody.reason) == ("NONE", True, "")


def test_the_first_thing_that_is_wrong_is_told() -> None:
    """What follows from it is not."""
    client = ClientCertificate()
    client.judged(10, 1)
    client.judged(21, 0)
    assert (client.error, client.depth) == (10, 1)


def test_names_are_written_as_nginx_writes_them() -> None:
    """The most specific part first, with the short names of OpenSSL."""
    oid = x509.NameOID
    parts = (
        (oid.COUNTRY_NAME, "DE"),
        (oid.ORGANIZATION_NAME, "A, B"),
        (oid.COMMON_NAME, "c"),
        (oid.EMAIL_ADDRESS, "a@b"),
    )
    name = x509.Name([x509.NameAttribute(*part) for part in parts])
    assert distinguished_name(name) == "emailAddress=a@b,CN=c,O=A\\, B,C=DE"
