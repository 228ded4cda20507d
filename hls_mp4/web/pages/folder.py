"""What is in a folder: read in a thread, hidden files left out, as nginx does."""

from __future__ import annotations

import os
import re
import stat
from dataclasses import dataclass

PAGE = 100
"""Entries of one page of a listing for people."""


@dataclass(frozen=True, slots=True)
class Entry:
    """Something in a folder.

    Args:
        name: bytes that are no UTF-8 are surrogates.
        kind: "directory", "file" or "other", nginx's words.
        size: bytes.
        mtime: seconds since the epoch.
        version: device, inode, size and mtime in ns, of a file.
        is_link: whether it is a symbolic link to what it is.
    """

    name: str
    kind: str
    size: int = 0
    mtime: int = 0
    version: tuple[int, int, int, int] = (0, 0, 0, 0)
    is_link: bool = False

    @property
    def is_dir(self) -> bool:
        """Whether it is a folder."""
        return self.kind == "directory"


@dataclass(frozen=True, slots=True)
class FolderPage:
    """A part of what is in a folder.

    Args:
        entries: of this page, in order.
        folders: how many there are on all pages.
        files: how many other things there are on all pages.
        number: of the page, from 1.
        pages: how many there are.
    """

    entries: tuple[Entry, ...]
    folders: int
    files: int
    number: int = 1
    pages: int = 1


def read_folder(path: str) -> list[Entry]:
    """Return everything in a folder, in order; for threads, 6 us for each entry.

    Raises:
        OSError: it cannot be read.
    """
    return [found for name, _ in _names(path) if (found := _entry(path, name)) is not None]


def read_folder_page(path: str, number: int) -> FolderPage:
    """Return a page of a folder; for threads. Only what is on the page is looked at more closely than by its name.

    Args:
        path: of the folder, with its final slash.
        number: of the page; the last one when there are fewer.

    Raises:
        OSError: it cannot be read.
    """
    names = _names(path)
    pages = max(1, -(-len(names) // PAGE))
    number = min(number, pages)
    shown = names[(number - 1) * PAGE : number * PAGE]
    entries = tuple(found for name, _ in shown if (found := _entry(path, name)) is not None)
    folders = sum(is_dir for _, is_dir in names)
    return FolderPage(entries, folders, len(names) - folders, number, pages)


def in_order(names: list[tuple[str, bool]]) -> list[tuple[str, bool]]:
    """Return (name, whether it is a folder) with folders first, and Episode 2 before Episode 10."""
    return sorted(names, key=_order)


def _order(named: tuple[str, bool]) -> tuple[bool, list[str | int], str]:
    """Sort as people count; text and numbers alternate, so like meets like."""
    name, is_dir = named
    words = re.split("([0-9]+)", name.casefold())
    # More digits than a number of a season or a year has are a checksum: int() has a limit of its own.
    return not is_dir, [int(word[:18]) if at % 2 else word for at, word in enumerate(words)], name


def _names(path: str) -> list[tuple[str, bool]]:
    with os.scandir(path) as scanned:
        return in_order([(found.name, found.is_dir()) for found in scanned if not found.name.startswith(".")])


def _entry(folder: str, name: str) -> Entry | None:
    """Return what lies under a name, None when it is gone; a link that leads nowhere is shown as itself."""
    path = folder + name
    try:
        found = os.lstat(path)
        is_link = stat.S_ISLNK(found.st_mode)
        if is_link:
            try:
                found = os.stat(path)
            except OSError:
                pass
    except OSError:
        return None
    mode = found.st_mode
    kind = "directory" if stat.S_ISDIR(mode) else "file" if stat.S_ISREG(mode) else "other"
    version = (found.st_dev, found.st_ino, found.st_size, found.st_mtime_ns)
    return Entry(name, kind, found.st_size, found.st_mtime_ns // 10**9, version, is_link)
