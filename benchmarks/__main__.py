"""`python -m benchmarks`: run the scenarios and report; see docs/performance.md."""

from __future__ import annotations

import argparse
import fcntl
import os
import signal
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from benchmarks import films, machine, plausibility, processes, report, streams
from benchmarks import scenarios as files
from benchmarks.scenarios import IDLE_CONNECTIONS, SMALL_FILES, Load, Scenario
from benchmarks.servers import Mp4stream, Nginx, Server, ServerFailed
from benchmarks.stats import figures
from benchmarks.wrk import LoadFailed

WORK = Path(__file__).resolve().parent / "work"
SCENARIOS = (*files.SCENARIOS, *streams.SCENARIOS)
TIME_LIMIT = 780.0
QUICK_TIME_LIMIT = 235.0
SPARE_FILES = 200
"""Files that a server needs beside its connections."""


def options(arguments: Sequence[str] | None) -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks", description="This daemon and nginx side by side: ratios, JSON and a chart."
    )
    names = [scenario.name for scenario in SCENARIOS]
    parser.add_argument("--quick", action="store_true", help="one short round each, less than four minutes")
    parser.add_argument("--only", action="append", choices=names, metavar="SCENARIO", help=", ".join(names))
    parser.add_argument("--rounds", type=int, help="rounds of each scenario (3; quick: 1)")
    parser.add_argument("--seconds", type=float, help="length of one measurement (4; quick: 1.5)")
    parser.add_argument(
        "--against-itself", action="store_true", help="nginx against nginx: what the machine's noise alone gives"
    )
    chosen = parser.parse_args(arguments)
    if chosen.rounds is not None and chosen.rounds < 1:
        parser.error("--rounds must be at least 1")
    chosen.rounds = chosen.rounds or (1 if chosen.quick else 3)
    chosen.seconds = chosen.seconds or (1.5 if chosen.quick else 4.0)
    return chosen


@contextmanager
def only_run(path: Path) -> Iterator[None]:
    """Hold a lock for as long as a run takes; BlockingIOError when another run holds it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        yield


def say(line: str) -> None:
    """Tell what is going on, apart from the report."""
    print(line, file=sys.stderr, flush=True)


def measure(
    scenario: Scenario, servers: dict[str, Server], made: dict[str, films.Film], chosen: argparse.Namespace
) -> dict[str, list[dict[str, float]]]:
    """Run a scenario in rounds of A B, B A, A B: never both servers under load, and noise hits both alike."""
    rounds: dict[str, list[dict[str, float]]] = {name: [] for name in servers}
    connections = min(2000 if chosen.quick else IDLE_CONNECTIONS, processes.open_file_limit() - SPARE_FILES)
    wanted = {name: made[name] for name in scenario.films}
    if not scenario.fresh:
        for server in servers.values():  # caches, allocators, lazily imported code
            scenario.run(Load(server, wanted, 1.0, 99))
    for number in range(1 if scenario.fresh else chosen.rounds):
        order = list(servers.items())
        for name, server in order if number % 2 == 0 else order[::-1]:
            if scenario.fresh:
                server.stop()
                server.start()
            rounds[name].append(scenario.run(Load(server, wanted, chosen.seconds, 1 + number, connections)))
    sizes = [figures(measured).get("bytes_per_answer") for measured in rounds.values()]
    if sizes[0] and sizes[1] and abs(sizes[1].median / sizes[0].median - 1) > 0.05:
        raise LoadFailed(f"answers are of {sizes[0].median:.0f} and {sizes[1].median:.0f} bytes: not the same thing")
    return rounds


def run(chosen: argparse.Namespace) -> int:
    """Measure and report; 1 when a server or an answer fails."""
    started, begun_at = time.monotonic(), datetime.now(UTC)
    scenarios = [scenario for scenario in SCENARIOS if not chosen.only or scenario.name in chosen.only]
    if chosen.against_itself:
        scenarios = [scenario for scenario in scenarios if scenario not in streams.SCENARIOS]
        scenarios = [replace(scenario, goals=()) for scenario in scenarios]
    folder = WORK / "films"
    made = {name: films.film(folder, name, say) for name in films.FILMS}
    films.small_files(folder / "4k", 4096, SMALL_FILES)
    films.small_files(folder / "20k", 20480, SMALL_FILES)
    started = time.monotonic()  # films are made once; what is bounded is the measuring
    limit = QUICK_TIME_LIMIT if chosen.quick else TIME_LIMIT
    about = {
        "started": begun_at.isoformat(timespec="seconds"),
        "machine": machine.describe(),
        "cores": dict(zip(("server", "client"), processes.cores(), strict=True)),
        "films": {name: {"bytes": f.size, "moov_bytes": f.moov_size} for name, f in made.items()},
        "options": {"rounds": chosen.rounds, "seconds": chosen.seconds, "quick": chosen.quick},
        "load_average_before": os.getloadavg()[0],
    }
    results: dict[str, report.Rounds] = {}
    rows: list[report.Row] = []
    failed: list[str] = []
    ours: Server = (Nginx if chosen.against_itself else Mp4stream)("mp4stream", WORK, WORK / "mp4stream")
    if isinstance(ours, Mp4stream):
        ours.more = streams.locations(WORK)
    servers: dict[str, Server] = {"nginx": Nginx("nginx", WORK, WORK / "nginx"), "mp4stream": ours}
    with ExitStack() as stack:
        locked = stack.enter_context(films.pinned([*(film.path for film in made.values()), *folder.glob("*k/*.bin")]))
        about["films_locked"] = locked
        if not locked:
            say("this user may not lock 3 GB of page cache: films are read before each scenario instead")
        for server in servers.values():
            stack.callback(server.stop)
            server.start()
        failed += plausibility.compare(ours, servers["nginx"], [film for film in made.values() if film.moov_size])
        say(f"clips compared: {'alike' if not failed else 'DIFFERENT'}")
        if any(scenario in streams.SCENARIOS for scenario in scenarios) and not chosen.against_itself:
            streams.prepare(ours, WORK, made[streams.FILM].path.name, say)
        for scenario in scenarios:
            if time.monotonic() - started > limit - 15 * chosen.rounds:
                failed.append(f"{scenario.name}: left out, the time is up")
                continue
            say(f"{scenario.name}: {scenario.title}")
            for name in () if locked else scenario.films:
                films.warm(made[name].path)
            try:
                results[scenario.name] = measure(scenario, servers, made, chosen)
            except LoadFailed as e:
                failed.append(f"{scenario.name}: {e}")
                continue
            rows += report.rows(scenario, results[scenario.name])
    about["load_average_after"] = os.getloadavg()[0]
    about["took_seconds"] = round(time.monotonic() - started)
    about["problems"] = failed
    _show(about, results, rows, chosen)
    return 1 if failed else 0


def _show(
    about: dict[str, object], results: dict[str, report.Rounds], rows: list[report.Row], chosen: argparse.Namespace
) -> None:
    described = about["machine"]
    assert isinstance(described, dict)
    print("\n".join(f"{name}: {value}" for name, value in described.items()))
    print(f"cores used: {about['cores']}; films: {about['films']}")
    print(f"{chosen.rounds} rounds of {chosen.seconds:g} s; took {about['took_seconds']} s\n")
    print(report.table(rows, "nginx again" if chosen.against_itself else "mp4stream"))
    for line in (*report.remarks(results), *(f"FAILED {line}" for line in about["problems"])):  # type: ignore[attr-defined]
        print(f"- {line}")
    name = "against-itself" if chosen.against_itself else "quick" if chosen.quick or chosen.only else "results"
    report.write_json(WORK / f"{name}.json", about, results, rows)
    if rows:
        report.chart(WORK / f"{name}.png", rows, f"{described['processor']}, kernel {described['kernel']}")
    print(f"\nwritten: {WORK / name}.json and .png")


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the benchmark; returns the exit status."""
    chosen = options(arguments)
    missing = machine.missing_programs()
    if missing:
        print(f"The benchmark needs {' and '.join(missing)}: apt-get install {' '.join(missing)}", file=sys.stderr)
        return 1
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    try:
        with only_run(WORK / "lock"):
            return run(chosen)
    except ServerFailed as e:
        print(e, file=sys.stderr)
        return 1
    except BlockingIOError:
        print("Another run is measuring on this machine; two at once would measure each other.", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130


if __name__ == "__main__":
    sys.exit(main())
