"""A configuration to sites: each block's settings handed to the room that declared them.

This is the one place that knows both the configuration's tree and what the web room serves from. Each server and each
location is resolved once, here; a request meets frozen values only.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from twisted.logger import Logger

from hls_mp4.config.blocks import Config, LocationBlock, ServerBlock
from hls_mp4.config.scope import Scope
from hls_mp4.service.listeners import Bound, ByLocalAddress, Wanted
from hls_mp4.service.plugins import Plugins
from hls_mp4.service.settings import ErrorLogSettings, ErrorTarget
from hls_mp4.web.accesslog import AccessLogs, LogSettings
from hls_mp4.web.autoindex import AutoindexSettings
from hls_mp4.web.conditional import ConditionalSettings
from hls_mp4.web.headers import HeaderSettings
from hls_mp4.web.locations import Location, ServerTable, VirtualServer
from hls_mp4.web.mimetypes import TypeSettings
from hls_mp4.web.pacing import PacingSettings
from hls_mp4.web.phases import ADMISSION, ARRIVAL, LIMITS, prepared
from hls_mp4.web.ranges import RangeSettings
from hls_mp4.web.rules import EnabledModule, LocationRules
from hls_mp4.web.settings import BodySettings, ContentSettings, IndexCacheSettings, KeepaliveSettings, SendSettings
from hls_mp4.web.site import SharedParts, StreamingSite

log = Logger()


def wanted_addresses(config: Config) -> Iterator[Wanted]:
    """Yield every `listen` of every server."""
    for server in config.servers:
        for listen in server.listens:
            yield Wanted(listen, listen.where or server.where, server)


def scopes(config: Config) -> Iterator[Scope]:
    """Yield the scope of every block."""
    yield config.main
    yield config.http
    for server in config.servers:
        yield server.scope
        yield from _scopes_inside(server.locations)


def _scopes_inside(locations: Iterable[LocationBlock]) -> Iterator[Scope]:
    for location in locations:
        yield location.scope
        yield from _scopes_inside(location.locations)


def error_targets(config: Config) -> set[ErrorTarget]:
    """Return where errors go, of whatever block."""
    return {target for scope in scopes(config) for target in scope[ErrorLogSettings].targets}


class SiteBuilder:
    """Makes the sites of a configuration; what they share is made once.

    Args:
        config: the configuration.
        plugins: formats and delivery modules.
        reactor: the reactor.

    Raises:
        OSError: an access log cannot be opened.
    """

    def __init__(self, config: Config, plugins: Plugins, reactor: Any) -> None:
        self.sites: list[StreamingSite] = []
        self.access_logs = AccessLogs(lambda reason: log.critical("{reason}", reason=reason))
        self._modules = plugins.modules
        self._shared = SharedParts(reactor, plugins.formats, config.http[IndexCacheSettings].capacity)
        self._servers = {id(block): self._server(block) for block in config.servers}

    def factory(self, bound: Bound) -> Any:
        """Return what connections of a socket are given to."""
        sites = {host: self._site(group) for host, group in bound.wanted.items()}
        return ByLocalAddress(sites) if len(sites) > 1 else sites[""]

    def _site(self, group: list[Wanted]) -> StreamingSite:
        """Return the site of an address that several servers may share."""
        servers = [self._servers[id(wanted.owner)] for wanted in group]
        chosen = (server for server, wanted in zip(servers, group, strict=True) if wanted.listen.default_server)
        self.sites.append(StreamingSite(ServerTable(servers, next(chosen, servers[0])), self._shared))
        return self.sites[-1]

    def _server(self, block: ServerBlock) -> VirtualServer:
        rules = self._rules(block.scope, "")
        return VirtualServer(block.names, rules, self._locations(block.locations, rules))

    def _locations(self, blocks: Iterable[LocationBlock], outer: LocationRules) -> list[Location]:
        return [self._location(block, outer) for block in blocks]

    def _location(self, block: LocationBlock, outer: LocationRules) -> Location:
        """Return a location and those inside it.

        An alias stands for the prefix of the location it is written in: locations inside that have no place of their
        own inherit both.
        """
        inherits_place = block.scope[ContentSettings].place is outer.content.place
        own_prefix = "" if block.modifier in ("~", "~*") else block.pattern
        rules = self._rules(block.scope, outer.prefix if inherits_place else own_prefix, block)
        return Location(block.modifier, block.pattern, rules, tuple(self._locations(block.locations, rules)))

    def _rules(self, scope: Scope, prefix: str, block: LocationBlock | None = None) -> LocationRules:
        """Return everything that holds in a block."""
        limits = block.limit_except if block is not None else None
        return LocationRules(
            content=scope[ContentSettings],
            send=scope[SendSettings],
            keepalive=scope[KeepaliveSettings],
            body=scope[BodySettings],
            pacing=scope[PacingSettings],
            ranges=scope[RangeSettings],
            conditional=scope[ConditionalSettings],
            headers=scope[HeaderSettings],
            types=scope[TypeSettings],
            autoindex=scope[AutoindexSettings],
            modules=tuple(self._enabled(scope)),
            prefix=prefix,
            of=scope.all(),
            arrival=prepared(ARRIVAL, scope.all(), self._shared),
            limits=prepared(LIMITS, scope.all(), self._shared),
            admission=prepared(ADMISSION, scope.all(), self._shared),
            limit_except=limits.methods if limits else None,
            excepted=prepared(ADMISSION, limits.scope.all(), self._shared) if limits else (),
            logs=self.access_logs.of(scope[LogSettings]),
            errors=scope[ErrorLogSettings].targets or None,
        )

    def _enabled(self, scope: Scope) -> Iterator[EnabledModule]:
        for module in self._modules:
            settings = scope[module.settings]
            if settings.enabled:
                yield EnabledModule(module, settings)
