"""Internal redirects: to another URI, or to a named location; ten of them for one request, as in nginx.

nginx's ngx_http_internal_redirect and ngx_http_named_location. What they lead to is a `Step`, which
`hls_mp4.web.engine` takes.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

from hls_mp4.web.refusal import Refusal

if TYPE_CHECKING:
    from hls_mp4.web.request import StreamingRequest
    from hls_mp4.web.rules import LocationRules

    Step: TypeAlias = str | LocationRules
    """A URI to find the location of, or what holds in a named location."""

MOST_CHANGES = 10
"""How often the URI of one request may change."""


def count_change(request: StreamingRequest, doing: str) -> None:
    """Note that the URI of a request changes once more.

    Args:
        request: the request.
        doing: how, for the log: `processing "/uri"`.

    Raises:
        Refusal: it changed too often.
    """
    request.uri_changes += 1
    if request.uri_changes > MOST_CHANGES:
        raise Refusal(500, f"rewrite or internal redirection cycle while {doing}")


def internal_redirect(request: StreamingRequest, uri: str, query: bytes) -> Step:
    """Return the step to another URI.

    Args:
        request: the request.
        uri: where to; what follows is found as if the client had asked for it.
        query: its arguments, which take the place of the request's.
    """
    count_change(request, f'internally redirecting to "{uri}"')
    request.internal = True
    request.uri_rewritten = request.uri_added = False
    request.query = query
    return uri


def split_redirect(request: StreamingRequest, target: str) -> Step:
    """Return the step to a URI that may have arguments behind a question mark; without one there are none."""
    uri, _, query = target.partition("?")
    return internal_redirect(request, uri, query.encode("utf-8", "surrogateescape"))


def named_location(request: StreamingRequest, name: str) -> Step:
    """Return the step to a named location; URI and arguments stay.

    Args:
        request: the request.
        name: with its `@`.

    Raises:
        Refusal: the server has no such location, or the URI changed too often.
    """
    count_change(request, f'redirect to named location "{name}"')
    assert request.server is not None
    location = request.server.named.get(name)
    if location is None:
        raise Refusal(500, f'could not find named location "{name}"')
    request.internal = True
    request.uri_rewritten = request.uri_added = False
    rules: LocationRules = location.payload
    return rules
