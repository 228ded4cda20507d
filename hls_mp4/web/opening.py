"""Opening what a location finds on disk, under its rules for symbolic links."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from twisted.internet.defer import Deferred

from hls_mp4.sources.local import LocalFile
from hls_mp4.web.finding.root import document_root
from hls_mp4.web.refusal import refusal_of

if TYPE_CHECKING:
    from hls_mp4.web.request import StreamingRequest
    from hls_mp4.web.rules import LocationRules


async def open_file(request: StreamingRequest, rules: LocationRules, filename: str) -> LocalFile | os.stat_result:
    """Return a file, open, or the stat of what is there when it is no regular file.

    Raises:
        Refusal: there is nothing, or it may not be read.
    """
    policy = rules.content.symlinks
    trusted = policy.trusted
    if "$" in trusted:
        trusted = trusted.replace("$document_root", document_root(request, rules))
    try:
        opened = request.shared.files.open(filename, policy.mode, trusted)
        return await opened if isinstance(opened, Deferred) else opened
    except OSError as problem:
        raise refusal_of(problem, f'open() "{filename}"') from None
