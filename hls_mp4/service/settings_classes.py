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
from hls_mp4.web.conditional import ConditionalSettings
from hls_mp4.web.connections import CloseSettings, ReadSettings
from hls_mp4.web.cors import CorsSettings
from hls_mp4.web.encrypting import DrmSettings
from hls_mp4.web.films.expiry import CacheSettings
from hls_mp4.web.films.settings import FilmSettings
from hls_mp4.web.films.unified import UnifiedSettings
from hls_mp4.web.finding.error_page import ErrorPageSettings
from hls_mp4.web.finding.internal import InternalSettings
from hls_mp4.web.finding.log_not_found import LogNotFoundSettings
from hls_mp4.web.finding.map import MapSettings
from hls_mp4.web.finding.merge_slashes import MergeSlashesSettings
from hls_mp4.web.finding.redirects import RedirectSettings
from hls_mp4.web.finding.script import ScriptSettings
from hls_mp4.web.finding.try_files import TryFilesSettings
from hls_mp4.web.gzip import GzipSettings
from hls_mp4.web.headers import HeaderSettings
from hls_mp4.web.http2.settings import Http2Settings
from hls_mp4.web.mimetypes import TypeSettings
from hls_mp4.web.pacing import PacingSettings
from hls_mp4.web.pages.settings import AutoindexSettings, PlayerSettings
from hls_mp4.web.protecting.auth_basic import AuthBasicSettings
from hls_mp4.web.protecting.auth_request import AuthRequestSettings
from hls_mp4.web.protecting.limit_conn import LimitConnSettings
from hls_mp4.web.protecting.limit_req import LimitReqSettings
from hls_mp4.web.protecting.realip import RealIpSettings
from hls_mp4.web.protecting.satisfy import SatisfySettings
from hls_mp4.web.protecting.secure_link import SecureLinkSettings
from hls_mp4.web.proxying.proxy_pass import ProxyPassSettings
from hls_mp4.web.proxying.request_headers import ProxyHeaderSettings
from hls_mp4.web.proxying.tls import ProxyTlsSettings
from hls_mp4.web.ranges import RangeSettings
from hls_mp4.web.segmenting import SegmentSettings
from hls_mp4.web.server_tokens import ServerTokenSettings
from hls_mp4.web.settings import BodySettings, ContentSettings, IndexCacheSettings, KeepaliveSettings, SendSettings
from hls_mp4.web.tls.settings import TlsSettings

ALL: tuple[type[Any], ...] = (
    ServiceSettings,
    EventSettings,
    ErrorLogSettings,
    LogSettings,
    ContentSettings,
    TryFilesSettings,
    ErrorPageSettings,
    ScriptSettings,
    MapSettings,
    InternalSettings,
    RedirectSettings,
    MergeSlashesSettings,
    LogNotFoundSettings,
    AutoindexSettings,
    PlayerSettings,
    TypeSettings,
    HeaderSettings,
    ServerTokenSettings,
    CorsSettings,
    ConditionalSettings,
    RangeSettings,
    GzipSettings,
    AccessSettings,
    SatisfySettings,
    AuthBasicSettings,
    AuthRequestSettings,
    SecureLinkSettings,
    ProxyPassSettings,
    ProxyHeaderSettings,
    ProxyTlsSettings,
    RealIpSettings,
    LimitConnSettings,
    LimitReqSettings,
    SendSettings,
    PacingSettings,
    KeepaliveSettings,
    ReadSettings,
    BodySettings,
    CloseSettings,
    TlsSettings,
    Http2Settings,
    SegmentSettings,
    DrmSettings,
    FilmSettings,
    CacheSettings,
    UnifiedSettings,
    IndexCacheSettings,
)
"""Settings of the rooms that are always there."""


def settings_classes(plugins: Plugins | None = None) -> tuple[type[Any], ...]:
    """Return every settings class, those of the delivery modules last.

    Args:
        plugins: what was found at start; None to look now.
    """
    return ALL + (discover() if plugins is None else plugins).settings
