"""Settings by class."""

from __future__ import annotations

import pytest

from hls_mp4.config import Scope
from hls_mp4.directives import LOCATION
from tests.config.settings import Content, Film, loaded


def test_settings_are_found_by_their_class() -> None:
    """A room asks for its own settings and sees no others."""
    scope = loaded("http { sendfile off; }").http
    assert scope[Content].sendfile is False
    assert scope.all()[Film] is scope[Film]


def test_a_class_that_was_not_loaded_is_missing() -> None:
    """A forgotten class shows at once instead of giving defaults that nobody can change."""
    with pytest.raises(KeyError):
        loaded("").http[Scope]


def test_a_scope_can_be_made_of_ready_settings() -> None:
    """Code that has no configuration file has settings all the same."""
    scope = Scope.of(Film(first=1), context=LOCATION)
    assert scope[Film].first == 1 and scope.context == LOCATION
