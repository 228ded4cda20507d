"""Relative paths of a configuration, in one place."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from hls_mp4.directives import Arguments

Absolute = Callable[[str], str]
"""Makes a path of a configuration absolute."""


def absolute(path: str, prefix: str) -> str:
    """Return a path in full; one that begins with a variable is known only when a request asks for it.

    Args:
        path: as it is written; a slash at its end is kept, for `alias` means something by it.
        prefix: absolute folder that relative paths are taken against.
    """
    return path if path.startswith(("/", "$")) else f"{prefix.rstrip('/')}/{path}"


def located(arguments: Arguments, args: Sequence[str], make_absolute: Absolute) -> list[str]:
    """Return arguments of a directive with those that are paths made absolute.

    Args:
        arguments: the declaration; what it calls paths is changed.
        args: as they are written.
        make_absolute: makes one path absolute.
    """
    result = list(args)
    paths = getattr(arguments, "paths", None)
    if paths is not None and result:
        for index in paths(args):
            if index < len(result):
                result[index] = make_absolute(result[index])
    return result
