"""log_not_found: whether the error log tells of files that are not there. nginx's core module."""

from __future__ import annotations

from dataclasses import dataclass

from hls_mp4.directives import ANYWHERE, Flag, directive


@dataclass(frozen=True, slots=True, kw_only=True)
class LogNotFoundSettings:
    """Missing files in the error log."""

    log: bool = directive(
        "log_not_found",
        ANYWHERE,
        Flag(),
        default="on",
        doc="Whether the error log has a line for each file that was asked for and is not there.",
    )
