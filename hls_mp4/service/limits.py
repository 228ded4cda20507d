"""Open files: every connection and every film under way holds one."""

from __future__ import annotations

import resource


def raise_open_files() -> int:
    """Use all open files that the system grants; return how many these are.

    What a login shell begins with (1024) is meant for programs that use select(2), which Twisted's reactor does not.
    """
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft != hard:
        try:
            resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
        except (ValueError, OSError):
            return soft
    return hard
