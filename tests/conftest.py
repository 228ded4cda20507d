"""Fixtures that many tests share."""

from __future__ import annotations

import pytest

from tests.films import Library


@pytest.fixture(scope="session")
def films(tmp_path_factory: pytest.TempPathFactory) -> Library:
    """Small films by name, see `tests.films.RECIPES`; made when first asked for, kept for the session."""
    directory = tmp_path_factory.getbasetemp() / "films"
    directory.mkdir(exist_ok=True)
    return Library(directory)
