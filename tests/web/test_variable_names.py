"""Variables mean what they mean in nginx."""

from __future__ import annotations

from pathlib import Path

import pytest

from hls_mp4 import __version__
from hls_mp4.web.facts import Facts, RequestFacts
from hls_mp4.web.variables import compile_template
from tests.web.facts import MadeUpFacts


def rendered(text: str, **facts: object) -> str:
    return compile_template(text).render(MadeUpFacts(**facts))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("$request", "GET /films/dune.mp4?start=10&end=20 HTTP/1.1"),
        ("${scheme}s and $scheme", "https and http"),
        ("$host:$server_port$request_uri", "media.example:8080/films/dune.mp4?start=10&end=20"),
        ("$uri$is_args$args", "/films/dune.mp4?start=10&end=20"),
        ("$document_uri $query_string", "/films/dune.mp4 start=10&end=20"),
        ("$Remote_Addr:$REMOTE_PORT", "198.51.100.7:50123"),
        ("$status $body_bytes_sent $bytes_sent $request_length", "200 1048576 1049000 321"),
        ("$request_time $msec", "0.500 1753693501.750"),
        ("$document_root|$request_filename", "/srv/media|/srv/media/films/dune.mp4"),
        ("$server_name $server_addr $server_protocol $request_method", "media.example 192.0.2.1 HTTP/1.1 GET"),
        ("$request_id$https$pipe$limit_rate", "0123456789abcdef0123456789abcdef.0"),
        ("100%$status%s", "100%200%s"),
        ("[$remote_user]", "[]"),
        ("", ""),
    ],
)
def test_a_text_with_variables(text: str, expected: str) -> None:
    """Every variable has nginx's value, with or without braces, in upper or lower case."""
    assert rendered(text) == expected


@pytest.mark.parametrize(
    ("target", "expected"),
    [
        ("/a%20b?c", "/a%20b?c"),
        ("http://example.org/a?b", "/a?b"),
        ("http://example.org:80?b/c", "?b/c"),
        ("http://example.org", "/"),
        ("/a?http://b/c", "/a?http://b/c"),
        ("*", "*"),
    ],
)
def test_the_request_uri_is_without_the_host(target: str, expected: str) -> None:
    """What a proxy's client puts before the path is no part of $request_uri, and is in $request."""
    line = f"GET {target} HTTP/1.1"
    assert rendered("$request_uri|$request", request_uri=target, request_line=line) == f"{expected}|{line}"


def test_absent_things_are_empty() -> None:
    """A request over a unix socket, without arguments and headers, leaves nothing but the text between."""
    text = "a${remote_port}b${server_port}c${args}d${is_args}e${http_referer}f${arg_x}g${cookie_x}h${sent_http_etag}i$1"
    assert rendered(text, remote_port=0, server_port=0, query=b"") == "abcdefghi"


def test_https_and_a_pipeline() -> None:
    """$https is "on" over TLS, and $pipe is "p" when the next request waits already."""
    assert rendered("$scheme $https $pipe", scheme="https", pipelined=True) == "https on p"


@pytest.mark.parametrize(
    ("query", "value"),
    [
        (b"start=10&end=20", "10"),
        (b"end=20&START=7", "7"),
        (b"start=1&start=2", "1"),
        (b"xstart=1&start=a%20b", "a%20b"),
        (b"start&start=3", "3"),
        (b"start=", ""),
        (b"restart=1", ""),
        (b"start=\xff", "\xff"),
    ],
)
def test_an_argument(query: bytes, value: str) -> None:
    """$arg_start is the first argument of that name, case ignored, not decoded."""
    assert rendered("$arg_start", query=query) == value


@pytest.mark.parametrize(
    ("cookies", "value"),
    [
        ("sid=42", "42"),
        ("a=1; SID=42; b=2", "42"),
        ("xsid=1; sid=2; sid=3", "2"),
        ("sid = 4,5 ;b=1", "4,5 "),
        ("note=sid", ""),
    ],
)
def test_a_cookie(cookies: str, value: str) -> None:
    """$cookie_sid is the first cookie of that name, case ignored, up to the semicolon."""
    assert rendered("$cookie_sid", request_headers={"cookie": cookies}) == value


def test_headers() -> None:
    """$http_x and $sent_http_x are headers of request and response, dashes written as underscores."""
    text = "$http_user_agent|$http_x_a_b|$sent_http_content_type|$content_type|$content_length"
    request = {"user-agent": "mpv", "x-a-b": "1", "content-type": "text/plain", "content-length": "3"}
    assert rendered(text, request_headers=request, response_headers={"content-type": "video/mp4"}) == (
        "mpv|1|video/mp4|text/plain|3"
    )


def test_this_machine_and_process() -> None:
    """$hostname and $pid are there."""
    name, pid = rendered("$hostname $pid").split()
    assert name == name.lower()
    assert int(pid) > 0


def test_what_a_module_knows() -> None:
    """A variable of a module has the value that the module gives it, and is empty without one."""
    text = "[$secure_link|$limit_req_status|$realip_remote_addr]"
    assert rendered(text, values={"secure_link": "1", "limit_req_status": "PASSED"}) == "[1|PASSED|]"


def test_requests_have_all_the_facts() -> None:
    """What the daemon knows of a request is what variables ask for."""
    asked = {name for name in vars(Facts) if not name.startswith("_")}
    assert asked <= set(dir(RequestFacts))


@pytest.mark.parametrize(
    ("address", "packed"),
    [
        ("192.0.2.1", b"\xc0\x00\x02\x01"),
        ("2001:db8::1", b"\x20\x01\x0d\xb8" + bytes(11) + b"\x01"),
        ("unix:", b"unix:"),
    ],
)
def test_an_address_in_few_bytes(address: str, packed: bytes) -> None:
    """$binary_remote_addr, the usual key of limits, is the address in four or sixteen bytes."""
    assert rendered("$binary_remote_addr", remote_addr=address).encode("latin-1") == packed


def test_what_means_nothing_here() -> None:
    """A log format of a proxy loads, and what it tells of upstreams is empty."""
    assert rendered(
        "[$upstream_response_time$upstream_http_x$sent_trailer_x$proxy_host$request_body$ssl_client_s_dn]"
    ) == ("[]")


def test_the_version() -> None:
    """$nginx_version is the version of what answers."""
    assert rendered("$nginx_version") == __version__


def test_the_real_root(tmp_path: Path) -> None:
    """$realpath_root is where links lead."""
    (tmp_path / "release").mkdir()
    (tmp_path / "current").symlink_to("release")
    assert rendered("$realpath_root", document_root=str(tmp_path / "current")) == str(tmp_path / "release")
