"""nginx's `$variables`: texts with variables in them, compiled once and rendered for each request.

A rendered text has one character per byte (latin-1), whatever the bytes mean: this is how header values and log lines
leave. Paths and text of the configuration, which are UTF-8 with surrogate escapes elsewhere, are turned over here. A
name that is neither a variable nor a capture is refused when the configuration is read.
"""

from __future__ import annotations

import os
import re
import socket
import time
from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import dataclass, field
from functools import cache, lru_cache

from hls_mp4.directives import CAPTURE_NAMES
from hls_mp4.web.facts import Facts

Read = Callable[[Facts], str | None]
Escape = Callable[[str | None], str]


@dataclass(frozen=True, slots=True)
class Variable:
    """A variable of a template.

    Args:
        name: without the dollar.
        read: returns its value for a request; None when the request has no such thing (nginx's "not found").
        plain: it is always there, and none of its characters means anything to any way of escaping.
    """

    name: str
    read: Read
    plain: bool = False


Part = str | Variable


@dataclass(frozen=True, slots=True)
class Template:
    """A text with variables; equal to another of the same text.

    Args:
        text: as it was written.
        parts: literal texts and variables in turn.
        render: returns the text for a request; a variable that is not there is empty.
        constant: the text when it has no variable, else None.
    """

    text: str
    parts: tuple[Part, ...] = field(compare=False)
    render: Callable[[Facts], str] = field(compare=False)
    constant: str | None = field(compare=False)


_MENTION = re.compile(r"\$(?:\{([^{}]*)(\}?)|([1-9])|([A-Za-z0-9_]+))?")


def compile_template(text: str, captures: Collection[str] | None = None) -> Template:
    """Return a template of a text such as `$scheme://${host}/$arg_id`.

    Args:
        text: of the configuration.
        captures: named groups that may be mentioned; None for those of the configuration that is being read.

    Raises:
        ValueError: the text mentions a variable that does not exist, or its braces are not closed.
    """
    parts = tuple(_parts(text, CAPTURE_NAMES.get() if captures is None else captures))
    literals = [part for part in parts if isinstance(part, str)]
    return Template(text, parts, renderer(parts), "".join(literals) if len(literals) == len(parts) else None)


def renderer(parts: Iterable[Part], escape: Escape | None = None) -> Callable[[Facts], str]:
    """Return a function from facts to text.

    Args:
        parts: of a template.
        escape: makes the text of a variable's value, unless the variable is plain; None to take values as they are.
    """
    literals = [""]
    reads: list[Read] = []
    for part in parts:
        if isinstance(part, Variable):
            reads.append(part.read if part.plain else _escaped(part.read, escape))
            literals.append("")
        else:
            literals[-1] += part
    if not reads:
        constant = literals[0]
        return lambda facts: constant
    # One formatting operation for the whole text: log lines are made thousands of times a second.
    form = "%s".join(literal.replace("%", "%%") for literal in literals)
    every = tuple(reads)
    return lambda facts: form % tuple([read(facts) for read in every])


def _escaped(read: Read, escape: Escape | None) -> Read:
    if escape is None:
        return lambda facts: read(facts) or ""
    return lambda facts: escape(read(facts))


def byte_text(text: str) -> str:
    """Return UTF-8 text with surrogate escapes as one character per byte."""
    return text if text.isascii() else text.encode("utf-8", "surrogateescape").decode("latin-1")


def native_text(rendered: str) -> str:
    """Return a rendered text as paths and URIs are here: UTF-8 with surrogate escapes; the inverse of `byte_text`."""
    return rendered if rendered.isascii() else rendered.encode("latin-1").decode("utf-8", "surrogateescape")


def _parts(text: str, captures: Collection[str]) -> Iterator[Part]:
    at = 0
    for found in _MENTION.finditer(text):
        if found.start() > at:
            yield byte_text(text[at : found.start()])
        at = found.end()
        braced, closed, digit, word = found.groups()
        if braced and not closed:
            raise ValueError(f'the closing bracket in "{braced}" variable is missing')
        name = braced or digit or word
        if not name:
            raise ValueError(f'invalid variable name in "{text}"')
        yield variable(name, captures)
    if at < len(text):
        yield byte_text(text[at:])


def variable(written: str, captures: Collection[str] = ()) -> Variable:
    """Return a variable by its name, in which case does not count but in the names of captures.

    Args:
        written: the name, without the dollar.
        captures: named groups that there are; groups have numbers from 1 to 9 besides.

    Raises:
        ValueError: there is no such variable.
    """
    name = written.lower()
    if name in _VARIABLES:
        return _VARIABLES[name]
    if written in captures or re.fullmatch("[1-9]", written):
        return Variable(written, _capture(written))
    for prefix, make in _FAMILIES.items():
        rest = name.removeprefix(prefix)
        if rest and rest != name:
            return Variable(name, make(rest))
    raise ValueError(f'unknown "{written}" variable')


def _capture(name: str) -> Read:
    def read(facts: Facts) -> str | None:
        text = facts.captures.get(name)
        return None if text is None else byte_text(text)

    return read


def _argument(name: str) -> Read:
    """Return the reader of `$arg_name`: the first argument of that name, case ignored, as the client wrote it."""
    search = re.compile(rb"(?:^|&)" + re.escape(name.encode()) + rb"=([^&]*)", re.IGNORECASE).search

    def read(facts: Facts) -> str | None:
        found = search(facts.query)
        return found[1].decode("latin-1") if found else None

    return read


def _cookie(name: str) -> Read:
    """Return the reader of `$cookie_name`: the first of that name, case ignored; a value ends at a semicolon."""
    search = re.compile(rf"(?:^|[;,])[ \t]*{re.escape(name)}[ \t]*=[ \t]*([^;]*)", re.IGNORECASE).search

    def read(facts: Facts) -> str | None:
        found = search(facts.request_header("cookie") or "")
        return found[1] if found else None

    return read


def _request_header(name: str) -> Read:
    header = name.replace("_", "-")
    return lambda facts: facts.request_header(header)


def _response_header(name: str) -> Read:
    header = name.replace("_", "-")
    return lambda facts: facts.response_header(header)


_FAMILIES: dict[str, Callable[[str], Read]] = {
    "arg_": _argument,
    "http_": _request_header,
    "sent_http_": _response_header,
    "cookie_": _cookie,
}

_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


def _each_second(form: Callable[[time.struct_time, str], str]) -> Read:
    """Return the reader of the time at which a request ended, which makes its text anew when the second has changed.

    Args:
        form: returns the text of a local time and its offset from UTC, as `+0100`.
    """
    known, text = -1, ""

    def read(facts: Facts) -> str:
        nonlocal known, text
        second = int(facts.started + facts.elapsed())
        if second != known:
            local = time.localtime(second)
            minutes = abs(local.tm_gmtoff) // 60
            sign = "-" if local.tm_gmtoff < 0 else "+"
            text = form(local, f"{sign}{minutes // 60:02d}{minutes % 60:02d}")
            known = second
        return text

    return read


def _common_log_time(at: time.struct_time, offset: str) -> str:
    """Return `28/Jul/2026:09:05:01 +0100`; months are English in every locale."""
    day = f"{at.tm_mday:02d}/{_MONTHS[at.tm_mon - 1]}/{at.tm_year:04d}"
    return f"{day}:{at.tm_hour:02d}:{at.tm_min:02d}:{at.tm_sec:02d} {offset}"


def _iso_time(at: time.struct_time, offset: str) -> str:
    """Return `2026-07-28T09:05:01+01:00`."""
    day = f"{at.tm_year:04d}-{at.tm_mon:02d}-{at.tm_mday:02d}"
    return f"{day}T{at.tm_hour:02d}:{at.tm_min:02d}:{at.tm_sec:02d}{offset[:3]}:{offset[3:]}"


@cache
def _hostname() -> str:
    return byte_text(socket.gethostname().lower())


def _request_uri(facts: Facts) -> str | None:
    """Return the target without the scheme and the host that a proxy's client puts before it."""
    target = facts.request_uri
    if target[:1] == "/" or "://" not in target:
        return target or None
    found = re.search("[/?]", target.partition("://")[2])
    return found.string[found.start() :] if found else "/"


def _port(number: int) -> str:
    return str(number) if number else ""


@lru_cache(maxsize=4096)
def _packed(address: str) -> str:
    """Return the four or sixteen bytes of an address, one character each; nginx's `unix:` stays as it is."""
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    try:
        return socket.inet_pton(family, address.partition("%")[0]).decode("latin-1")
    except OSError:
        return address


def _plain(name: str, read: Read) -> Variable:
    return Variable(name, read, plain=True)


def _computed(name: str) -> Variable:
    """Return a variable that a phase leaves or a module computes, see `hls_mp4.web.phases`."""
    return Variable(name, lambda facts: facts.value(name))


_VARIABLES = {
    each.name: each
    for each in (
        Variable("args", lambda facts: facts.query.decode("latin-1") or None),
        Variable("binary_remote_addr", lambda facts: _packed(facts.remote_addr)),
        _plain("body_bytes_sent", lambda facts: str(facts.body_bytes_sent)),
        _plain("bytes_sent", lambda facts: str(facts.bytes_sent)),
        Variable("content_length", _request_header("content_length")),
        Variable("content_type", _request_header("content_type")),
        Variable("document_root", lambda facts: byte_text(facts.document_root)),
        Variable("document_uri", lambda facts: byte_text(facts.uri) or None),
        Variable("host", lambda facts: byte_text(facts.host)),
        Variable("hostname", lambda _facts: _hostname()),
        Variable("https", lambda facts: "on" if facts.scheme == "https" else ""),
        Variable("is_args", lambda facts: "?" if facts.query else ""),
        _plain("limit_rate", lambda facts: str(facts.limit_rate)),
        _plain("msec", lambda facts: f"{facts.started + facts.elapsed():.3f}"),
        _plain("pid", lambda _facts: str(os.getpid())),
        _plain("pipe", lambda facts: "p" if facts.pipelined else "."),
        Variable("query_string", lambda facts: facts.query.decode("latin-1") or None),
        _plain("remote_addr", lambda facts: facts.remote_addr),
        Variable("remote_port", lambda facts: _port(facts.remote_port)),
        Variable("remote_user", lambda facts: facts.remote_user or None),
        Variable("request", lambda facts: facts.request_line),
        Variable("request_filename", lambda facts: byte_text(facts.filename)),
        _plain("request_id", lambda facts: facts.request_id),
        _plain("request_length", lambda facts: str(facts.request_length)),
        Variable("request_method", lambda facts: facts.method),
        _plain("request_time", lambda facts: f"{max(0.0, facts.elapsed()):.3f}"),
        Variable("request_uri", _request_uri),
        _plain("scheme", lambda facts: facts.scheme),
        Variable("server_addr", lambda facts: byte_text(facts.server_addr)),
        Variable("server_name", lambda facts: byte_text(facts.server_name)),
        Variable("server_port", lambda facts: _port(facts.server_port)),
        Variable("server_protocol", lambda facts: facts.protocol),
        _plain("status", lambda facts: f"{facts.status:03d}"),
        _plain("time_iso8601", _each_second(_iso_time)),
        _plain("time_local", _each_second(_common_log_time)),
        Variable("uri", lambda facts: byte_text(facts.uri) or None),
    )
} | {
    name: _computed(name)
    for name in (
        *("connection", "connection_requests", "connection_time", "request_completion"),
        *("limit_conn_status", "limit_req_status", "proxy_add_x_forwarded_for"),
        *("realip_remote_addr", "realip_remote_port", "secure_link", "secure_link_expires"),
        *("ssl_cipher", "ssl_ciphers", "ssl_client_verify", "ssl_protocol", "ssl_server_name", "ssl_session_reused"),
    )
}
