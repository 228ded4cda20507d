"""Opening files without blocking, and without following symlinks where the configuration forbids it.

openat2(2) with RESOLVE_CACHED opens a path only when the kernel can do so without waiting for a disk, and fails with
EAGAIN otherwise. A cached path is then opened on the reactor in 3 microseconds where the hop to a thread and back
costs about 100; everything else goes to a thread. Kernels before 5.12, or a seccomp filter, refuse the call: then every
path goes to a thread.
"""

from __future__ import annotations

import ctypes
import errno
import os
import stat
import threading

RESOLVE_NO_MAGICLINKS = 0x02
RESOLVE_NO_SYMLINKS = 0x04
RESOLVE_CACHED = 0x20

# O_NONBLOCK: a FIFO in the media folder must not hang us. It has no effect on regular files.
OPEN_FLAGS = os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK | os.O_NOCTTY

_SYS_OPENAT2 = 437  # the same number on every architecture Linux runs on
_AT_FDCWD = -100


class _OpenHow(ctypes.Structure):
    """struct open_how of openat2(2)."""

    _fields_ = [("flags", ctypes.c_uint64), ("mode", ctypes.c_uint64), ("resolve", ctypes.c_uint64)]


_libc = ctypes.CDLL(None, use_errno=True)
_syscall = _libc.syscall
_syscall.argtypes = [ctypes.c_long, ctypes.c_int, ctypes.c_char_p, ctypes.c_void_p, ctypes.c_size_t]
_syscall.restype = ctypes.c_long
# One structure, kept alive here, serves every call: the kernel only reads it.
_how_cached = _OpenHow(OPEN_FLAGS, 0, RESOLVE_CACHED | RESOLVE_NO_MAGICLINKS)
_how_cached_no_links = _OpenHow(OPEN_FLAGS, 0, RESOLVE_CACHED | RESOLVE_NO_SYMLINKS)
_how_address = ctypes.addressof(_how_cached)
_how_no_links_address = ctypes.addressof(_how_cached_no_links)
_how_size = ctypes.sizeof(_OpenHow)


class _Support:
    """Whether the kernel takes openat2; a refusal for another reason than the path turns it off."""

    openat2 = True


def open_now(path: bytes, *, symlinks: bool = True) -> int | None:
    """Open a file if that needs no disk.

    Args:
        path: absolute path.
        symlinks: False to refuse any symbolic link in the path.

    Returns:
        A file descriptor, or None when only a thread may try.

    Raises:
        OSError: the path cannot be opened, whoever tries.
    """
    if not _Support.openat2 or b"\0" in path:
        return None
    fd = int(_syscall(_SYS_OPENAT2, _AT_FDCWD, path, _how_address if symlinks else _how_no_links_address, _how_size))
    if fd >= 0:
        return fd
    code = ctypes.get_errno()
    if code == errno.EAGAIN:
        return None
    if code in (errno.ENOSYS, errno.EPERM, errno.EINVAL, errno.E2BIG):
        # EINVAL: RESOLVE_CACHED is newer than openat2 itself. EPERM: a seccomp filter, or a file of its own kind.
        if code != errno.EPERM:
            _Support.openat2 = False
        return None
    raise OSError(code, os.strerror(code), os.fsdecode(path))


def open_blocking(path: bytes) -> int:
    """Open a file, however long it takes; for threads. Raises OSError."""
    return os.open(path, OPEN_FLAGS)


def open_without_symlinks(path: bytes, trusted: bytes, *, owner_may: bool) -> int:
    """Open a file whose path has no forbidden symbolic link (nginx: disable_symlinks); for threads.

    Each component is opened relative to the one before, so that no link can be swapped in between check and use.

    Args:
        path: absolute path.
        trusted: leading part of `path` whose components are not checked (nginx: from=); b"/" checks all.
        owner_may: a link is allowed when its owner owns what it leads to (nginx: if_not_owner).

    Raises:
        OSError: ELOOP for a forbidden link, else as open(2).
    """
    trusted = trusted.rstrip(b"/") or b"/"
    if path != trusted and not path.startswith(trusted if trusted == b"/" else trusted + b"/"):
        trusted = b"/"
    names = [name for name in path[len(trusted) :].split(b"/") if name and name != b"."]
    folder = os.open(trusted, os.O_PATH | os.O_CLOEXEC)
    try:
        for position, name in enumerate(names):
            flags = OPEN_FLAGS if position == len(names) - 1 else os.O_PATH | os.O_CLOEXEC
            opened = _open_component(folder, name, flags, owner_may)
            os.close(folder)
            folder = opened
        if not names:
            opened = os.open(trusted, OPEN_FLAGS)
            os.close(folder)
            folder = opened
        return folder
    except BaseException:
        os.close(folder)
        raise


def _open_component(folder: int, name: bytes, flags: int, owner_may: bool) -> int:
    found = os.stat(name, dir_fd=folder, follow_symlinks=False)
    if not stat.S_ISLNK(found.st_mode):
        # O_NOFOLLOW: what became a link since the stat fails with ELOOP (O_PATH would open the link itself).
        opened = os.open(name, flags | os.O_NOFOLLOW, dir_fd=folder)
        if stat.S_ISLNK(os.fstat(opened).st_mode):
            os.close(opened)
            raise OSError(errno.ELOOP, os.strerror(errno.ELOOP), os.fsdecode(name))
        return opened
    if not owner_may:
        raise OSError(errno.ELOOP, os.strerror(errno.ELOOP), os.fsdecode(name))
    opened = os.open(name, flags, dir_fd=folder)
    if os.fstat(opened).st_uid != found.st_uid:
        os.close(opened)
        raise OSError(errno.ELOOP, os.strerror(errno.ELOOP), os.fsdecode(name))
    return opened


class _MemoryFilesystems:
    """Device numbers of tmpfs and ramfs mounts, read once and again when an unknown device appears."""

    lock = threading.Lock()
    known: dict[int, bool] = {}


def lies_in_memory(device: int) -> bool:
    """Tell whether a device number is that of a tmpfs or ramfs: nothing there ever waits for a disk."""
    answer = _MemoryFilesystems.known.get(device)
    if answer is None:
        with _MemoryFilesystems.lock:
            try:
                with open("/proc/self/mountinfo", encoding="utf-8", errors="surrogateescape") as mounts:
                    for line in mounts:
                        fields = line.split(" ")
                        major, minor = fields[2].split(":")
                        kind = fields[fields.index("-") + 1]
                        _MemoryFilesystems.known[os.makedev(int(major), int(minor))] = kind in ("tmpfs", "ramfs")
            except (OSError, ValueError, IndexError):
                pass
            answer = _MemoryFilesystems.known.setdefault(device, False)
    return answer
