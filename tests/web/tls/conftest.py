"""A site behind TLS."""

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.certificates import Issued, issue
from tests.web.harness import Served

Secure = Callable[..., tuple[Served, int]]


@pytest.fixture(scope="session")
def authority() -> Issued:
    """Who signs the certificates of servers and clients."""
    return issue("authority", authority=True)


@pytest.fixture
def secure(serve: Callable[..., Served], root: Path, authority: Issued) -> Secure:
    """Serve the folder over TLS under the name a; further directives, and servers that go before it."""
    own = issue("a", authority).write(root, "a")

    def start(text: str = "", http: str = "", parameters: str = " ssl") -> tuple[Served, int]:
        served = serve(f"server_name a; {own} {text}", f"access_log off; {http}", parameters)
        return served, served.listen()

    return start
