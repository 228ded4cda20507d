"""What a script knows of the request while it runs."""

from types import SimpleNamespace

import pytest

from hls_mp4.web.finding.running import Run


@pytest.mark.parametrize(
    ("target", "escapes"),
    [(b"/a/b?c=%20+", False), (b"/a%20b", True), (b"/a+b", True), (b"/", False)],
)
def test_escapes_of_the_client(target: bytes, escapes: bool) -> None:
    """Only what was escaped in the path has to be escaped again."""
    assert Run(SimpleNamespace(uri=target), None).escapes is escapes  # type: ignore[arg-type]
