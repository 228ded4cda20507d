"""Which addresses are encrypted, and with what: every certificate of a configuration read and tried.

nginx's rules: an address is encrypted when one of its servers says `ssl`; its default server needs a certificate unless
it rejects handshakes; a server beside it without one shows the default's.
"""

from __future__ import annotations

import datetime
from collections.abc import Iterable, Iterator, Sequence

from hls_mp4.config.blocks import Config, ServerBlock
from hls_mp4.config.listen import Listen
from hls_mp4.config.problems import Place, Problem, Problems
from hls_mp4.service.tls_contexts import BadSetting, make_context
from hls_mp4.service.tls_files import (
    BadFile,
    Identity,
    doubts_of_certificate,
    doubts_of_key,
    match,
    read_certificates,
    read_key,
    read_passwords,
)
from hls_mp4.web.http2.settings import Http2Settings
from hls_mp4.web.tls.connection import Terms
from hls_mp4.web.tls.settings import TlsSettings


class Encryption:
    """The contexts of a configuration.

    Args:
        config: the configuration.
        now: for what has expired.

    Raises:
        ConfigErrors: with everything that is wrong.
    """

    def __init__(self, config: Config, now: datetime.datetime | None = None) -> None:
        self._problems = Problems()
        self._now = now or datetime.datetime.now(datetime.UTC)
        self._terms: dict[int, Terms | None] = {}
        self.addresses = frozenset(
            listen.address for server in config.servers for listen in server.listens if listen.ssl
        )
        """Addresses that are encrypted, as `Listen.address` has them."""
        for server in config.servers:
            if any(listen.address in self.addresses for listen in server.listens):
                self._read(server)
        for address in sorted(self.addresses):
            self._check(address, list(_listening(config.servers, address)))
        self._problems.raise_if_any()

    @property
    def warnings(self) -> tuple[Problem, ...]:
        """What a person should know and what stops nothing."""
        return self._problems.warnings

    def terms(self, server: ServerBlock, listens: Sequence[Listen]) -> Terms | None:
        """Return what a server agrees to at an address; None when it has no certificate of its own.

        Args:
            server: the server.
            listens: the `listen` directives of all servers of the address.
        """
        terms = self._terms.get(id(server.scope[TlsSettings]))
        if terms is None:
            return None
        http2 = server.scope[Http2Settings].enabled or any(listen.http2 for listen in listens)
        return Terms(terms.context, http2, terms.verify, terms.record, terms.owner)

    def _read(self, server: ServerBlock) -> None:
        settings = server.scope[TlsSettings]
        if id(settings) in self._terms:
            return
        self._terms[id(settings)] = None
        if settings.reject_handshake:
            self._terms[id(settings)] = Terms(None, owner=settings)
            return
        if not settings.certificates:
            return
        identities = self._identities(server, settings)
        if identities is None:
            return
        try:
            context = make_context(settings, identities)
        except BadSetting as wrong:
            self._problems.error(self._place(server, wrong.attribute, wrong.position), str(wrong))
            return
        self._terms[id(settings)] = Terms(context, False, settings.verify, settings.buffer_size, settings)

    def _identities(self, server: ServerBlock, settings: TlsSettings) -> list[Identity] | None:
        """Return certificates with their keys; None when something is wrong with one."""
        passwords: list[bytes] = []
        complete = True
        if settings.passwords is not None:
            try:
                passwords = read_passwords(settings.passwords)
            except BadFile as wrong:
                self._problems.error(self._place(server, "passwords"), str(wrong))
                return None
        identities = []
        for position, path in enumerate(settings.certificates):
            place = self._place(server, "certificates", position)
            if position >= len(settings.keys):
                self._problems.error(place, f'no "ssl_certificate_key" is defined for certificate "{path}"')
                return None
            try:
                certificate = read_certificates(path)[0]
                for doubt in doubts_of_certificate(path, certificate, self._now):
                    self._problems.warn(place, doubt)
                place = self._place(server, "keys", position)
                key = read_key(settings.keys[position], passwords)
                for doubt in doubts_of_key(settings.keys[position]):
                    self._problems.warn(place, doubt)
                if not match(certificate, key):
                    raise BadFile(f'key "{settings.keys[position]}" is not that of certificate "{path}"')
                identities.append(Identity(path, certificate, key))
            except BadFile as wrong:
                self._problems.error(place, str(wrong))
                complete = False
        return identities if complete else None

    def _check(self, address: str, listening: list[tuple[ServerBlock, Listen]]) -> None:
        """Note a server that cannot shake hands at an encrypted address."""
        chosen = (server for server, listen in listening if listen.default_server)
        default = next(chosen, listening[0][0])
        settings = default.scope[TlsSettings]
        if settings.certificates:
            return
        concerned = [server for server, _ in listening] if settings.reject_handshake else [default]
        for server in concerned:
            own = server.scope[TlsSettings]
            if not own.certificates and not own.reject_handshake:
                where = next(listen.where for other, listen in listening if other is server)
                self._problems.error(
                    _place_of(where or server.where),
                    f'no "ssl_certificate" is defined for the "listen ... ssl" directive of {address}',
                )

    def _place(self, server: ServerBlock, attribute: str, position: int = 0) -> Place:
        """Return where the directive stands that fills a field; the server's own place when nothing was written."""
        for slot, given in server.scope.given.items():
            if slot.settings is TlsSettings and slot.attribute == attribute and position < len(given.written):
                return given.written[position].place
        return _place_of(server.where)


def _listening(servers: Iterable[ServerBlock], address: str) -> Iterator[tuple[ServerBlock, Listen]]:
    for server in servers:
        for listen in server.listens:
            if listen.address == address:
                yield server, listen


def _place_of(where: str) -> Place:
    file, _, line = where.rpartition(":")
    return Place(file, int(line)) if line.isdigit() else Place(where, 0)
