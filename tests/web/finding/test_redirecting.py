"""Internal redirects: how many there may be, and what they change."""

from collections.abc import Callable

import pytest
import pytest_twisted
from twisted.logger import capturedLogs

from hls_mp4.web.finding.redirecting import MOST_CHANGES, count_change
from hls_mp4.web.refusal import Refusal
from tests.web.harness import Served
from tests.web.test_content import ask

Serve = Callable[..., Served]


class Counted:
    """The part of a request that counts."""

    uri_changes = 0


def test_ten_changes_and_no_more() -> None:
    """The eleventh is 500 with nginx's words, and every further one."""
    request = Counted()
    for _ in range(MOST_CHANGES):
        count_change(request, "x")  # type: ignore[arg-type]
    for _ in range(2):
        with pytest.raises(Refusal, match="rewrite or internal redirection cycle while doing so") as raised:
            count_change(request, "doing so")  # type: ignore[arg-type]
        assert raised.value.status == 500


@pytest_twisted.ensureDeferred
async def test_cycles_of_every_kind(serve: Serve) -> None:
    """index, try_files, named locations and error pages that lead to themselves end with 500, and one line says so."""
    served = serve(
        """location = /folder/ { index /folder/; } location /t { try_files /nothing /t/x; }
        location /n { try_files /nothing @n; } location @n { try_files /nothing @n; }
        location /e { recursive_error_pages on; error_page 404 /e/e; }"""
    )
    for path in ("/folder/", "/t", "/n", "/e"):
        with capturedLogs() as events:
            assert (await ask(served, path))[0] == 500, path
        cycles = [event for event in events if "redirection cycle" in str(event.get("reason"))]
        assert len(cycles) == 1, path


@pytest_twisted.ensureDeferred
async def test_a_server_sees_every_redirect(serve: Serve) -> None:
    """The script of a server is run for internal redirects too, as in nginx; not for named locations."""
    served = serve(
        "rewrite ^/inner/(.*) /small.mp4; location /a { error_page 404 =200 /inner/x; }"
        " location /b { error_page 404 =200 @b; } location @b { return 200 $uri; }"
    )
    assert (await ask(served, "/a"))[0] == 200
    assert (await ask(served, "/b"))[2] == b"/b"


@pytest_twisted.ensureDeferred
async def test_a_server_that_refuses_everything_has_no_page(serve: Serve) -> None:
    """`return 404` in a server refuses its error page as well."""
    status, _, body = await ask(serve("error_page 404 /small.mp4; return 404;"), "/x")
    assert status == 404 and b"<!doctype" in body
