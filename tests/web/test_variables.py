"""Variables mean in a text what they mean in nginx's."""

from __future__ import annotations

import time
from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hls_mp4.directives import CAPTURE_NAMES
from hls_mp4.web.facts import Facts, RequestFacts
from hls_mp4.web.variables import compile_template
from tests.web.facts import MadeUpFacts


@pytest.fixture
def paris(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv("TZ", "Europe/Paris")
    time.tzset()
    yield
    monkeypatch.undo()
    time.tzset()


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


def test_captures() -> None:
    """Groups of a location's regular expression are there by number, and by name where the name is known."""
    facts = MadeUpFacts(captures={"1": "season", "show": "caf\N{LATIN SMALL LETTER E WITH ACUTE}"})
    assert compile_template("$1x$show$10", {"show"}).render(facts) == "seasonxcaf\xc3\xa9season0"


def test_captures_of_the_configuration_that_is_being_read() -> None:
    """A group named anywhere in the configuration may be mentioned without saying so again."""
    token = CAPTURE_NAMES.set(frozenset({"show"}))
    try:
        template = compile_template("$show")
    finally:
        CAPTURE_NAMES.reset(token)
    assert template.render(MadeUpFacts(captures={"show": "dune"})) == "dune"


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("$nonesuch", 'unknown "nonesuch" variable'),
        ("a ${Nonesuch} b", 'unknown "Nonesuch" variable'),
        ("$arg_", 'unknown "arg_" variable'),
        ("$0", 'unknown "0" variable'),
        ("a$", 'invalid variable name in "a$"'),
        ("$ a", 'invalid variable name in "$ a"'),
        ("${}", 'invalid variable name in "${}"'),
        ("${host", 'the closing bracket in "host" variable is missing'),
    ],
)
def test_mistakes_are_named(text: str, reason: str) -> None:
    """A variable that does not exist is an error of the configuration, in nginx's words."""
    with pytest.raises(ValueError) as raised:
        compile_template(text)
    assert str(raised.value) == reason


def test_a_text_without_variables_is_a_constant() -> None:
    """What never changes is known at once, and only that."""
    assert compile_template("max-age=60").constant == "max-age=60"
    assert compile_template("100%").render(MadeUpFacts()) == "100%"
    assert compile_template("$host").constant is None


@given(raw=st.binary(min_size=1).filter(lambda raw: b"$" not in raw))
def test_bytes_stay_what_they_were(raw: bytes) -> None:
    """A path and a text of the configuration leave with the very bytes that they are on disk."""
    text = raw.decode("utf-8", "surrogateescape")
    rendered = compile_template(text + "|$uri").render(MadeUpFacts(uri=text))
    assert rendered.encode("latin-1") == raw + b"|" + raw


@pytest.mark.usefixtures("paris")
def test_local_times() -> None:
    """Times are those of the end of the request, in the local zone, in English."""
    text = "$time_local $time_iso8601"
    assert rendered(text, started=1753693501.25) == "28/Jul/2025:11:05:01 +0200 2025-07-28T11:05:01+02:00"
    assert rendered(text, started=1753693501.25, took=0.8) == "28/Jul/2025:11:05:02 +0200 2025-07-28T11:05:02+02:00"
    assert rendered("$time_local", started=1735693200) == "01/Jan/2025:02:00:00 +0100"


def test_this_machine_and_process() -> None:
    """$hostname and $pid are there."""
    name, pid = rendered("$hostname $pid").split()
    assert name == name.lower()
    assert int(pid) > 0


def test_requests_have_all_the_facts() -> None:
    """What the daemon knows of a request is what variables ask for."""
    asked = {name for name in vars(Facts) if not name.startswith("_")}
    assert asked <= set(dir(RequestFacts))


def test_what_a_module_knows() -> None:
    """A variable of a module has the value that the module gives it, and is empty without one."""
    text = "[$secure_link|$limit_req_status|$realip_remote_addr]"
    assert rendered(text, values={"secure_link": "1", "limit_req_status": "PASSED"}) == "[1|PASSED|]"
