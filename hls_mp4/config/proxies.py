"""Where a `proxy_pass` may stand: in locations that only subrequests come to."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from hls_mp4.config.blocks import LocationBlock, ServerBlock
from hls_mp4.config.problems import Place
from hls_mp4.config.scope import Given, Scope
from hls_mp4.directives import compile_regex

_OPEN = "proxy_pass serves auth_request subrequests only, so its location has to be internal"
_URI_PART = (
    "cannot have URI part in location given by regular expression, or inside named location, or inside"
    ' "if" statement, or inside "limit_except" block'
)


def misplaced_proxies(server: ServerBlock) -> Iterator[tuple[Place, str]]:
    """Yield (place, what is wrong) of each `proxy_pass` that clients could come to, or that nginx refuses.

    A location that an `auth_request` of the server names need not say `internal`, for nginx's documentation has it so.
    """
    locations = list(_inside(server.locations))
    asked = {uri for scope in (server.scope, *(one.scope for one in locations)) for uri in _asked(scope)}
    for location in locations:
        given = _given(location.scope, "proxy_pass")
        if given is None:
            continue
        written = given.written[0]
        if _given(location.scope, "internal") is None and not any(_leads_to(uri, location) for uri in asked):
            yield written.place, f'"proxy_pass" directive: {_OPEN}'
        if _is_loose(location) and _has_uri(written.args[0]):
            yield written.place, f'"proxy_pass" {_URI_PART}'


def _inside(locations: Iterable[LocationBlock]) -> Iterator[LocationBlock]:
    for location in locations:
        yield location
        yield from _inside(location.locations)


def _given(scope: Scope, name: str) -> Given | None:
    return next((given for slot, given in scope.given.items() if slot.directive.name == name), None)


def _asked(scope: Scope) -> Iterator[str]:
    given = _given(scope, "auth_request")
    if given is not None:
        yield from given.written[0].args


def _leads_to(uri: str, location: LocationBlock) -> bool:
    """Tell whether a URI may come to a location; which of several it comes to is not asked."""
    if location.modifier == "=":
        return uri == location.pattern
    if location.modifier in ("~", "~*"):
        try:
            return bool(compile_regex(location.pattern, ignore_case=location.modifier == "~*").search(uri))
        except ValueError:
            return False
    return len(location.pattern) > 1 and uri.startswith(location.pattern)


def _is_loose(location: LocationBlock) -> bool:
    """Tell whether a location has no prefix that a URI could take the place of."""
    return location.modifier in ("~", "~*") or location.pattern.startswith("@")


def _has_uri(url: str) -> bool:
    """Tell whether a URL without variables says anything behind its host."""
    if "$" in url:
        return False
    _, _, rest = url.partition("://")
    if rest.startswith("unix:"):
        rest = rest.removeprefix("unix:").partition(":")[2]
        return bool(rest)
    return "/" in rest or "?" in rest
