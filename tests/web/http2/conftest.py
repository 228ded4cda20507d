"""A site that speaks HTTP/2, and a client of it."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import Any

import pytest

from tests.certificates import issue
from tests.secure import Http2, connect, context
from tests.web.harness import Served

Speak = Callable[..., AbstractContextManager[Http2]]
Serve2 = Callable[..., tuple[Served, Speak]]


@pytest.fixture
def serve2(serve: Callable[..., Served], root: Path) -> Serve2:
    """Serve the folder over HTTP/2; return it with what makes connections to it, to be used in a thread."""
    own = issue("a").write(root, "a")

    def start(text: str = "location / { mp4; }", http: str = "access_log off;") -> tuple[Served, Speak]:
        served = serve(f"server_name a; {own} {text}", http, " ssl http2")
        port = served.listen()

        @contextmanager
        def speak(settings: dict[Any, int] | None = None, *, window: bool = True) -> Iterator[Http2]:
            with connect(port, "a", context("h2")) as client:
                yield Http2(client, settings, window=window)

        return served, speak

    return start
