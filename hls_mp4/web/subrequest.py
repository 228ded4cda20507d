"""A subrequest: another URI of the same server, answered for a request that waits for what it says.

nginx's ngx_http_subrequest, for what never reaches a client: the phases run on a shadow of the request, which has its
connection, its header and its variables, a URI of its own and no arguments. The access phase is left out, the method
is GET (HEAD stays HEAD), and the subrequest has no line in the access log.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from hls_mp4.web.answer import Answer
    from hls_mp4.web.request import StreamingRequest

_OF_ONE_ANSWER = "upstream_"
"""Beginning of the variables that tell of the shadow's own answer, and of nothing else."""


async def subrequest(request: StreamingRequest, uri: str) -> tuple[StreamingRequest, Answer]:
    """Return the shadow that a URI was found for, and the answer; refusals are answers too.

    What the answer holds is released already: only its status and its headers are of use.

    Args:
        request: the request that waits.
        uri: normalised path; an internal location may be meant.
    """
    from hls_mp4.web.engine import answer_of

    shadow = shadow_of(request)
    answer = await answer_of(shadow, uri)
    if answer.held is not None:
        answer.held.release()
    shadow.code = answer.status
    shadow.pairs = answer.headers
    _share(shadow, request)
    return shadow, answer


def shadow_of(request: StreamingRequest) -> StreamingRequest:
    """Return a request that stands for another one."""
    shadow = type(request).__new__(type(request))
    shadow.__dict__.update(request.__dict__)
    shadow.subrequest = shadow.internal = True
    shadow.conditional = False
    shadow.asked_method = request.method
    if request.method not in (b"GET", b"HEAD"):
        shadow.refused_line = request.refused_line or b"%b %b %b" % (request.method, request.uri, request.clientproto)
        shadow.method = b"GET"
    shadow.query = b""
    shadow.rules = None
    shadow.uri_changes = shadow.error_status = 0
    shadow.error_page_taken = shadow.uri_rewritten = shadow.uri_added = False
    shadow.captures = {name: text for name, text in request.captures.items() if not name.isdigit()}
    shadow.values = {name: text for name, text in request.values.items() if not name.startswith(_OF_ONE_ANSWER)}
    shadow.pairs = []
    # Whatever becomes of the shadow, and it may be left in its middle, it ends with its request.
    shadow.at_end = request.at_end  # type: ignore[method-assign]
    return shadow


def _share(shadow: StreamingRequest, request: StreamingRequest) -> None:
    """Let the request have what came to be known while its shadow was answered: both have the same variables."""
    caught = {name: text for name, text in shadow.captures.items() if not name.isdigit()}
    known = {name: text for name, text in shadow.values.items() if not name.startswith(_OF_ONE_ANSWER)}
    request.captures = {**request.captures, **caught}
    request.values = {**request.values, **known}
