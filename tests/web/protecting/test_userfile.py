"""Files of names and passwords, as they are found."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
import pytest_twisted
from hypothesis import given
from hypothesis import strategies as st
from twisted.internet.defer import Deferred

from hls_mp4.sources.disk import DiskThreads
from hls_mp4.web.protecting.userfile import LARGEST, TooLarge, UserFile, UserFiles, parse, read_user_file


@pytest.fixture
def files() -> Iterator[UserFiles]:
    """User files behind threads of the test's own."""
    from twisted.internet import reactor

    threads = DiskThreads(reactor, 2)
    yield UserFiles(threads)
    threads.stop()


def deny(reason: str) -> None:
    raise AssertionError(reason)


async def found(files: UserFiles, path: Path, complain: object = deny) -> UserFile:
    """Return a file, wherever it came from."""
    got = files.find(str(path), complain)  # type: ignore[arg-type]
    return await got if isinstance(got, Deferred) else got


def test_lines() -> None:
    """Remarks and empty lines are skipped, what follows a second colon is a remark, the first of two names counts."""
    text = b"# people\n\nann:{PLAIN}a\r\nbob:{PLAIN}b:since 2026\nann:{PLAIN}other\n#eve:{PLAIN}e\n\r\n c:{PLAIN}c"
    assert parse(text) == ({"ann": "{PLAIN}a", "bob": "{PLAIN}b", " c": "{PLAIN}c"}, "")


def test_lines_that_let_nobody_in_are_told_of() -> None:
    """The first three with number and reason, and how many more there are."""
    users, problem = parse(b"ann:{PLAIN}a\nwhat\n:{PLAIN}x\nbob:{MD4}x\neve:secret\nsue:$2y$31$" + b"a" * 53)
    assert list(users) == ["ann"]
    assert problem == (
        "line 2 cannot be used: it is not name:password; line 3 cannot be used: it is not name:password; line 4 cannot"
        " be used: its scheme {MD4} is not known; and 2 more"
    )


@given(st.binary(max_size=400))
def test_garbage(data: bytes) -> None:
    """Whatever is in the file, reading ends, and what it says of broken lines stays short."""
    users, problem = parse(data)
    assert all(":" not in name for name in users)
    assert len(problem) < 600


@pytest_twisted.ensureDeferred
async def test_a_change_is_seen_at_once(files: UserFiles, tmp_path: Path) -> None:
    """Who is added may come in, who is removed may not, also when the file is replaced by another."""
    path = tmp_path / "users"
    path.write_text("ann:{PLAIN}a\n")
    first = await found(files, path)
    assert (await found(files, path)) is first
    path.write_text("ann:{PLAIN}b\n")
    os.utime(path, ns=(1, 1))
    assert (await found(files, path)).users == {"ann": "{PLAIN}b"}
    other = tmp_path / "other"
    other.write_text("bob:{PLAIN}b\n")
    os.utime(other, ns=(1, 1))
    other.rename(path)
    assert (await found(files, path)).users == {"bob": "{PLAIN}b"}
    path.unlink()
    with pytest.raises(FileNotFoundError):
        await found(files, path)


@pytest_twisted.ensureDeferred
async def test_broken_lines_are_told_of_once(files: UserFiles, tmp_path: Path) -> None:
    """A log is not filled with the same line for each request; a new version of the file is a new reason."""
    path = tmp_path / "users"
    path.write_text("ann\nbob:{PLAIN}b\n")
    told: list[str] = []
    for _ in range(3):
        await found(files, path, told.append)
    assert told == [f'"{path}" line 1 cannot be used: it is not name:password']
    path.write_text("ann\n")
    await found(files, path, told.append)
    assert len(told) == 2


@pytest_twisted.ensureDeferred
async def test_what_is_no_user_file(files: UserFiles, tmp_path: Path) -> None:
    """A folder, a pipe, and a file that would fill the memory are refused, and the pipe holds nobody up."""
    huge = tmp_path / "huge"
    with huge.open("wb") as file:
        file.truncate(LARGEST + 1)
    os.mkfifo(tmp_path / "pipe")
    for path, reason in ((huge, "more than 16 megabytes"), (tmp_path / "pipe", "not a regular file")):
        with pytest.raises(TooLarge, match=reason):
            await found(files, path)
    with pytest.raises(OSError):
        await found(files, tmp_path)
    with pytest.raises(OSError):
        await found(files, huge / "inside")
    with pytest.raises(FileNotFoundError):
        await found(files, tmp_path / "a\0b")


def test_a_known_version_is_not_read_again(tmp_path: Path) -> None:
    """The thread that looks whether a file has changed gives back what is known."""
    path = tmp_path / "users"
    path.write_text("ann:{PLAIN}a\n")
    known = read_user_file(str(path))
    assert read_user_file(str(path), known) is known


def test_nobody_is_measured_by_somebody(tmp_path: Path) -> None:
    """For a name that is not there, somebody's password gives the time that a check takes, where checks take time."""
    path = tmp_path / "users"
    path.write_text("ann:{PLAIN}a\nbob:$apr1$saltsalt$wxvYKCQvlzo868d5FpsSv0\nsue:abNANd1rDfiNc\n")
    file = read_user_file(str(path))
    assert file.password("eve") is None
    stranger = file.somebodys()
    assert stranger is not None
    assert stranger.text.startswith("$apr1$")
    path.write_text("ann:{PLAIN}a\n")
    assert read_user_file(str(path)).somebodys() is None
