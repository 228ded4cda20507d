"""What is checked of a connection before its request goes on: nginx's 495, 496, 497 and 421.

Plain HTTP on a TLS port is 497; a client's certificate that is not good 495, one that is missing 496: three kinds of
400, which `error_page` may tell apart. A request for a server that verifies clients, over a connection on which another
server shook hands, is 421: that server asked for no certificate, or for one of other authorities. nginx answers so only
when the client named a server in its handshake, and decides by the name instead of the server.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from hls_mp4.web.refusal import Refusal
from hls_mp4.web.tls.settings import TlsSettings

if TYPE_CHECKING:
    from hls_mp4.web.request import StreamingRequest

BAD_CERTIFICATE, NO_CERTIFICATE, PLAIN_HTTP = 495, 496, 497

_OTHER_SERVER = "client attempted to request the server name different from the one that was negotiated"


def prepare(settings: TlsSettings, shared: Any) -> Callable[[StreamingRequest], None] | None:
    """Return the check of a server, None where no address of the daemon is encrypted; see `phases`."""
    if not shared.encrypts:
        return None
    verify = settings.verify

    def check(request: StreamingRequest) -> None:
        connection = request.tls
        if connection is None:
            if request.channel.plain_on_tls:
                raise Refusal(PLAIN_HTTP, "client sent plain HTTP request to HTTPS port", level="info")
            return
        if verify == "off":
            return
        if connection.terms.owner is not settings:
            raise Refusal(421, _OTHER_SERVER, level="info")
        client = connection.client
        if client.certificate is None:
            if verify == "on":
                raise Refusal(NO_CERTIFICATE, "client sent no required SSL certificate", level="info")
        elif not client.acceptable(verify):
            raise Refusal(
                BAD_CERTIFICATE,
                f"client SSL certificate verify error: ({client.error}:{client.reason})",
                level="info",
            )

    return check
