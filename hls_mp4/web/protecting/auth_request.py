"""auth_request and auth_request_set: a location of this server says who may come in (ngx_http_auth_request_module).

A subrequest is made to it: 2xx lets the client in, 401 and 403 keep it out, with the WWW-Authenticate of a 401, and
everything else is an error of ours (500). Nothing is remembered: each request asks.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from hls_mp4.directives import ANYWHERE, Parsed, directive, one
from hls_mp4.web.bytetext import native_text
from hls_mp4.web.facts import RequestFacts
from hls_mp4.web.finding.set import ASSIGNED, variable_name
from hls_mp4.web.refusal import Refusal
from hls_mp4.web.subrequest import subrequest
from hls_mp4.web.variables import Template, compile_template

if TYPE_CHECKING:
    from hls_mp4.web.request import StreamingRequest


@dataclass(frozen=True, slots=True)
class AfterRequest:
    """An auth_request_set.

    Args:
        name: of the variable.
        value: what it gets, of the subrequest's variables.
    """

    name: str
    value: Template


def read_uri(args: Sequence[str]) -> str | None:
    """Return the URI of `auth_request`, None for off; raises ValueError."""
    uri = one(args)
    if uri == "off":
        return None
    if not uri.startswith("/"):
        raise ValueError(f'invalid URI "{uri}"')
    return uri


def read_set(args: Sequence[str]) -> AfterRequest:
    """Return what `$variable value` sets; raises ValueError."""
    if len(args) != 2:
        raise ValueError("invalid number of arguments")
    return AfterRequest(variable_name(args[0]), compile_template(args[1]))


@dataclass(frozen=True, slots=True, kw_only=True)
class AuthRequestSettings:
    """Locations that say who may come in."""

    uri: str | None = directive(
        "auth_request",
        ANYWHERE,
        Parsed("uri | off", read_uri),
        default="off",
        doc="Asks a location of this server who may come in: with 2xx a client may, with 401 or 403 it may not. The"
        " location has proxy_pass, return, or whatever else answers.",
    )
    variables: tuple[AfterRequest, ...] = directive(
        "auth_request_set",
        ANYWHERE,
        Parsed("$variable value", read_set),
        default=(),
        repeated=True,
        doc="A variable that is set once auth_request was answered, for example to $upstream_http_x_user.",
    )


def prepare(settings: AuthRequestSettings, shared: Any) -> Callable[[StreamingRequest], Awaitable[bool | None]] | None:
    """Return the vote of a location, None where it is off; see `phases`."""
    uri = settings.uri
    if uri is None:
        return None

    async def vote(request: StreamingRequest) -> bool | None:
        shadow, answer = await subrequest(request, uri)
        facts = RequestFacts(shadow)
        for one_of_them in settings.variables:
            _assign(request, one_of_them.name, one_of_them.value.render(facts))
        if 200 <= answer.status < 300:
            return True
        if answer.status == 401:
            raise Refusal(401, headers=[pair for pair in answer.headers if pair[0].lower() == "www-authenticate"])
        if answer.status == 403:
            raise Refusal(403)
        # What went wrong with a backend stands in the log already.
        told = shadow.value("upstream_failed") is not None
        raise Refusal(500, "" if told else f"auth request unexpected status: {answer.status}")

    return vote


def _assign(request: StreamingRequest, name: str, value: str) -> None:
    assign = ASSIGNED.get(name)
    if assign is not None:
        assign(request, value)
    else:
        request.captures = {**request.captures, name: native_text(value)}
