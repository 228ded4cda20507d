"""The C library's allocator, told to keep what it will be asked for again.

Segments that are computed go through buffers of a megabyte. By default glibc gives these back to the kernel each time,
and the kernel fills them with zeros when they are asked for anew: that takes longer than copying a segment does. Other
C libraries are left as they are.
"""

from __future__ import annotations

import ctypes

_TRIM_THRESHOLD, _MMAP_THRESHOLD = -1, -3  # mallopt(3)

KEPT = 16 << 20
"""Bytes of free memory above which an arena, of which there are a few, gives some back."""

MAPPED = 4 << 20
"""Bytes from which on an allocation is a mapping of its own, gone when it is freed."""


def keep_freed_memory() -> bool:
    """Let freed buffers be used again; False where the C library has no such knob."""
    try:
        tune = ctypes.CDLL(None).mallopt
    except (OSError, AttributeError):
        return False
    tune.argtypes = [ctypes.c_int, ctypes.c_int]
    tune.restype = ctypes.c_int
    return bool(tune(_MMAP_THRESHOLD, MAPPED)) and bool(tune(_TRIM_THRESHOLD, KEPT))
