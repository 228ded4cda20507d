"""proxy_ssl_verify and its kin: whether the certificate of a backend that is asked over https has to be right.

nginx does not look at it unless it is told to, and neither is it looked at here. The name of the backend is always
sent (SNI, RFC 6066 3): one that needs none does not mind it.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path as FilePath
from typing import Any

from OpenSSL import SSL
from service_identity.hazmat import DNS_ID, IPAddress_ID, verify_service_identity
from service_identity.pyopenssl import extract_patterns
from twisted.internet.abstract import isIPAddress, isIPv6Address
from twisted.internet.interfaces import IOpenSSLClientConnectionCreator
from twisted.internet.ssl import Certificate, CertificateOptions, platformTrust, trustRootFromCertificates
from zope.interface import implementer

from hls_mp4.directives import ANYWHERE, Flag, Path, Text, directive

_CERTIFICATE = re.compile(rb"-----BEGIN CERTIFICATE-----.+?-----END CERTIFICATE-----", re.DOTALL)


@dataclass(frozen=True, slots=True, kw_only=True)
class ProxyTlsSettings:
    """Backends that are asked over https."""

    verify: bool = directive(
        "proxy_ssl_verify",
        ANYWHERE,
        Flag(),
        default="off",
        doc="Whether the certificate of a backend has to be right: of its name, and of somebody who is trusted.",
    )
    trusted: str | None = directive(
        "proxy_ssl_trusted_certificate",
        ANYWHERE,
        Path(),
        default=None,
        doc="Certificates, in PEM, of who is trusted by proxy_ssl_verify; those that the machine trusts without it.",
        differs="proxy_ssl_verify needs none",
    )
    name: str | None = directive(
        "proxy_ssl_name",
        ANYWHERE,
        Text("name"),
        default=None,
        doc="The name that a backend's certificate has to have, when it is not that of proxy_pass.",
    )


def connection_maker(settings: ProxyTlsSettings) -> Callable[[str], Any]:
    """Return what makes, for the name of a backend, the options of a connection to it.

    Args:
        settings: of the location.

    Raises:
        OSError: the trusted certificates cannot be read.
        ValueError: there are none in the file.
    """
    if settings.verify:
        root = trusted_certificates(settings.trusted) if settings.trusted is not None else platformTrust()
        context = CertificateOptions(trustRoot=root).getContext()
    else:
        context = CertificateOptions().getContext()
    return lambda host: _Options(context, settings.name or host, verify=settings.verify)


def trusted_certificates(path: str) -> Any:
    """Return the certificates in a file; raises OSError, ValueError."""
    found = _CERTIFICATE.findall(FilePath(path).read_bytes())
    if not found:
        raise ValueError(f'no certificate in "{path}"')
    return trustRootFromCertificates([Certificate.loadPEM(one) for one in found])


@implementer(IOpenSSLClientConnectionCreator)
class _Options:
    """Makes connections to a name.

    Twisted's own verification lets a trusted certificate pass that has no name at all; this one does not.
    """

    def __init__(self, context: SSL.Context, name: str, *, verify: bool) -> None:
        self._context = context
        self._verify = verify
        self._address = isIPAddress(name) or isIPv6Address(name)
        self._name = name

    def clientConnectionForTLS(self, protocol: Any) -> SSL.Connection:
        """Return a connection that is about to be encrypted."""
        connection = SSL.Connection(self._context, None)
        if not self._address:
            connection.set_tlsext_host_name(self._name.encode("ascii"))
        if self._verify:
            connection.set_verify(SSL.VERIFY_PEER | SSL.VERIFY_FAIL_IF_NO_PEER_CERT, self._is_right)
        return connection

    def _is_right(self, _connection: Any, shown: Any, _error: int, depth: int, trusted: int) -> bool:
        """Tell whether a certificate of the chain is trusted, and the last one of the right name."""
        if not trusted or depth:
            return bool(trusted)
        try:
            wanted = IPAddress_ID(self._name) if self._address else DNS_ID(self._name)
            verify_service_identity(extract_patterns(shown), [wanted], [])
        except Exception:  # whatever is wrong with it: it proves nothing
            return False
        return True
