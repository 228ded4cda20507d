"""proxy_set_header and proxy_pass_request_headers: the header that a backend gets (nginx's ngx_http_proxy_module).

The client's own fields go along but for those that speak of its connection or of a body, for a subrequest has none. A
field that `proxy_set_header` names takes the place of the client's; with an empty value it is left out.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from hls_mp4.directives import ANYWHERE, Flag, Parsed, directive
from hls_mp4.web.variables import Template, compile_template

if TYPE_CHECKING:
    from hls_mp4.web.facts import Facts
    from hls_mp4.web.request import StreamingRequest

_TOKEN = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")

# Of the connection (RFC 9110 7.6.1), or of a body that is not sent on.
_NOT_PASSED = frozenset(
    (
        *("connection", "keep-alive", "te", "trailer", "transfer-encoding", "upgrade", "proxy-connection"),
        *("content-length", "expect", "host"),
    )
)
_FRAMING = frozenset(("content-length", "transfer-encoding"))


@dataclass(frozen=True, slots=True)
class SetHeader:
    """A proxy_set_header.

    Args:
        name: of the field.
        value: of the field, which is left out when the value comes out empty.
    """

    name: str
    value: Template


def read_set_header(args: Sequence[str]) -> SetHeader:
    """Return the field of `name value`; raises ValueError."""
    if len(args) != 2:
        raise ValueError("invalid number of arguments")
    if not _TOKEN.fullmatch(args[0]):
        raise ValueError(f'invalid header name "{args[0]}"')
    return SetHeader(args[0], compile_template(args[1]))


@dataclass(frozen=True, slots=True, kw_only=True)
class ProxyHeaderSettings:
    """What a backend is told."""

    added: tuple[SetHeader, ...] = directive(
        "proxy_set_header",
        ANYWHERE,
        Parsed("field value", read_set_header),
        default=(),
        repeated=True,
        doc="A header field for the backend; an empty value keeps the client's field from it. Without one for Host it"
        " gets $proxy_host. A block with one proxy_set_header of its own has none of the outer ones.",
    )
    passed: bool = directive(
        "proxy_pass_request_headers",
        ANYWHERE,
        Flag(),
        default="on",
        doc="Whether the backend gets the header fields of the client.",
    )


def request_headers(
    settings: ProxyHeaderSettings, request: StreamingRequest, facts: Facts, host: str
) -> Iterator[tuple[str, str]]:
    """Yield the header fields of a request to a backend, latin-1.

    Args:
        settings: of the location.
        request: of the client.
        facts: for variables.
        host: of the Host field, unless the settings have one.
    """
    own = {header.name.lower() for header in settings.added}
    if "host" not in own:
        yield "Host", host
    for header in settings.added:
        # A request of HTTP/1.1 has to have a Host (RFC 9112 3.2): it cannot be left out.
        value = header.value.render(facts) or (host if header.name.lower() == "host" else "")
        if value and header.name.lower() not in _FRAMING:
            yield header.name, value
    if not settings.passed:
        return
    dropped = own | _NOT_PASSED
    for name, values in request.requestHeaders.getAllRawHeaders():
        written = name.decode("latin-1")
        if written.lower() not in dropped:
            yield from ((written, value.decode("latin-1")) for value in values)


def forwarded_for(request: StreamingRequest) -> str:
    """Return `$proxy_add_x_forwarded_for`: who forwarded already, and the client's address."""
    before = request.requestHeaders.getRawHeaders(b"x-forwarded-for") or []
    return ", ".join([*(value.decode("latin-1") for value in before), request.remote_addr])
