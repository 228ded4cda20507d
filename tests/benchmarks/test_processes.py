"""What the benchmark starts, measures and stops."""

from __future__ import annotations

import os
import select
import subprocess
import sys

from benchmarks import machine, processes
from benchmarks.profile import shares

PARENT = """
import subprocess, sys
child = subprocess.Popen([sys.executable, "-c", "import signal; signal.pause()"])
print(child.pid, flush=True)
child.wait()
"""
BUSY = """
import signal
held = b"x" * 50_000_000
for _ in range(3_000_000):
    pass
print(1, flush=True)
signal.pause()
"""
STUBBORN = "import signal; signal.signal(signal.SIGTERM, signal.SIG_IGN); print('ready', flush=True); signal.pause()"


def _started(code: str) -> subprocess.Popen[str]:
    return processes.start([sys.executable, "-c", code], processes.cores()[0], stdout=subprocess.PIPE)


def test_children_end_with_what_was_started() -> None:
    """No worker outlives a run, not even one that its parent does not stop."""
    process = _started(PARENT)
    assert process.stdout is not None
    child = int(process.stdout.readline())
    assert child in machine.family(process.pid)
    watched = os.pidfd_open(child)
    try:
        processes.stop(process)
        assert process.returncode is not None
        ended, _, _ = select.select([watched], [], [], 10)
        assert ended
    finally:
        os.close(watched)


def test_a_program_that_ignores_the_polite_signal_ends_too() -> None:
    """A stuck server does not hang the run."""
    process = _started(STUBBORN)
    assert process.stdout is not None
    assert process.stdout.readline() == "ready\n"
    processes.stop(process, patience=0.2)
    assert process.returncode == -9


def test_cpu_time_and_memory_are_those_of_the_process() -> None:
    """A program that computes has used CPU time; one that holds 50 MB is that large."""
    process = _started(BUSY)
    assert process.stdout is not None
    try:
        process.stdout.readline()
        assert machine.cpu_seconds([process.pid]) > 0
        assert 50e6 < machine.memory_bytes([process.pid]) < 150e6
        assert machine.memory_bytes([process.pid], "VmHWM") >= machine.memory_bytes([process.pid])
    finally:
        processes.stop(process)


def test_the_machine_is_described_without_the_programs_it_lacks() -> None:
    """A reader learns processor, cores, kernel and versions."""
    described = machine.describe()
    assert {"processor", "cores", "kernel", "nginx", "python", "twisted"} <= set(described)
    assert all(described.values())


def test_a_core_is_busy_between_none_and_all_of_the_time() -> None:
    """Shares are of the ticks that passed."""
    assert machine.busy_share((100, 1000), (150, 1100)) == 0.5
    assert machine.busy_share((100, 1000), (100, 1000)) == 0.0
    busy, total = machine.core_times(processes.cores()[0])
    assert 0 < busy < total


def test_sampled_stacks_become_shares() -> None:
    """A function counts once for each sample it is anywhere in, recursion included; idle threads do not count."""
    stacks = [
        "main (a.py:1);walk (a.py:5);walk (a.py:6) 3",
        "main (a.py:2);read (b.py:9) 1",
        "run (t.py:1);wait (threading.py:3) 9",
    ]
    total, on_top, anywhere = shares(stacks)
    assert total == 4
    assert on_top == {"walk (a.py)": 3, "read (b.py)": 1}
    assert anywhere == {"main (a.py)": 4, "walk (a.py)": 3, "read (b.py)": 1}
