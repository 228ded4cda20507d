"""The running daemon: adopts the sockets, writes the pid file, stops without cutting anybody off.

Order of a start: the sockets already listen; the reactor adopts them, the pid file is written, root is given up. Order
of a stop: no new connections, idle ones are closed, busy ones finish their response or are aborted when
`worker_shutdown_timeout` has passed (or when a second signal comes), the pid file goes.

SIGTERM, SIGINT, SIGQUIT and SIGHUP stop; SIGUSR1 opens the logs anew. Stopping waits for connections rather than
requests: a request is over while its last bytes are still in the transport's buffer.
"""

from __future__ import annotations

import gc
import os
import signal
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from types import FrameType
from typing import Any

from twisted.application.service import Service
from twisted.internet.defer import Deferred, gatherResults
from twisted.internet.task import LoopingCall
from twisted.logger import ILogObserver, Logger
from twisted.python.components import Componentized
from twisted.python.failure import Failure

from hls_mp4.service.allocator import keep_freed_memory
from hls_mp4.service.errorlog import ErrorLog
from hls_mp4.service.listeners import Bound, close_all
from hls_mp4.service.pidfile import PidFile
from hls_mp4.service.privileges import Account

_STOPPING = (signal.SIGTERM, signal.SIGINT, signal.SIGQUIT, signal.SIGHUP)

YOUNG_OBJECTS = 10_000
"""Objects made before the collector looks at them."""

_LOOK_SECONDS = 0.05
"""How often a stopping daemon looks whether the last connection has gone."""


@dataclass(frozen=True, slots=True)
class Door:
    """A socket, and the factory of its connections.

    Args:
        bound: the socket.
        factory: what the reactor gives new connections to.
    """

    bound: Bound
    factory: Any


@dataclass(frozen=True, slots=True, kw_only=True)
class Plant:
    """Everything a daemon runs with.

    Args:
        doors: where connections come in.
        sites: every site behind the doors; each has `drain()` and a set `channels`.
        error_log: where errors go.
        pid_file: written when everything listens.
        account: whom to become; None to stay.
        shutdown_ms: milliseconds that responses under way get at the end.
        own_log: whether Twisted's log goes to `error_log`; False when twistd was told otherwise.
        umask: of files the daemon makes; None to keep what twistd was told.
        reopen: opens further logs anew, and returns what went wrong.
        settle: writes what logs keep back, once the last connection has gone.
    """

    doors: Sequence[Door]
    sites: Sequence[Any]
    error_log: ErrorLog
    pid_file: PidFile = field(default_factory=lambda: PidFile(None))
    account: Account | None = None
    shutdown_ms: int = 10_000
    own_log: bool = True
    umask: int | None = None
    reopen: Callable[[], list[OSError]] = list
    settle: Callable[[], None] = lambda: None


class Daemon(Service):
    """The service that twistd runs.

    Args:
        plant: what it runs with.
        reactor: the reactor.
    """

    log = Logger()

    def __init__(self, plant: Plant, reactor: Any) -> None:
        self.name = "mp4stream"
        self._plant = plant
        self._reactor = reactor
        self._ports: list[Any] = []
        self._signals: dict[int, Any] = {}
        self._listening = False
        self._wrote_pid = 0

    def setServiceParent(self, parent: Any) -> None:
        """Join an application, and take over its log before twistd begins to write one."""
        if self._plant.own_log and isinstance(parent, Componentized):
            parent.setComponent(ILogObserver, self._plant.error_log)
        super().setServiceParent(parent)

    def privilegedStartService(self) -> None:
        """Adopt the sockets, write the pid file, become the configured user.

        Raises:
            SystemExit: the pid file cannot be written or the user not become; the log says why.
        """
        super().privilegedStartService()
        plant = self._plant
        if plant.umask is not None:
            # A twistd that leaves the terminal takes 077 for itself: nobody else could read logs and pid file.
            os.umask(plant.umask)
        for door in plant.doors:
            bound = door.bound
            self._ports.append(self._reactor.adoptStreamPort(bound.socket.fileno(), bound.address.family, door.factory))
            bound.socket.close()
            self.log.info("listening on {address}", address=bound.address, severity="notice")
        self._listening = True
        # Whoever reads the pid file may send a signal at once.
        self._watch_signals()
        try:
            plant.pid_file.write()
            self._wrote_pid = os.getpid()
            if plant.account is not None:
                plant.account.become()
        except OSError as failed:
            self.log.critical("{reason}", reason=str(failed), severity="emerg")
            raise SystemExit(1) from None
        self.log.info("ready", severity="notice")

    def startService(self) -> None:
        """Listen to signals; the sockets are in place."""
        if not self._listening:  # a runner without privileged start, such as `twist`
            self.privilegedStartService()
        super().startService()
        # The reactor sets handlers of its own when it starts, which end the process by the signal: ours end it well.
        self._reactor.callWhenRunning(self._begin)

    def _begin(self) -> None:
        """Go on when the reactor runs."""
        if self.running:
            self._watch_signals()
            self._settle()

    @staticmethod
    def _settle() -> None:
        """Let the garbage collector leave alone what lives as long as the daemon.

        Requests make few cycles and many objects: going through all of the daemon's every 700 objects is wasted.
        """
        keep_freed_memory()
        gc.collect()
        gc.freeze()
        gc.set_threshold(YOUNG_OBJECTS, 20, 50)

    def _watch_signals(self) -> None:
        for number in _STOPPING:
            self._on_signal(number, self._reactor.stop)
        self._on_signal(signal.SIGUSR1, self.reopen_logs)

    def _on_signal(self, number: int, action: Callable[[], object]) -> None:
        """Do something in the reactor's next turn whenever a signal comes; one that is ignored (nohup) stays so."""
        if signal.getsignal(number) == signal.SIG_IGN:
            return

        def come(_number: int, _frame: FrameType | None) -> None:
            self._reactor.callFromThread(action)

        previous = signal.signal(number, come)
        self._signals.setdefault(number, previous)

    def reopen_logs(self) -> None:
        """Go on in new log files, after the old ones were renamed."""
        for failed in [*self._plant.error_log.files.reopen(), *self._plant.reopen()]:
            self.log.critical("{reason}", reason=str(failed), severity="emerg")

    def stopService(self) -> Deferred[None]:
        """Stop; the Deferred fires when the last connection has gone."""
        return Deferred.fromCoroutine(self._stop())

    async def _stop(self) -> None:
        super().stopService()
        if not self._listening:
            close_all(door.bound for door in self._plant.doors)
            return
        stopped = gatherResults([self._stop_port(port) for port in self._ports])
        try:
            await self._drain()
        finally:
            self._plant.settle()
        await stopped
        if self._wrote_pid == os.getpid():
            try:
                self._plant.pid_file.remove()
            except OSError as failed:
                self.log.info("the pid file stays: {reason}", reason=str(failed), severity="notice")
        for number, previous in self._signals.items():
            signal.signal(number, previous)
        self._signals.clear()

    def _stop_port(self, port: Any) -> Deferred[None]:
        """Close a listening socket; the path of a unix one may have gone, or be out of a changed user's reach."""

        def stayed(failure: Failure) -> None:
            failure.trap(OSError)
            self.log.info("the socket stays: {reason}", reason=str(failure.value), severity="notice")

        closing: Deferred[None] = port.stopListening()
        return closing.addErrback(stayed)

    async def _drain(self) -> None:
        """Wait until every connection has ended, and end those that take too long."""
        for site in self._plant.sites:
            site.drain()
        if not self._channels():
            return
        late = self._reactor.callLater(self._plant.shutdown_ms / 1000, self._abort)
        for number in _STOPPING:
            self._on_signal(number, self._abort)
        self.log.info("waiting for {count} connections", count=len(self._channels()), severity="notice")

        def look() -> None:
            if not self._channels():
                looking.stop()

        looking = LoopingCall(look)
        looking.clock = self._reactor
        await looking.start(_LOOK_SECONDS)
        if late.active():
            late.cancel()

    def _channels(self) -> list[Any]:
        return [channel for site in self._plant.sites for channel in site.channels]

    def _abort(self) -> None:
        """End every connection now."""
        for channel in self._channels():
            channel.transport.abortConnection()
