"""Open files."""

from __future__ import annotations

import resource

from hls_mp4.service.limits import raise_open_files


def test_all_files_that_are_granted_are_used() -> None:
    """The soft limit of a login shell does not bound the connections."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    try:
        resource.setrlimit(resource.RLIMIT_NOFILE, (min(soft, 512), hard))
        assert raise_open_files() == hard
        assert resource.getrlimit(resource.RLIMIT_NOFILE) == (hard, hard)
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
