"""Relative paths."""

from __future__ import annotations

import pytest

from hls_mp4.config.paths import absolute, located
from hls_mp4.directives import Parsed, Path, Text


@pytest.mark.parametrize(
    ("path", "prefix", "expected"),
    [
        ("a", "/srv", "/srv/a"),
        ("a/", "/srv/", "/srv/a/"),
        ("/a", "/srv", "/a"),
        ("../a", "/srv", "/srv/../a"),
        ("a", "/", "/a"),
        ("$root/a", "/srv", "$root/a"),
    ],
)
def test_relative_paths_are_of_the_prefix(path: str, prefix: str, expected: str) -> None:
    """A path means the same wherever the daemon is started."""
    assert absolute(path, prefix) == expected


def test_only_arguments_that_are_paths_are_changed() -> None:
    """A level or a word such as off stays what it is."""
    second = Parsed("word path", tuple, lambda _args: (1, 5))
    assert located(second, ["a", "b", "c"], str.upper) == ["a", "B", "c"]
    assert located(Path(), ["a"], str.upper) == ["A"]
    assert located(Path(), [], str.upper) == []
    assert located(Text(), ["a"], str.upper) == ["a"]
