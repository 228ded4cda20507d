"""Whole configurations, from files and from texts."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hls_mp4.config import ConfigErrors, load, load_from_text
from tests.config.settings import CLASSES, Content, Process, errors, warnings

WORDS = st.sampled_from(
    [
        *("http", "server", "location", "events", "listen", "server_name", "limit_except", "include", "types"),
        *("{", "}", ";", "{", "}", ";", "#", "\n", '"', "'", "\\", "${"),
        *("sendfile", "root", "alias", "index", "mp4", "mp4_buffer_size", "allow", "deny", "error_log", "gzip"),
        *("on", "off", "80", "[::1]:80", "unix:a", "default_server", "/", "~", "=", "(", "a", "1k", "GET", "\0", "*"),
    ]
)


def test_a_file_is_loaded_with_its_own_folder_as_prefix(tmp_path: Path) -> None:
    """Paths and includes of a file are of its folder, from wherever it is loaded."""
    (tmp_path / "types").write_text("types { a/b c; }")
    (tmp_path / "x.conf").write_text("pid run/pid; http { include types; root media; server { } }")
    config = load(str(tmp_path / "x.conf"), settings=CLASSES)
    assert config.main[Process].pid == f"{tmp_path}/run/pid"
    assert config.http[Content].types == {"a/b": ("c",)}
    assert config.http[Content].place == ("root", f"{tmp_path}/media")
    assert (config.path, config.prefix) == (f"{tmp_path}/x.conf", str(tmp_path))


def test_a_prefix_moves_everything(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """--prefix names the folder that all relative paths are of; it may itself be relative to where one is."""
    (tmp_path / "x.conf").write_text("pid run/pid; http { include types; server { } }")
    (tmp_path / "other").mkdir()
    (tmp_path / "other" / "types").write_text("types { a/b c; }")
    monkeypatch.chdir(tmp_path)
    config = load("x.conf", "other", CLASSES)
    assert config.main[Process].pid == f"{tmp_path}/other/run/pid"
    assert config.http[Content].types == {"a/b": ("c",)}
    assert config.path == "x.conf"


@pytest.mark.parametrize(
    ("path", "reason"),
    [
        ("/nowhere/x.conf", 'open() "/nowhere/x.conf" failed (2: No such file or directory)'),
        ("/", 'open() "/" failed (21: Is a directory)'),
        ("a\0b", 'open() "a\0b" failed (embedded null byte)'),
    ],
)
def test_a_file_that_cannot_be_read_is_an_error_like_others(path: str, reason: str) -> None:
    """A wrong --config is said in the words of a wrong include."""
    with pytest.raises(ConfigErrors) as raised:
        load(path, settings=CLASSES)
    assert [problem.message for problem in raised.value.problems] == [reason]


def test_blocks_that_may_stand_once_are_looked_into_all_the_same() -> None:
    """A second http is an error, and its mistakes are shown together with it."""
    assert errors("http { }\nhttp { sendfile 1; }\nevents a { } events { }") == [
        'x.conf:2: "http" directive is duplicate',
        'x.conf:2: "sendfile" directive: invalid value "1", it must be "on" or "off"',
        'x.conf:3: "events" directive is duplicate',
        'x.conf:3: invalid number of arguments in "events" directive',
    ]


def test_a_configuration_without_servers_is_told() -> None:
    """A file that serves nothing is legal, and probably not meant."""
    assert warnings("") == warnings("http { }") == ["x.conf: no server is configured, nothing will be served"]
    assert warnings("http { server { } }") == []


def test_errors_bring_their_warnings_along() -> None:
    """What a person reads is complete either way."""
    with pytest.raises(ConfigErrors) as raised:
        load_from_text("gzip on;\nxyzzy;", CLASSES)
    assert len(raised.value.problems) == 1 and len(raised.value.warnings) == 1


def outcome(text: str) -> None:
    """Load a text; fail on everything but a configuration or ConfigErrors with places."""
    try:
        load_from_text(text, CLASSES, prefix="/nowhere")
    except ConfigErrors as e:
        assert e.problems and all(problem.place.line >= 1 for problem in e.problems)


@given(st.text(max_size=60))
def test_any_text_is_a_configuration_or_has_errors(text: str) -> None:
    """Nothing that a person can type makes the daemon fail in another way."""
    outcome(text)


@given(st.lists(WORDS, max_size=40).map(" ".join))
def test_any_words_are_a_configuration_or_have_errors(text: str) -> None:
    """Directives in any order, with any ends, are read or refused."""
    outcome(text)
    outcome(f"http {{ server {{ {text} }} }}")
    outcome(f"http {{ server {{ location / {{ {text} }} }} }}")
