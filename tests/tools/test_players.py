"""Fetching the players of film pages: what was known when it was written, or nothing."""

from __future__ import annotations

import io
import tarfile
from base64 import b64encode
from dataclasses import replace
from hashlib import sha512
from pathlib import Path

import pytest

from hls_mp4.tools import players
from hls_mp4.tools.players import NotFetched, Package, fetch, main, unpack

PLAYER = Package("hls", "hls.js", "1.2.3", "", "dist/hls.min.js", ("LICENSE", "NOTICE"))
FILES = {"dist/hls.min.js": b"play()", "LICENSE": b"Copyright A", "NOTICE": b"and B", "dist/more.js": b"more"}


def packed(folder: Path, files: dict[str, bytes]) -> tuple[Package, Path]:
    """Return a package as npm makes them, and what is known of it."""
    archive = folder / "hls.js-1.2.3.tgz"
    with tarfile.open(archive, "w:gz") as members:
        for name, data in files.items():
            member = tarfile.TarInfo(f"package/{name}")
            member.size = len(data)
            members.addfile(member, io.BytesIO(data))
    return replace(PLAYER, digest=b64encode(sha512(archive.read_bytes()).digest()).decode()), archive


def test_a_player_is_laid_down_with_its_licence(tmp_path: Path) -> None:
    """The player and its licences, and nothing else of the package; an older version goes."""
    package, archive = packed(tmp_path, FILES)
    folder = tmp_path / "players"
    folder.mkdir()
    for old in ("hls-1.2.2.js", "hls-1.2.2.txt", "dash-1.0.0.js"):
        (folder / old).write_text("old")
    asked: list[str] = []
    assert fetch(folder, [package], lambda wanted, _: asked.append(wanted.package) or archive) == ["hls-1.2.3"]
    assert {path.name: path.read_bytes() for path in folder.iterdir()} == {
        "hls-1.2.3.js": b"play()",
        "hls-1.2.3.txt": b"Copyright A\nand B",
        "dash-1.0.0.js": b"old",
    }
    assert fetch(folder, [package], lambda wanted, _: asked.append(wanted.package) or archive) == []
    assert asked == ["hls.js"]


def test_another_package_is_refused(tmp_path: Path) -> None:
    """A package with other bytes than were known is not used, whoever sends it."""
    package, archive = packed(tmp_path, FILES)
    archive.write_bytes(archive.read_bytes() + b"\0")
    with pytest.raises(NotFetched, match="not the package that it was"):
        unpack(package, archive, tmp_path / "players")
    assert not (tmp_path / "players").exists()


@pytest.mark.parametrize("missing", ["dist/hls.min.js", "NOTICE"])
def test_a_package_without_what_is_wanted(tmp_path: Path, missing: str) -> None:
    """No player is laid down without its licence."""
    package, archive = packed(tmp_path, {name: data for name, data in FILES.items() if name != missing})
    with pytest.raises(NotFetched, match=missing):
        unpack(package, archive, tmp_path / "players")
    assert not (tmp_path / "players").exists()


def test_no_archive_at_all(tmp_path: Path) -> None:
    """What is no package says so."""
    with pytest.raises(NotFetched, match="cannot be unpacked"):
        unpack(PLAYER, tmp_path / "none.tgz", tmp_path)


def test_without_npm(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    """It is no error: the pages do without, and it says what that means."""
    monkeypatch.setenv("PATH", str(tmp_path))
    assert main(["--folder", str(tmp_path / "players")]) == 0
    assert "without HLS and DASH" in capsys.readouterr().out
    with pytest.raises(NotFetched, match="npm cannot fetch"):
        players.npm_package(PLAYER, tmp_path)


def test_every_player_is_pinned() -> None:
    """Exact versions with the digests of their packages."""
    for package in players.PACKAGES:
        assert package.version.replace(".", "").isdecimal()
        assert len(package.digest) == 88
        assert package.licence
