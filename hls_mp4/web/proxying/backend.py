"""Where a `proxy_pass` leads: `http://host[:port][/uri]`, https, or `http://unix:/path/to/socket:[/uri]`."""

from __future__ import annotations

import re
from dataclasses import dataclass

_URL = re.compile(
    r"(https?)://(?:unix:(/[^:\0]*)(?::|$)|(\[[0-9A-Fa-f:.%]+\]|[A-Za-z0-9._-]+)(?::([0-9]{1,5}))?(?=[/?]|$))(.*)", re.I
)
_PORTS = {"http": 80, "https": 443}


@dataclass(frozen=True, slots=True)
class Backend:
    """A server that is asked.

    Args:
        scheme: "http" or "https".
        host: its name or address, an IPv6 address without brackets; "localhost" for a unix socket.
        port: of TCP; 0 for a unix socket.
        socket: path of a unix socket, empty for TCP.
        uri: what the URL says behind that, empty for nothing.
        authority: host and port as they were written, which is the Host header by default (`$proxy_host`).
    """

    scheme: str
    host: str
    port: int
    socket: str
    uri: str
    authority: str

    @property
    def address(self) -> str:
        """`127.0.0.1:8080` or `unix:/run/auth.sock`."""
        if self.socket:
            return f"unix:{self.socket}"
        return f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"

    def url(self, target: str) -> str:
        """Return the URL of a target as the log shows it."""
        return f"{self.scheme}://{f'unix:{self.socket}:' if self.socket else self.authority}{target}"


def parse_backend(url: str) -> Backend:
    """Return where a URL leads.

    Raises:
        ValueError: in nginx's words.
    """
    if not url.lower().startswith(("http://", "https://")):
        raise ValueError("invalid URL prefix")
    found = _URL.fullmatch(url)
    if found is None:
        raise ValueError(f'invalid URL "{url}"')
    scheme, socket, host, port, uri = found[1].lower(), found[2] or "", found[3] or "", found[4], found[5]
    if socket:
        return Backend(scheme, "localhost", 0, socket, uri, "localhost")
    number = int(port) if port else _PORTS[scheme]
    if not 1 <= number <= 65535:
        raise ValueError(f'invalid port in upstream "{host}:{port}"')
    return Backend(scheme, host.strip("[]"), number, "", uri, f"{host}:{port}" if port else host)
