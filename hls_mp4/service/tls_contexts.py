"""A server's TLS settings to the context that OpenSSL shakes hands with.

Compression, renegotiation and early data are off. A server that verifies its clients resumes no sessions: what was
found out about a client's certificate does not outlive the connection, and one that was revoked or meant for another
server is never taken up again.

nginx's ssl_session_cache has sizes and names; OpenSSL's cache is the context's own and holds 20,480 sessions.
"""

from __future__ import annotations

import hashlib
from typing import Any

from cryptography.hazmat.primitives.serialization import Encoding
from OpenSSL import SSL
from OpenSSL.crypto import X509StoreFlags

from hls_mp4.service.tls_files import BadFile, Identity, read_certificates, read_revoked
from hls_mp4.web.tls.client import keep_verdict
from hls_mp4.web.tls.openssl import set_groups, set_signature_algorithms
from hls_mp4.web.tls.settings import VERSIONS, TlsSettings

_NUMBERS = dict(
    zip(VERSIONS, (SSL.TLS1_VERSION, SSL.TLS1_1_VERSION, SSL.TLS1_2_VERSION, SSL.TLS1_3_VERSION), strict=True)
)
_EXCLUSIONS = dict(
    zip(VERSIONS, (SSL.OP_NO_TLSv1, SSL.OP_NO_TLSv1_1, SSL.OP_NO_TLSv1_2, SSL.OP_NO_TLSv1_3), strict=True)
)
_PARTIAL_WRITE = 1  # SSL_MODE_ENABLE_PARTIAL_WRITE: one record in each call; memory takes all of them
_HTTP1 = (b"http/1.1", b"http/1.0")


class BadSetting(ValueError):
    """OpenSSL does not take a setting.

    Args:
        attribute: the field of TlsSettings.
        reason: why.
        position: which of several directives.
    """

    def __init__(self, attribute: str, reason: str, position: int = 0) -> None:
        super().__init__(reason)
        self.attribute = attribute
        self.position = position


def make_context(settings: TlsSettings, identities: list[Identity]) -> SSL.Context:
    """Return a context for the connections of a server.

    Args:
        settings: the server's.
        identities: its certificates, which were checked.

    Raises:
        BadSetting: OpenSSL refuses something.
    """
    context = SSL.Context(SSL.TLS_SERVER_METHOD)
    context.set_mode(SSL.MODE_RELEASE_BUFFERS)
    context.clear_mode(_PARTIAL_WRITE)
    context.set_options(SSL.OP_NO_COMPRESSION | SSL.OP_NO_RENEGOTIATION)
    for identity in identities:
        # The chain belongs to its certificate when OpenSSL reads it; given as objects all certificates share one.
        _must("certificates", context.use_certificate_chain_file, identity.path)
        _must("keys", context.use_privatekey, identity.key)
    _set_versions(context, settings)
    _set_ciphers(context, settings)
    _set_sessions(context, settings, identities)
    if settings.verify != "off":
        _set_verification(context, settings)
    context.set_alpn_select_callback(choose_protocol)
    return context


def choose_protocol(connection: Any, offered: list[bytes]) -> bytes:
    """Return what is spoken of what a client offers (RFC 7301); the callback of ALPN.

    Raises:
        SSL.Error: nothing of it is ours, which ends the handshake.
    """
    owner = connection.get_app_data()
    if owner.terms.http2 and b"h2" in offered:
        return b"h2"
    for name in _HTTP1:
        if name in offered:
            return name
    raise SSL.Error([("SSL routines", "", "no application protocol")])


def _set_versions(context: SSL.Context, settings: TlsSettings) -> None:
    allowed = [version for version in VERSIONS if version in settings.protocols]
    context.set_min_proto_version(_NUMBERS[allowed[0]])
    context.set_max_proto_version(_NUMBERS[allowed[-1]])
    for version in VERSIONS[VERSIONS.index(allowed[0]) : VERSIONS.index(allowed[-1])]:
        if version not in allowed:
            context.set_options(_EXCLUSIONS[version])


def _set_ciphers(context: SSL.Context, settings: TlsSettings) -> None:
    _must("ciphers", context.set_cipher_list, settings.ciphers.encode())
    if settings.prefer_server_ciphers:
        context.set_options(SSL.OP_CIPHER_SERVER_PREFERENCE)
    if settings.curves != "auto":
        _must("curves", set_groups, context, settings.curves)
    if settings.dhparam is not None:
        _must("dhparam", context.load_tmp_dh, settings.dhparam.encode())
    for position, (command, value) in enumerate(settings.conf_commands):
        if command == "Ciphersuites":
            _must("conf_commands", context.set_tls13_ciphersuites, value.encode(), position=position)
        elif command == "SignatureAlgorithms":
            _must("conf_commands", set_signature_algorithms, context, value, position=position)
        else:
            _must("conf_commands", set_groups, context, value, position=position)


def _set_sessions(context: SSL.Context, settings: TlsSettings, identities: list[Identity]) -> None:
    name = hashlib.sha256()
    for identity in identities:
        name.update(identity.certificate.public_bytes(Encoding.DER))
    context.set_session_id(name.digest())
    context.set_timeout(max(1, settings.session_timeout // 1000))
    if settings.verify != "off":
        context.set_options(SSL.OP_NO_TICKET)
        context.set_session_cache_mode(SSL.SESS_CACHE_OFF)
        return
    if not settings.session_tickets:
        context.set_options(SSL.OP_NO_TICKET)
    modes = {
        "off": SSL.SESS_CACHE_OFF,
        "none": SSL.SESS_CACHE_SERVER | SSL.SESS_CACHE_NO_INTERNAL,
        "on": SSL.SESS_CACHE_SERVER,
    }
    context.set_session_cache_mode(modes[settings.session_cache])


def _set_verification(context: SSL.Context, settings: TlsSettings) -> None:
    authorities = {
        "client_certificate": settings.client_certificate,
        "trusted_certificate": settings.trusted_certificate,
    }
    if settings.verify != "optional_no_ca" and not any(authorities.values()):
        raise BadSetting("verify", 'no "ssl_client_certificate" for "ssl_verify_client"')
    for attribute, path in authorities.items():
        if path is not None:
            try:
                read_certificates(path)
            except BadFile as wrong:
                raise BadSetting(attribute, str(wrong)) from None
            _must(attribute, context.load_verify_locations, path)
    if settings.client_certificate is not None:
        _must("client_certificate", context.load_client_ca, settings.client_certificate.encode())
    context.set_verify(SSL.VERIFY_PEER, keep_verdict)
    context.set_verify_depth(settings.verify_depth)
    store = context.get_cert_store()
    if settings.revoked is not None and store is not None:
        try:
            for revoked in read_revoked(settings.revoked):
                store.add_crl(revoked)
        except BadFile as wrong:
            raise BadSetting("revoked", str(wrong)) from None
        store.set_flags(X509StoreFlags.CRL_CHECK | X509StoreFlags.CRL_CHECK_ALL)


def _must(attribute: str, call: Any, *args: Any, position: int = 0) -> None:
    """Call OpenSSL, and say in a line what it does not like."""
    try:
        call(*args)
    except SSL.Error as refused:
        words = ", ".join(str(error[-1]) for error in (refused.args[0] if refused.args else ()) if error)
        shown = ", ".join(
            str(arg if isinstance(arg, str) else arg.decode()) for arg in args if isinstance(arg, str | bytes)
        )
        raise BadSetting(attribute, f'OpenSSL refuses "{shown}" ({words or "no reason given"})', position) from None
    except ValueError as refused:
        raise BadSetting(attribute, str(refused), position) from None
