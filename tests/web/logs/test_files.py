"""Lines reach their file, at once or together, whatever the disk does."""

from __future__ import annotations

import gzip
import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from twisted.internet.task import Clock

from hls_mp4.web.logs.files import Buffering, LogFile


def complain(reason: str) -> None:
    pytest.fail(reason)


def test_a_full_disk() -> None:
    """A disk that is full costs lines and one complaint, no exception."""
    complaints: list[str] = []
    file = LogFile("/dev/full", complaints.append)
    file.write(b"one\n")
    file.write(b"two\n")
    file.close()
    assert complaints == ['write() to "/dev/full" failed (28: No space left on device), lines are lost']


def test_recovery(tmp_path: Path) -> None:
    """When lines can be written again that is said too, and a later failure anew; a full pipe stops nobody."""
    complaints: list[str] = []
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    reader = os.open(pipe, os.O_RDONLY | os.O_NONBLOCK)
    file = LogFile(str(pipe), complaints.append)
    while not complaints:
        file.write(b"x" * 4096)
    file.write(b"x" * 4096)
    while len(os.read(reader, 1 << 20)) == 1 << 20:
        pass
    file.write(b"line\n")
    os.close(reader)
    file.write(b"line\n")
    file.close()
    assert [complaint.rpartition('" ')[2] for complaint in complaints] == [
        "failed (11: Resource temporarily unavailable), lines are lost",
        "works again",
        "failed (32: Broken pipe), lines are lost",
    ]


def test_lines_wait_for_room(tmp_path: Path) -> None:
    """A buffer is written when the next line does not fit, and a line above its size at once, after those before."""
    path = tmp_path / "a.log"
    file = LogFile(str(path), complain, Clock())
    file.buffer(Buffering(10))
    file.write(b"1234\n")
    file.write(b"5678\n")
    assert path.read_bytes() == b""
    file.write(b"9\n")
    assert path.read_bytes() == b"1234\n5678\n"
    file.write(b"abcdefghijkl\n")
    assert path.read_bytes() == b"1234\n5678\n9\nabcdefghijkl\n"
    file.close()


def test_a_line_waits_no_longer_than_it_may(tmp_path: Path) -> None:
    """The first line of a buffer starts the time of flush; what was written for lack of room starts it anew."""
    path, clock = tmp_path / "a.log", Clock()
    file = LogFile(str(path), complain, clock)
    file.buffer(Buffering(6, 2000))
    file.write(b"1\n")
    clock.advance(1.5)
    file.write(b"2\n")
    assert path.read_bytes() == b""
    clock.advance(0.5)
    assert path.read_bytes() == b"1\n2\n"
    assert clock.getDelayedCalls() == []
    file.write(b"3\n")
    clock.advance(1)
    file.write(b"12345\n")
    clock.advance(1)
    assert path.read_bytes() == b"1\n2\n3\n"
    clock.advance(1)
    assert path.read_bytes() == b"1\n2\n3\n12345\n"
    file.write(b"4\n")
    file.close()
    assert clock.getDelayedCalls() == []
    assert path.read_bytes().endswith(b"\n4\n")


def test_rotation_takes_what_waits(tmp_path: Path) -> None:
    """Lines from before a rotation are in the file of before it."""
    path = tmp_path / "a.log"
    file = LogFile(str(path), complain, Clock())
    file.buffer(Buffering(1000))
    file.write(b"old\n")
    path.rename(tmp_path / "a.1")
    file.reopen()
    file.write(b"new\n")
    file.close()
    assert (tmp_path / "a.1").read_bytes() == b"old\n"
    assert path.read_bytes() == b"new\n"


@given(
    lines=st.lists(st.binary(max_size=30).map(lambda line: line.replace(b"\n", b" ") + b"\n"), max_size=30),
    buffering=st.none()
    | st.builds(Buffering, size=st.integers(1, 100), flush_ms=st.sampled_from([0, 1000]), level=st.integers(0, 9)),
    waits=st.lists(st.sampled_from([0.0, 0.7]), min_size=30, max_size=30),
    reopened=st.integers(0, 30),
)
def test_every_line_is_there_in_its_order(
    tmp_path_factory: pytest.TempPathFactory,
    lines: list[bytes],
    buffering: Buffering | None,
    waits: list[float],
    reopened: int,
) -> None:
    """However lines are kept back, compressed and rotated, each is written once and in its turn."""
    path, clock = tmp_path_factory.mktemp("log") / "a", Clock()
    file = LogFile(str(path), complain, clock)
    if buffering is not None:
        file.buffer(buffering)
    for number, (line, wait) in enumerate(zip(lines, waits, strict=False)):
        if number == reopened:
            file.reopen()
        file.write(line)
        clock.advance(wait)
    file.close()
    data = path.read_bytes()
    assert (gzip.decompress(data) if buffering is not None and buffering.level else data) == b"".join(lines)
    assert clock.getDelayedCalls() == []
