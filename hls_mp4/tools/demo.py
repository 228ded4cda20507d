"""What `make run` runs: a folder, a sample film when it has none, links to click, and the daemon.

    python -m hls_mp4.tools.demo --media DIR [--listen ADDRESS:PORT]

The process becomes `twistd -n mp4stream`, so that Ctrl-C and signals reach the daemon itself.
"""

from __future__ import annotations

import argparse
import os
import socket
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from urllib.parse import quote

from hls_mp4.containers.isobmff import IsobmffFormat
from hls_mp4.errors import StreamingError
from hls_mp4.interfaces import IndexLimits
from hls_mp4.tools import sample

HOST = "127.0.0.1"
PORT = 8080
PORTS_TO_TRY = 20
SUFFIXES = {".mp4", ".m4v", ".mov", ".m4a"}


def films(folder: Path) -> Iterator[Path]:
    """Yield the films of a folder, the nearest first."""
    yield from sorted(
        (path for path in folder.rglob("*") if path.suffix.lower() in SUFFIXES and path.is_file()),
        key=lambda path: (len(path.parts), path),
    )


def seconds_of(film: Path) -> int:
    """Return how long a film is, in whole seconds; 0 when it cannot be told."""
    with film.open("rb") as file:
        reading = IsobmffFormat().index(film.stat().st_size, IndexLimits())
        try:
            wanted = next(reading)
            while True:
                file.seek(wanted.offset)
                wanted = reading.send(file.read(wanted.length))
        except StopIteration as done:
            index = done.value
        except StreamingError:
            return 0
    return int(index.duration // index.timescale) if index.timescale else 0


def is_free(host: str, port: int) -> bool:
    """Tell whether the daemon will be able to listen there."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError:
            return False
    return True


def free_address() -> str:
    """Return the first free address from the usual one on, and say so when it is another.

    Raises:
        SystemExit: everything that was tried is taken.
    """
    for port in range(PORT, PORT + PORTS_TO_TRY):
        if is_free(HOST, port):
            if port != PORT:
                print(f"Port {PORT} is busy, so this is port {port}; choose with: make run LISTEN={HOST}:{port}")
            return f"{HOST}:{port}"
    raise SystemExit(f"Ports {PORT} to {port} are busy; choose another with: make run LISTEN={HOST}:9000")


def base_url(listen: str) -> str:
    """Return the URL that a browser on this machine reaches an address by; empty for a unix socket."""
    if listen.startswith("unix:"):
        return ""
    host, _, port = listen.rpartition(":")
    if not host:
        host, port = (HOST, port) if port.isdigit() else (port, "80")
    if host in ("*", "0.0.0.0", "[::]"):
        host = HOST
    return f"http://{host}:{port}" if port != "80" else f"http://{host}"


def links(base: str, media: Path) -> Iterator[str]:
    """Yield the links worth clicking: the folder, the page of a film, and two clips of it when it is long enough."""
    yield f"{base}/"
    film = next(films(media), None)
    if film is None:
        return
    url = f"{base}/{quote(film.relative_to(media).as_posix())}"
    yield f"{url}?player"
    start = min(30, seconds_of(film) // 2)
    if start:
        yield f"{url}?start={start}"
        yield f"{url}?start={start * 2 // 3}&end={start * 2 // 3 + max(1, start // 6)}"


def main(arguments: Sequence[str] | None = None) -> None:
    """Prepare the folder, print the links and become the daemon.

    Raises:
        SystemExit: with one line that says what is missing.
    """
    parser = argparse.ArgumentParser(prog="python -m hls_mp4.tools.demo", description="Serve a folder of films.")
    parser.add_argument("--media", type=Path, default=Path("media"), help="folder to serve (default: %(default)s)")
    parser.add_argument("--listen", default="", help=f"address (default: the first free one from {HOST}:{PORT} on)")
    asked = parser.parse_args(arguments)
    if asked.media == parser.get_default("media") and next(films(asked.media), None) is None:
        print(f"Making a sample film in {asked.media}/ ...", flush=True)
        sample.write(asked.media / "sample.mp4")
    if not asked.media.is_dir():
        raise SystemExit(f'There is no folder "{asked.media}"; serve one of yours with: make run MEDIA=dir')
    listen = asked.listen or free_address()
    if base := base_url(listen):
        print("\nServing", asked.media, "- open one of these, Ctrl-C stops:\n")
        for link in links(base, asked.media):
            print("   ", link)
    print(flush=True)
    twistd = str(Path(sys.executable).with_name("twistd"))
    os.execv(twistd, [twistd, "-n", "mp4stream", "--root", str(asked.media), "--listen", listen])


if __name__ == "__main__":
    main()
