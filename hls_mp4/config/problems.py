"""What is wrong with a configuration, and where.

Problems are collected rather than raised one by one: a person who made three mistakes reads about three. Each one is
a line `file:line: message`, with nginx's words where nginx has words for it.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, order=True)
class Place:
    """A line of a file, as an editor can jump to it; line 0 stands for the file as a whole."""

    file: str
    line: int

    def __str__(self) -> str:
        return f"{self.file}:{self.line}" if self.line else self.file


@dataclass(frozen=True, slots=True, order=True)
class Problem:
    """One thing a person should know about one line."""

    place: Place
    message: str

    def __str__(self) -> str:
        return f"{self.place}: {self.message}"


class ConfigErrors(Exception):
    """A configuration that cannot be used.

    Args:
        problems: every error that was found, sorted by file and line.
        warnings: what else would have been said.
    """

    def __init__(self, problems: tuple[Problem, ...], warnings: tuple[Problem, ...] = ()) -> None:
        super().__init__("\n".join(map(str, problems)))
        self.problems = problems
        self.warnings = warnings


class Problems:
    """Collects errors and warnings while a configuration is read."""

    def __init__(self) -> None:
        self._errors: set[Problem] = set()
        self._warnings: set[Problem] = set()

    def error(self, place: Place, message: str) -> None:
        """Note what makes the configuration unusable."""
        self._errors.add(Problem(place, message))

    def warn(self, place: Place, message: str) -> None:
        """Note what a person should know and what stops nothing."""
        self._warnings.add(Problem(place, message))

    @property
    def warnings(self) -> tuple[Problem, ...]:
        """All warnings, sorted by file and line."""
        return tuple(sorted(self._warnings))

    def raise_if_any(self) -> None:
        """Raise ConfigErrors with everything collected when there is an error."""
        if self._errors:
            raise ConfigErrors(tuple(sorted(self._errors)), self.warnings)
