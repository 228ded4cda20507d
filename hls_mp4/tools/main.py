"""The `mp4stream` command: what one does with films and configurations besides serving them.

Every sub-command is a module of this package with `SUMMARY`, `add_arguments(parser)` and `run(options)`, which
returns the exit status.
"""

from __future__ import annotations

import argparse
import io
import sys
from collections.abc import Sequence
from importlib.metadata import PackageNotFoundError, version
from typing import Any

from hls_mp4.tools import check, docs, dump, inspect

COMMANDS: dict[str, Any] = {"check": check, "dump": dump, "inspect": inspect, "docs": docs}


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
    options = _parser().parse_args(args)
    try:
        status: int = COMMANDS[options.command].run(options)
        sys.stdout.flush()
    except BrokenPipeError:  # `mp4stream dump ... | head`
        sys.stderr.close()
        return 1
    return status


def _parser() -> argparse.ArgumentParser:
    """Return the parser of the whole command line."""
    parser = argparse.ArgumentParser(prog="mp4stream", description="Looks into films and configurations of mp4stream.")
    parser.add_argument("--version", action="version", version=f"mp4stream {_version()}")
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    for name, command in COMMANDS.items():
        command.add_arguments(commands.add_parser(name, help=command.SUMMARY, description=command.SUMMARY))
    return parser


def _version() -> str:
    """Return the version of the installed package."""
    try:
        return version("mp4stream")
    except PackageNotFoundError:
        return "(not installed)"


if __name__ == "__main__":
    sys.exit(main())
