"""Which settings classes the configuration language is made of.

A room declares its directives next to the code that they configure and is listed here; delivery modules bring theirs
along as plugins. The order is that of docs/configuration.md.
"""

from __future__ import annotations

from typing import Any

from hls_mp4.service.plugins import Plugins, discover
from hls_mp4.service.settings import ErrorLogSettings, EventSettings, ServiceSettings
from hls_mp4.web.access import AccessSettings
from hls_mp4.web.accesslog import LogSettings
from hls_mp4.web.autoindex import AutoindexSettings
from hls_mp4.web.conditional import ConditionalSettings
from hls_mp4.web.headers import HeaderSettings
from hls_mp4.web.mimetypes import TypeSettings
from hls_mp4.web.pacing import PacingSettings
from hls_mp4.web.protecting.limit_conn import LimitConnSettings
from hls_mp4.web.protecting.limit_req import LimitReqSettings
from hls_mp4.web.protecting.realip import RealIpSettings
from hls_mp4.web.ranges import RangeSettings
from hls_mp4.web.settings import BodySettings, ContentSettings, IndexCacheSettings, KeepaliveSettings, SendSettings

ALL: tuple[type[Any], ...] = (
    ServiceSettings,
    EventSettings,
    ErrorLogSettings,
    LogSettings,
    ContentSettings,
    AutoindexSettings,
    TypeSettings,
    HeaderSettings,
    ConditionalSettings,
    RangeSettings,
    AccessSettings,
    RealIpSettings,
    LimitConnSettings,
    LimitReqSettings,
    SendSettings,
    PacingSettings,
    KeepaliveSettings,
    BodySettings,
    IndexCacheSettings,
)
"""Settings of the rooms that are always there."""


def settings_classes(plugins: Plugins | None = None) -> tuple[type[Any], ...]:
    """Return every settings class, those of the delivery modules last.

    Args:
        plugins: what was found at start; None to look now.
    """
    return ALL + (discover() if plugins is None else plugins).settings
