"""Backends for the tests of proxying."""

from collections.abc import Iterator
from typing import Any

import pytest
import pytest_twisted
from twisted.internet.defer import Deferred

from tests.web.proxying.backends import Backend


@pytest.fixture
def backend() -> Iterator[Backend]:
    """A backend with an Authority."""
    made = Backend()
    yield made
    pytest_twisted.blockon(Deferred.fromCoroutine(made.stop()))


@pytest.fixture
def speaking() -> Iterator[Any]:
    """Make backends that speak as they are told."""
    made: list[Backend] = []

    def start(factory: Any) -> Backend:
        made.append(Backend(factory))
        return made[-1]

    yield start
    for one in made:
        pytest_twisted.blockon(Deferred.fromCoroutine(one.stop()))
