"""What is asked of both servers, what is measured of it, and which goals there are."""

from __future__ import annotations

import json
import resource
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from benchmarks import processes, wrk
from benchmarks.films import Film
from benchmarks.machine import busy_share, core_times
from benchmarks.servers import PACED_RATE, REPOSITORY, Server

CONNECTIONS = 16
BODY_CONNECTIONS = 4
WINDOW_MS = 10_000
SMALL_FILES = 256
IDLE_CONNECTIONS = 10_000
PACED_CLIENTS = 2000
PACED_SECONDS = 6.0
"""nginx sends a second's worth at a time: less would be too few bursts to measure a rate by."""
FLV_BYTES = 65536


@dataclass(frozen=True, slots=True)
class Measure:
    """One figure of a scenario.

    Args:
        key: its name in the results.
        label: its name in tables, with the unit.
        scale: what a value is multiplied with for tables.
        digits: after the point.
        more_is_better: which way it is good.
    """

    key: str
    label: str
    scale: float = 1
    digits: int = 0
    more_is_better: bool = True


@dataclass(frozen=True, slots=True)
class Goal:
    """A bound for a measure: of ours / nginx, or of ours alone.

    Args:
        measure: its key.
        bound: at least this when more is better, else at most.
        absolute: the bound is for our own value, not for the ratio.
    """

    measure: str
    bound: float
    absolute: bool = False


@dataclass(frozen=True, slots=True)
class Load:
    """One round of one scenario against one server.

    Args:
        server: which runs, and has nothing else to do.
        films: by name.
        seconds: how long to measure.
        seed: the same for both servers in a round, another one in each round.
        idle_connections: how many to hold in the scenario of that name.
    """

    server: Server
    films: Mapping[str, Film]
    seconds: float
    seed: int
    idle_connections: int = IDLE_CONNECTIONS

    def path(self, film: str, location: str = "films") -> str:
        """Return the path of a film."""
        return f"/{location}/{self.films[film].path.name}"

    def last_ms(self, film: str) -> int:
        """Return the last start from which a window fits into a film, with a second to spare."""
        return self.films[film].seconds * 1000 - WINDOW_MS - 1000

    def wrk(self, script: str, *arguments: str) -> wrk.WrkResult:
        """Run wrk, after the arguments that each of our scripts takes first: path and seed."""
        path, *rest = arguments
        seconds = max(1, round(self.seconds))
        return wrk.run(script, [path, str(self.seed), *rest], self.server.port, seconds, CONNECTIONS)

    def client(self, kind: str, path: str, **options: float | str) -> dict[str, float]:
        """Run our own client; LoadFailed when an answer was not what it must be."""
        process = start_client(self.server, kind, path, {"seed": self.seed, "seconds": self.seconds, **options})
        try:
            output, errors = process.communicate(timeout=self.seconds + 30)
        finally:
            processes.stop(process)
        if process.returncode:
            raise wrk.LoadFailed(errors.strip())
        found: dict[str, float] = json.loads(output)
        return found


def start_client(
    server: Server, kind: str, path: str, options: Mapping[str, float | str], stdin: int = subprocess.DEVNULL
) -> subprocess.Popen[str]:
    """Start our client on the load generator's core."""
    words = [word for name, value in options.items() for word in (f"--{name.replace('_', '-')}", str(value))]
    return processes.start(
        [sys.executable, "-m", "benchmarks.client", kind, str(server.port), path, *words],
        processes.cores()[1],
        cwd=REPOSITORY,
        stdin=stdin,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )


class Meter:
    """CPU time between entering and leaving: the server's, the client's, and that of everybody else."""

    def __init__(self, server: Server) -> None:
        """Measure that server."""
        self.server = server
        self.found: dict[str, float] = {}

    def __enter__(self) -> Meter:
        self._cores = {core: core_times(core) for core in set(processes.cores())}
        self._children = _children_seconds()
        self._started = time.monotonic()
        self._used = self.server.cpu_seconds()
        return self

    def __exit__(self, *_exc: object) -> None:
        if _exc[0] is not None:
            return
        used = self.server.cpu_seconds() - self._used
        elapsed = time.monotonic() - self._started
        client = _children_seconds() - self._children
        busy = sum(busy_share(before, core_times(core)) for core, before in self._cores.items())
        self.found = {
            "cpu_seconds": used,
            "server_busy": used / elapsed,
            "client_busy": client / elapsed,
            "others": max(0.0, busy - (used + client) / elapsed),
        }


def _children_seconds() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def _with_wrk(script: str, arguments: Callable[[Load], tuple[str, ...]]) -> Callable[[Load], dict[str, float]]:
    def run(load: Load) -> dict[str, float]:
        with Meter(load.server) as meter:
            result = load.wrk(script, *arguments(load))
        return {
            **meter.found,
            "requests_per_second": result.requests / result.seconds,
            "cpu_per_request": meter.found["cpu_seconds"] / result.requests,
            "bytes_per_answer": result.bytes / result.requests,
            "p50_ms": result.p50_ms,
            "p99_ms": result.p99_ms,
        }

    return run


def _windows(film: str, location: str = "films") -> Callable[[Load], dict[str, float]]:
    return _with_wrk("windows.lua", lambda load: (load.path(film, location), str(load.last_ms(film)), str(WINDOW_MS)))


def _files(folder: str) -> Callable[[Load], dict[str, float]]:
    return _with_wrk("files.lua", lambda _load: (f"/films/{folder}", str(SMALL_FILES)))


def _discarded_windows(film: str) -> Callable[[Load], dict[str, float]]:
    def run(load: Load) -> dict[str, float]:
        with Meter(load.server) as meter:
            found = load.client(
                "bodies",
                load.path(film),
                connections=CONNECTIONS,
                last_ms=load.last_ms(film),
                window_ms=WINDOW_MS,
            )
        if not found["answers"]:
            raise wrk.LoadFailed("not one answer in time")
        return {
            **meter.found,
            "requests_per_second": found["answers"] / found["seconds"],
            "cpu_per_request": meter.found["cpu_seconds"] / found["answers"],
            "bytes_per_answer": found["mean_length"],
        }

    return run


def _bodies(film: str, seek: bool) -> Callable[[Load], dict[str, float]]:
    def run(load: Load) -> dict[str, float]:
        last = load.last_ms(film) if seek else 0
        with Meter(load.server) as meter:
            found = load.client("bodies", load.path(film), connections=BODY_CONNECTIONS, last_ms=last)
        if not found["bytes"]:
            raise wrk.LoadFailed("not one byte in time")
        return {
            **meter.found,
            "bytes_per_second": found["bytes"] / found["seconds"],
            "cpu_per_byte": meter.found["cpu_seconds"] / found["bytes"],
        }

    return run


def _first_byte(film: str, rate: float, among: str = "") -> Callable[[Load], dict[str, float]]:
    def run(load: Load) -> dict[str, float]:
        options: dict[str, float | str] = {"rate": rate, "connections": 2 * CONNECTIONS}
        if among:
            options["among"] = among
        with Meter(load.server) as meter:
            found = load.client("first", load.path(film), last_ms=load.last_ms(film), window_ms=WINDOW_MS, **options)
        return {**meter.found, "p50_ms": found["p50_ms"], "p99_ms": found["p99_ms"]}

    return run


def _paced(film: str) -> Callable[[Load], dict[str, float]]:
    def run(load: Load) -> dict[str, float]:
        with Meter(load.server) as meter:
            found = load.client(
                "paced",
                load.path(film, "paced"),
                connections=PACED_CLIENTS,
                rate=PACED_RATE,
                seconds=max(PACED_SECONDS, load.seconds),
            )
        return {**meter.found, **found}

    return run


def _flv_seeks(film: str, location: str, most: Callable[[Film], int]) -> Callable[[Load], dict[str, float]]:
    """Seek in an FLV and take its first bytes: nginx' module knows no end, so a range stops both servers."""
    return _with_wrk("seeks.lua", lambda load: (load.path(film, location), str(most(load.films[film])), str(FLV_BYTES)))


def _memory(load: Load) -> dict[str, float]:
    load.client("bodies", "/films/4k/0.bin", seconds=0.3, connections=1)
    before = load.server.memory_bytes()
    for film in load.films:
        load.client("bodies", load.path(film), connections=CONNECTIONS, last_ms=load.last_ms(film), window_ms=WINDOW_MS)
    return {
        "before_bytes": before,
        "after_bytes": load.server.memory_bytes(),
        "peak_bytes": load.server.memory_bytes("VmHWM"),
    }


def _idle(load: Load) -> dict[str, float]:
    load.client("bodies", "/films/4k/0.bin", seconds=0.3, connections=1)
    before = load.server.memory_bytes()
    options = {"connections": load.idle_connections}
    process = start_client(load.server, "idle", "/films/4k/1.bin", options, stdin=subprocess.PIPE)
    assert process.stdout is not None and process.stderr is not None
    try:
        if not process.stdout.readline():
            raise wrk.LoadFailed(process.stderr.read().strip())
        time.sleep(0.5)
        with Meter(load.server) as meter:
            time.sleep(max(1.0, load.seconds))
        held = load.server.memory_bytes()
        _, errors = process.communicate("\n", timeout=60)
    finally:
        processes.stop(process)
    if process.returncode:
        raise wrk.LoadFailed(errors.strip())
    return {
        **meter.found,
        "idle_bytes": held,
        "bytes_per_connection": (held - before) / load.idle_connections,
        "idle_cpu": meter.found["server_busy"],
    }


_REQUESTS = (
    Measure("requests_per_second", "requests/s"),
    Measure("cpu_per_request", "CPU per request (us)", 1e6, 0, False),
)
_BODIES = (
    Measure("bytes_per_second", "throughput (MB/s)", 1e-6),
    Measure("cpu_per_byte", "CPU seconds per GB", 1e9, 3, False),
)
_FIRST = (
    Measure("p50_ms", "first byte p50 (ms)", 1, 2, False),
    Measure("p99_ms", "first byte p99 (ms)", 1, 2, False),
)
_WRK = (*_REQUESTS, Measure("p99_ms", "whole answer p99 (ms)", 1, 2, False))


@dataclass(frozen=True, slots=True)
class Scenario:
    """Something that is asked of both servers.

    Args:
        name: for --only.
        title: for people.
        measures: what tables show; the first one is the chart's.
        run: measures one round.
        goals: what is to be reached.
        fresh: start the server anew for each round, and do it once.
        films: those that it needs.
    """

    name: str
    title: str
    measures: tuple[Measure, ...]
    run: Callable[[Load], dict[str, float]]
    goals: tuple[Goal, ...] = ()
    fresh: bool = False
    films: tuple[str, ...] = ()


_RATE_2H = 300
_RATE_8H = 60
_BODY_GOAL = (Goal("bytes_per_second", 0.95),)

SCENARIOS = (
    Scenario("static", "whole 2 h film", _BODIES, _bodies("2h", False), _BODY_GOAL, films=("2h",)),
    Scenario("start-2h", "start= to the end, 2 h", _BODIES, _bodies("2h", True), _BODY_GOAL, films=("2h",)),
    Scenario("start-8h", "start= to the end, 8 h", _BODIES, _bodies("8h", True), _BODY_GOAL, films=("8h",)),
    Scenario(
        "windows-2h",
        "start=&end= 10 s, 2 h",
        _WRK,
        _windows("2h"),
        (Goal("requests_per_second", 1.5),),
        films=("2h",),
    ),
    Scenario(
        "windows-8h",
        "start=&end= 10 s, 8 h",
        _WRK,
        _windows("8h"),
        (Goal("requests_per_second", 4),),
        films=("8h",),
    ),
    Scenario(
        "chunks-2h",
        "start=&end= 10 s, 2 h in chunks of 1 s",
        _WRK,
        _windows("2h-chunks"),
        films=("2h-chunks",),
    ),
    Scenario(
        "discarded-2h", "start=&end= 10 s, 2 h, discarding client", _REQUESTS, _discarded_windows("2h"), films=("2h",)
    ),
    Scenario(
        "discarded-8h", "start=&end= 10 s, 8 h, discarding client", _REQUESTS, _discarded_windows("8h"), films=("8h",)
    ),
    Scenario("key-2h", "mp4_start_key_frame on, 10 s, 2 h", _WRK, _windows("2h", "key"), films=("2h",)),
    Scenario(
        "flv-seeks",
        "flv start= (bytes), 64 KiB of it, 2 h",
        _WRK,
        _flv_seeks("2h-flv", "flv", lambda film: film.size - FLV_BYTES),
        films=("2h-flv",),
    ),
    Scenario(
        "flv-times",
        "flv start= (seconds; nginx: bytes), 64 KiB of it, 2 h",
        _WRK,
        _flv_seeks("2h-flv", "times", lambda film: film.seconds - 10),
        films=("2h-flv",),
    ),
    Scenario("flv-bodies", "whole 2 h film, FLV", _BODIES, _bodies("2h-flv", False), _BODY_GOAL, films=("2h-flv",)),
    Scenario(
        "paced",
        f"{PACED_CLIENTS} clients at limit_rate {PACED_RATE // 1024}k",
        (
            Measure("server_busy", "CPU (cores)", 1, 3, False),
            Measure("p99_error", "away from the rate, p99 of clients (%)", 100, 2, False),
            Measure("worst_error", "away from the rate, worst client (%)", 100, 2, False),
        ),
        _paced("2h"),
        (Goal("worst_error", 0.05, absolute=True),),
        films=("2h",),
    ),
    Scenario("small-4k", "files of 4 KiB, keep-alive", _WRK, _files("4k")),
    Scenario("small-20k", "files of 20 KiB, keep-alive", _WRK, _files("20k")),
    Scenario("first-2h", f"{_RATE_2H} windows/s, 2 h", _FIRST, _first_byte("2h", _RATE_2H), films=("2h",)),
    Scenario("first-8h", f"{_RATE_8H} windows/s, 8 h", _FIRST, _first_byte("8h", _RATE_8H), films=("8h",)),
    Scenario(
        "first-among",
        f"4 KiB file among {_RATE_8H} windows/s, 8 h",
        _FIRST,
        _first_byte("8h", _RATE_8H, "/films/4k/1.bin"),
        films=("8h",),
    ),
    Scenario(
        "memory",
        "resident memory",
        (
            Measure("before_bytes", "before load (MB)", 1e-6, 1, False),
            Measure("after_bytes", "after windows of all films (MB)", 1e-6, 1, False),
            Measure("peak_bytes", "at most (MB)", 1e-6, 1, False),
        ),
        _memory,
        fresh=True,
        films=("2h", "8h"),
    ),
    Scenario(
        "idle",
        "idle kept-alive connections",
        (
            Measure("idle_bytes", "resident (MB)", 1e-6, 1, False),
            Measure("bytes_per_connection", "bytes per connection", 1, 0, False),
        ),
        _idle,
        (Goal("idle_bytes", 300e6, absolute=True),),
        fresh=True,
    ),
)
