"""A configuration to sites: each block's settings handed to the room that declared them.

This is the one place that knows both the configuration's tree and what the web room serves from. Each server and each
location is resolved once, here; a request meets frozen values only.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from typing import Any

from twisted.logger import Logger

from hls_mp4.config.blocks import Config, IfBlock, LocationBlock, ServerBlock
from hls_mp4.config.scope import Scope
from hls_mp4.service.encryption import Encryption
from hls_mp4.service.listeners import Bound, ByLocalAddress, Wanted
from hls_mp4.service.plugins import Plugins
from hls_mp4.service.protections import Protections
from hls_mp4.service.settings import ErrorLogSettings, ErrorTarget
from hls_mp4.web.accesslog import AccessLogs, LogSettings
from hls_mp4.web.conditional import ConditionalSettings
from hls_mp4.web.films.unified import UnifiedSettings, turned_on
from hls_mp4.web.finding.internal import InternalSettings
from hls_mp4.web.finding.map import MapSettings
from hls_mp4.web.finding.script import Script, ScriptSettings, names_set
from hls_mp4.web.finding.set import uninitialized
from hls_mp4.web.finding.try_files import TryFilesSettings
from hls_mp4.web.headers import HeaderSettings
from hls_mp4.web.locations import Location, ServerTable, VirtualServer
from hls_mp4.web.mimetypes import TypeSettings
from hls_mp4.web.pacing import PacingSettings
from hls_mp4.web.pages.settings import AutoindexSettings
from hls_mp4.web.phases import ADMISSION, ARRIVAL, LIMITS, Check, prepared
from hls_mp4.web.protecting.satisfy import SatisfySettings, admission
from hls_mp4.web.proxying import proxy_pass
from hls_mp4.web.ranges import RangeSettings
from hls_mp4.web.request import StreamingRequest
from hls_mp4.web.rules import EnabledModule, LocationRules
from hls_mp4.web.settings import BodySettings, ContentSettings, IndexCacheSettings, KeepaliveSettings, SendSettings
from hls_mp4.web.site import SharedParts, StreamingSite
from hls_mp4.web.tls.arrival import TlsSite

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
        yield from (branch.scope for branch in server.branches)
        yield from _scopes_inside(server.locations)


def _scopes_inside(locations: Iterable[LocationBlock]) -> Iterator[Scope]:
    for location in locations:
        yield location.scope
        yield from (branch.scope for branch in location.branches)
        yield from _scopes_inside(location.locations)


def error_targets(config: Config) -> set[ErrorTarget]:
    """Return where errors go, of whatever block."""
    return {target for scope in scopes(config) for target in scope[ErrorLogSettings].targets}


def defined_variables(config: Config) -> dict[str, Callable[[StreamingRequest], str | None]]:
    """Return what reads the variables that a configuration defines; what is set or caught for a request goes before."""
    found: dict[str, Callable[[StreamingRequest], str | None]] = {
        name: uninitialized(name) for scope in scopes(config) for name in names_set(scope[ScriptSettings])
    }
    return found | {each.name: each.reader() for each in config.http[MapSettings].maps}


class SiteBuilder:
    """Makes the sites of a configuration; what they share is made once.

    Args:
        config: the configuration.
        plugins: formats and delivery modules.
        reactor: the reactor.

    Raises:
        ConfigErrors: a certificate, or a key file, cannot be used.
        OSError: an access log cannot be opened.
    """

    def __init__(self, config: Config, plugins: Plugins, reactor: Any) -> None:
        self.sites: list[StreamingSite] = []
        self.encryption = Encryption(config)
        self._protections = Protections()
        self._modules = plugins.modules
        self._packagers = plugins.packagers
        self._precut = plugins.precut
        self._shared = SharedParts(reactor, plugins.formats, config.http[IndexCacheSettings].capacity)
        self._shared.encrypts = bool(self.encryption.addresses)
        self.access_logs = AccessLogs(
            lambda reason: log.critical("{reason}", reason=reason), reactor, self._shared.wall_clock
        )
        self._base = config.prefix
        self._shared.defined.update(defined_variables(config))
        self._servers = {id(block): self._server(block) for block in config.servers}

    def factory(self, bound: Bound) -> Any:
        """Return what connections of a socket are given to."""
        sites = {host: self._site(group) for host, group in bound.wanted.items()}
        return ByLocalAddress(sites) if len(sites) > 1 else sites[""]

    def _site(self, group: list[Wanted]) -> StreamingSite | TlsSite:
        """Return the site of an address that several servers may share."""
        servers = [self._servers[id(wanted.owner)] for wanted in group]
        chosen = (server for server, wanted in zip(servers, group, strict=True) if wanted.listen.default_server)
        site = StreamingSite(ServerTable(servers, next(chosen, servers[0])), self._shared)
        self.sites.append(site)
        listens = [wanted.listen for wanted in group]
        if not any(listen.ssl for listen in listens):
            return site
        terms = [self.encryption.terms(wanted.owner, listens) for wanted in group]
        pairs = zip(servers, terms, strict=True)
        return TlsSite(site, {server: agreed for server, agreed in pairs if agreed is not None})

    def _server(self, block: ServerBlock) -> VirtualServer:
        rules = self._rules(block.scope, "", script=self._script(block.scope, block.branches))
        return VirtualServer(block.names, rules, self._locations(block.locations, rules))

    def _locations(self, blocks: Iterable[LocationBlock], outer: LocationRules) -> list[Location]:
        return [self._location(block, outer) for block in blocks]

    def _location(self, block: LocationBlock, outer: LocationRules) -> Location:
        """Return a location and those inside it.

        An alias stands for the prefix of the location it is written in: locations inside that have no place of their
        own inherit both.
        """
        inherits_place = block.scope[ContentSettings].place is outer.content.place
        own_prefix = None if block.modifier in ("~", "~*") else block.pattern
        prefix = outer.prefix if inherits_place else own_prefix
        branches = [self._rules(branch.scope, prefix, block) for branch in block.branches]
        script = self._script(block.scope, block.branches, branches)
        rules = self._rules(block.scope, prefix, block, script)
        return Location(block.modifier, block.pattern, rules, tuple(self._locations(block.locations, rules)))

    def _script(
        self, scope: Scope, branches: Sequence[IfBlock], rules: Sequence[LocationRules | None] | None = None
    ) -> Script | None:
        """Return the script of a block, None when it has none.

        Args:
            scope: of the block.
            branches: its `if` blocks.
            rules: what holds in the location in each of these; None in a server.
        """
        if not scope[ScriptSettings].statements:
            return None
        settings = [branch.scope[ScriptSettings] for branch in branches]
        return Script(scope[ScriptSettings], list(zip(settings, rules or [None] * len(settings), strict=True)))

    def _rules(
        self,
        scope: Scope,
        prefix: str | None,
        block: LocationBlock | None = None,
        script: Script | None = None,
    ) -> LocationRules:
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
            modules=tuple(_enabled(self._modules, scope)),
            packagers=tuple(_enabled(self._packagers, scope)),
            precut=tuple(_enabled(self._precut, scope)),
            prefix=prefix,
            of=scope.all(),
            arrival=prepared(ARRIVAL, scope.all(), self._shared),
            limits=prepared(LIMITS, scope.all(), self._shared),
            admission=self._admission(scope),
            limit_except=limits.methods if limits else None,
            excepted=self._admission(limits.scope) if limits else (),
            script=script,
            internal=scope[InternalSettings].internal,
            try_files=scope[TryFilesSettings].files,
            base=self._base,
            ask=self._ask(scope, block) if block is not None else None,
            logs=self.access_logs.of(scope[LogSettings]),
            protection=self._protections.of(scope),
            errors=scope[ErrorLogSettings].targets or None,
        )

    def _admission(self, scope: Scope) -> tuple[Check, ...]:
        """Return the checks of who may come in, as `satisfy` combines them."""
        return admission(prepared(ADMISSION, scope.all(), self._shared), scope[SatisfySettings], self._shared)

    def _ask(self, scope: Scope, block: LocationBlock) -> proxy_pass.Ask | None:
        """Return what asks a backend in a location; an `if` in it asks the same one."""
        is_loose = block.modifier in ("~", "~*") or block.pattern.startswith("@")
        target = block.scope[proxy_pass.ProxyPassSettings].target
        return proxy_pass.prepare(target, scope.all(), self._shared, "" if is_loose else block.pattern)


def _enabled(modules: Iterable[Any], scope: Scope) -> Iterator[EnabledModule]:
    """Yield the modules that a block turns on, by their own directive or by one for several."""
    also = turned_on(scope[UnifiedSettings])
    for module in modules:
        settings = scope[module.settings]
        if settings.enabled:
            yield EnabledModule(module, settings)
        elif module.name in also:
            yield EnabledModule(module, replace(settings, enabled=True))
