"""Files whose contents are the value of a directive: keys, read once, before root is given up."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from hls_mp4.directives import Arguments, FileContents


def value_of(arguments: Arguments, args: Sequence[str]) -> Any:
    """Return the value of a directive's arguments.

    Args:
        arguments: the declaration.
        args: as they are written, paths made absolute.

    Raises:
        ValueError: they are wrong, or the file they name is, or cannot be read.
    """
    if not isinstance(arguments, FileContents):
        return arguments.parse(args)
    path = arguments.parse(args)
    try:
        with Path(path).open("rb") as file:
            data = file.read(arguments.longest + 1)
    except OSError as failed:
        raise ValueError(f'open() "{path}" failed ({failed.errno}: {failed.strerror})') from None
    if len(data) > arguments.longest:
        raise ValueError(f'"{path}" has more than {arguments.longest} bytes')
    try:
        return arguments.read(data)
    except ValueError as wrong:
        raise ValueError(f'"{path}": {wrong}') from None
