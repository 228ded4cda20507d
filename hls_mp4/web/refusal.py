"""How a phase ends a request early: with a status, a reason for the error log, and perhaps headers."""

from __future__ import annotations

import errno
import os

Headers = list[tuple[str, str]]

_MISSING = (errno.ENOENT, errno.ENOTDIR, errno.ENAMETOOLONG)
_DENIED = (errno.EACCES, errno.EPERM, errno.ELOOP, errno.EMLINK)


class Refusal(Exception):
    """A request that ends with a status page, or where `error_page` leads it.

    Args:
        status: what the client gets.
        reason: what the error log gets; empty for nothing.
        level: level of that line.
        headers: further headers of the page.
        missing: the file is not there, which `log_not_found off` keeps out of the log.
    """

    def __init__(
        self,
        status: int,
        reason: str = "",
        *,
        level: str = "error",
        headers: Headers | None = None,
        missing: bool = False,
    ) -> None:
        super().__init__(status, reason)
        self.status = status
        self.reason = reason
        self.level = level
        self.headers = headers
        self.missing = missing


def refusal_of(problem: OSError, what: str) -> Refusal:
    """Return the refusal that an error of the file system leads to, in nginx's words and with its statuses.

    Args:
        problem: what the system said.
        what: what was tried, as `open() "/srv/a.mp4"`.
    """
    code = problem.errno or 0
    reason = f"{what} failed ({code}: {os.strerror(code)})"
    if code in _MISSING:
        return Refusal(404, reason, missing=True)
    if code in _DENIED:
        return Refusal(403, reason)
    return Refusal(500, reason, level="critical")
