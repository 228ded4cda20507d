"""The running daemon: what is done at the start and at the end, in which order."""

from __future__ import annotations

import gc
import os
import signal
import socket
from pathlib import Path
from typing import Any

import pytest
import pytest_twisted
from twisted.application.service import Application, IServiceCollection
from twisted.internet import reactor
from twisted.internet.defer import Deferred
from twisted.internet.protocol import Factory, Protocol, connectionDone
from twisted.internet.task import deferLater
from twisted.logger import ILogObserver
from twisted.python.failure import Failure

from hls_mp4.config.listen import parse_listen
from hls_mp4.service.daemon import YOUNG_OBJECTS, Daemon, Door, Plant
from hls_mp4.service.errorlog import ErrorLog, LogFiles
from hls_mp4.service.listeners import Wanted, bind_all
from hls_mp4.service.pidfile import PidFile
from hls_mp4.service.settings import LEVELS, ErrorTarget


class Site(Factory):
    """Answers as a site does when it is drained: a connection that was written to finishes, others are closed."""

    noisy = False

    def __init__(self) -> None:
        self.channels: set[Any] = set()
        self.asked: Deferred[None] = Deferred()

    def buildProtocol(self, addr: object) -> Protocol:
        """Return a connection that knows the site."""
        return Channel(self)

    def drain(self) -> None:
        """Close what is idle."""
        for channel in list(self.channels):
            if not channel.busy:
                channel.transport.loseConnection()


class Channel(Protocol):
    def __init__(self, site: Site) -> None:
        self.site = site
        self.busy = False

    def connectionMade(self) -> None:
        self.site.channels.add(self)

    def dataReceived(self, data: bytes) -> None:
        self.busy = True
        self.site.asked.callback(None)

    def connectionLost(self, reason: Failure = connectionDone) -> None:
        self.site.channels.discard(self)


class Running:
    """A daemon with one site on one address."""

    def __init__(self, folder: Path, listen: str = "127.0.0.1:0", shutdown_ms: int = 60_000) -> None:
        (self.bound,) = bind_all([Wanted(parse_listen([listen], lambda path: path)[0])])
        self.site = Site()
        self.log = folder / "error.log"
        self.pid = folder / "run.pid"
        self.daemon = Daemon(
            Plant(
                doors=[Door(self.bound, self.site)],
                sites=[self.site],
                error_log=ErrorLog(LogFiles(), (ErrorTarget(str(self.log), LEVELS.index("debug")),)),
                pid_file=PidFile(str(self.pid)),
                shutdown_ms=shutdown_ms,
            ),
            reactor,
        )

    def start(self) -> None:
        """Start as twistd does."""
        self.daemon.privilegedStartService()
        self.daemon.startService()

    async def ask(self) -> socket.socket:
        """Return a connection whose request has arrived."""
        client = socket.create_connection(("127.0.0.1", self.bound.address.port), timeout=10)
        client.sendall(b"?")
        await self.site.asked
        return client


@pytest_twisted.ensureDeferred
async def test_the_pid_file_is_there_while_it_serves(tmp_path: Path) -> None:
    """From the moment everything listens to the end."""
    running = Running(tmp_path)
    assert not running.pid.exists()
    running.start()
    assert running.pid.read_text() == f"{os.getpid()}\n"
    await running.daemon.stopService()
    assert not running.pid.exists()


@pytest_twisted.ensureDeferred
async def test_a_runner_without_privileged_start_serves_too(tmp_path: Path) -> None:
    """`twist` and other runners only start a service; the sockets are adopted all the same."""
    running = Running(tmp_path)
    running.daemon.startService()
    (await running.ask()).close()
    await running.daemon.stopService()


@pytest_twisted.ensureDeferred
async def test_what_lives_long_is_left_alone(tmp_path: Path) -> None:
    """Once the reactor runs, the garbage collector no longer goes through all of the daemon with each few requests."""
    thresholds = gc.get_threshold()
    running = Running(tmp_path)
    try:
        running.daemon.startService()
        (await running.ask()).close()
        assert gc.get_freeze_count() > 1000
        assert gc.get_threshold()[0] == YOUNG_OBJECTS
        await running.daemon.stopService()
    finally:
        gc.unfreeze()
        gc.set_threshold(*thresholds)


@pytest_twisted.ensureDeferred
async def test_stopping_waits_for_what_is_under_way(tmp_path: Path) -> None:
    """The end comes when the last response has gone, not before."""
    running = Running(tmp_path)
    running.start()
    client = await running.ask()
    stopped = running.daemon.stopService()
    with pytest.raises(ConnectionRefusedError):
        await deferLater(reactor, 0, socket.create_connection, ("127.0.0.1", running.bound.address.port))
    assert not stopped.called
    (channel,) = running.site.channels
    channel.transport.write(b"whole")
    channel.transport.loseConnection()
    await stopped
    assert client.recv(100) == b"whole"
    client.close()


@pytest_twisted.ensureDeferred
async def test_stopping_does_not_wait_for_ever(tmp_path: Path) -> None:
    """A client that keeps its response open is cut off when the time is up."""
    running = Running(tmp_path, shutdown_ms=50)
    running.start()
    client = await running.ask()
    await running.daemon.stopService()
    with pytest.raises(ConnectionResetError):
        client.recv(100)
    client.close()


@pytest_twisted.ensureDeferred
async def test_a_signal_while_stopping_cuts_everything_off(tmp_path: Path) -> None:
    """A second Ctrl-C is heard; afterwards signals mean what they meant before."""
    before = signal.getsignal(signal.SIGTERM)
    running = Running(tmp_path)
    running.start()
    client = await running.ask()
    stopped = running.daemon.stopService()
    os.kill(os.getpid(), signal.SIGTERM)
    await stopped
    assert signal.getsignal(signal.SIGTERM) == before
    client.close()


@pytest_twisted.ensureDeferred
async def test_a_daemon_that_never_started_leaves_no_socket(tmp_path: Path) -> None:
    """Sockets are bound early; when nothing comes of it they go away."""
    path = tmp_path / "a.sock"
    running = Running(tmp_path, f"unix:{path}")
    assert path.exists()
    await running.daemon.stopService()
    assert not path.exists()


@pytest_twisted.ensureDeferred
async def test_a_unix_socket_that_somebody_removed_is_no_error(tmp_path: Path) -> None:
    """Stopping goes on to the end."""
    path = tmp_path / "a.sock"
    running = Running(tmp_path, f"unix:{path}")
    running.start()
    path.unlink()
    await running.daemon.stopService()
    assert not running.pid.exists()


@pytest_twisted.ensureDeferred
async def test_a_pid_file_that_cannot_be_written_ends_the_start(tmp_path: Path) -> None:
    """With status 1 and not with a traceback."""
    running = Running(tmp_path)
    running.pid.mkdir()
    (running.pid / "in the way").touch()
    with pytest.raises(SystemExit) as ended:
        running.daemon.privilegedStartService()
    assert ended.value.code == 1
    await running.daemon.stopService()


@pytest_twisted.ensureDeferred
async def test_twistds_log_is_the_error_log(tmp_path: Path) -> None:
    """An application that the daemon joins logs in nginx's form."""
    running = Running(tmp_path)
    application = Application("mp4stream")
    running.daemon.setServiceParent(application)
    assert running.daemon in list(IServiceCollection(application))
    observer = application.getComponent(ILogObserver)
    observer({"log_format": "told", "log_time": 0.0})
    assert running.log.read_text().endswith("#0: told\n")
    await running.daemon.stopService()


@pytest_twisted.ensureDeferred
async def test_logs_are_opened_anew(tmp_path: Path) -> None:
    """What was renamed rests."""
    running = Running(tmp_path)
    application = Application("mp4stream")
    running.daemon.setServiceParent(application)
    observer = application.getComponent(ILogObserver)
    observer({"log_format": "before", "log_time": 0.0})
    running.log.rename(tmp_path / "old.log")
    running.daemon.reopen_logs()
    observer({"log_format": "after", "log_time": 0.0})
    assert "before" not in running.log.read_text()
    assert "after" in running.log.read_text()
    await running.daemon.stopService()
