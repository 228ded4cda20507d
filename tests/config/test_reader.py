"""Statements, syntax errors and includes."""

from __future__ import annotations

from pathlib import Path

import pytest

from hls_mp4.config.problems import ConfigErrors, Problems
from hls_mp4.config.reader import DEEPEST, Reader, Statement


class Reading:
    """A reader with its problems."""

    def __init__(self, folder: Path = Path("/nowhere")) -> None:
        self.problems = Problems()
        self.reader = Reader(self.problems, lambda path: str(folder / path))

    def text(self, text: str) -> tuple[Statement, ...]:
        """Return statements with includes resolved."""
        return tuple(self.reader.walk(self.reader.read_text(text, "x.conf")))

    @property
    def messages(self) -> list[str]:
        """What went wrong."""
        try:
            self.problems.raise_if_any()
        except ConfigErrors as e:
            return [str(problem) for problem in e.problems]
        return []


def names(statements: tuple[Statement, ...] | None) -> list[str]:
    """Return the names of statements."""
    return [statement.name for statement in statements or ()]


def test_statements_have_arguments_blocks_and_places() -> None:
    """Everything that a message or a setting needs is kept."""
    reading = Reading()
    (http, last) = reading.text("http {\n server a\n  b { listen 80; }\n}\nlast;")
    (server,) = http.block or ()
    assert (server.args, server.lines, str(server.place)) == (("a", "b"), (2, 3), "x.conf:2")
    assert names(server.block) == ["listen"] and http.args == () and last.block is None
    assert (http.depth, server.depth) == (0, 1)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("a {\n b;", 'x.conf:2: unexpected end of file, expecting "}" for "a" of line 1'),
        ("a;\nb", 'x.conf:2: unexpected end of file, expecting ";" or "}"'),
        ("a 'b\n\n", 'x.conf:1: unexpected end of file, expecting ";" or "}"; is a quote not closed?'),
        ("a;\n}", 'x.conf:2: unexpected "}"'),
        ("a {\n b c\n}", 'x.conf:3: unexpected "}"; is ";" missing after "c"?'),
        (";", 'x.conf:1: unexpected ";"'),
        ("{", 'x.conf:1: unexpected "{"'),
        ("a {" * DEEPEST, "x.conf:1: blocks are nested too deeply"),
    ],
)
def test_a_syntax_error_is_said_in_nginx_words(text: str, message: str) -> None:
    """The line is where the text stops making sense, and the guess helps."""
    reading = Reading()
    reading.text(text)
    assert reading.messages == [message]


def test_statements_before_a_syntax_error_are_kept() -> None:
    """One missing brace does not hide the other mistakes of a file."""
    (a, b) = Reading().text("a; b { c; d { e; ;")
    assert names((a, b)) == ["a", "b"] and names(b.block) == ["c", "d"]


def test_an_include_stands_for_what_is_in_the_files(tmp_path: Path) -> None:
    """A mask includes in the order of the names; statements know the file that they come from."""
    (tmp_path / "conf.d").mkdir()
    (tmp_path / "conf.d" / "b.conf").write_text("third;\n")
    (tmp_path / "conf.d" / "a.conf").write_text("\nsecond; include more;")
    (tmp_path / "more").write_text("inner { include conf.d/b.conf; }")
    reading = Reading(tmp_path)
    statements = reading.text("first; include conf.d/*.conf; last;")
    assert names(statements) == ["first", "second", "inner", "third", "last"]
    assert str(statements[1].place) == f"{tmp_path}/conf.d/a.conf:2"
    assert names(tuple(reading.reader.walk(statements[2].block or ()))) == ["third"]
    assert reading.messages == []


def test_a_file_may_be_included_in_several_places(tmp_path: Path) -> None:
    """Two locations can share their settings."""
    (tmp_path / "common").write_text("a;")
    reading = Reading(tmp_path)
    assert names(reading.text("include common; include common;")) == ["a", "a"]
    assert reading.messages == []


def test_names_of_files_are_bytes(tmp_path: Path) -> None:
    """A folder whose name is not UTF-8 can be named in a configuration."""
    (tmp_path / "latin").write_bytes(b"root /media/fran\xe7ais;")
    (root,) = Reading(tmp_path).text("include latin;")
    assert root.args == ("/media/fran\udce7ais",)


def test_a_mask_may_match_nothing_and_a_name_must_be_there(tmp_path: Path) -> None:
    """An empty conf.d is fine; a misspelt file is not."""
    reading = Reading(tmp_path)
    assert reading.text("include conf.d/*.conf;\ninclude mime.type;") == ()
    assert reading.messages == [f'x.conf:2: open() "{tmp_path}/mime.type" failed (2: No such file or directory)']


def test_an_include_that_cannot_be_read_is_an_error_like_others(tmp_path: Path) -> None:
    """A folder, a NUL and a forgotten argument are mistakes with a line."""
    reading = Reading(tmp_path)
    reading.text("include .;\ninclude a\0b;\ninclude;\ninclude a b;\ninclude { }")
    assert reading.messages == [
        f'x.conf:1: open() "{tmp_path}" failed (21: Is a directory)',
        f'x.conf:2: invalid path "{tmp_path}/a\0b": embedded null byte',
        'x.conf:3: invalid number of arguments in "include" directive',
        'x.conf:4: invalid number of arguments in "include" directive',
        'x.conf:5: directive "include" is not terminated by ";"',
    ]


def test_a_file_that_includes_itself_is_an_error(tmp_path: Path) -> None:
    """A circle ends with a message, whatever way it takes."""
    (tmp_path / "a").write_text("include b; include b;")
    (tmp_path / "b").write_text("\ninclude a; include a;")
    reading = Reading(tmp_path)
    assert reading.text("include a;") == ()
    assert reading.messages == [f'{tmp_path}/b:2: "{tmp_path}/a" includes itself']


def test_includes_have_an_end(tmp_path: Path) -> None:
    """A long chain of files ends with a message before the interpreter's stack does."""
    for number in range(DEEPEST + 10):
        (tmp_path / str(number)).write_text(f"include {number + 1};")
    reading = Reading(tmp_path)
    reading.text("include 0;")
    assert reading.messages == [f"{tmp_path}/{DEEPEST - 2}:1: files are included too deeply"]
