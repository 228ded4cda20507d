"""Every variable there is, by name, with what it reads of a request.

The names are nginx's core ones and those of its modules. What a module of ours computes is only named here, see
COMPUTED in `hls_mp4.web.phases`. What has no meaning here, as `$upstream_response_time`, is absent from every request,
so that a log format that was brought along loads; a log shows it as `-`, as nginx does where nothing was passed on.
"""

from __future__ import annotations

import os
import re
import socket
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache, lru_cache

from hls_mp4 import __version__
from hls_mp4.web.bytetext import byte_text
from hls_mp4.web.facts import Facts
from hls_mp4.web.variable_times import time_iso8601, time_local

Read = Callable[[Facts], str | None]


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


def _nothing(_facts: Facts) -> str | None:
    return None


def _never(_name: str) -> Read:
    return _nothing


def _upstream(name: str) -> Read:
    """Return the reader of what a subrequest leaves that was passed on to another server."""
    full = f"upstream_{name}"
    return lambda facts: facts.value(full)


FAMILIES: dict[str, Callable[[str], Read]] = {
    "arg_": _argument,
    "http_": _request_header,
    "sent_http_": _response_header,
    "cookie_": _cookie,
    "sent_trailer_": _never,
    "upstream_": _upstream,
}
"""Beginning of a name -> what makes a reader of the rest of it."""


@cache
def _hostname() -> str:
    return byte_text(socket.gethostname().lower())


@lru_cache(maxsize=4096)
def _packed(address: str) -> str:
    """Return the bytes of an IP address; of a unix socket, which has none, its text."""
    try:
        family = socket.AF_INET6 if ":" in address else socket.AF_INET
        return socket.inet_pton(family, address).decode("latin-1")
    except OSError:
        return address


def _request_uri(facts: Facts) -> str | None:
    """Return the target without the scheme and the host that a proxy's client puts before it."""
    target = facts.request_uri
    if target[:1] == "/" or "://" not in target:
        return target or None
    found = re.search("[/?]", target.partition("://")[2])
    return found.string[found.start() :] if found else "/"


def _port(number: int) -> str:
    return str(number) if number else ""


def _realpath_root(facts: Facts) -> str:
    return byte_text(os.path.realpath(facts.document_root))


def _plain(name: str, read: Read) -> Variable:
    return Variable(name, read, plain=True)


def _computed(name: str) -> Variable:
    """Return a variable that a phase leaves or a module computes."""
    return Variable(name, lambda facts: facts.value(name))


_READ = (
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
    _plain("nginx_version", lambda _facts: __version__),
    _plain("pid", lambda _facts: str(os.getpid())),
    _plain("pipe", lambda facts: "p" if facts.pipelined else "."),
    Variable("query_string", lambda facts: facts.query.decode("latin-1") or None),
    Variable("realpath_root", _realpath_root),
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
    _plain("time_iso8601", time_iso8601),
    _plain("time_local", time_local),
    Variable("uri", lambda facts: byte_text(facts.uri) or None),
)

_COMPUTED = (
    *("connection", "connection_requests", "connection_time", "request_completion", "gzip_ratio", "http2"),
    *("tcpinfo_rtt", "tcpinfo_rttvar", "tcpinfo_snd_cwnd", "tcpinfo_rcv_space"),
    *("limit_conn_status", "limit_req_status", "proxy_add_x_forwarded_for", "proxy_host", "proxy_port"),
    *("realip_remote_addr", "realip_remote_port", "secure_link", "secure_link_expires"),
    *("ssl_cipher", "ssl_curve", "ssl_protocol", "ssl_server_name", "ssl_session_reused"),
    *("ssl_client_cert", "ssl_client_escaped_cert", "ssl_client_fingerprint", "ssl_client_i_dn", "ssl_client_raw_cert"),
    *("ssl_client_s_dn", "ssl_client_serial", "ssl_client_v_end", "ssl_client_v_remain", "ssl_client_v_start"),
    *("ssl_client_verify", "usp_status"),
)

_ABSENT = (
    *("ancient_browser", "modern_browser", "msie", "http3"),
    *("proxy_protocol_addr", "proxy_protocol_port", "proxy_protocol_server_addr", "proxy_protocol_server_port"),
    *("request_body", "request_body_file", "slice_range", "uid_got", "uid_reset", "uid_set"),
    *("ssl_client_i_dn_legacy", "ssl_client_s_dn_legacy", "ssl_ciphers", "ssl_curves"),
    *("ssl_early_data", "ssl_session_id"),
)

KNOWN: dict[str, Variable] = {
    **{each.name: each for each in _READ},
    **{name: _computed(name) for name in _COMPUTED},
    **{name: Variable(name, _nothing) for name in _ABSENT},
}
"""Every variable that has a name of its own."""
