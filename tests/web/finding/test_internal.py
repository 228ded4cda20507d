"""internal closes a location to clients."""

from collections.abc import Callable

import pytest_twisted
from twisted.logger import capturedLogs

from hls_mp4.web.finding.internal import InternalSettings
from tests.web.conftest import SMALL
from tests.web.harness import Served
from tests.web.test_content import ask

Serve = Callable[..., Served]


@pytest_twisted.ensureDeferred
async def test_clients_find_nothing_there(serve: Serve) -> None:
    """404 without a line in the error log; the location's own error_page holds."""
    assert not InternalSettings().internal
    served = serve("location /small.mp4 { internal; } location /b { internal; error_page 404 =410 https://x/; }")
    with capturedLogs() as events:
        assert (await ask(served, "/small.mp4"))[0] == 404
        assert (await ask(served, "/b"))[0] == 302
    assert not [event for event in events if "reason" in event]


@pytest_twisted.ensureDeferred
async def test_redirects_lead_there(serve: Serve) -> None:
    """error_page, index, rewrite and try_files do; locations inside are open."""
    served = serve(
        """location = /small.mp4 { internal; } location /e { error_page 404 =200 /small.mp4; }
        location = /folder/ { index /small.mp4; } location /r { rewrite ^ /small.mp4 last; }
        location /t { try_files /nothing /small.mp4; }
        location /i { internal; location /i/open { return 200 open; } }"""
    )
    for path in ("/e", "/folder/", "/r", "/t"):
        assert (await ask(served, path))[::2] == (200, SMALL), path
    assert (await ask(served, "/i/open"))[2] == b"open"
