"""log_not_found says whether missing files are told of."""

from collections.abc import Callable

import pytest
import pytest_twisted
from twisted.logger import capturedLogs

from hls_mp4.web.finding.log_not_found import LogNotFoundSettings
from tests.web.harness import Served
from tests.web.test_content import ask

Serve = Callable[..., Served]


@pytest.mark.parametrize(("switch", "lines"), [("on", 1), ("off", 0)])
@pytest_twisted.ensureDeferred
async def test_missing_files(serve: Serve, switch: str, lines: int) -> None:
    """The client gets 404 either way; other reasons are logged either way."""
    assert LogNotFoundSettings().log
    served = serve(f"log_not_found {switch}; location /closed {{ deny all; }}")
    with capturedLogs() as events:
        assert (await ask(served, "/nothing"))[0] == 404
        assert (await ask(served, "/closed"))[0] == 403
    said = [event["reason"] for event in events if "reason" in event]
    assert len([reason for reason in said if "nothing" in reason]) == lines
    assert "access forbidden by rule" in said
