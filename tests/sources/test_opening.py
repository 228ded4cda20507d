"""Files are opened without waiting, and never through a link that the configuration forbids."""

import os
from pathlib import Path

import pytest

from hls_mp4.sources import opening


def read(fd: int) -> bytes:
    try:
        return os.read(fd, 100)
    finally:
        os.close(fd)


@pytest.fixture
def media(tmp_path: Path) -> Path:
    root = tmp_path / "media"
    (root / "inner").mkdir(parents=True)
    (root / "film").write_bytes(b"film")
    (tmp_path / "secret").write_bytes(b"secret")
    (root / "link").symlink_to(tmp_path / "secret")
    (root / "linked").symlink_to(tmp_path)
    (root / "inner" / "same").symlink_to("../film")
    return root


def test_a_cached_path_is_opened_at_once(media: Path) -> None:
    """What was opened before needs no thread (where the kernel has openat2)."""
    name = os.fsencode(media / "film")
    os.close(opening.open_blocking(name))
    fd = opening.open_now(name)
    if fd is None:
        assert not opening._Support.openat2
    else:
        assert read(fd) == b"film"


def test_a_missing_path_is_an_error_whoever_asks(media: Path) -> None:
    """404 is known at once, or in a thread."""
    name = os.fsencode(media / "nothing")
    try:
        assert opening.open_now(name) is None
    except FileNotFoundError:
        pass
    with pytest.raises(FileNotFoundError):
        opening.open_blocking(name)


def test_without_openat2_threads_do_it(media: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Older kernels and strict seccomp filters work, one thread hop slower."""
    monkeypatch.setattr(opening, "_SYS_OPENAT2", 9999)
    monkeypatch.setattr(opening._Support, "openat2", True)
    assert opening.open_now(os.fsencode(media / "film")) is None
    assert not opening._Support.openat2


def test_a_fifo_does_not_hang(tmp_path: Path) -> None:
    """A named pipe in the media folder stops nobody."""
    os.mkfifo(tmp_path / "pipe")
    os.close(opening.open_blocking(os.fsencode(tmp_path / "pipe")))


@pytest.mark.parametrize("path", ["link", "linked/secret", "inner/same"])
def test_links_are_refused_when_told(media: Path, path: str) -> None:
    """disable_symlinks on: a link anywhere in the path is refused."""
    with pytest.raises(OSError, match="symbolic links"):
        opening.open_without_symlinks(os.fsencode(media / path), os.fsencode(media), owner_may=False)


def test_links_before_the_trusted_part_are_followed(media: Path) -> None:
    """disable_symlinks on from=$document_root: how the root is reached is the administrator's business."""
    through = media / "linked" / "media" / "film"
    root = media / "linked" / "media"
    assert read(opening.open_without_symlinks(os.fsencode(through), os.fsencode(root), owner_may=False)) == b"film"
    with pytest.raises(OSError, match="symbolic links"):
        opening.open_without_symlinks(os.fsencode(through), b"/", owner_may=False)


def test_a_trusted_part_that_is_no_parent_is_not_trusted(media: Path) -> None:
    """from=/me does not cover /media."""
    with pytest.raises(OSError, match="symbolic links"):
        opening.open_without_symlinks(os.fsencode(media / "link"), os.fsencode(str(media)[:-1]), owner_may=False)


def test_an_owner_may_link_to_his_own(media: Path) -> None:
    """if_not_owner: a link to a file of the same owner is followed."""
    name = os.fsencode(media / "inner" / "same")
    assert read(opening.open_without_symlinks(name, b"/", owner_may=True)) == b"film"


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give files away")
def test_an_owner_may_not_link_to_others(media: Path) -> None:
    """if_not_owner: a user's link to somebody else's file is refused."""
    os.chown(media / "link", 12345, 12345, follow_symlinks=False)
    with pytest.raises(OSError, match="symbolic links"):
        opening.open_without_symlinks(os.fsencode(media / "link"), os.fsencode(media), owner_may=True)


def test_the_trusted_folder_itself_can_be_opened(media: Path) -> None:
    """A request for the root itself finds a folder."""
    os.close(opening.open_without_symlinks(os.fsencode(media), os.fsencode(media), owner_may=False))


def test_no_descriptor_is_lost(media: Path) -> None:
    """A million refused requests leave no descriptor open."""
    before = len(os.listdir("/proc/self/fd"))
    for path in ("link", "linked/secret", "nothing", "film/x", "film", "inner/same"):
        try:
            os.close(opening.open_without_symlinks(os.fsencode(media / path), os.fsencode(media), owner_may=False))
        except OSError:
            pass
    assert len(os.listdir("/proc/self/fd")) == before


def test_memory_filesystems_are_known() -> None:
    """/dev/shm never waits for a disk; the root file system might."""
    if Path("/dev/shm").is_mount():
        assert opening.lies_in_memory(os.stat("/dev/shm").st_dev)
    assert not opening.lies_in_memory(123456789)
