"""What is known of a request, and what phases leave for each other."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest_twisted

from tests.web.harness import Served
from tests.web.test_content import ask

Serve = Callable[..., Served]


@pytest_twisted.ensureDeferred
async def test_a_request_has_one_name(serve: Serve) -> None:
    """Its id is the same wherever it is told, and another one for each request."""
    served = serve("location / { add_header X-One $request_id; add_header X-Two $request_id; }")
    first = (await ask(served, "/small.mp4"))[1]
    second = (await ask(served, "/small.mp4"))[1]
    assert first["x-one"] == first["x-two"]
    assert len(first["x-one"]) == 32
    assert first["x-one"] != second["x-one"]


@pytest_twisted.ensureDeferred
async def test_what_is_set_is_seen_later(serve: Serve) -> None:
    """A variable that a script gave its value has it in headers; one that nobody set has none."""
    served = serve('set $told "yes"; location / { add_header X-Told $told; add_header X-Link "$secure_link"; }')
    headers = (await ask(served, "/small.mp4"))[1]
    assert headers["x-told"] == "yes"
    assert "x-link" not in headers


@pytest_twisted.ensureDeferred
async def test_the_address_is_the_one_that_is_trusted(serve: Serve, root: Path) -> None:
    """Behind a proxy that is trusted it is the viewer's, and the proxy's stays known."""
    served = serve(
        "set_real_ip_from 127.0.0.1; real_ip_header X-Real-IP;"
        " location / { add_header X-Who $remote_addr; add_header X-Peer $realip_remote_addr; }"
    )
    headers = (await ask(served, "/small.mp4", "X-Real-IP: 192.0.2.7"))[1]
    assert (headers["x-who"], headers["x-peer"]) == ("192.0.2.7", "127.0.0.1")
