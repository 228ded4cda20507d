"""What is in a folder, as far as it is shown."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from hls_mp4.web.pages.folder import PAGE, Entry, in_order, read_folder, read_folder_page


def test_order() -> None:
    """Folders come first, then names as people count: Episode 2 before Episode 10."""
    names = [("Episode 10.mp4", False), ("episode 2.mp4", False), ("z", True), ("10", False), ("a", False)]
    names += [("B", True), ("2", False), ("9" * 5000, False)]
    ordered = [name for name, _ in in_order(names)]
    assert ordered == ["B", "z", "2", "10", "9" * 5000, "a", "episode 2.mp4", "Episode 10.mp4"]


def test_what_is_there(tmp_path: Path) -> None:
    """Folders, files, links to both, what is neither, links that lead nowhere; hidden files are not."""
    (tmp_path / "folder").mkdir()
    (tmp_path / "file").write_bytes(b"12345")
    (tmp_path / ".hidden").touch()
    (tmp_path / "to-folder").symlink_to("folder")
    (tmp_path / "to-file").symlink_to("file")
    (tmp_path / "to-nothing").symlink_to("nothing")
    os.mkfifo(tmp_path / "pipe")
    found = read_folder(f"{tmp_path}/")
    assert [(entry.name, entry.kind) for entry in found] == [
        ("folder", "directory"),
        ("to-folder", "directory"),
        ("file", "file"),
        ("pipe", "other"),
        ("to-file", "file"),
        ("to-nothing", "other"),
    ]
    assert [entry.is_link for entry in found] == [False, True, False, False, True, True]
    status = (tmp_path / "file").stat()
    assert found[2] == Entry(
        "file", "file", 5, int(status.st_mtime), (status.st_dev, status.st_ino, 5, status.st_mtime_ns)
    )


def test_a_large_folder_comes_in_pages(tmp_path: Path) -> None:
    """Ten thousand films are a hundred pages, which together have each film once; a page beyond is the last."""
    (tmp_path / "folder").mkdir()
    for number in range(PAGE + 4):
        (tmp_path / f"{number}.mp4").touch()
    first, second, beyond = (read_folder_page(f"{tmp_path}/", number) for number in (1, 2, 99))
    assert (first.number, second.number, beyond.number) == (1, 2, 2)
    assert {page.pages for page in (first, second)} == {2}
    assert {(page.folders, page.files) for page in (first, second)} == {(1, PAGE + 4)}
    assert beyond == second
    names = [entry.name for entry in (*first.entries, *second.entries)]
    assert names == ["folder", *(f"{number}.mp4" for number in range(PAGE + 4))]


def test_an_empty_folder_is_a_page(tmp_path: Path) -> None:
    """Nothing is one page of nothing."""
    page = read_folder_page(f"{tmp_path}/", 7)
    assert (page.entries, page.number, page.pages) == ((), 1, 1)


def test_a_folder_that_is_none(tmp_path: Path) -> None:
    """What cannot be read is told to whoever asks."""
    with pytest.raises(FileNotFoundError):
        read_folder(f"{tmp_path}/nothing/")
