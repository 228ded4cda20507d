"""What directives do to a request before a file is looked for, in nginx's order, prepared once for each location.

A directive that checks requests lives in a module of its own, with a settings class and a function

    prepare(settings, shared) -> Check | None

that is called for each location when the daemon starts, and returns None where the directive is off: a request meets
only what its location configured. A check raises Refusal, or returns None to go on, or something to await when it has
to wait. Variables that such a module brings are functions of a request, listed in COMPUTED.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from typing import TYPE_CHECKING, Any

from hls_mp4.web import access
from hls_mp4.web.protecting import limit_conn, limit_req, realip

if TYPE_CHECKING:
    from hls_mp4.web.request import StreamingRequest

Check = Callable[["StreamingRequest"], Awaitable[None] | None]
Prepare = Callable[[Any, Any], Check | None]

ARRIVAL: tuple[tuple[type[Any], Prepare], ...] = ((realip.RealIpSettings, realip.prepare),)
"""Before a location is looked for, by the server's settings (nginx: post-read)."""

LIMITS: tuple[tuple[type[Any], Prepare], ...] = (
    (realip.RealIpSettings, realip.prepare),
    (limit_req.LimitReqSettings, limit_req.prepare),
    (limit_conn.LimitConnSettings, limit_conn.prepare),
)
"""Who has to wait or go because there are too many (nginx: pre-access)."""

ADMISSION: tuple[tuple[type[Any], Prepare], ...] = ((access.AccessSettings, access.prepare),)
"""Who may come in (nginx: access); `satisfy any` is content with one of them."""

COMPUTED: dict[str, Callable[[StreamingRequest], str | None]] = {
    "realip_remote_addr": realip.remote_addr,
    "realip_remote_port": realip.remote_port,
}
"""Variables of such modules: name -> value for a request, None when it has none."""


def prepared(
    phase: tuple[tuple[type[Any], Prepare], ...], settings: Mapping[type[Any], Any], shared: Any
) -> tuple[Check, ...]:
    """Return the checks that a location turned on.

    Args:
        phase: one of the tables above.
        settings: the location's, an instance of every class.
        shared: what all sites share.
    """
    checks = (prepare(settings[owner], shared) for owner, prepare in phase)
    return tuple(check for check in checks if check is not None)
