"""proxy_pass, for the subrequests of auth_request: whether a client may come in is asked of another server.

nginx's ngx_http_proxy_module, as far as such a question goes: no body is sent, only the header of the answer counts,
nothing is cached. Films are not passed on: a client that asks for such a location itself gets 404. Differences: the
connection is HTTP/1.1 and kept for the next question, names are looked up when they are needed, and `upstream` blocks
are not understood.
"""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from hls_mp4.directives import ANYWHERE, LOCATION, Flag, Parsed, Time, directive, one
from hls_mp4.plan import Plan
from hls_mp4.web.answer import Answer
from hls_mp4.web.bytetext import byte_text
from hls_mp4.web.facts import RequestFacts
from hls_mp4.web.finding.texts import escape_path
from hls_mp4.web.proxying.asking import BackendFailed, Backends, Patience, Reply
from hls_mp4.web.proxying.backend import Backend, parse_backend
from hls_mp4.web.proxying.request_headers import ProxyHeaderSettings, request_headers
from hls_mp4.web.proxying.tls import ProxyTlsSettings, connection_maker
from hls_mp4.web.refusal import Refusal
from hls_mp4.web.variables import Template, compile_template

if TYPE_CHECKING:
    from collections.abc import Mapping

    from hls_mp4.web.request import StreamingRequest
    from hls_mp4.web.rules import LocationRules

_METHOD = re.compile("[A-Z_-]{1,32}")


def read_target(args: Sequence[str]) -> Template:
    """Return the URL of `proxy_pass`; raises ValueError."""
    template = compile_template(one(args))
    if template.constant is not None:
        parse_backend(template.constant)
    return template


def read_method(args: Sequence[str]) -> Template:
    """Return the method of `proxy_method`; raises ValueError."""
    template = compile_template(one(args))
    if template.constant is not None and not _METHOD.fullmatch(template.constant.upper()):
        raise ValueError(f'invalid method "{template.constant}"')
    return template


@dataclass(frozen=True, slots=True, kw_only=True)
class ProxyPassSettings:
    """Servers that are asked who may come in."""

    target: Template | None = directive(
        "proxy_pass",
        LOCATION,
        Parsed("URL", read_target),
        default=None,
        inherited=False,
        doc="The server that subrequests of auth_request are sent to: http://host[:port][/uri], https://, or"
        " http://unix:/socket:/uri. With a URI it takes the place of the location's prefix. Clients get 404 here.",
        differs="for subrequests of `auth_request` only, clients get 404; names are looked up for each connection, and"
        " `upstream` blocks are not understood",
    )
    method: Template | None = directive(
        "proxy_method",
        ANYWHERE,
        Parsed("method", read_method),
        default=None,
        doc="The method of the requests to a backend, which is GET otherwise.",
    )
    body: bool = directive(
        "proxy_pass_request_body",
        ANYWHERE,
        Flag(),
        default="on",
        doc="Understood for nginx's sake: a subrequest of auth_request has no body, whatever this says.",
        differs="a subrequest of auth_request never has a body",
    )
    connect_timeout: int = directive(
        "proxy_connect_timeout",
        ANYWHERE,
        Time(),
        default="60s",
        doc="How long a backend may take to accept a connection.",
    )
    read_timeout: int = directive(
        "proxy_read_timeout",
        ANYWHERE,
        Time(),
        default="60s",
        doc="How long a backend may take to answer.",
    )
    send_timeout: int = directive(
        "proxy_send_timeout",
        ANYWHERE,
        Time(),
        default="60s",
        doc="Understood for nginx's sake: a request without a body is sent at once, or proxy_read_timeout ends it.",
        differs="it changes nothing",
    )


Ask = Callable[["StreamingRequest"], Awaitable[Answer]]


def prepare(target: Template | None, settings: Mapping[type[Any], Any], shared: Any, prefix: str) -> Ask | None:
    """Return what answers in a location that has a `proxy_pass`, None for any other.

    Args:
        target: of the `proxy_pass`.
        settings: the location's, an instance of every class.
        shared: what all sites share.
        prefix: of the location; empty when a regular expression or a name leads to it.

    Raises:
        OSError: certificates cannot be read.
        ValueError: there are none.
    """
    if target is None:
        return None
    tls: ProxyTlsSettings = settings[ProxyTlsSettings]
    backends = shared.once(("backends", tls), lambda: Backends(shared.reactor, connection_maker(tls)))
    return Passing(settings[ProxyPassSettings], target, settings[ProxyHeaderSettings], backends, prefix).answer


class Passing:
    """A location's `proxy_pass`.

    Args:
        settings: the location's.
        target: where to.
        headers: what the backend is told.
        backends: connections.
        prefix: of the location.
    """

    def __init__(
        self,
        settings: ProxyPassSettings,
        target: Template,
        headers: ProxyHeaderSettings,
        backends: Backends,
        prefix: str,
    ) -> None:
        self._target = target
        self._constant = parse_backend(target.constant) if target.constant is not None else None
        self._method = settings.method
        self._headers = headers
        self._backends = backends
        self._prefix = prefix
        self._patience = Patience(settings.connect_timeout / 1000, settings.read_timeout / 1000)

    async def answer(self, request: StreamingRequest) -> Answer:
        """Return the backend's answer, without its body.

        Raises:
            Refusal: 502 or 504 when there is none, 404 when it is the client that asks.
        """
        rules = request.rules
        assert rules is not None
        if not request.subrequest:
            raise Refusal(404, "proxy_pass serves auth_request subrequests only")
        facts = RequestFacts(request)
        backend = self._backend(facts)
        request.set_value("proxy_host", backend.authority)
        request.set_value("proxy_port", str(backend.port) if backend.port else "")
        method = self._method.render(facts).upper() if self._method is not None else "GET"
        target = self.uri(request, backend)
        headers = list(request_headers(self._headers, request, facts, backend.authority))
        began = self._backends.reactor.seconds()
        try:
            if not _METHOD.fullmatch(method):
                raise BackendFailed(502, f'invalid method "{method}" while sending request to upstream')
            reply = await self._backends.ask(backend, method, target, headers, self._patience)
        except BackendFailed as failed:
            self._note(request, backend, str(failed.status), began, ())
            request.set_value("upstream_failed", "1")
            raise Refusal(failed.status, f'{failed.reason}, upstream: "{backend.url(target)}"') from None
        self._note(request, backend, str(reply.status), began, reply.headers)
        return _answer(rules, reply)

    def uri(self, request: StreamingRequest, backend: Backend) -> str:
        """Return the target of the request to a backend, escaped."""
        if backend.uri and self._constant is None:
            return _rooted(backend.uri)
        path = request.location_path
        if backend.uri:
            path = path[len(self._prefix) :]
        query = f"?{request.query.decode('latin-1')}" if request.query else ""
        return f"{_rooted(backend.uri)}{escape_path(byte_text(path))}{query}"

    def _backend(self, facts: RequestFacts) -> Backend:
        if self._constant is not None:
            return self._constant
        url = self._target.render(facts)
        try:
            return parse_backend(url)
        except ValueError as problem:
            raise Refusal(500, f'{problem} in "{url}"') from None

    def _note(
        self, request: StreamingRequest, backend: Backend, status: str, began: float, headers: Sequence[tuple[str, str]]
    ) -> None:
        """Leave the variables of the answer."""
        took = f"{max(0.0, self._backends.reactor.seconds() - began):.3f}"
        request.set_value("upstream_addr", backend.address)
        request.set_value("upstream_status", status)
        request.set_value("upstream_response_time", took)
        request.set_value("upstream_header_time", took)
        joined: dict[str, str] = {}
        for name, value in headers:
            key = f"upstream_http_{name.lower().replace('-', '_')}"
            joined[key] = f"{joined[key]}, {value}" if key in joined else value
        request.values = {**request.values, **joined}


# What is of the backend's connection or of its body, and what every response of ours has of its own.
_NOT_KEPT = frozenset(
    ("connection", "keep-alive", "transfer-encoding", "content-length", "date", "server", "te", "trailer", "upgrade")
)


def _rooted(uri: str) -> str:
    """Return the URI of a URL, which may begin with its arguments."""
    return f"/{uri}" if uri.startswith("?") else uri


def _answer(rules: LocationRules, reply: Reply) -> Answer:
    headers = [(name, value) for name, value in reply.headers if name.lower() not in _NOT_KEPT]
    return Answer(reply.status, headers, Plan(()), rules)
