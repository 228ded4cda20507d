"""Facts of a request that never was, for tests of what reads them."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(slots=True)
class MadeUpFacts:
    """Everything `hls_mp4.web.variables.Facts` asks for, as plain values."""

    method: str = "GET"
    request_uri: str = "/films/dune.mp4?start=10&end=20"
    request_line: str = "GET /films/dune.mp4?start=10&end=20 HTTP/1.1"
    uri: str = "/films/dune.mp4"
    query: bytes = b"start=10&end=20"
    protocol: str = "HTTP/1.1"
    scheme: str = "http"
    host: str = "media.example"
    server_name: str = "media.example"
    server_addr: str = "192.0.2.1"
    server_port: int = 8080
    remote_addr: str = "198.51.100.7"
    remote_port: int = 50123
    remote_user: str = ""
    status: int = 200
    body_bytes_sent: int = 1048576
    bytes_sent: int = 1049000
    request_length: int = 321
    started: float = 1753693501.25
    request_id: str = "0123456789abcdef0123456789abcdef"
    filename: str = "/srv/media/films/dune.mp4"
    document_root: str = "/srv/media"
    captures: dict[str, str] = field(default_factory=dict)
    limit_rate: int = 0
    pipelined: bool = False
    took: float = 0.5
    request_headers: dict[str, str] = field(default_factory=dict)
    response_headers: dict[str, str] = field(default_factory=dict)
    values: dict[str, str | None] = field(default_factory=dict)

    def elapsed(self) -> float:
        return self.took

    def request_header(self, name: str) -> str | None:
        return self.request_headers.get(name)

    def response_header(self, name: str) -> str | None:
        return self.response_headers.get(name)

    def value(self, name: str) -> str | None:
        return self.values.get(name)
