"""root and alias: from a URI to the path of a file.

nginx's core module. Either may hold variables; the alias of a location with a regular expression is the whole path. A
URI that would climb out of the folder, which only a rewritten one or the prefix of an alias without a slash at its end
can be, is refused with 404: nginx leaves that to whoever writes the configuration.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from hls_mp4.web.bytetext import native_text
from hls_mp4.web.refusal import Refusal

if TYPE_CHECKING:
    from hls_mp4.web.request import StreamingRequest
    from hls_mp4.web.rules import LocationRules


def document_root(request: StreamingRequest, rules: LocationRules) -> str:
    """Return the location's root, or its alias, for a request."""
    place = rules.content.place
    template = place.template
    if template is None:
        return place.path
    path = native_text(template.render(request.facts()))
    if ".." in path and ".." not in place.path:
        refuse_climbing(path)
    if not place.replaces:
        path = path.rstrip("/")
    return path if path.startswith("/") else f"{rules.base.rstrip('/')}/{path}"


def map_path(request: StreamingRequest, rules: LocationRules, uri: str) -> str:
    """Return the path of the file at a URI.

    Raises:
        Refusal: the URI was rewritten, so that what the alias stands for is no longer in it, or it climbs.
    """
    place = rules.content.place
    if place.replaces:
        if request.uri_rewritten:
            raise Refusal(500, f'"alias" cannot be used for "{uri}", for the URI was rewritten')
        if rules.prefix is None:
            if not request.uri_added:
                return document_root(request, rules)
        else:
            uri = uri[len(rules.prefix) :]
    if ".." in uri:
        refuse_climbing(uri)
    return (place.path if place.template is None else document_root(request, rules)) + uri


def refuse_climbing(path: str) -> None:
    """Raise a Refusal when a path has a segment that leads upwards."""
    if ".." in path.split("/"):
        raise Refusal(404, f'unsafe URI "{path}" was detected')
