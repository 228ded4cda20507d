"""URLs of proxy_pass, as nginx reads them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hls_mp4.web.proxying.backend import Backend, parse_backend


@pytest.mark.parametrize(
    ("url", "expected", "address"),
    [
        ("http://127.0.0.1:9000", Backend("http", "127.0.0.1", 9000, "", "", "127.0.0.1:9000"), "127.0.0.1:9000"),
        ("http://auth.example", Backend("http", "auth.example", 80, "", "", "auth.example"), "auth.example:80"),
        ("HTTPS://a/b?c", Backend("https", "a", 443, "", "/b?c", "a"), "a:443"),
        ("http://a/", Backend("http", "a", 80, "", "/", "a"), "a:80"),
        ("http://a?x=1", Backend("http", "a", 80, "", "?x=1", "a"), "a:80"),
        ("http://[::1]:81/x", Backend("http", "::1", 81, "", "/x", "[::1]:81"), "[::1]:81"),
        (
            "http://unix:/run/a.sock",
            Backend("http", "localhost", 0, "/run/a.sock", "", "localhost"),
            "unix:/run/a.sock",
        ),
        (
            "http://unix:/run/a.sock:/x:y",
            Backend("http", "localhost", 0, "/run/a.sock", "/x:y", "localhost"),
            "unix:/run/a.sock",
        ),
    ],
)
def test_where_a_url_leads(url: str, expected: Backend, address: str) -> None:
    """Host, port, socket and URI, with the scheme's port when none is written."""
    assert parse_backend(url) == expected
    assert parse_backend(url).address == address


@pytest.mark.parametrize(
    "url",
    [
        "",
        "a",
        "ftp://a",
        "http:/a",
        "http://",
        "http:///x",
        "http://a:0",
        "http://a:65536",
        "http://a:x",
        "http://unix:",
        "http://u@a/",
        "http://a b/",
        "http://[zz]/",
    ],
)
def test_what_is_no_url(url: str) -> None:
    """A mistake is told when the configuration is read."""
    with pytest.raises(ValueError, match="invalid"):
        parse_backend(url)


def test_urls_in_logs() -> None:
    """The log shows the whole URL that was asked."""
    assert parse_backend("http://a:81/x").url("/x/y") == "http://a:81/x/y"
    assert parse_backend("http://unix:/a.sock").url("/y") == "http://unix:/a.sock:/y"


@given(st.text(max_size=60))
def test_any_text_is_a_backend_or_a_reason(rest: str) -> None:
    """A URL that variables made of what a client sent is taken or refused."""
    try:
        assert parse_backend("http://" + rest).host
    except ValueError:
        pass
