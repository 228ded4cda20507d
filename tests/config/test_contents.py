"""Files whose contents are the value of a directive."""

from __future__ import annotations

from pathlib import Path

import pytest

from hls_mp4.config.contents import value_of
from hls_mp4.directives import FileContents, Flag


def read(data: bytes) -> bytes:
    """Return data that has no more than a line."""
    if data.count(b"\n") > 1:
        raise ValueError("it has more than a line")
    return data.strip()


def test_a_directive_has_the_contents_of_its_file(tmp_path: Path) -> None:
    """What stands in a file stays out of the configuration, and is what the directive means."""
    (tmp_path / "key").write_text("secret\n")
    assert value_of(FileContents(read), [str(tmp_path / "key")]) == b"secret"


def test_other_directives_are_read_as_they_are() -> None:
    """Only what says so opens a file."""
    assert value_of(Flag(), ["on"]) is True


@pytest.mark.parametrize(
    ("text", "name", "reason"),
    [("a\nb\n", "key", "more than a line"), ("x" * 100, "key", "more than 99 bytes"), ("", "other", "No such file")],
)
def test_a_file_that_cannot_be_used_is_named_with_the_reason(tmp_path: Path, text: str, name: str, reason: str) -> None:
    """A daemon does not start with half a key: whoever starts it reads which file is wrong, and how."""
    (tmp_path / "key").write_text(text)
    with pytest.raises(ValueError, match=f"{name}.*{reason}"):
        value_of(FileContents(read, longest=99), [str(tmp_path / name)])


def test_a_path_alone_is_needed() -> None:
    """A directive without its file is a mistake like any other."""
    with pytest.raises(ValueError, match="invalid number of arguments"):
        value_of(FileContents(read), [])
