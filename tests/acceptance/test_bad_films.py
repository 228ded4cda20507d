"""Films that are broken, cut short or hostile: a status, a line in the log, and the next request works."""

from __future__ import annotations

import os
import struct
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests import boxes
from tests.acceptance.conftest import EVERYTHING, Start
from tests.acceptance.daemon import Daemon, free_port
from tests.boxes import Box
from tests.films import Library
from tests.layouts import rebuilt

QUERIES = (b"start=5", b"start=5&end=7", b"end=3")


@pytest.fixture(scope="module")
def broken(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Daemon]:
    """A daemon that serves a folder for broken films, each test's under a name of its own."""
    folder = tmp_path_factory.mktemp("broken")
    media = folder / "media"
    media.mkdir()
    port = free_port()
    config = folder / "mp4stream.conf"
    config.write_text(EVERYTHING.format(port=port, media=media), encoding="utf-8")
    daemon = Daemon(folder, ["-n", "mp4stream", "--config", str(config)], port)
    yield daemon
    daemon.stop()


def errors(daemon: Daemon, name: str) -> list[str]:
    """Return the lines of the error log about a film."""
    return [line for line in daemon.lines() if "[error]" in line and f"/{name}" in line]


def ask(daemon: Daemon, name: str, query: bytes) -> tuple[int, bytes, float]:
    """Return status, body and seconds of an answer."""
    begun = time.monotonic()
    reply = daemon.raw(b"GET /%s?%s HTTP/1.0\r\n\r\n" % (name.encode(), query))
    head, _, body = reply.partition(b"\r\n\r\n")
    length = int(next(line for line in head.lower().split(b"\r\n") if line.startswith(b"content-length")).split()[1])
    assert len(body) == length
    return int(head.split()[1]), body, time.monotonic() - begun


def borders(data: bytes) -> list[int]:
    """Return every offset at which a box begins or its payload does, the sample data apart."""
    found: set[int] = set()

    def visit(box: Box) -> None:
        found.update((box.offset, box.offset + 8))
        for child in box.children:
            visit(child)

    for box in boxes.boxes(data):
        visit(box)
    return sorted(found)


@pytest.mark.parametrize("name", ["h264", "moov-last", "fragmented"])
def test_a_film_cut_short_at_any_border(broken: Daemon, films: Library, name: str) -> None:
    """An upload that stopped in the middle is refused at once, or served as far as it goes; never a wrong length."""
    data = films.data(name)
    media = broken.folder / "media"
    refused = 0
    for border in borders(data):
        (media / f"cut-{name}.mp4").write_bytes(data[:border])
        for query in QUERIES:
            status, body, took = ask(broken, f"cut-{name}.mp4", query)
            assert status in (200, 500), (border, query)
            if status == 500:
                refused += 1
                assert b"500" in body
                assert took < 1
    assert refused
    told = errors(broken, f"cut-{name}.mp4")
    assert len(told) == refused
    assert all(f'"{media}/cut-{name}.mp4" ' in line and "client: 127.0.0.1" in line for line in told)
    (media / "whole.mp4").write_bytes(data)
    assert ask(broken, "whole.mp4", b"start=4")[0] == 200


def changed(data: bytes, path: str, make: object) -> bytes:
    """Return a film with every box of a path replaced by what `make(payload)` returns."""
    assert callable(make)
    moov = boxes.tree(data).need("moov")

    def change(here: str, box: Box) -> bytes | None:
        return boxes.make(box.kind, make(bytes(box.payload))) if here == path else None

    return data[: moov.offset] + rebuilt(moov, change) + data[moov.offset + moov.size :]


def count(value: int) -> object:
    """Return a change that claims a number of entries in a table."""
    return lambda payload: payload[:4] + struct.pack(">I", value) + payload[8:]


STBL = "moov/trak/mdia/minf/stbl"
HOSTILE = {
    "stts claims more entries than it has": (f"{STBL}/stts", count(0x20000001), "stts"),
    "stsc claims more entries than it has": (f"{STBL}/stsc", count(0xFFFFFFFF), "stsc"),
    "stco claims more entries than it has": (f"{STBL}/stco", count(0x40000001), "stco"),
    "stss claims more entries than it has": (f"{STBL}/stss", count(0xFFFFFFFF), "stss"),
    "ctts claims more entries than it has": (f"{STBL}/ctts", count(0xFFFFFFFF), "ctts"),
    "stsz claims more samples than it has": (
        f"{STBL}/stsz",
        lambda payload: payload[:8] + b"\xff\xff\xff\xff" + payload[12:],
        "stsz",
    ),
    "stsz is cut short": (f"{STBL}/stsz", lambda payload: payload[:10], "stsz"),
    "mvhd is cut short": ("moov/mvhd", lambda payload: payload[:10], "mvhd"),
    "tkhd is cut short": ("moov/trak/tkhd", lambda payload: payload[:10], "tkhd"),
    "mdhd is cut short": ("moov/trak/mdia/mdhd", lambda payload: payload[:10], "mdhd"),
    "stsc is unordered": (
        f"{STBL}/stsc",
        lambda payload: payload[:4] + struct.pack(">I6I", 2, 5, 1, 1, 2, 1, 1),
        "stsc",
    ),
    "stsc begins with chunk zero": (
        f"{STBL}/stsc",
        lambda payload: payload[:4] + struct.pack(">I3I", 1, 0, 1, 1),
        "chunk",
    ),
    "stsc has chunks of no samples": (
        f"{STBL}/stsc",
        lambda payload: payload[:4] + struct.pack(">I3I", 1, 1, 0, 1),
        "stsc",
    ),
    "stsc multiplies beyond everything": (
        f"{STBL}/stsc",
        lambda payload: payload[:4] + struct.pack(">I3I", 1, 1, 0xFFFFFFFF, 1),
        "",
    ),
    "offsets are beyond the end": (
        f"{STBL}/stco",
        lambda payload: payload[:8] + b"\xff\xff\xff\xf0" * ((len(payload) - 8) // 4),
        "offset",
    ),
    "stts is empty": (f"{STBL}/stts", lambda payload: bytes(8), "stts"),
    "the timescale is zero": ("moov/trak/mdia/mdhd", lambda payload: payload[:12] + bytes(4) + payload[16:], ""),
}


@pytest.mark.parametrize("what", HOSTILE)
def test_a_hostile_table_is_refused_at_once(broken: Daemon, films: Library, what: str) -> None:
    """Counts and sizes of a file are checked before anything is done with them; the log names the box."""
    path, make, word = HOSTILE[what]
    name = f"{what.replace(' ', '-')}.mp4"
    (broken.folder / "media" / name).write_bytes(changed(films.data("h264"), path, make))
    for query in QUERIES:
        status, _, took = ask(broken, name, query)
        assert status == 500
        assert took < 1
    told = errors(broken, name)
    assert len(told) == len(QUERIES)
    assert all(word in line.partition(", client: ")[0].partition(f"{name}")[2] for line in told), told


def spent(daemon: Daemon) -> tuple[float, int]:
    """Return the processor seconds a daemon has used, and the most memory it ever held, in bytes."""
    process = Path(f"/proc/{daemon.process.pid}")
    fields = (process / "stat").read_text().rpartition(")")[2].split()
    (peak,) = [line.split()[1] for line in (process / "status").read_text().splitlines() if line.startswith("VmHWM")]
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK"), int(peak) * 1024


def test_hostile_films_cost_nothing(broken: Daemon, films: Library) -> None:
    """All of them together: less than 50 ms of a processor each, and no memory worth the name."""
    data = films.data("h264")
    for number, (path, make, _) in enumerate(HOSTILE.values()):
        (broken.folder / "media" / f"{number}.mp4").write_bytes(changed(data, path, make))
    (broken.folder / "media" / "good.mp4").write_bytes(data)
    ask(broken, "good.mp4", b"start=5")
    seconds, peak = spent(broken)
    for number in range(len(HOSTILE)):
        for query in QUERIES:
            ask(broken, f"{number}.mp4", query)
    seconds_then, peak_then = spent(broken)
    assert (seconds_then - seconds) / (len(HOSTILE) * len(QUERIES)) < 0.05
    assert peak_then - peak < 32 << 20


@pytest.mark.parametrize("size", [0, 1, 8, 15, 2**63 - 1, 2**64 - 1])
def test_64_bit_sizes_of_any_kind(broken: Daemon, films: Library, size: int) -> None:
    """A box that claims an absurd size neither hangs nor crashes the daemon."""
    data = films.data("h264")
    for kind in (b"free", b"moov", b"mdat"):
        hostile = data[:32] + struct.pack(">I4sQ", 1, kind, size) + data[32:]
        (broken.folder / "media" / "wide.mp4").write_bytes(hostile)
        status, _, took = ask(broken, "wide.mp4", b"start=5")
        assert status == 500
        assert took < 1


@pytest.mark.parametrize("data", [b"", b"\0", b"\0" * 5000, b"GIF89a" + b"x" * 5000, bytes(range(256)) * 40])
def test_what_is_no_film_at_all(broken: Daemon, data: bytes) -> None:
    """Renamed pictures and empty files are refused when seeking, and served as they are without arguments."""
    (broken.folder / "media" / "other.mp4").write_bytes(data)
    assert ask(broken, "other.mp4", b"start=5")[0] == 500
    assert ask(broken, "other.mp4", b"")[:2] == (200, data)
    assert errors(broken, "other.mp4")


def test_metadata_above_the_limit_is_refused_with_advice(start: Start, films: Library) -> None:
    """nginx's words, which administrators search for."""
    daemon = start(
        EVERYTHING.replace("access_log access.log;", "mp4_buffer_size 1k; mp4_max_buffer_size 2k;"),
        media=films.directory,
    )
    films.data("h264")
    assert ask(daemon, "h264.mp4", b"start=5")[0] == 500
    assert "you may want to increase mp4_max_buffer_size" in daemon.logged("mp4 moov atom is too large:")
