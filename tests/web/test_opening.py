"""Opening what a location finds on disk."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest_twisted

from tests.web.harness import Served
from tests.web.test_content import ask


@pytest_twisted.ensureDeferred
async def test_links_are_refused_where_they_are_forbidden(serve: Callable[..., Served], root: Path) -> None:
    """disable_symlinks holds for files below a trusted folder, and $document_root may be that folder."""
    os.symlink(root / "small.mp4", root / "link.mp4")
    lenient, strict = "location / { }", "location / { disable_symlinks on from=$document_root; }"
    assert (await ask(serve(lenient), "/link.mp4"))[0] == 200
    assert (await ask(serve(strict), "/link.mp4"))[0] == 403
    assert (await ask(serve(strict), "/small.mp4"))[0] == 200
    assert (await ask(serve(strict), "/missing.mp4"))[0] == 404
