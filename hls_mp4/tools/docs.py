"""`mp4stream docs`: docs/configuration.md, from the directives that are declared in the code."""

from __future__ import annotations

import argparse

from hls_mp4.config import document
from hls_mp4.tools import check


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the command line, which has no arguments."""


def run(options: argparse.Namespace) -> int:
    """Print the documentation as Markdown."""
    print(document(check.known_settings()), end="")
    return 0
