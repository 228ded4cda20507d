"""What holds in a location: every setting the edge reads while it answers, resolved once when the daemon starts."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from hls_mp4.web.access import AccessSettings
from hls_mp4.web.autoindex import AutoindexSettings
from hls_mp4.web.conditional import ConditionalSettings
from hls_mp4.web.headers import HeaderSettings
from hls_mp4.web.mimetypes import TypeSettings
from hls_mp4.web.pacing import PacingSettings
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
        prefix: the location's literal prefix, which `alias` replaces; empty for a regular expression.
        limit_except: methods that are free of `excepted`, the access rules for all others; None without such a block.
        logs: access logs that get a line for each request.
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
    access: AccessSettings
    types: TypeSettings
    autoindex: AutoindexSettings
    modules: tuple[EnabledModule, ...] = ()
    prefix: str = ""
    limit_except: frozenset[str] | None = None
    excepted: AccessSettings | None = None
    logs: tuple[Any, ...] = ()
    errors: Any = None
