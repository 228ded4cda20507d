"""Fetches the players of the film pages: `python -m hls_mp4.tools.players`, which `make players` runs.

hls.js and dash.js come from npm, once, when mp4stream is built; they are laid beside the pages, and the daemon serves
them itself. What is fetched is these versions and no others: each package has to have the digest that is written here.
shaka-player is fetched as well, for the tests alone: what three players play, others will.

Without npm nothing is fetched, and the pages play files as the browser does.
"""

from __future__ import annotations

import argparse
import shutil
import subprocess
import sys
import tarfile
import tempfile
from base64 import b64encode
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from hashlib import sha512
from pathlib import Path

FOLDER = Path(__file__).parent.parent / "web" / "pages" / "players"
"""Where the pages look for them."""

_LARGEST = 4 << 20


@dataclass(frozen=True, slots=True)
class Package:
    """A package of npm, and what is taken out of it.

    Args:
        name: of the player here.
        package: name in npm.
        version: of it.
        digest: SHA-512 of the package in base64, as npm writes it.
        script: path of the player in the package.
        licence: paths of its licence and notices.
    """

    name: str
    package: str
    version: str
    digest: str
    script: str
    licence: tuple[str, ...]

    @property
    def file(self) -> str:
        """Name of the file that the player becomes, without its suffix."""
        return f"{self.name}-{self.version}"


PACKAGES = (
    Package(
        "hls",
        "hls.js",
        "1.7.4",
        "3GlxGdPvT2YHvQYOt+yOzT/DEior/qJVNIylHA77kgeoBTdQQqi70GwefNEUmHQeNGyjC8U62+bruqW/Tpm+tg==",
        "dist/hls.min.js",
        ("LICENSE",),
    ),
    Package(
        "dash",
        "dashjs",
        "5.2.1",
        "axcJmLeJCTJMLUfQRErUJB1KOiU5iHF+DMLBc3FKeox1HPYtGUQlC6Xm5Mm6vhBUR3CHHLIPOqw0JDIqMtP+Dw==",
        "dist/modern/umd/dash.all.min.js",
        ("LICENSE.md", "dist/modern/umd/dash.all.min.js.LICENSE.txt"),
    ),
    Package(
        "shaka",
        "shaka-player",
        "5.2.12",
        "vEsuVDI3+oLh+yqpjXexQZlg2XMUBI0VrqatDuKWacPaxAud6Uph5uCowUPLhUgNG5XKWCpoM4l1r8qYzWH+zg==",
        "dist/shaka-player.compiled-es2021.js",
        ("LICENSE",),
    ),
)


class NotFetched(Exception):
    """A player could not be had, or is not what it should be."""


def npm_package(package: Package, folder: Path) -> Path:
    """Fetch a package into a folder and return its file.

    Raises:
        NotFetched: npm could not.
    """
    words = ["npm", "pack", f"{package.package}@{package.version}", "--silent", "--ignore-scripts"]
    try:
        subprocess.run(words, cwd=folder, check=True, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, timeout=300)
    except (OSError, subprocess.SubprocessError) as problem:
        raise NotFetched(f"npm cannot fetch {package.package} {package.version}: {problem}") from problem
    return folder / f"{package.package}-{package.version}.tgz"


def unpack(package: Package, archive: Path, folder: Path) -> None:
    """Lay a player and its licence into a folder; older versions of it go.

    Raises:
        NotFetched: the package is another one than is known, or lacks what is wanted of it.
    """
    try:
        digest = b64encode(sha512(archive.read_bytes()).digest()).decode("ascii")
        if digest != package.digest:
            raise NotFetched(f"{package.package} {package.version} is not the package that it was: SHA-512 {digest}")
        with tarfile.open(archive, "r:gz") as members:
            script = _member(members, package.script)
            licence = b"\n".join(_member(members, name) for name in package.licence)
    except (OSError, tarfile.TarError) as problem:
        raise NotFetched(f"{package.package} {package.version} cannot be unpacked: {problem}") from problem
    folder.mkdir(parents=True, exist_ok=True)
    for suffix, data in ((".txt", licence), (".js", script)):
        half = folder / f".{package.file}{suffix}"
        half.write_bytes(data)
        half.replace(folder / (package.file + suffix))
    for other in folder.glob(f"{package.name}-*"):
        if other.stem != package.file:
            other.unlink()


def _member(members: tarfile.TarFile, name: str) -> bytes:
    try:
        found = members.extractfile(f"package/{name}")
    except KeyError:
        found = None
    if found is None:
        raise NotFetched(f"{name} is not in the package")
    with found:
        return found.read(_LARGEST)


def fetch(
    folder: Path,
    packages: Sequence[Package] = PACKAGES,
    fetch_package: Callable[[Package, Path], Path] = npm_package,
) -> list[str]:
    """Fetch the players that are not in a folder yet; return the names of those that were fetched.

    Raises:
        NotFetched: one of them cannot be had.
    """
    wanted = [package for package in packages if not (folder / f"{package.file}.js").exists()]
    for package in wanted:
        with tempfile.TemporaryDirectory() as below:
            unpack(package, fetch_package(package, Path(below)), folder)
    return [package.file for package in wanted]


def main(words: Sequence[str] | None = None) -> int:
    """Fetch the players; return an exit status, 0 without npm as well: the pages do without."""
    parser = argparse.ArgumentParser(prog="python -m hls_mp4.tools.players", description="Fetch the players of pages.")
    parser.add_argument("--folder", type=Path, default=FOLDER, help="where to lay them")
    folder = parser.parse_args(words).folder
    if shutil.which("npm") is None:
        print("npm is not installed: film pages will play files as the browser does, without HLS and DASH.")
        return 0
    try:
        fetched = fetch(folder)
    except NotFetched as problem:
        print(problem, file=sys.stderr)
        return 1
    print(f"Fetched {', '.join(fetched)}." if fetched else "The players are there.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
