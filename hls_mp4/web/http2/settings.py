"""Directives of nginx's ngx_http_v2_module."""

from __future__ import annotations

from dataclasses import dataclass

from hls_mp4.directives import HTTP, SERVER, Flag, Number, directive


@dataclass(frozen=True, slots=True, kw_only=True)
class Http2Settings:
    """HTTP/2, which clients may choose where connections are encrypted."""

    enabled: bool = directive(
        "http2",
        HTTP | SERVER,
        Flag(),
        default="off",
        doc="Lets clients choose HTTP/2 on encrypted connections, as the parameter http2 of listen does.",
    )
    streams: int = directive(
        "http2_max_concurrent_streams",
        HTTP | SERVER,
        Number(least=1, most=1000),
        default="128",
        doc="Requests under way at a time on one connection; the default server's holds.",
    )
