"""rewrite, return, set, break and if of one block: a script, compiled once, run for each request.

nginx's rewrite module. The statements stand in one field because their order counts. A script of a server runs before
a location is looked for, a script of a location after it was found; neither is inherited. An `if` in a location has
settings of its own, which hold once its condition held; here all else that its location has holds in it too, `mp4` and
`try_files` included, which nginx loses.
"""

from __future__ import annotations

import inspect
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from hls_mp4.directives import HTTP, LOCATION, LOCATION_IF, SERVER, SERVER_IF, Flag, Kind, OneOf, directive
from hls_mp4.web.finding.condition import Condition, Test, read_condition
from hls_mp4.web.finding.returning import read_return
from hls_mp4.web.finding.rewrite import read_break, read_rewrite
from hls_mp4.web.finding.running import Action, Run
from hls_mp4.web.finding.set import Set, read_set

if TYPE_CHECKING:
    from hls_mp4.web.request import StreamingRequest
    from hls_mp4.web.rules import LocationRules

_BLOCKS = SERVER | LOCATION
_EVERYWHERE = _BLOCKS | SERVER_IF | LOCATION_IF
_PYTHONS = "regular expressions are Python's, with PCRE's spellings"


@dataclass(frozen=True, slots=True, kw_only=True)
class ScriptSettings:
    """Rewriting."""

    statements: tuple[Any, ...] = directive(
        "rewrite",
        _EVERYWHERE,
        OneOf(
            {
                "rewrite": Kind(
                    "regex replacement [last | break | redirect | permanent]",
                    read_rewrite,
                    "Another URI for those that match: last has its location looked for, break goes on with it here,"
                    " redirect (302) and permanent (301) tell the client. The request's arguments are appended unless"
                    " the replacement ends with a question mark.",
                ),
                "return": Kind(
                    "code [text] | code URL | URL",
                    read_return,
                    "Ends the request with a status, and a text or a URL to go to; 444 closes the connection without"
                    " an answer.",
                ),
                "set": Kind(
                    "$variable value",
                    read_set,
                    "Gives a variable its value for this request; it may be a new one, $args or $limit_rate.",
                ),
                "break": Kind("", read_break, "Ends the rewrite directives of this block for this request."),
                "if": Kind(
                    "(condition) { ... }",
                    read_condition,
                    "Statements, and in a location settings, for the requests for which a condition holds: ($variable)"
                    " that is neither empty nor 0, ($variable = text), !=, ~ and ~* (any case) with a regular"
                    " expression, !~ and !~*, (-f path) for a file, -d for a folder, -e for either, -x for one that"
                    " may be executed, and !-f and the like. What its location says holds in it too, mp4 and"
                    " try_files included, which nginx forgets there.",
                    opens=True,
                ),
            }
        ),
        default=(),
        repeated=True,
        inherited=False,
        group={
            "rewrite": _EVERYWHERE,
            "return": _EVERYWHERE,
            "set": _EVERYWHERE,
            "break": _EVERYWHERE,
            "if": _BLOCKS,
        },
        doc="",
        differs={
            "rewrite": _PYTHONS,
            "if": f"{_PYTHONS}; what its location says, as try_files and mp4, holds in it too",
        },
    )
    log: bool = directive(
        "rewrite_log",
        HTTP | _EVERYWHERE,
        Flag(),
        default="off",
        doc="Whether the error log tells, at level notice, what rewrite directives did.",
    )
    warns: bool = directive(
        "uninitialized_variable_warn",
        HTTP | _EVERYWHERE,
        Flag(),
        default="on",
        doc="Whether the error log tells of variables that are used before they were set.",
    )


_CHANGED = ("captures", "code", "internal", "limit_rate", "query", "rules", "uri_rewritten", "values")
"""What a script may change of a request beside its URI."""


@dataclass(frozen=True, slots=True)
class _Part:
    """Statements that stand together.

    Args:
        test: whether they are done; None for always.
        actions: the statements.
        rules: what holds in the location from there on; None for no change.
    """

    test: Test | None
    actions: tuple[Action, ...]
    rules: LocationRules | None = None


class Script:
    """The script of a block.

    Args:
        settings: of the block.
        branches: of each `if` of the block in turn its settings, and what holds in the location when it held; None for
            the latter in a server.
    """

    __slots__ = ("_parts", "logs", "warns")

    def __init__(
        self, settings: ScriptSettings, branches: Sequence[tuple[ScriptSettings, LocationRules | None]] = ()
    ) -> None:
        self.logs = settings.log
        self.warns = settings.warns
        self._parts = tuple(_parts(settings, branches))

    async def run(self, request: StreamingRequest) -> Run:
        """Run the script for a request; return what came of it.

        Raises:
            Refusal: the request ends.
        """
        run = Run(request, (lambda reason: request.report(reason, level="notice")) if self.logs else None)
        for part in self._parts:
            if part.test is not None:
                passed = part.test(run)
                if inspect.isawaitable(passed):
                    passed = await passed
                if not passed:
                    continue
                if part.rules is not None:
                    request.rules = part.rules
            if _done(run, part.actions):
                break
        return run

    def foreseen(self, request: StreamingRequest, path: str) -> str:
        """Return the URI that a server's script will make of another one, as far as that can be told without waiting.

        Nothing of the request changes, whatever the script says.
        """
        known = {name: getattr(request, name) for name in _CHANGED}
        request.location_path = path
        try:
            run = Run(request, None, foreseeing=True)
            for part in self._parts:
                if part.test is not None:
                    passed = part.test(run)
                    if inspect.iscoroutine(passed):
                        passed.close()
                        return path
                    if not passed:
                        continue
                if _done(run, part.actions):
                    break
            return request.location_path
        finally:
            for name, value in known.items():
                setattr(request, name, value)


def _done(run: Run, actions: Iterable[Action]) -> bool:
    """Do statements; return whether one of them ended the script."""
    return any(action(run) for action in actions)


def _parts(
    settings: ScriptSettings, branches: Sequence[tuple[ScriptSettings, LocationRules | None]]
) -> Iterable[_Part]:
    remaining = iter(branches)
    together: list[Action] = []
    for statement in settings.statements:
        if isinstance(statement, Condition):
            if together:
                yield _Part(None, tuple(together))
                together = []
            inner, rules = next(remaining)
            yield _Part(statement.test(), tuple(each.action() for each in inner.statements), rules)
        else:
            together.append(statement.action())
    if together:
        yield _Part(None, tuple(together))


def names_set(settings: ScriptSettings) -> Iterable[str]:
    """Yield the variables that a block sets."""
    for statement in settings.statements:
        if isinstance(statement, Set):
            yield statement.name
