"""Statements of one block to typed settings: arguments parsed, duplicates refused, values inherited."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from hls_mp4.config.contents import value_of
from hls_mp4.config.paths import Absolute, located
from hls_mp4.config.problems import Problems
from hls_mp4.config.reader import Reader, Statement
from hls_mp4.config.registry import Registry, Slot
from hls_mp4.config.scope import Given, Scope, Written
from hls_mp4.directives import LOCATION_IF, Block, Context

_WRONG_NUMBER = "invalid number of arguments"


class Resolver:
    """Makes the scope of each block.

    Args:
        registry: the directives there are.
        reader: walks the lines of blocks that hold data.
        problems: where errors go.
        absolute: makes a path absolute.
    """

    def __init__(self, registry: Registry, reader: Reader, problems: Problems, absolute: Absolute) -> None:
        self._registry = registry
        self._reader = reader
        self._problems = problems
        self._absolute = absolute
        self._defaults = {slot: self._default(slot) for slot in registry.slots}
        self._refused: set[type[Any]] = set()

    def scope(self, context: Context, own: Mapping[Slot, Sequence[Statement]], parent: Scope | None = None) -> Scope:
        """Return the settings of a block.

        Args:
            context: the kind of block.
            own: directives that stand in it.
            parent: settings of the enclosing block.
        """
        outer = parent.given if parent else {}
        given = {slot: value for slot, value in outer.items() if slot.directive.inherited or _stays(slot, context)}
        self._refused.clear()
        for slot, statements in own.items():
            value = self._given(slot, statements, context)
            if value is not None:
                given[slot] = value
        doubtful = (parent.doubtful if parent else frozenset()) | self._refused
        settings: dict[type[Any], Any] = {}
        for settings_class in self._registry.settings:
            slots = self._registry.slots_of(settings_class)
            if parent and all(given.get(slot) is outer.get(slot) for slot in slots):
                settings[settings_class] = parent[settings_class]
            else:
                doubted = settings_class in doubtful
                settings[settings_class] = self._instance(settings_class, slots, given, doubted=doubted)
        return Scope(context, given, settings, doubtful)

    def refuse(self, statement: Statement, reason: str) -> None:
        """Note what is wrong with a directive's arguments, in nginx's words.

        Args:
            statement: the directive.
            reason: what a parser of arguments said.
        """
        name = statement.name
        message = f'{reason} in "{name}" directive' if reason == _WRONG_NUMBER else f'"{name}" directive: {reason}'
        self._problems.error(statement.place, message + self._registry.forgotten_semicolon(statement))

    def refuse_duplicates(self, statements: Sequence[Statement]) -> None:
        """Note every directive but the first of those that may stand once in a block."""
        for statement in statements[1:]:
            earlier = statements[0].name
            message = f'"{statement.name}" directive is duplicate'
            if earlier != statement.name:
                message += f', "{earlier}" directive was specified earlier'
            self._problems.error(statement.place, message)

    def _default(self, slot: Slot) -> Any:
        """Return a field's default, its paths made absolute."""
        directive = slot.directive
        if isinstance(directive.default, str) and hasattr(directive.arguments, "paths") and not directive.repeated:
            return directive.arguments.parse(located(directive.arguments, directive.default.split(), self._absolute))
        return directive.default_value

    def _given(self, slot: Slot, statements: Sequence[Statement], context: Context) -> Given | None:
        """Return what the statements of one block give to a field; None when they are wrong."""
        directive = slot.directive
        if isinstance(directive.arguments, Block):
            return self._data(slot, directive.arguments, statements, context)
        if not directive.repeated and not directive.joined:
            self.refuse_duplicates(statements)
        values, written = [], []
        for statement in statements:
            prefix = [statement.name] if directive.group else []
            args = located(directive.arguments, [*prefix, *statement.args], self._absolute)
            try:
                values.append(value_of(directive.arguments, args))
            except ValueError as e:
                self.refuse(statement, str(e))
                self._refused.add(slot.settings)
            written.append(Written(statement.name, tuple(args[len(prefix) :]), statement.place))
        if not values:
            return None
        if directive.repeated:
            return Given(tuple(values), tuple(written), context)
        if directive.joined and len(values) == len(written) > 1:
            return self._joined(slot, statements[-1], written, context)
        return Given(values[0], (written[0],), context)

    def _joined(self, slot: Slot, last: Statement, written: Sequence[Written], context: Context) -> Given | None:
        """Return what several statements give to a field when they are read as one."""
        try:
            value = slot.directive.arguments.parse([arg for one in written for arg in one.args])
        except ValueError as e:
            self.refuse(last, str(e))
            return None
        return Given(value, tuple(written), context)

    def _data(self, slot: Slot, block: Block, statements: Sequence[Statement], context: Context) -> Given | None:
        """Return what all blocks of data of one name give to a field."""
        tables, values, written = [], [], []
        for statement in statements:
            if statement.args and block.head is None:
                self.refuse(statement, _WRONG_NUMBER)
            lines, line_values = self._lines(block, statement)
            values += line_values
            written.append(Written(statement.name, statement.args, statement.place, lines))
            if block.head is not None:
                try:
                    tables.append(block.build(block.head(statement.args), line_values))
                except ValueError as e:
                    self.refuse(statement, str(e))
        try:
            return Given(tuple(tables) if block.head is not None else block.build(values), tuple(written), context)
        except ValueError as e:
            self.refuse(statements[0], str(e))
            return None

    def _lines(self, block: Block, statement: Statement) -> tuple[tuple[tuple[str, ...], ...], list[Any]]:
        """Return the lines of a block of data as words, and the values of those that are right."""
        lines, values = [], []
        for line in self._reader.walk(statement.block or ()):
            if line.block is not None:
                self._problems.error(line.place, 'unexpected "{"')
                continue
            words = (line.name, *line.args)
            try:
                values.append(block.read_line(words))
            except ValueError as e:
                self._problems.error(line.place, f'"{statement.name}" directive: {e}')
            lines.append(words)
        return tuple(lines), values

    def _instance(
        self, settings: type[Any], slots: Sequence[Slot], given: Mapping[Slot, Given], *, doubted: bool
    ) -> Any:
        """Return an instance of a settings class; of its defaults when its own check refuses the values.

        That it does is said, unless a directive was refused already: what the values lack may be just that one.
        """
        defaults = {slot.attribute: self._defaults[slot] for slot in slots}
        concerned = [slot for slot in slots if slot in given]
        if concerned:
            values = defaults | {slot.attribute: given[slot].value for slot in concerned}
            try:
                return settings(**values)
            except ValueError as e:
                if not doubted:
                    wrong = _culprit(settings, values, defaults, {slot: given[slot] for slot in concerned})
                    self._problems.error(wrong.place, f'"{wrong.name}" directive: {e}')
        return settings(**defaults)


def _stays(slot: Slot, context: Context) -> bool:
    """Tell whether a field that is not inherited holds in a block all the same.

    An `if` in a location is a part of it: what cannot be said there is said by the location.
    """
    directive = slot.directive
    return context is LOCATION_IF and not any(context in directive.contexts_of(name) for name in directive.names)


def _culprit(
    settings: type[Any], values: Mapping[str, Any], defaults: Mapping[str, Any], given: Mapping[Slot, Given]
) -> Written:
    """Return the directive that a settings class refuses: without its field the others are accepted.

    Of fields that contradict each other it is the one that is written last, of a repeated directive the first that is
    too much.
    """

    def refused(attribute: str, value: Any) -> bool:
        try:
            settings(**{**values, attribute: value})
        except ValueError:
            return True
        return False

    candidates: list[Written] = []
    for slot, one in given.items():
        if not refused(slot.attribute, defaults[slot.attribute]):
            ends = range(1, len(one.value)) if slot.directive.repeated else range(0)
            wrong = next((end for end in ends if refused(slot.attribute, one.value[:end])), len(one.written))
            candidates.append(one.written[wrong - 1])
    return max(candidates or [one.written[0] for one in given.values()], key=lambda written: written.place)
