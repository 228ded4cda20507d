"""Running Debian's wrk with our scripts, and reading what it found."""

from __future__ import annotations

import json
import subprocess
from dataclasses import dataclass
from pathlib import Path

from benchmarks import processes

_MARK = "wrk-result "
_FOLDER = Path(__file__).parent


class LoadFailed(Exception):
    """Requests failed: what was measured is not the speed of right answers."""


@dataclass(frozen=True, slots=True)
class WrkResult:
    """One run of wrk.

    Args:
        requests: answered in full.
        seconds: how long it ran.
        bytes: received, headers included.
        bad_status: answers with a status above 399.
        socket_errors: failed connects, reads and writes, and timeouts.
        p50_ms: median time from request to the end of the answer.
        p99_ms: its 99th percentile.
    """

    requests: int
    seconds: float
    bytes: int
    bad_status: int
    socket_errors: int
    p50_ms: float
    p99_ms: float


def parse(output: str) -> WrkResult:
    """Return what the script's last line says.

    Raises:
        LoadFailed: it has no such line.
    """
    for line in reversed(output.splitlines()):
        if line.startswith(_MARK):
            found = json.loads(line.removeprefix(_MARK))
            return WrkResult(
                found["requests"],
                found["microseconds"] / 1e6,
                found["bytes"],
                found["bad_status"],
                found["socket_errors"],
                found["p50_us"] / 1000,
                found["p99_us"] / 1000,
            )
    raise LoadFailed(f"wrk said nothing of use: {output.strip()[-500:]}")


def check(result: WrkResult) -> WrkResult:
    """Return the result; LoadFailed when any answer was an error or there was none at all."""
    if result.bad_status or result.socket_errors or not result.requests:
        raise LoadFailed(
            f"of {result.requests} answers {result.bad_status} had an error status; "
            f"{result.socket_errors} socket errors"
        )
    return result


def run(script: str, arguments: list[str], port: int, seconds: int, connections: int) -> WrkResult:
    """Load a server of 127.0.0.1 for some seconds with one thread on the load generator's core.

    Raises:
        LoadFailed: wrk failed, or an answer was not a success.
    """
    command = ["wrk", "-t1", f"-c{connections}", f"-d{seconds}s", "--timeout", "10s", "-s", str(_FOLDER / script)]
    process = processes.start(
        [*command, f"http://127.0.0.1:{port}/", "--", *arguments],
        processes.cores()[1],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
    )
    try:
        output, _ = process.communicate(timeout=seconds + 20)
    finally:
        processes.stop(process)
    return check(parse(output))
