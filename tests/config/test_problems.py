"""How mistakes are collected and shown."""

from __future__ import annotations

import pytest

from hls_mp4.config.problems import ConfigErrors, Place, Problem, Problems


def test_problems_are_shown_in_the_order_of_the_lines() -> None:
    """A person works through a file from top to bottom, however we found the mistakes."""
    problems = Problems()
    problems.error(Place("b", 2), "x")
    problems.error(Place("a", 10), "y")
    problems.error(Place("a", 9), "z")
    with pytest.raises(ConfigErrors) as raised:
        problems.raise_if_any()
    assert str(raised.value) == "a:9: z\na:10: y\nb:2: x"


def test_a_file_as_a_whole_has_no_line() -> None:
    """What cannot be opened has no line to jump to."""
    assert str(Problem(Place("a", 0), "x")) == "a: x"


def test_one_mistake_is_said_once() -> None:
    """A file that is included in five places has its mistake once."""
    problems = Problems()
    problems.error(Place("a", 1), "x")
    problems.error(Place("a", 1), "x")
    with pytest.raises(ConfigErrors) as raised:
        problems.raise_if_any()
    assert raised.value.problems == (Problem(Place("a", 1), "x"),)


def test_warnings_alone_stop_nothing_and_errors_bring_them_along() -> None:
    """Nobody has to repair a file in order to read its warnings."""
    problems = Problems()
    problems.warn(Place("a", 2), "w")
    problems.raise_if_any()
    assert problems.warnings == (Problem(Place("a", 2), "w"),)
    problems.error(Place("a", 1), "x")
    with pytest.raises(ConfigErrors) as raised:
        problems.raise_if_any()
    assert raised.value.warnings == problems.warnings
