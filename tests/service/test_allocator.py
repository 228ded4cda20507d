"""The allocator of the daemon."""

from __future__ import annotations

import resource
import subprocess
import sys

from hls_mp4.service.allocator import MAPPED, keep_freed_memory

_ROUNDS = """
import resource, sys
from hls_mp4.service.allocator import keep_freed_memory
keep_freed_memory()
def rounds(count):
    for _ in range(count):
        one = bytes(bytearray(1 << 20))
        two = bytes(bytearray(1 << 20))
rounds(8)
before = resource.getrusage(resource.RUSAGE_SELF).ru_minflt
rounds(50)
print(resource.getrusage(resource.RUSAGE_SELF).ru_minflt - before)
"""


def test_buffers_are_used_again() -> None:
    """Making segment after segment asks the kernel for no new page; without it that would be a thousand each time."""
    faults = subprocess.run([sys.executable, "-c", _ROUNDS], capture_output=True, text=True, check=True).stdout
    assert int(faults) < 50 * (1 << 20) // resource.getpagesize()


def test_it_can_be_told_again() -> None:
    """A reloaded daemon says the same thing twice; very large allocations still go back."""
    assert keep_freed_memory() == keep_freed_memory()
    assert MAPPED >= 1 << 20
