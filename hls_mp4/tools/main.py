"""The `mp4stream` command: what one does with films and configurations besides serving them.

Every sub-command is a module of this package with `add_arguments(parser)` and `run(options)`, which returns the exit
status. It is imported when it is asked for, so that a command starts as fast as what it needs itself.
"""

from __future__ import annotations

import argparse
import io
import os
import sys
from collections.abc import Sequence
from importlib import import_module
from importlib.metadata import PackageNotFoundError, version
from typing import Any

COMMANDS = {
    "check": "find every mistake in a configuration file",
    "dump": "show what was understood of a configuration file: the settings of every block, and where they come from",
    "inspect": "show what is in a film: boxes, tracks, key frames, duration, and whether it can start at once",
    "ism": "write the server manifest of several films: sizes, languages, subtitles",
    "mp4frag": "cut films for HTTP Dynamic Streaming beforehand: a manifest, and an index or fragments",
    "docs": "print the documentation of all directives, those of installed modules included",
}
"""What there is, and what it is for."""


def main(args: Sequence[str] | None = None) -> int:
    """Run one sub-command.

    Args:
        args: the command line without the program's name; None for that of the process.

    Returns:
        The exit status: 0, 1 when there is something wrong with what was looked at, 2 for a wrong command line.
    """
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="surrogateescape")  # names of files are bytes, and come out as they are
    words = sys.argv[1:] if args is None else list(args)
    options = _parser(words).parse_args(words)
    try:
        status: int = _module(options.command).run(options)
        sys.stdout.flush()
    except BrokenPipeError:  # `mp4stream dump ... | head`
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1
    return status


def _parser(words: Sequence[str]) -> argparse.ArgumentParser:
    """Return the parser of a command line; only the commands that occur in it know their arguments."""
    parser = argparse.ArgumentParser(prog="mp4stream", description="Looks into films and configurations of mp4stream.")
    parser.add_argument("--version", action="version", version=f"mp4stream {_version()}")
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    for name, summary in COMMANDS.items():
        command = commands.add_parser(name, help=summary, description=f"{summary.capitalize()}.")
        if name in words:
            _module(name).add_arguments(command)
    return parser


def _module(command: str) -> Any:
    """Return the module of a command."""
    return import_module(f"hls_mp4.tools.{command}")


def _version() -> str:
    """Return the version of the installed package."""
    try:
        return version("mp4stream")
    except PackageNotFoundError:
        return "(not installed)"


if __name__ == "__main__":
    sys.exit(main())
