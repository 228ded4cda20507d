"""Where this daemon's time goes under one scenario: `python -m benchmarks.profile windows-2h`.

`--with` chooses the eyes:

- `py-spy`: samples the Python stacks from outside; hardly slows the daemon (the default when it is installed).
- `cprofile`: counts every call inside the daemon; small Python functions look dearer than they are.
- `perf`: shares of kernel, interpreter and libraries, with the kernel's functions.
"""

from __future__ import annotations

import argparse
import pstats
import shutil
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterable, Sequence
from contextlib import ExitStack
from pathlib import Path

from benchmarks import films, processes, streams
from benchmarks.__main__ import WORK, say
from benchmarks.scenarios import SCENARIOS, SMALL_FILES, Load, Scenario
from benchmarks.servers import Mp4stream

_SHOWN = 40
_IDLE_THREAD = "wait (threading.py)"


def shares(stacks: Iterable[str]) -> tuple[int, Counter[str], Counter[str]]:
    """Count collapsed stacks, "outer (file:line);inner (file:line) COUNT" each.

    Threads that wait for work are left out; py-spy takes them for busy on some kernels.

    Returns:
        All samples; by function, those in which it was on top; by function, those in which it was anywhere.
    """
    total, on_top, anywhere = 0, Counter[str](), Counter[str]()
    for line in stacks:
        stack, _, count = line.rpartition(" ")
        if not stack:
            continue
        functions = [frame.rpartition(":")[0] + ")" if ":" in frame else frame for frame in stack.split(";")]
        if functions[-1].endswith(_IDLE_THREAD):
            continue
        total += int(count)
        on_top[functions[-1]] += int(count)
        for function in set(functions):
            anywhere[function] += int(count)
    return total, on_top, anywhere


def program(name: str) -> str | None:
    """Return the path of a program beside this Python or on PATH."""
    beside = Path(sys.executable).parent / name
    return str(beside) if beside.exists() else shutil.which(name)


def _beside(command: Sequence[str], scenario: Scenario, load: Load) -> dict[str, float]:
    """Run a scenario while a sampling profiler, on the client's core, watches the server."""
    watcher = processes.start(command, processes.cores()[1], stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
    try:
        time.sleep(0.5)
        found = scenario.run(load)
        _, errors = watcher.communicate(timeout=60)
    finally:
        processes.stop(watcher)
    if watcher.returncode:
        raise RuntimeError(f"{command[0]}: {errors.strip()}")
    return found


def _sampled(spy: str, scenario: Scenario, load: Load) -> dict[str, float]:
    out = WORK / "stacks.txt"
    pid = load.server.pids()[0]
    command = [spy, "record", "-r", "500", "-d", str(round(load.seconds)), "-f", "raw", "-o", str(out)]
    found = _beside([*command, "-p", str(pid)], scenario, load)
    total, on_top, anywhere = shares(out.read_text().splitlines())
    for title, counted in (("in the function itself", on_top), ("in it and what it calls", anywhere)):
        print(f"\n{title}, of {total} samples")
        for function, count in counted.most_common(_SHOWN):
            print(f"{count / total:7.1%}  {function}")
    return found


def _perf(perf: str, scenario: Scenario, load: Load) -> dict[str, float]:
    out = str(WORK / "perf.data")
    pid = load.server.pids()[0]
    command = [perf, "record", "-q", "-e", "cpu-clock", "-F", "997", "-o", out, "-p", str(pid)]
    found = _beside([*command, "--", "sleep", str(round(load.seconds))], scenario, load)
    for keys in ("dso", "dso,symbol"):
        report = [perf, "report", "--stdio", "-i", out, "--sort", keys, "--percent-limit", "0.7"]
        done = subprocess.run(report, capture_output=True, text=True, check=False)
        lines = [line for line in done.stdout.splitlines() if line.strip() and not line.startswith("#")]
        print(f"\nby {keys}", *lines[:_SHOWN], sep="\n")
    return found


def main(arguments: Sequence[str] | None = None) -> int:
    """Profile one scenario and print; returns the exit status."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    known = {scenario.name: scenario for scenario in (*SCENARIOS, *streams.SCENARIOS) if not scenario.fresh}
    eyes = {"py-spy": program("py-spy"), "cprofile": "twistd", "perf": program("perf")}
    parser.add_argument("scenario", choices=known)
    parser.add_argument("--seconds", type=float, default=6.0)
    parser.add_argument("--with", dest="eyes", choices=eyes, default="py-spy" if eyes["py-spy"] else "cprofile")
    options = parser.parse_args(arguments)
    eye = eyes[options.eyes]
    if eye is None:
        print(f"{options.eyes} is not installed", file=sys.stderr)
        return 1
    scenario = known[options.scenario]
    made = {name: films.film(WORK / "films", name, say) for name in scenario.films}
    films.small_files(WORK / "films" / "4k", 4096, SMALL_FILES)
    films.small_files(WORK / "films" / "20k", 20480, SMALL_FILES)
    server = Mp4stream("mp4stream", WORK, WORK / "mp4stream")
    server.more = streams.locations(WORK)
    stats = WORK / "calls.prof"
    if options.eyes == "cprofile":
        stats.unlink(missing_ok=True)
        server.twistd_options = (f"--profile={stats}", "--profiler=cprofile", "--savestats")
    load = Load(server, made, options.seconds, 1)
    stack = ExitStack()
    try:
        stack.enter_context(films.pinned(film.path for film in made.values()))
        server.start()
        if scenario in streams.SCENARIOS:
            streams.prepare(server, WORK, made[streams.FILM].path.name, say)
        scenario.run(Load(server, made, 1.0, 99))
        if options.eyes == "py-spy":
            found = _sampled(eye, scenario, load)
        elif options.eyes == "perf":
            found = _perf(eye, scenario, load)
        else:
            found = scenario.run(load)
    finally:
        server.stop()
        stack.close()
    if options.eyes == "cprofile":
        pstats.Stats(str(stats)).sort_stats("tottime").print_stats(_SHOWN).sort_stats("cumtime").print_stats(_SHOWN)
    print("\n" + ", ".join(f"{name} {value:.6g}" for name, value in found.items()))
    return 0


if __name__ == "__main__":
    sys.exit(main())
