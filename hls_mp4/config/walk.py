"""One block's statements sorted into what they are, with nginx's answers to those that cannot stand there."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from hls_mp4.config.foreign import foreign
from hls_mp4.config.problems import Problems
from hls_mp4.config.reader import Reader, Statement
from hls_mp4.config.registry import Registry, Slot
from hls_mp4.config.structure import STRUCTURE, Opens
from hls_mp4.directives import Block, Context, Directive, OneOf


@dataclass(slots=True)
class Contents:
    """What a block holds.

    Args:
        own: directives of settings classes, by the field that they fill.
        structure: structural directives, by name; those of settings classes too that are followed by directives in a
            block, such as `if`.
    """

    own: dict[Slot, list[Statement]] = field(default_factory=dict)
    structure: dict[str, list[Statement]] = field(default_factory=dict)


class Walker:
    """Sorts the statements of blocks.

    Args:
        registry: the directives there are.
        reader: resolves includes.
        problems: where errors and warnings go.
    """

    def __init__(self, registry: Registry, reader: Reader, problems: Problems) -> None:
        self._registry = registry
        self._reader = reader
        self._problems = problems

    def contents(self, context: Context, statements: Sequence[Statement]) -> Contents:
        """Return what stands in a block; what cannot stand there is noted and left out."""
        contents = Contents()
        for statement in self._reader.walk(tuple(statements)):
            slot = self._registry.slot(statement.name)
            structural = STRUCTURE.get(statement.name)
            if slot and self._fits(statement, slot.directive, context):
                contents.own.setdefault(slot, []).append(statement)
                if statement.block is not None and isinstance(slot.directive.arguments, OneOf):
                    contents.structure.setdefault(statement.name, []).append(statement)
            elif structural and self._fits(statement, structural, context):
                contents.structure.setdefault(statement.name, []).append(statement)
            elif not slot and not structural:
                self._foreign(statement, context)
        return contents

    def _fits(self, statement: Statement, directive: Directive, context: Context) -> bool:
        """Tell whether a directive may stand here and ends as it must."""
        arguments = directive.arguments
        one_of = arguments.kinds[statement.name].opens if isinstance(arguments, OneOf) else False
        opens = one_of or isinstance(arguments, Block | Opens)
        if context not in directive.contexts_of(statement.name):
            self._problems.error(statement.place, f'"{statement.name}" directive is not allowed here')
        elif opens and statement.block is None:
            self._problems.error(statement.place, f'directive "{statement.name}" has no opening "{{"')
        elif not opens and statement.block is not None:
            guess = self._registry.forgotten_semicolon(statement)
            self._problems.error(statement.place, f'directive "{statement.name}" is not terminated by ";"{guess}')
        else:
            return True
        return False

    def _foreign(self, statement: Statement, context: Context) -> None:
        """Note a directive that is none of ours."""
        known = foreign(statement.name)
        if known is not None and known.refused and statement.args != ("off",):
            reason = f'"{statement.name}" directive is not supported: without it {known.instead}'
            self._problems.error(statement.place, reason)
            return
        if known is not None:
            instead = "it is off here" if known.refused else known.instead
            reason = f'"{statement.name}" directive is not supported and is ignored: {instead}'
            self._problems.warn(statement.place, reason)
            return
        meant = self._registry.near_miss(statement.name, context)
        hint = f', did you mean "{meant}"?' if meant else ""
        self._problems.error(statement.place, f'unknown directive "{statement.name}"{hint}')
