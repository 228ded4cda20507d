"""Subrequests: what another URI comes to, asked on behalf of a request and told to nobody but who asked.

nginx's ngx_http_subrequest: GET, internal, past the checks of who may come in, without conditions or ranges. Only the
header of the answer counts, which is all that `auth_request` wants to know.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

from hls_mp4.plan import Plan
from hls_mp4.web.engine import answer_of
from hls_mp4.web.facts import RequestFacts

if TYPE_CHECKING:
    from hls_mp4.web.answer import Answer
    from hls_mp4.web.request import StreamingRequest


class Shadow:
    """A request as one of its subrequests sees it: all is the request's but what the phases change.

    Args:
        main: the request.
        query: arguments of the subrequest.
    """

    method = b"GET"
    conditional = False
    internal = True
    subrequest = True
    uri_changes = 0
    error_status = 0
    error_page_taken = False
    uri_rewritten = False
    uri_added = False
    location_path = ""
    filename = ""
    limit_rate: int | None = None

    def __init__(self, main: StreamingRequest, query: bytes) -> None:
        self.main = main
        self.query = query
        self.server = main.server
        self.rules = main.rules
        self.captures = main.captures

    def __getattr__(self, name: str) -> Any:
        """Return what the subrequest shares with the request."""
        return getattr(self.main, name)

    def facts(self) -> RequestFacts:
        """Return what texts with variables read of the subrequest."""
        return RequestFacts(cast("StreamingRequest", self))

    def read_with_get(self) -> None:
        """Nothing: a subrequest is a GET."""


async def subrequest(request: StreamingRequest, uri: str, query: bytes = b"") -> Answer:
    """Return the header of the answer to another URI; refusals are answers too.

    Args:
        request: on whose behalf; nothing of it changes but variables that are kept for it.
        uri: normalised path.
        query: arguments.
    """
    shadow = cast("StreamingRequest", Shadow(request, query))
    found = await answer_of(shadow, uri)
    if found.held is not None:
        found.held.release()
        found.held = None
    found.plan = Plan(())
    return found
