"""Fixtures that many tests share."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, settings

from tests.films import Library
from tests.flvs import FlvLibrary

# A busy machine is no failure: no test asserts how long something took, or asks hypothesis to.
settings.register_profile("steady", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("steady")


@pytest.fixture(scope="session")
def films(tmp_path_factory: pytest.TempPathFactory) -> Library:
    """Small films by name, see `tests.films.RECIPES`; made when first asked for, kept for the session."""
    directory = tmp_path_factory.getbasetemp() / "films"
    directory.mkdir(exist_ok=True)
    return Library(directory)


@pytest.fixture(scope="session")
def flvs(tmp_path_factory: pytest.TempPathFactory) -> FlvLibrary:
    """Small Flash videos by name, see `tests.flvs.RECIPES`; made when first asked for, kept for the session."""
    directory = tmp_path_factory.getbasetemp() / "flvs"
    directory.mkdir(exist_ok=True)
    return FlvLibrary(directory)
