"""set: a variable of one's own, or another value for $args or $limit_rate.

nginx's rewrite module. A variable that no statement gave a value is empty, and a warning when it is asked for
(`uninitialized_variable_warn`). nginx's other variables cannot be set: "the duplicate ... variable".
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from hls_mp4.directives import parse_size
from hls_mp4.web.finding.texts import compile_value
from hls_mp4.web.variable_names import KNOWN
from hls_mp4.web.variables import Template, compile_template, native_text

if TYPE_CHECKING:
    from hls_mp4.web.finding.running import Action, Run
    from hls_mp4.web.request import StreamingRequest

_NAME = re.compile(r"\$([A-Za-z_0][A-Za-z0-9_]*)")


def _set_arguments(request: StreamingRequest, value: str) -> None:
    request.query = value.encode("latin-1")


def _set_limit_rate(request: StreamingRequest, value: str) -> None:
    try:
        request.limit_rate = parse_size(value)
    except ValueError:
        request.report(f'invalid $limit_rate "{native_text(value)}"')


ASSIGNED: dict[str, Callable[[StreamingRequest, str], None]] = {"args": _set_arguments, "limit_rate": _set_limit_rate}
"""Variables of nginx that a script may set."""


def variable_name(written: str) -> str:
    """Return the name of a variable that a directive defines, in small letters.

    Raises:
        ValueError: it is no name, or that of one of nginx's variables.
    """
    found = _NAME.fullmatch(written)
    if found is None:
        raise ValueError(f'invalid variable name "{written}"')
    name = found[1].lower()
    if name in KNOWN and name not in ASSIGNED:
        raise ValueError(f'the duplicate "{name}" variable')
    return name


@dataclass(frozen=True, slots=True)
class Set:
    """One set.

    Args:
        name: of the variable.
        value: its value.
    """

    name: str
    value: Template

    def action(self) -> Action:
        """Return what is done for a request."""
        name, value, assign = self.name, compile_value(self.value), ASSIGNED.get(self.name)

        def act(run: Run) -> bool:
            request = run.request
            if assign is not None:
                assign(request, value(run))
            else:
                request.captures = {**request.captures, name: native_text(value(run))}
            return False

        return act


def read_set(args: Sequence[str]) -> Set:
    """Return the statement of `$variable value`; raises ValueError."""
    if len(args) != 2:
        raise ValueError("invalid number of arguments")
    return Set(variable_name(args[0]), compile_template(args[1]))


def uninitialized(name: str) -> Callable[[StreamingRequest], str]:
    """Return what reads a variable that no statement has set for this request."""

    def read(request: StreamingRequest) -> str:
        rules = request.rules
        if rules is None or rules.script is None or rules.script.warns:
            request.report(f'using uninitialized "{name}" variable', level="warn")
        return ""

    return read
