"""What holds in a location: every setting the edge reads while it answers, resolved once when the daemon starts."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from hls_mp4.media.protection import Protection
from hls_mp4.web.conditional import ConditionalSettings
from hls_mp4.web.finding.script import Script
from hls_mp4.web.finding.try_files import TryFiles
from hls_mp4.web.headers import HeaderSettings
from hls_mp4.web.mimetypes import TypeSettings
from hls_mp4.web.pacing import PacingSettings
from hls_mp4.web.pages.settings import AutoindexSettings
from hls_mp4.web.phases import Check
from hls_mp4.web.ranges import RangeSettings
from hls_mp4.web.settings import BodySettings, ContentSettings, KeepaliveSettings, SendSettings


@dataclass(frozen=True, slots=True)
class EnabledModule:
    """A delivery module that a location turned on, with the settings that hold there."""

    module: Any
    settings: Any


@dataclass(frozen=True, slots=True)
class LocationRules:
    """Everything that holds in one location.

    Args:
        prefix: the location's literal prefix, which `alias` replaces; None for the alias of a regular expression, which
            stands for the whole URI.
        of: an instance of every settings class; the attributes are those that every request asks for.
        arrival: checks before a location is looked for; those of the server hold.
        limits: checks of the pre-access phase.
        admission: checks of the access phase.
        limit_except: methods that are free of `excepted`, the admission of all others; None without such a block.
        script: what `rewrite`, `return`, `set`, `if` and `break` do; a server's holds before a location is looked for.
        internal: only internal redirects lead here.
        try_files: looks for the files that `try_files` names; None without it.
        base: folder that a root or alias is taken against which begins with a variable and comes out relative.
        ask: answers in the place of a file: what `proxy_pass` leads to; None without it.
        logs: access logs that get a line for each request.
        protection: how segments are encrypted; None where they are not.
        errors: where error lines of this location go; None for the daemon's own log.
    """

    content: ContentSettings
    send: SendSettings
    keepalive: KeepaliveSettings
    body: BodySettings
    pacing: PacingSettings
    ranges: RangeSettings
    conditional: ConditionalSettings
    headers: HeaderSettings
    types: TypeSettings
    autoindex: AutoindexSettings
    modules: tuple[EnabledModule, ...] = ()
    packagers: tuple[EnabledModule, ...] = ()
    precut: tuple[EnabledModule, ...] = ()
    prefix: str | None = ""
    of: Mapping[type[Any], Any] = field(default_factory=dict)
    arrival: tuple[Check, ...] = ()
    limits: tuple[Check, ...] = ()
    admission: tuple[Check, ...] = ()
    limit_except: frozenset[str] | None = None
    excepted: tuple[Check, ...] = ()
    script: Script | None = None
    internal: bool = False
    try_files: TryFiles | None = None
    base: str = "/"
    ask: Any = None
    logs: tuple[Any, ...] = ()
    protection: Protection | None = None
    errors: Any = None
