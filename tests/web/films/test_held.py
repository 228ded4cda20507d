"""Files that are held open together."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import pytest_twisted

from hls_mp4.sources.local import LocalFile
from hls_mp4.web.films.held import NO_INDEX, Films
from tests.web.harness import Served

Serve = Callable[..., Served]


def opened(site: Served, path: Path) -> LocalFile:
    """Return a file, open."""
    found: Any = site.site.shared.files.open(str(path))
    assert isinstance(found, LocalFile)
    return found


def test_one_file_is_itself(serve: Serve, root: Path) -> None:
    """Version, tag and time are those of the file."""
    file = opened(serve(), root / "small.mp4")
    films = Films(file.path, [file], [NO_INDEX])
    assert (films.key, films.validator, films.mtime) == (file.key, file.validator, file.mtime)
    films.release()
    assert file.fd == -1


def test_several_files_are_another_version_each_time(serve: Serve, root: Path) -> None:
    """Each file counts, its place, one that is left out, and what named them; the newest gives the time."""
    site = serve()
    os.utime(root / "small.mp4", (1_200_000_000, 1_200_000_000))
    large, small = opened(site, root / "large.mp4"), opened(site, root / "small.mp4")
    beside = ((1, 2, 3, 1_300_000_000 * 10**9), "manifest")
    shapes = [
        Films("x", files, [NO_INDEX] * len(files), None, named)
        for files, named in (
            ([large, small], None),
            ([small, large], None),
            ([large, None], None),
            ([large], beside),
            ([large, small], beside),
        )
    ]
    assert len({films.validator for films in shapes}) == len({films.key for films in shapes}) == 5
    assert [films.mtime for films in shapes] == [1_200_000_000] * 2 + [1_000_000_000] + [1_300_000_000] * 2
    for file in (large, small):
        file.release()


@pytest_twisted.ensureDeferred
async def test_files_stay_open_while_they_are_used(serve: Serve, root: Path) -> None:
    """Until the last user is done, whether or not what it did went well."""
    site = serve()
    file = opened(site, root / "small.mp4")
    films = Films("x", [file, None], [NO_INDEX, NO_INDEX])
    running = films.call(lambda: os.fstat(file.fd).st_size)
    films.release()
    assert file.fd != -1
    assert await running == 20_000
    assert file.fd == -1
    file = opened(site, root / "small.mp4")
    films = Films("x", [file], [NO_INDEX])
    films.retain()
    with pytest.raises(ZeroDivisionError):
        await films.call(lambda: 1 // 0)
    films.release()
    films.release()
    assert file.fd == -1
