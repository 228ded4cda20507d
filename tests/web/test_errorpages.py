"""Status pages are short and say nothing of the request."""

import pytest

from hls_mp4.web.errorpages import error_page


@pytest.mark.parametrize(
    ("status", "title"), [(404, "404 Not Found"), (416, "416 "), (500, "500 Internal Server Error"), (599, "599")]
)
def test_pages(status: int, title: str) -> None:
    """A person reads what happened, a machine finds a small HTML page."""
    kind, page = error_page(status)
    assert kind.startswith("text/html")
    assert title.encode() in page
    assert len(page) < 1000
