"""What the location of a film says to those who show it: whether it has a page, clips, facts.

A listing is made in the folder's location; the films in it may have locations of their own, mostly by their suffix.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from hls_mp4.interfaces import IClipUrls
from hls_mp4.web.finding.root import map_path
from hls_mp4.web.mimetypes import content_type
from hls_mp4.web.pages.settings import PlayerSettings
from hls_mp4.web.protecting.auth_basic import AuthBasicSettings
from hls_mp4.web.protecting.auth_request import AuthRequestSettings
from hls_mp4.web.protecting.satisfy import SatisfySettings
from hls_mp4.web.refusal import Refusal

if TYPE_CHECKING:
    from hls_mp4.web.request import StreamingRequest
    from hls_mp4.web.rules import EnabledModule, LocationRules


_INDEXED = frozenset(
    (
        *("video/mp4", "audio/mp4", "application/mp4", "video/quicktime", "video/x-m4v", "audio/x-m4a", "video/3gpp"),
        *("video/x-flv", "video/x-f4v"),
    )
)
"""Content types of files whose index can be read: a browser may play others, such as WebM, without our knowing them."""

_MANIFESTS = {"hls": "master.m3u8", "dash": "manifest.mpd"}


def rules_at(request: StreamingRequest, path: str) -> LocationRules:
    """Return what holds for a path of the request's server."""
    server = request.server
    assert server is not None
    location, _ = server.locate(path)
    rules: LocationRules = location.payload if location is not None else server.payload
    return rules


def has_player(rules: LocationRules, name: str) -> bool:
    """Tell whether a file of a location has a player page: films and sounds do, by their content type."""
    wanted = rules.of[PlayerSettings].player
    if wanted == "off" or (wanted == "auto" and not rules.autoindex.enabled):
        return False
    return content_type(rules.types, name).startswith(("video/", "audio/"))


@dataclass(frozen=True, slots=True)
class Clips:
    """The module of a location that cuts films by time.

    Args:
        module: provides IClipUrls.
        settings: its settings there.
    """

    module: Any
    settings: Any

    def query(self, start_ms: int, end_ms: int | None = None) -> str | None:
        """Return the query of a part of a film, None when these settings do not allow parts."""
        query: str | None = self.module.clip_query(start_ms, end_ms, self.settings)
        return query


def clips_of(rules: LocationRules, form: str) -> Clips | None:
    """Return what cuts films of a format in a location, None when nothing does."""
    for enabled in rules.modules:
        if IClipUrls.providedBy(enabled.module) and form in enabled.module.formats:
            return Clips(enabled.module, enabled.settings)
    return None


def indexer(rules: LocationRules, name: str) -> EnabledModule | None:
    """Return the module whose limits hold for the index of a file, None when no module would serve it."""
    able = (*rules.modules, *rules.packagers)
    if not able or content_type(rules.types, name) not in _INDEXED:
        return None
    suffix = name.rpartition(".")[2].lower()
    return next((enabled for enabled in able if enabled.module.name == suffix), able[0])


def manifests_at(request: StreamingRequest, path: str) -> dict[str, str]:
    """Return by which names a film is offered as streams that there are players for: `hls` as `master.m3u8`.

    What counts is the location of the manifest, which may be another than the film's.
    """
    return {
        name: manifest
        for name, manifest in _MANIFESTS.items()
        if any(enabled.module.name == name for enabled in rules_at(request, f"{path}/{manifest}").packagers)
    }


def may_be_told(folder: LocationRules, film: LocationRules) -> bool:
    """Tell whether whoever sees a folder may know what is in a film: nothing keeps them from it but the folder's rules.

    A film of a location with conditions of its own, or with any that may judge each URI in its own way - `if` with a
    secure link, a backend - shows no facts in the listing, rather than to judge a request that was not made.
    """
    from hls_mp4.web.phases import ADMISSION  # which knows of checks that know of requests

    if _judges_each(film) or film.script is not None:
        return False
    if film is folder:
        return True
    if film.internal:
        return False
    if film.limit_except is not None and "GET" not in film.limit_except:
        return False
    return not film.admission or all(
        film.of[owner] == folder.of[owner] for owner in (*dict(ADMISSION), SatisfySettings)
    )


def _judges_each(rules: LocationRules) -> bool:
    """Tell whether who may come in can depend on the URI: a backend decides, or a variable of auth_basic."""
    basic: AuthBasicSettings = rules.of[AuthBasicSettings]
    varying = [text for text in (basic.realm, basic.user_file) if text is not None and text.constant is None]
    return rules.of[AuthRequestSettings].uri is not None or bool(varying)


def lies_at(request: StreamingRequest, rules: LocationRules, path: str, filename: str) -> bool:
    """Tell whether a path of the server is this file, by the root or alias of its location."""
    try:
        return map_path(request, rules, path) == filename
    except Refusal:
        return False
