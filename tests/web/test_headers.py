"""expires and add_header say what nginx's do."""

from __future__ import annotations

import time
from collections.abc import Iterator
from email.utils import parsedate_to_datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hls_mp4.config import ConfigErrors, load_from_text
from hls_mp4.web.headers import HeaderSettings, expires_headers, extra_headers, merged, read_expires
from tests.web.facts import MadeUpFacts

NOW = 1753693501  # 2025-07-28 09:05:01 UTC


@pytest.fixture
def paris(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv("TZ", "Europe/Paris")
    time.tzset()
    yield
    monkeypatch.undo()
    time.tzset()


def settings(text: str) -> HeaderSettings:
    config = load_from_text(f"http {{ server {{ location / {{ {text} }} }} }}", (HeaderSettings,))
    return config.servers[0].locations[0].scope[HeaderSettings]


def headers(text: str, status: int = 200, *, mtime: int | None = None, now: float = NOW) -> list[tuple[str, str]]:
    return extra_headers(settings(text), status, MadeUpFacts(), now, mtime)


def test_nothing_configured_adds_nothing() -> None:
    """Without these directives a response has no further headers, and no list is made for them."""
    assert headers("") == headers("expires off;") == []
    assert headers("") is headers("")


@pytest.mark.parametrize(
    ("text", "expires", "control"),
    [
        ("epoch", "Thu, 01 Jan 1970 00:00:01 GMT", "no-cache"),
        ("max", "Thu, 31 Dec 2037 23:55:55 GMT", "max-age=315360000"),
        ("1h", "Mon, 28 Jul 2025 10:05:01 GMT", "max-age=3600"),
        ("+1h30m", "Mon, 28 Jul 2025 10:35:01 GMT", "max-age=5400"),
        ("0", "Mon, 28 Jul 2025 09:05:01 GMT", "max-age=0"),
        ("-1", "Mon, 28 Jul 2025 09:05:00 GMT", "no-cache"),
        ("modified 1d", "Mon, 28 Jul 2025 09:04:01 GMT", "no-cache"),
        ("modified +1w", "Sun, 03 Aug 2025 09:04:01 GMT", "max-age=518340"),
        ("modified -1h", "Sun, 27 Jul 2025 08:04:01 GMT", "no-cache"),
    ],
)
def test_expires(text: str, expires: str, control: str) -> None:
    """Every form gives the date and the age that nginx gives, here for a file changed a day and a minute ago."""
    found = headers(f"expires {text};", mtime=NOW - 86460)
    assert found == [("Expires", expires), ("Cache-Control", control)]


def test_a_response_without_a_file_has_no_time_of_change() -> None:
    """For a listing "modified" counts from now."""
    assert headers("expires modified 10s;") == headers("expires 10s;")


@pytest.mark.usefixtures("paris")
@pytest.mark.parametrize(
    ("word", "expires", "age"),
    [
        ("@15h30m", "Mon, 28 Jul 2025 13:30:00 GMT", 15899),
        ("@11h05m01s", "Tue, 29 Jul 2025 09:05:01 GMT", 86400),
        ("@0", "Mon, 28 Jul 2025 22:00:00 GMT", 46499),
        ("@24h", "Mon, 28 Jul 2025 22:00:00 GMT", 46499),
    ],
)
def test_a_time_of_the_day(word: str, expires: str, age: int) -> None:
    """@15h30m is the next half past three in the local zone, never now."""
    assert headers(f"expires {word};") == [("Expires", expires), ("Cache-Control", f"max-age={age}")]


@pytest.mark.usefixtures("paris")
def test_a_time_of_the_day_when_clocks_are_changed() -> None:
    """The evening before summer time begins, six in the morning is an hour nearer."""
    evening = 1743274800  # 2025-03-29 20:00 in Paris
    assert headers("expires @6h;", now=evening)[1] == ("Cache-Control", "max-age=32400")


@given(second=st.integers(0, 86400), now=st.integers(10**9, 2 * 10**9))
def test_a_time_of_the_day_is_within_a_day(second: int, now: int) -> None:
    """The time of the day next comes after now and within a day, give or take a change of the clocks."""
    expires = read_expires([f"@{second}"])
    assert expires is not None
    (_, date), (_, control) = expires_headers(expires, now, None)
    age = int(control.removeprefix("max-age="))
    assert 0 < age <= 86400 + 3600
    assert parsedate_to_datetime(date).timestamp() == now + age


def test_headers_with_variables() -> None:
    """Headers stand in the order in which they are written; one that comes out empty is left out."""
    text = 'expires 1s; add_header X-Uri "$uri?"; add_header X-Empty $arg_none; add_header X-Uri two;'
    assert headers(text)[2:] == [("X-Uri", "/films/dune.mp4?"), ("X-Uri", "two")]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", [("ETag", '"1"'), ("Last-Modified", "then")]),
        ("add_header X 1;", [("ETag", '"1"'), ("Last-Modified", "then"), ("X", "1")]),
        ("add_header Last-Modified '';", [("ETag", '"1"')]),
        ("add_header last-modified now; add_header X 1;", [("ETag", '"1"'), ("last-modified", "now"), ("X", "1")]),
        ("add_header ETag '\"2\"' always;", [("Last-Modified", "then"), ("ETag", '"2"')]),
    ],
)
def test_validators_are_replaced(text: str, expected: list[tuple[str, str]]) -> None:
    """A response has one ETag and one Last-Modified: the administrator's, and none when that is empty."""
    ours = [("ETag", '"1"'), ("Last-Modified", "then")]
    assert merged(ours, headers(text)) == expected
    assert ours == [("ETag", '"1"'), ("Last-Modified", "then")]


@pytest.mark.parametrize("status", [200, 201, 204, 206, 301, 302, 303, 304, 307, 308])
def test_successes_and_redirects_have_the_headers(status: int) -> None:
    """What nginx counts as success or redirection gets every header."""
    assert [name for name, _ in headers("expires 1s; add_header X 1;", status)] == ["Expires", "Cache-Control", "X"]


@pytest.mark.parametrize("status", [400, 403, 404, 416, 500])
def test_errors_have_those_that_are_meant_for_all(status: int) -> None:
    """A page that says what went wrong has the headers with always, as cross-origin players need."""
    text = "expires 1s; add_header X 1; add_header Access-Control-Allow-Origin * always;"
    assert headers(text, status) == [("Access-Control-Allow-Origin", "*")]


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("expires;", "invalid number of arguments"),
        ("expires 1 2;", "invalid number of arguments"),
        ("expires modified;", 'invalid time "modified"'),
        ("expires modified @1h;", 'time of day "@1h" cannot be used with "modified"'),
        ("expires modified max;", 'invalid time "max"'),
        ("expires +-1;", 'invalid time "+-1"'),
        ("expires soon;", 'invalid time "soon"'),
        ("expires @soon;", 'invalid time "@soon"'),
        ("expires @25h;", 'time of day "@25h" must be less than 24 hours'),
        ("add_header X;", "invalid number of arguments"),
        ("add_header X 1 never;", 'invalid parameter "never"'),
        ("add_header X $nonesuch;", 'unknown "nonesuch" variable'),
        ("add_header X: 1;", 'invalid header name "X:"'),
        ("add_header Content-Length 1;", '"Content-Length" is set by the server'),
    ],
)
def test_mistakes_are_named(text: str, reason: str) -> None:
    """A directive that cannot be understood is an error with its reason."""
    with pytest.raises(ConfigErrors, match=reason.translate({ord("+"): r"\+"})):
        settings(text)


def test_inheritance() -> None:
    """A location with an add_header of its own has none of the server's; expires is inherited by itself."""
    text = """http { add_header A 1; expires 1h; server { location /a { } location /b { add_header B 1; } } }"""
    a, b = load_from_text(text, (HeaderSettings,)).servers[0].locations
    assert [header.name for header in a.scope[HeaderSettings].added] == ["A"]
    assert [header.name for header in b.scope[HeaderSettings].added] == ["B"]
    assert b.scope[HeaderSettings].expires == read_expires(["1h"])
