"""Sites for the tests of the edge."""

import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import pytest_twisted
from twisted.internet.defer import Deferred

from tests.web.harness import Served

BODY = os.urandom(3_000_000)
SMALL = os.urandom(20_000)


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A folder with a large and a small film."""
    (tmp_path / "large.mp4").write_bytes(BODY)
    (tmp_path / "small.mp4").write_bytes(SMALL)
    (tmp_path / "folder").mkdir()
    for film in tmp_path.glob("*.mp4"):
        os.utime(film, (1_000_000_000, 1_000_000_000))
    return tmp_path


@pytest.fixture
def serve(root: Path) -> Iterator[Callable[..., Served]]:
    """Serve the folder under further directives of the server block."""
    served: list[Served] = []

    def start(
        text: str = "location / { mp4; }",
        http: str = "access_log off;",
        parameters: str = "",
        packagers: tuple[Any, ...] = (),
    ) -> Served:
        served.append(Served(text, root, http, parameters, packagers))
        return served[-1]

    yield start
    for one in served:
        pytest_twisted.blockon(Deferred.fromCoroutine(one.stop()))
