"""Directives of the smooth module."""

from __future__ import annotations

import pytest

from hls_mp4.directives import directives_of
from hls_mp4.packagers.smooth.settings import SmoothSettings


def test_what_it_does_unasked() -> None:
    """A film of any usual length, in the newest manifests."""
    settings = SmoothSettings()
    assert (settings.enabled, settings.version) == (False, "2.2")


def test_a_version_that_is_none_is_refused() -> None:
    """There are two; the mistake is found at the start."""
    version = directives_of(SmoothSettings)["version"].arguments
    assert version.parse(["2.0"]) == "2.0"
    with pytest.raises(ValueError, match=r"2\.2, 2\.0"):
        version.parse(["3"])
