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
from twisted.internet.abstract import isIPAddress, isIPv6Address
from twisted.internet.interfaces import IOpenSSLClientConnectionCreator
from twisted.internet.ssl import Certificate, CertificateOptions, optionsForClientTLS, trustRootFromCertificates
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
    if not settings.verify:
        context = CertificateOptions(verify=False).getContext()
        return lambda host: _Unverified(context, settings.name or host)
    root = trusted_certificates(settings.trusted) if settings.trusted is not None else None
    return lambda host: optionsForClientTLS(settings.name or host, trustRoot=root)


def trusted_certificates(path: str) -> Any:
    """Return the certificates in a file; raises OSError, ValueError."""
    found = _CERTIFICATE.findall(FilePath(path).read_bytes())
    if not found:
        raise ValueError(f'no certificate in "{path}"')
    return trustRootFromCertificates([Certificate.loadPEM(one) for one in found])


@implementer(IOpenSSLClientConnectionCreator)
class _Unverified:
    """Makes connections to whoever answers."""

    def __init__(self, context: SSL.Context, name: str) -> None:
        self._context = context
        self._name = name

    def clientConnectionForTLS(self, protocol: Any) -> SSL.Connection:
        """Return a connection that is about to be encrypted."""
        connection = SSL.Connection(self._context, None)
        if not isIPAddress(self._name) and not isIPv6Address(self._name):
            connection.set_tlsext_host_name(self._name.encode("idna"))
        return connection
