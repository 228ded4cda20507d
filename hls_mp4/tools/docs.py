"""`mp4stream docs`: docs/configuration.md, and a page's table of nginx's directives, from what the code declares."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from hls_mp4.config import document, with_table
from hls_mp4.tools import check


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the command line."""
    parser.add_argument("--page", metavar="FILE", help="print this page with its table of nginx's directives made anew")


def run(options: argparse.Namespace) -> int:
    """Print the documentation as Markdown."""
    if options.page is None:
        print(document(check.known_settings()), end="")
        return 0
    try:
        print(with_table(Path(options.page).read_text(encoding="utf-8"), check.known_settings()), end="")
    except (OSError, ValueError) as problem:
        print(f"{options.page}: {problem}", file=sys.stderr)
        return 1
    return 0
