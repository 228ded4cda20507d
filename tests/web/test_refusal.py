"""Errors of the file system become nginx's statuses, with nginx's words in the log."""

import errno
import os

import pytest

from hls_mp4.web.refusal import Refusal, refusal_of


@pytest.mark.parametrize(
    ("code", "status", "level", "missing"),
    [
        (errno.ENOENT, 404, "error", True),
        (errno.ENOTDIR, 404, "error", True),
        (errno.ENAMETOOLONG, 404, "error", True),
        (errno.EACCES, 403, "error", False),
        (errno.EPERM, 403, "error", False),
        (errno.ELOOP, 403, "error", False),
        (errno.EMLINK, 403, "error", False),
        (errno.EIO, 500, "critical", False),
        (errno.EMFILE, 500, "critical", False),
    ],
)
def test_statuses_of_the_file_system(code: int, status: int, level: str, missing: bool) -> None:
    """What is not there is 404, what may not be read 403, all else 500 and somebody has to look."""
    refusal = refusal_of(OSError(code, os.strerror(code)), 'open() "/srv/a.mp4"')
    assert (refusal.status, refusal.level, refusal.missing) == (status, level, missing)
    assert refusal.reason == f'open() "/srv/a.mp4" failed ({code}: {os.strerror(code)})'


def test_an_error_without_a_number() -> None:
    """It is 500 all the same."""
    assert refusal_of(OSError("odd"), "read()").status == 500


def test_a_refusal_says_what_it_is() -> None:
    """Status and reason are in its text; without more it is an error with nothing to log."""
    refusal = Refusal(403)
    assert (refusal.status, refusal.reason, refusal.level, refusal.headers) == (403, "", "error", None)
    assert str(Refusal(404, "gone")) == "(404, 'gone')"
