"""absolute_redirect, server_name_in_redirect, port_in_redirect: what the Location of our own redirects looks like.

nginx's core module and header filter: a path becomes a URL with the request's scheme, the host that was asked for and
the port of the connection, so that a redirect leads to the same server. Values that are no paths stay as they are.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from hls_mp4.directives import ANYWHERE, Flag, directive
from hls_mp4.web.facts import RequestFacts
from hls_mp4.web.variables import byte_text

if TYPE_CHECKING:
    from hls_mp4.web.request import StreamingRequest


@dataclass(frozen=True, slots=True, kw_only=True)
class RedirectSettings:
    """URLs of redirects."""

    absolute: bool = directive(
        "absolute_redirect",
        ANYWHERE,
        Flag(),
        default="on",
        doc="Whether redirects to this server name scheme, host and port.",
    )
    server_name: bool = directive(
        "server_name_in_redirect",
        ANYWHERE,
        Flag(),
        default="off",
        doc="Whether absolute redirects name the first server_name rather than the host that was asked for.",
    )
    port: bool = directive(
        "port_in_redirect",
        ANYWHERE,
        Flag(),
        default="on",
        doc="Whether absolute redirects name the port, where it is not the scheme's usual one.",
    )


def client_location(request: StreamingRequest, target: str) -> str:
    """Return the value of a Location header, latin-1.

    Args:
        request: the request.
        target: a path, or a URL, which stays as it is; latin-1.
    """
    rules = request.rules
    settings = rules.of.get(RedirectSettings, _DEFAULTS) if rules is not None else _DEFAULTS
    if not target.startswith("/") or not settings.absolute:
        return target
    facts = RequestFacts(request)
    host = facts.server_name if settings.server_name else request.host_name or facts.server_addr
    if ":" in host and not host.startswith(("[", "unix:")):
        host = f"[{host}]"
    port = facts.server_port if settings.port else 0
    shown = "" if port in (0, 443 if request.secure else 80) else f":{port}"
    return f"{facts.scheme}://{byte_text(host)}{shown}{target}"


_DEFAULTS = RedirectSettings()
