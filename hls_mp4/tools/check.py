"""`mp4stream check`: is this configuration right, and what of it will not happen."""

from __future__ import annotations

import argparse
import sys
from typing import Any

from hls_mp4.config import Config, ConfigErrors, Problem, load
from hls_mp4.service.agreement import check_agreement
from hls_mp4.service.encryption import Encryption
from hls_mp4.service.plugins import discover
from hls_mp4.service.settings_classes import settings_classes


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the command line."""
    parser.add_argument("--config", required=True, metavar="FILE", help="configuration file")
    parser.add_argument(
        "--prefix", metavar="DIR", help="folder that relative paths are taken against (default: that of the file)"
    )


def run(options: argparse.Namespace) -> int:
    """Say what is wrong, line by line, or that nothing is."""
    config = load_or_complain(options)
    if config is None:
        return 1
    try:
        _complain((), Encryption(config).warnings)
    except ConfigErrors as e:
        _complain(e.problems, e.warnings)
        return 1
    print(f"{config.path}: syntax is ok")
    return 0


def known_settings() -> tuple[type[Any], ...]:
    """Return every settings class there is; plugins that cannot be used are named on standard error."""
    return settings_classes(discover(complain=lambda reason: print(reason, file=sys.stderr)))


def load_or_complain(options: argparse.Namespace) -> Config | None:
    """Return the configuration that a command line names; None when it has errors. Problems go to standard error."""
    try:
        config = load(options.config, options.prefix, known_settings())
        check_agreement(config)
    except ConfigErrors as e:
        _complain(e.problems, e.warnings)
        return None
    _complain((), config.warnings)
    return config


def _complain(errors: tuple[Problem, ...], warnings: tuple[Problem, ...]) -> None:
    """Print errors and warnings in the order of the lines that they are about."""
    lines = [(problem.place, problem.message) for problem in errors]
    lines += [(problem.place, f"warning: {problem.message}") for problem in warnings]
    for place, message in sorted(lines):
        print(f"{place}: {message}", file=sys.stderr)
