"""What `make run` does before the daemon starts."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from hls_mp4.tools import demo
from tests.films import Library


@pytest.fixture
def become(monkeypatch: pytest.MonkeyPatch) -> list[list[str]]:
    """Collect what the process would become, instead of becoming it."""
    commands: list[list[str]] = []
    monkeypatch.setattr(demo.os, "execv", lambda path, words: commands.append(words))
    return commands


@pytest.fixture
def busy() -> Iterator[int]:
    """Return a port that somebody else listens on."""
    with socket.create_server((demo.HOST, 0)) as other:
        yield other.getsockname()[1]


def test_links_fit_the_film(tmp_path: Path, films: Library) -> None:
    """Each link leads into the film, however short it is and whatever it is called."""
    (tmp_path / "a film.mp4").write_bytes(films.data("h264"))
    base = "http://127.0.0.1:8080"
    assert list(demo.links(base, tmp_path)) == [
        f"{base}/",
        f"{base}/a%20film.mp4?player",
        f"{base}/a%20film.mp4?start=6",
        f"{base}/a%20film.mp4?start=4&end=5",
    ]


def test_a_minute_gets_the_links_of_the_readme(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The sample is started at 30, and shown from 20 to 25."""
    (tmp_path / "sample.mp4").touch()
    monkeypatch.setattr(demo, "seconds_of", lambda film: 60)
    assert [link.rpartition("?")[2] for link in demo.links("", tmp_path)][2:] == ["start=30", "start=20&end=25"]


@pytest.mark.parametrize("data", [b"", b"no film"])
def test_a_film_that_is_none_gets_no_clips(tmp_path: Path, data: bytes) -> None:
    """A broken film is still linked, without times."""
    (tmp_path / "broken.mp4").write_bytes(data)
    assert list(demo.links("", tmp_path)) == ["/", "/broken.mp4?player"]


def test_nearer_films_come_first(tmp_path: Path) -> None:
    """The film that is linked is one that a person sees at once."""
    (tmp_path / "a").mkdir()
    (tmp_path / "a" / "deep.mp4").touch()
    (tmp_path / "z.MP4").touch()
    (tmp_path / "b.txt").touch()
    assert [film.name for film in demo.films(tmp_path)] == ["z.MP4", "deep.mp4"]


@pytest.mark.parametrize(
    ("listen", "base"),
    [
        ("127.0.0.1:8080", "http://127.0.0.1:8080"),
        ("8081", "http://127.0.0.1:8081"),
        ("0.0.0.0:80", "http://127.0.0.1"),
        ("[::]:9000", "http://127.0.0.1:9000"),
        ("films.example:80", "http://films.example"),
        ("unix:/run/x", ""),
    ],
)
def test_links_can_be_clicked(listen: str, base: str) -> None:
    """Whatever is listened on, a browser on this machine gets an address that works."""
    assert demo.base_url(listen) == base


def test_a_busy_port_is_said_and_stepped_over(
    busy: int, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """`make run` works while something else has port 8080, and says how to choose another."""
    monkeypatch.setattr(demo, "PORT", busy)
    address = demo.free_address()
    assert address != f"{demo.HOST}:{busy}"
    told = capsys.readouterr().out
    assert f"Port {busy} is busy" in told
    assert f"LISTEN={address}" in told


def test_when_all_are_busy_it_says_so(busy: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing is tried for ever."""
    monkeypatch.setattr(demo, "PORT", busy)
    monkeypatch.setattr(demo, "PORTS_TO_TRY", 1)
    with pytest.raises(SystemExit, match="LISTEN="):
        demo.free_address()


def test_a_folder_of_yours_is_served_as_it_is(
    tmp_path: Path, become: list[list[str]], capsys: pytest.CaptureFixture[str]
) -> None:
    """MEDIA=dir gets no sample film, and the daemon is told where to listen."""
    demo.main(["--media", str(tmp_path), "--listen", "127.0.0.1:8099"])
    assert become[0][1:] == ["-n", "mp4stream", "--root", str(tmp_path), "--listen", "127.0.0.1:8099"]
    assert "http://127.0.0.1:8099/" in capsys.readouterr().out
    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_is_missing_is_named(become: list[list[str]]) -> None:
    """A slip in MEDIA= is one line."""
    with pytest.raises(SystemExit, match="/nowhere/at-all"):
        demo.main(["--media", "/nowhere/at-all"])
    assert become == []


def test_a_newcomer_gets_a_film(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, become: list[list[str]]) -> None:
    """The default folder is filled when it is empty, and only then."""
    made: list[Path] = []

    def write(path: Path) -> None:
        path.parent.mkdir()
        path.touch()
        made.append(path)

    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(demo.sample, "write", write)
    for _ in range(2):
        demo.main(["--listen", "8099"])
    assert made == [Path("media/sample.mp4")]
    assert become[0][1:4] == ["-n", "mp4stream", "--root"]
