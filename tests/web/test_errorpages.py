"""Status pages are short and say nothing of the request."""

from __future__ import annotations

import pytest

from hls_mp4.web.errorpages import error_page, phrase_of


@pytest.mark.parametrize(
    ("status", "title"),
    [
        (301, "301 Moved Permanently"),
        (404, "404 Not Found"),
        (413, "413 Content Too Large"),
        (414, "414 URI Too Long"),
        (416, "416 Range Not Satisfiable"),
        (429, "429 Too Many Requests"),
        (494, "400 Request Header Or Cookie Too Large"),
        (495, "400 The SSL certificate error"),
        (496, "400 No required SSL certificate was sent"),
        (497, "400 The plain HTTP request was sent to HTTPS port"),
        (500, "500 Internal Server Error"),
        (599, "599"),
    ],
)
def test_pages(status: int, title: str) -> None:
    """A person reads what happened, a machine finds a small HTML page."""
    kind, page = error_page(status, "mp4stream/1.0")
    assert kind == "text/html; charset=utf-8"
    assert f"<title>{title}</title>" in page.decode()
    assert f"<h1>{title}</h1><p>mp4stream/1.0</p>" in page.decode()
    assert len(page) < 1000


def test_a_signature_is_text() -> None:
    """A name of one's own with angle brackets or from another alphabet does not break the page."""
    _, page = error_page(404, "<Films> \N{CYRILLIC SMALL LETTER KA}")
    assert "<p>&lt;Films&gt; \N{CYRILLIC SMALL LETTER KA}</p>".encode() in page
    assert b"<p>" not in error_page(404)[1]


def test_phrases() -> None:
    """A status has its registered name, and none when it has none."""
    assert (phrase_of(206), phrase_of(299)) == ("Partial Content", "")
