"""What a backend is told of a client."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest
from twisted.web.http_headers import Headers

from hls_mp4.web.proxying.request_headers import (
    ProxyHeaderSettings,
    forwarded_for,
    read_set_header,
    request_headers,
)
from tests.web.facts import MadeUpFacts


class Asked:
    """A request with these fields."""

    remote_addr = "192.0.2.7"

    def __init__(self, **fields: str) -> None:
        self.requestHeaders = Headers()
        for name, value in fields.items():
            self.requestHeaders.addRawHeader(name.replace("_", "-").encode(), value.encode("latin-1"))


def told(fields: dict[str, str], *lines: Sequence[str], passed: bool = True) -> dict[str, str]:
    """Return what a backend gets, names in small letters."""
    settings = ProxyHeaderSettings(added=tuple(read_set_header(line) for line in lines), passed=passed)
    asked: Any = Asked(**fields)
    return {name.lower(): value for name, value in request_headers(settings, asked, MadeUpFacts(), "auth:80")}


def test_what_the_client_said_goes_along() -> None:
    """Cookies, tokens and agents reach the backend, and its own name as the host."""
    fields = {"Host": "media", "Cookie": "a=b", "Authorization": "Bearer x", "Range": "bytes=0-"}
    assert told(fields) == {"host": "auth:80", "cookie": "a=b", "authorization": "Bearer x", "range": "bytes=0-"}


def test_what_is_of_the_connection_stays() -> None:
    """Lengths and encodings of a body that is not sent, and the client's connection, are nothing to the backend."""
    fields = {"Connection": "close", "Content_Length": "5", "Transfer_Encoding": "chunked", "Upgrade": "h2c", "TE": "x"}
    assert told(fields | {"Expect": "100-continue"}) == {"host": "auth:80"}
    assert told({}, ("Content-Length", "5"), ("Transfer-Encoding", "chunked")) == {"host": "auth:80"}


def test_fields_of_ones_own() -> None:
    """proxy_set_header takes the place of the client's field, with an empty value it leaves it out."""
    fields = {"Cookie": "a=b", "X_Original_URI": "/forged"}
    lines = [("X-Original-URI", "$request_uri"), ("cookie", ""), ("Content-Length", ""), ("Host", "$host")]
    assert told(fields, *lines) == {
        "x-original-uri": "/films/dune.mp4?start=10&end=20",
        "host": "media.example",
    }
    assert told({}, ("Host", "")) == {"host": "auth:80"}


def test_nothing_of_the_client() -> None:
    """proxy_pass_request_headers off: the backend gets what the configuration says only."""
    assert told({"Cookie": "a=b"}, ("X-A", "1"), passed=False) == {"host": "auth:80", "x-a": "1"}


@pytest.mark.parametrize("line", [(), ("a",), ("a", "b", "c"), ("a b", "c"), ("", "c"), ("a:", "b"), ("X", "$nowhere")])
def test_mistakes(line: Sequence[str]) -> None:
    """What is no field is a mistake of the configuration."""
    with pytest.raises(ValueError, match=r"invalid|unknown"):
        read_set_header(line)


def test_who_forwarded() -> None:
    """$proxy_add_x_forwarded_for goes on where the header of the client ends."""
    first: Any = Asked()
    later: Any = Asked(X_Forwarded_For="198.51.100.1, 10.0.0.1")
    assert forwarded_for(first) == "192.0.2.7"
    assert forwarded_for(later) == "198.51.100.1, 10.0.0.1, 192.0.2.7"
