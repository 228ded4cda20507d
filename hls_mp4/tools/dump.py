"""`mp4stream dump`: what was understood of a configuration, with everything that each block inherits."""

from __future__ import annotations

import argparse

from hls_mp4.config import Registry, render
from hls_mp4.tools import check


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the command line."""
    check.add_arguments(parser)
    parser.add_argument("--all", action="store_true", help="show defaults, too")


def run(options: argparse.Namespace) -> int:
    """Print the configuration in its own language."""
    config = check.load_or_complain(options)
    if config is None:
        return 1
    print(render(config, Registry(check.known_settings()).slots, defaults=options.all), end="")
    return 0
