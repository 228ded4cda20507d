"""Subrequests: what the shadow of a request shares with it, and what is its own."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest
import pytest_twisted

from tests.web.conftest import SMALL
from tests.web.harness import Served
from tests.web.protecting.test_auth_basic import ask

Serve = Callable[..., Served]


@pytest_twisted.ensureDeferred
async def test_variables_are_shared(serve: Serve) -> None:
    """What was set before is known in there, what is set in there is known afterwards; numbered captures are not."""
    client = await serve(
        "location ~ ^/(small)(?<suffix>.*)$ { set $before b; auth_request /auth;"
        " add_header X-Seen '$1 $suffix $before $after'; }"
        " location ~ ^/(?<part>au)th$ { internal; set $after '$before $suffix $1 $part'; return 204; }"
    ).connect()
    _, headers, _ = await ask(client)
    assert headers["x-seen"] == "small .mp4 b b .mp4 au au"


@pytest.mark.parametrize(
    ("condition", "status"),
    [("Range: bytes=2-3", 206), ("Range: bytes=15000-15003", 206), ("If-None-Match: *", 304), ("If-Match: other", 412)],
)
@pytest_twisted.ensureDeferred
async def test_the_request_stays_as_it_is(serve: Serve, root: Path, condition: str, status: int) -> None:
    """URI, arguments, conditions and ranges are of the film; the short file that says yes knows nothing of them."""
    (root / "folder" / "yes").write_text("y")
    client = await serve(
        "location / { auth_request /yes; add_header X-Seen '$uri [$args]' always; }"
        " location = /yes { internal; alias folder/yes; }"
    ).connect()
    got, headers, _ = await ask(client, None, "/small.mp4?a=1", condition)
    assert (got, headers["x-seen"]) == (status, "/small.mp4 [a=1]")


@pytest_twisted.ensureDeferred
async def test_files_that_answered_are_closed(serve: Serve) -> None:
    """A location that says yes with a file lets it go again."""
    served = serve("location / { auth_request /yes; } location = /yes { internal; alias large.mp4; }")
    client = await served.connect()
    for _ in range(3):
        assert (await ask(client))[2] == SMALL
    large = [fd for fd in os.listdir("/proc/self/fd") if _target(fd).endswith("large.mp4")]
    assert len(large) <= 1


def _target(fd: str) -> str:
    try:
        return os.readlink(f"/proc/self/fd/{fd}")
    except OSError:
        return ""


@pytest_twisted.ensureDeferred
async def test_other_methods(serve: Serve) -> None:
    """The shadow asks with GET; who is kept out hears of that before the method, as in nginx."""
    client = await serve(
        "location / { auth_request /auth; } location = /auth { internal; set $how $request_method;"
        " if ($how = DELETE) { return 403; } return 204; }"
    ).connect()
    for method, status in (("DELETE", 403), ("PUT", 405), ("HEAD", 200)):
        client.send(f"{method} /small.mp4 HTTP/1.1\r\nHost: a\r\n\r\n".encode())
        assert (await client.answer(head=method == "HEAD"))[0] == status


@pytest_twisted.ensureDeferred
async def test_a_shadow_that_goes_in_circles(serve: Serve) -> None:
    """A location that leads to itself ends with an error, and the next request is answered."""
    client = await serve(
        "location / { auth_request /auth; } location = /auth { internal; rewrite ^ /auth last; }"
        " location = /large.mp4 { auth_request off; }"
    ).connect()
    assert (await ask(client))[0] == 500
    assert (await ask(client, None, "/large.mp4"))[0] == 200
