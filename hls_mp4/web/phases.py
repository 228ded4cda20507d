"""What directives do to a request before a file is looked for, in nginx's order, prepared once for each location.

A directive that checks requests lives in a module of its own, with a settings class and a function

    prepare(settings, shared) -> Check | None

that is called for each location when the daemon starts, and returns None where the directive is off: a request meets
only what its location configured. A check raises Refusal, or returns None to go on, or something to await when it has
to wait. Who may come in is voted on: such a check returns True to let a client in, which `satisfy any` is content with,
and None for no opinion. Variables that such a module brings are functions of a request, listed in COMPUTED.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from typing import TYPE_CHECKING, Any, TypeVar

from hls_mp4.web import access, cors, tcpinfo
from hls_mp4.web.logs import connection
from hls_mp4.web.protecting import auth_basic, auth_request, limit_conn, limit_req, realip, secure_link
from hls_mp4.web.proxying import request_headers
from hls_mp4.web.tls import variables, verify
from hls_mp4.web.tls.settings import TlsSettings

if TYPE_CHECKING:
    from hls_mp4.web.request import StreamingRequest

Check = Callable[["StreamingRequest"], Awaitable[None] | None]
Prepare = Callable[[Any, Any], Check | None]
Vote = Callable[["StreamingRequest"], Awaitable[bool | None] | bool | None]
PrepareVote = Callable[[Any, Any], Vote | None]
T = TypeVar("T")

ARRIVAL: tuple[tuple[type[Any], Prepare], ...] = (
    (TlsSettings, verify.prepare),
    (realip.RealIpSettings, realip.prepare),
)
"""Before a location is looked for, by the server's settings (nginx: post-read)."""

LIMITS: tuple[tuple[type[Any], Prepare], ...] = (
    (realip.RealIpSettings, realip.prepare),
    (limit_req.LimitReqSettings, limit_req.prepare),
    (limit_conn.LimitConnSettings, limit_conn.prepare),
    (cors.CorsSettings, cors.prepare),  # browsers send no password with a preflight
)
"""Who has to wait or go because there are too many (nginx: pre-access)."""

ADMISSION: tuple[tuple[type[Any], PrepareVote], ...] = (
    (access.AccessSettings, access.prepare),
    (auth_basic.AuthBasicSettings, auth_basic.prepare),
    (auth_request.AuthRequestSettings, auth_request.prepare),
)
"""Who may come in (nginx: access)."""

COMPUTED: dict[str, Callable[[StreamingRequest], str | None]] = {
    "proxy_add_x_forwarded_for": request_headers.forwarded_for,
    "realip_remote_addr": realip.remote_addr,
    "realip_remote_port": realip.remote_port,
    "secure_link": secure_link.secure_link,
    "secure_link_expires": secure_link.secure_link_expires,
    **connection.VARIABLES,
    **tcpinfo.VARIABLES,
    **variables.VARIABLES,
}
"""Variables of such modules: name -> value for a request, None when it has none."""


def prepared(
    phase: tuple[tuple[type[Any], Callable[[Any, Any], T | None]], ...], settings: Mapping[type[Any], Any], shared: Any
) -> tuple[T, ...]:
    """Return the checks that a location turned on.

    Args:
        phase: one of the tables above.
        settings: the location's, an instance of every class.
        shared: what all sites share.
    """
    checks = (prepare(settings[owner], shared) for owner, prepare in phase)
    return tuple(check for check in checks if check is not None)
