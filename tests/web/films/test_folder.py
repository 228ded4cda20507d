"""Names in folders."""

from __future__ import annotations

from pathlib import Path

import pytest

from hls_mp4.web.films import folder
from hls_mp4.web.films.folder import read_names


def test_names_are_read(tmp_path: Path) -> None:
    """All of them; of a folder that is not there, or none, there are none."""
    for name in ("a.mp4", "b.en.vtt", "кино.mp4"):
        (tmp_path / name).touch()
    listing = read_names(str(tmp_path))
    assert sorted(listing.names) == ["a.mp4", "b.en.vtt", "кино.mp4"]
    assert listing.complete and listing.weight > 0
    assert read_names(str(tmp_path / "missing")).names == ()
    assert read_names(str(tmp_path / "a.mp4")).names == ()


def test_huge_folders_are_read_in_part(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A folder of a million files costs no more than one of some thousand."""
    monkeypatch.setattr(folder, "MOST_NAMES", 3)
    for number in range(5):
        (tmp_path / str(number)).touch()
    listing = read_names(str(tmp_path))
    assert (len(listing.names), listing.complete) == (3, False)
