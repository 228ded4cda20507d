"""Starting, stopping and everything a supervisor relies on."""

from __future__ import annotations

import os
import pwd
import shutil
import signal
import socket
import subprocess
import sys
from pathlib import Path

import pytest
import pytest_twisted
import treq

from tests.acceptance.conftest import Start
from tests.acceptance.daemon import ROOT, TWISTD, Daemon, environment, everything, free_port, run, until
from tests.films import Library

PLAIN = """
pid run.pid;
error_log stderr notice;
error_log error.log info;
worker_shutdown_timeout 2s;
http {{
    access_log access.log;
    server {{ listen 127.0.0.1:{port}; root {folder}; }}
}}
"""
GET = b"GET /mp4stream.conf HTTP/1.0\r\n\r\n"


def test_the_pid_file_holds_what_the_supervisor_started(start: Start, tmp_path: Path) -> None:
    """Written when every socket listens, removed at the end; twistd leaves no file of its own."""
    daemon = start(PLAIN)
    assert (tmp_path / "run.pid").read_text() == f"{daemon.process.pid}\n"
    assert not (tmp_path / "twistd.pid").exists()
    assert daemon.stop() == 0
    assert not (tmp_path / "run.pid").exists()


def test_who_waits_for_the_pid_file_can_connect(tmp_path: Path) -> None:
    """A test harness that looks for the file may ask at once."""
    port = free_port()
    (tmp_path / "a.conf").write_text(PLAIN.format(port=port, folder=tmp_path), encoding="utf-8")
    pid_file = tmp_path / "run.pid"
    process = subprocess.Popen(
        [*TWISTD, "-n", "mp4stream", "--config", "a.conf"],
        cwd=tmp_path,
        env=environment(),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        until(pid_file.exists, "the pid file")
        with socket.create_connection(("127.0.0.1", port), timeout=30) as client:
            client.sendall(b"GET /a.conf HTTP/1.0\r\n\r\n")
            assert everything(client).startswith(b"HTTP/1.1 200 ")
        os.kill(int(pid_file.read_text()), signal.SIGTERM)
        process.wait(30)
    finally:
        process.kill()
        process.wait()


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGQUIT, signal.SIGHUP])
def test_a_response_under_way_is_finished(start: Start, tmp_path: Path, number: signal.Signals) -> None:
    """Stopping closes the door, lets the download end, and then ends."""
    (tmp_path / "film.bin").write_bytes(os.urandom(32 << 20))
    daemon = start(PLAIN.replace("worker_shutdown_timeout 2s", "worker_shutdown_timeout 30s"))
    with socket.socket() as client:
        client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        client.settimeout(30)
        client.connect(("127.0.0.1", daemon.port))
        client.sendall(b"GET /film.bin HTTP/1.1\r\nHost: a\r\n\r\n")
        first = client.recv(1000)
        daemon.process.send_signal(number)
        daemon.logged("waiting for")
        with pytest.raises(ConnectionRefusedError):
            daemon.connect()
        reply = first + everything(client)
    assert reply.partition(b"\r\n\r\n")[2] == (tmp_path / "film.bin").read_bytes()
    assert daemon.stop(None) == 0


def test_idle_connections_do_not_delay_the_end(start: Start) -> None:
    """A browser's kept connection is closed when the daemon stops."""
    daemon = start(PLAIN)
    with daemon.connect() as client:
        client.sendall(b"HEAD /mp4stream.conf HTTP/1.1\r\nHost: a\r\n\r\n")
        assert client.recv(1 << 16).startswith(b"HTTP/1.1 200 ")
        daemon.process.send_signal(signal.SIGTERM)
        assert everything(client) == b""
    daemon.stop()


def test_a_response_that_takes_too_long_is_ended(start: Start, tmp_path: Path) -> None:
    """`worker_shutdown_timeout` is the longest that a stalled client can hold a stopping daemon."""
    (tmp_path / "film.bin").write_bytes(bytes(32 << 20))
    daemon = start(PLAIN)
    with daemon.connect() as client:
        client.sendall(b"GET /film.bin HTTP/1.1\r\nHost: a\r\n\r\n")
        client.recv(1000)
        daemon.stop()


def test_a_second_signal_does_not_wait(start: Start, tmp_path: Path) -> None:
    """Ctrl-C twice ends a daemon at once, whatever it is sending."""
    (tmp_path / "film.bin").write_bytes(bytes(32 << 20))
    daemon = start(PLAIN.replace("worker_shutdown_timeout 2s", "worker_shutdown_timeout 1h"))
    with daemon.connect() as client:
        client.sendall(b"GET /film.bin HTTP/1.1\r\nHost: a\r\n\r\n")
        client.recv(1000)
        daemon.process.send_signal(signal.SIGINT)
        daemon.logged("waiting for")
        daemon.stop(signal.SIGINT)


def test_rotated_logs_go_on_in_new_files(start: Start, tmp_path: Path) -> None:
    """After a rename and SIGUSR1 both logs are written under their own names again."""
    daemon = start(PLAIN)
    daemon.raw(b"GET /before HTTP/1.0\r\n\r\n")
    daemon.logged("/before", "access.log")
    for name in ("access.log", "error.log"):
        (tmp_path / name).rename(tmp_path / f"{name}.1")
    daemon.process.send_signal(signal.SIGUSR1)
    until(lambda: all((tmp_path / name).exists() for name in ("access.log", "error.log")), "new logs")
    daemon.raw(b"GET /after HTTP/1.0\r\n\r\n")
    assert "/after" in daemon.logged("/after", "access.log")
    assert "/after" in daemon.logged("/after", "error.log")


def test_a_busy_port_is_one_line(tmp_path: Path) -> None:
    """The line that names the address is named; nothing is left running, no pid file is written."""
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        (tmp_path / "a.conf").write_text(
            f"pid run.pid;\nhttp {{\n  server {{\n    listen 127.0.0.1:{port};\n  }}\n}}\n", encoding="utf-8"
        )
        done = run("-n", "mp4stream", "--config", "a.conf", "--error-log", "e.log", cwd=tmp_path)
    assert done.returncode == 1
    assert "Traceback" not in done.stdout + done.stderr
    (line,) = [line for line in done.stderr.splitlines() if "[emerg]" in line]
    assert line == (
        f"mp4stream: [emerg] {tmp_path}/a.conf:4: bind() to 127.0.0.1:{port} failed (98: Address already in use)"
    )
    assert line.partition("[emerg] ")[2] in (tmp_path / "e.log").read_text()
    assert not (tmp_path / "run.pid").exists()


def test_a_broken_configuration_is_refused_with_all_its_mistakes(tmp_path: Path) -> None:
    """Each as file:line, exit status 1, and nothing listens."""
    (tmp_path / "a.conf").write_text("http {\n  sendfile maybe;\n  server {\n    listn 80;\n  }\n}\n", encoding="utf-8")
    done = run("-n", "mp4stream", "--config", "a.conf", cwd=tmp_path)
    assert done.returncode == 1
    assert "Traceback" not in done.stdout + done.stderr
    told = [line for line in done.stderr.splitlines() if "[emerg]" in line]
    assert [line.split(": ")[1].rpartition(" ")[2] for line in told] == [f"{tmp_path}/a.conf:2", f"{tmp_path}/a.conf:4"]


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("error_log missing/e.log;", "No such file or directory"),
        ("pid missing/run.pid;", "No such file or directory"),
    ],
)
def test_files_that_cannot_be_written_are_told_at_once(tmp_path: Path, line: str, reason: str) -> None:
    """Before anything listens."""
    (tmp_path / "a.conf").write_text(f"{line}\nhttp {{ server {{ listen 127.0.0.1:{free_port()}; }} }}\n")
    done = run("-n", "mp4stream", "--config", "a.conf", cwd=tmp_path)
    assert done.returncode == 1
    assert reason in done.stderr
    assert "Traceback" not in done.stdout + done.stderr


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can name a user")
def test_an_unknown_user_is_told_at_once(tmp_path: Path) -> None:
    """In nginx's words."""
    (tmp_path / "a.conf").write_text(f"user no-such-user;\nhttp {{ server {{ listen 127.0.0.1:{free_port()}; }} }}\n")
    done = run("-n", "mp4stream", "--config", "a.conf", cwd=tmp_path)
    assert done.returncode == 1
    assert 'getpwnam("no-such-user") failed' in done.stderr


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can become somebody else")
def test_root_is_given_up(start: Start) -> None:
    """`user nobody;`: sockets, logs and pid file are root's work, requests are served by nobody."""
    daemon = start("user nobody;\n" + PLAIN)
    status = Path(f"/proc/{daemon.process.pid}/status").read_text()
    (uids,) = [line.split()[1:] for line in status.splitlines() if line.startswith("Uid:")]
    assert set(uids) == {str(pwd.getpwnam("nobody").pw_uid)}
    assert daemon.raw(b"GET /nothing HTTP/1.0\r\n\r\n").startswith(b"HTTP/1.1 40")


def test_nonsense_on_the_command_line_is_one_sentence(tmp_path: Path) -> None:
    """And exit status 1."""
    done = run("-n", "mp4stream", "--root", "/nowhere/at-all", cwd=tmp_path)
    assert done.returncode == 1
    assert done.stderr.splitlines()[0] == 'mp4stream: --root: there is no folder "/nowhere/at-all"'


@pytest_twisted.ensureDeferred
async def test_a_folder_needs_no_configuration(tmp_path: Path, films: Library) -> None:
    """`twistd -n mp4stream --root DIR --listen ADDRESS` lists the folder and seeks in its films."""
    (tmp_path / "with space.mp4").write_bytes(films.data("h264"))
    port = free_port()
    daemon = Daemon(tmp_path, ["-n", "mp4stream", "--root", str(tmp_path), "--listen", f"127.0.0.1:{port}"], port)
    try:
        page = await treq.get(f"{daemon.url}/", persistent=False)
        assert "with%20space.mp4" in await page.text()
        clip = await treq.get(f"{daemon.url}/with%20space.mp4?start=5&end=7", persistent=False)
        assert clip.code == 200
        assert clip.headers.getRawHeaders("Content-Type") == ["video/mp4"]
        assert clip.headers.getRawHeaders("X-Clip-Start") == ["5.000"]
        assert (await clip.content())[4:8] == b"ftyp"
    finally:
        daemon.stop()
    assert sorted(path.name for path in tmp_path.iterdir()) == ["with space.mp4"]


def test_twistd_in_the_background(tmp_path: Path) -> None:
    """Without -n the terminal is free at once, the pid file holds the daemon, errors go to a file."""
    port = free_port()
    (tmp_path / "a.conf").write_text(
        f"pid run.pid;\nhttp {{ access_log off; server {{ listen 127.0.0.1:{port}; root {tmp_path}; }} }}\n"
    )
    done = run("mp4stream", "--config", "a.conf", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    until((tmp_path / "run.pid").exists, "the pid file")
    pid = int((tmp_path / "run.pid").read_text())
    try:
        with socket.create_connection(("127.0.0.1", port), timeout=30) as client:
            client.sendall(b"GET /missing HTTP/1.0\r\n\r\n")
            assert everything(client).startswith(b"HTTP/1.1 404 ")
        until(lambda: "/missing" in (tmp_path / "error.log").read_text(), "the error log")
        # A monitor, or who ships logs, may be another user.
        (tmp_path / "error.log").rename(tmp_path / "rotated")
        os.kill(pid, signal.SIGUSR1)
        until((tmp_path / "error.log").exists, "the new error log")
        for name in ("run.pid", "error.log"):
            assert (tmp_path / name).stat().st_mode & 0o777 == 0o644, name
    finally:
        os.kill(pid, signal.SIGTERM)
    until(lambda: not (tmp_path / "run.pid").exists(), "the pid file goes")
    until(lambda: not Path(f"/proc/{pid}").exists(), "the daemon ends")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a.conf", "error.log", "rotated"]


def test_daemon_off_stays(start: Start, tmp_path: Path) -> None:
    """`daemon off;` without -n keeps the process that was started."""
    config = tmp_path / "a.conf"
    port = free_port()
    config.write_text("daemon off;\n" + PLAIN.format(port=port, folder=tmp_path), encoding="utf-8")
    daemon = Daemon(tmp_path, ["mp4stream", "--config", "a.conf"], port)
    try:
        assert (tmp_path / "run.pid").read_text() == f"{daemon.process.pid}\n"
        assert not (tmp_path / "twistd.pid").exists()
    finally:
        daemon.stop()


def test_a_broken_plugin_is_left_out(tmp_path: Path, films: Library) -> None:
    """Somebody else's package that cannot be imported costs a line; films are served all the same."""
    plugins = tmp_path / "site" / "twisted" / "plugins"
    plugins.mkdir(parents=True)
    (plugins / "broken_at_make.py").write_text(
        '"""Names what is not there."""\n'
        "from hls_mp4.service.makers import DeliveryMaker\n"
        'lost = DeliveryMaker("lost", "no_such_package.Module")\n'
    )
    (tmp_path / "h264.mp4").write_bytes(films.data("h264"))
    port = free_port()
    code = f"import sys; sys.path.insert(0, {str(tmp_path / 'site')!r}); {TWISTD[-1]}"
    daemon = Daemon(
        tmp_path,
        ["-n", "mp4stream", "--root", str(tmp_path), "--listen", f"127.0.0.1:{port}"],
        port,
        twistd=[sys.executable, "-c", code],
    )
    try:
        assert daemon.raw(b"GET /h264.mp4?start=5 HTTP/1.0\r\n\r\n").startswith(b"HTTP/1.1 200 ")
    finally:
        daemon.stop()
    told = daemon.told
    assert sum("lost" in line for line in told) == 1, told


@pytest.mark.slow
def test_an_installed_package_runs_from_anywhere(tmp_path: Path) -> None:
    """`pip install .` into a fresh environment: twistd finds the plugin, from a folder that is not ours.

    Slow: builds and installs the package (its dependencies are those of the running environment).
    """
    source = tmp_path / "source"
    source.mkdir()
    for name in ("hls_mp4", "twisted"):
        shutil.copytree(ROOT / name, source / name, ignore=shutil.ignore_patterns("__pycache__", "dropin.cache"))
    for name in ("setup.py", "pyproject.toml", "README.md"):
        shutil.copy(ROOT / name, source)
    target = tmp_path / "installed"
    subprocess.run(
        [
            sys.executable,
            "-m",
            "pip",
            "install",
            "-q",
            "--no-deps",
            "--no-build-isolation",
            "--target",
            str(target),
            str(source),
        ],
        check=True,
        capture_output=True,
    )
    (tmp_path / "media").mkdir()
    (tmp_path / "media" / "a.txt").write_text("found")
    port = free_port()
    code = f"import sys; sys.path.insert(0, {str(target)!r}); {TWISTD[-1]}"
    daemon = Daemon(
        tmp_path,
        ["-n", "mp4stream", "--root", "media", "--listen", f"127.0.0.1:{port}"],
        port,
        twistd=[sys.executable, "-c", code],
        tree=False,
    )
    assert daemon.raw(b"GET /a.txt HTTP/1.0\r\n\r\n").endswith(b"found")
    daemon.stop()
