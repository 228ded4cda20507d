"""The command line of `twistd mp4stream`."""

from __future__ import annotations

from pathlib import Path

import pytest
from twisted.scripts.twistd import ServerOptions

from hls_mp4.service.options import Options


def parsed(*words: str) -> Options:
    """Return the options of a command line."""
    options = Options()
    options.parseOptions(list(words))
    return options


def under_twistd(*words: str) -> tuple[ServerOptions, Options]:
    """Return what twistd and mp4stream understood of a whole command line."""
    twistd = ServerOptions()
    twistd.parseOptions(list(words))
    assert isinstance(twistd.subOptions, Options)
    return twistd, twistd.subOptions


@pytest.fixture
def config(tmp_path: Path) -> Path:
    """Return an empty configuration file."""
    path = tmp_path / "conf" / "mp4stream.conf"
    path.parent.mkdir()
    path.touch()
    return path


@pytest.mark.parametrize(
    ("words", "reason"),
    [
        ((), "give --config FILE, or --root DIR"),
        (("--config", "/a", "--root", "/b"), "not both"),
        (("--config", "/nowhere/at.all"), 'there is no file "/nowhere/at.all"'),
        (("--config", "/"), 'there is no file "/"'),
        (("--root", "/nowhere/at all"), 'there is no folder "/nowhere/at all"'),
        (("--config", "/a", "--listen", "80"), "a configuration has listen directives"),
        (("--prefix", "/nowhere", "--root", "/"), '--prefix: there is no folder "/nowhere"'),
        (("--rot", "/"), "option --rot not recognized"),
        (("--root", "/", "extra"), "Wrong number of arguments"),
    ],
)
def test_a_wrong_command_line_gets_one_sentence(words: tuple[str, ...], reason: str) -> None:
    """Whoever mistypes reads what is wrong, not two pages of twistd's options."""
    with pytest.raises(SystemExit) as refused:
        parsed(*words)
    told = str(refused.value)
    assert reason in told
    assert len(told.splitlines()) == 2


def test_relative_paths_start_at_the_config_files_folder(config: Path) -> None:
    """Without --prefix a configuration can be moved with its folder."""
    assert parsed("--config", str(config))["prefix"] == str(config.parent)


def test_config_may_be_relative_to_here_or_to_the_prefix(config: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A shell's habit and nginx's habit of naming the file both work."""
    monkeypatch.chdir(config.parent)
    assert parsed("--config", "mp4stream.conf")["config"] == str(config)
    monkeypatch.chdir("/")
    assert parsed("--prefix", str(config.parent), "--config", "mp4stream.conf")["config"] == str(config)


def test_error_log_is_relative_to_the_prefix(config: Path, tmp_path: Path) -> None:
    """Like every relative path; stderr is not a path."""
    assert parsed("--config", str(config), "--error-log", "e.log")["error-log"] == str(config.parent / "e.log")
    assert parsed("--root", str(tmp_path), "--error-log", "stderr")["error-log"] == "stderr"


def test_a_folder_is_served_on_this_machine_only(tmp_path: Path) -> None:
    """Trying the daemon out does not open it to the network."""
    assert parsed("--root", str(tmp_path))["listen"] == "127.0.0.1:8080"


def test_foreground_leaves_no_twistd_pid(tmp_path: Path) -> None:
    """`twistd -n` neither writes twistd.pid nor is stopped by one that lies around."""
    twistd, _ = under_twistd("-n", "mp4stream", "--root", str(tmp_path))
    assert twistd["pidfile"] == ""


def test_an_asked_for_pidfile_is_kept(tmp_path: Path) -> None:
    """twistd's own --pidfile still means what twistd says."""
    twistd, _ = under_twistd("-n", f"--pidfile={tmp_path}/own.pid", "mp4stream", "--root", str(tmp_path))
    assert twistd["pidfile"] == f"{tmp_path}/own.pid"


def test_background_keeps_twistd_pid_until_a_better_one_is_configured(tmp_path: Path) -> None:
    """A daemon can always be found by some pid file."""
    twistd, options = under_twistd("mp4stream", "--root", str(tmp_path))
    assert twistd["pidfile"].endswith("/twistd.pid")
    options.drop_twistd_pidfile()
    assert twistd["pidfile"] == ""


def test_daemon_off_is_like_n(tmp_path: Path) -> None:
    """`daemon off;` keeps twistd in the foreground."""
    twistd, options = under_twistd("mp4stream", "--root", str(tmp_path))
    assert not options.in_foreground
    options.stay_in_foreground()
    assert twistd["nodaemon"]
    assert options.in_foreground
