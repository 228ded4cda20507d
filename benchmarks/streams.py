"""Streams made just in time, beside nginx with the same bytes as files.

Before anything is measured, manifests and segments of the 2 h film are fetched from the daemon once and laid down where
nginx serves them by the same URLs. So nginx shows what sending alone costs on this machine; what the daemon adds is
what packaging costs. Formats that the daemon does not offer are left out.
"""

from __future__ import annotations

import http.client
import re
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from xml.etree import ElementTree

from benchmarks import wrk
from benchmarks.scenarios import CONNECTIONS, Goal, Load, Measure, Meter, Scenario
from benchmarks.servers import Server
from benchmarks.stats import percentile
from hls_mp4.service.plugins import discover

FILM = "2h"
SEGMENTS = 64
"""Segments of a format that are asked for, from all over the film: as many as all of them would need a GB of files."""
RESTARTS = 3
RATE = 300
COLD_MS = 10.0
PLAYLISTS_PER_SECOND = 5000.0

_SMALL = "/films/20k/0.bin"

Fetch = Callable[[str], bytes]


@dataclass(frozen=True, slots=True)
class Format:
    """A way to stream.

    Args:
        name: of it here, and in URLs.
        packager: that makes it.
        directives: of its location.
        manifests: names of what players ask for first, by what figures call them.
        segments: returns the names of all video segments.
        goal: how many segments per second, as a share of what nginx sends of the same files.
    """

    name: str
    packager: str
    directives: str
    manifests: Mapping[str, str]
    segments: Callable[[Fetch], list[str]]
    goal: float


def _hls(fetch: Fetch) -> list[str]:
    variants = [line for line in fetch("master.m3u8").decode().splitlines() if line and line[0] != "#"]
    return [line for line in fetch(variants[0]).decode().splitlines() if line and line[0] != "#"]


def _times(clock: list[tuple[int | None, int, int]]) -> list[int]:
    """Return when segments begin, of (time or None, length, repeats)."""
    found, at = [], 0
    for begin, length, repeats in clock:
        at = at if begin is None else begin
        for _ in range(repeats + 1):
            found.append(at)
            at += length
    return found


def _dash(fetch: Fetch) -> list[str]:
    period = ElementTree.fromstring(fetch("manifest.mpd"))
    name = "{urn:mpeg:dash:schema:mpd:2011}"
    for one in period.iter(f"{name}AdaptationSet"):
        template, first = one.find(f".//{name}SegmentTemplate"), one.find(f"{name}Representation")
        if one.get("contentType") != "video" or template is None or first is None:
            continue
        runs = [(one.get("t"), int(one.get("d", 0)), int(one.get("r", 0))) for one in template.iter(f"{name}S")]
        media = template.get("media", "").replace("$RepresentationID$", first.get("id", ""))
        times = _times([(int(begin) if begin else None, length, more) for begin, length, more in runs])
        return [media.replace("$Time$", str(at)) for at in times]
    raise wrk.LoadFailed("the MPD has no video")


def _smooth(fetch: Fetch) -> list[str]:
    for stream in ElementTree.fromstring(fetch("Manifest")).iter("StreamIndex"):
        level = stream.find("QualityLevel")
        if stream.get("Type") != "video" or level is None:
            continue
        url = re.sub(r"\{bitrate\}", level.get("Bitrate", ""), stream.get("Url", ""), flags=re.IGNORECASE)
        runs = [(one.get("t"), int(one.get("d", 0)), int(one.get("r", 1)) - 1) for one in stream.iter("c")]
        times = _times([(int(begin) if begin else None, length, more) for begin, length, more in runs])
        return [re.sub(r"\{start time\}", str(at), url, flags=re.IGNORECASE) for at in times]
    raise wrk.LoadFailed("the manifest has no video")


def _hds(fetch: Fetch) -> list[str]:
    media = re.search(r'<media[^>]*\burl="([^"]*)"', fetch("manifest.f4m").decode())
    if media is None:
        raise wrk.LoadFailed("the manifest has no media")
    # Two hours have more fragments of four seconds than this.
    return [f"{media[1]}Seg1-Frag{number}" for number in range(1, 901)]


FORMATS = (
    Format("hls", "hls", "hls;", {"master": "master.m3u8", "media": "index-v1.m3u8"}, _hls, 0.8),
    Format("ts", "hls", "hls; hls_segment_format ts;", {"master": "master.m3u8"}, _hls, 0.5),
    Format("dash", "dash", "dash;", {"mpd": "manifest.mpd"}, _dash, 0.8),
    Format("smooth", "smooth", "smooth;", {"manifest": "Manifest"}, _smooth, 0.8),
    Format("hds", "hds", "hds;", {"f4m": "manifest.f4m"}, _hds, 0.8),
)


def offered() -> tuple[Format, ...]:
    """Return the formats that this tree's daemon has."""
    names = {packager.name for packager in discover().packagers}
    return tuple(form for form in FORMATS if form.packager in names)


def locations(root: Path) -> str:
    """Return the locations of all formats, for the daemon's configuration."""
    return "".join(
        f"        location /streams/{form.name}/ {{ alias {root}/films/; {form.directives} segment_duration 4s; }}\n"
        for form in offered()
    )


def _below(form: Format, film: str) -> str:
    return f"/streams/{form.name}/{film}/"


def _get(port: int, path: str) -> tuple[bytes, float]:
    """Return a body, and the milliseconds until it began."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    try:
        connection.connect()
        started = time.perf_counter()
        connection.request("GET", path)
        answer = connection.getresponse()
        took = (time.perf_counter() - started) * 1000
        body = answer.read()
    finally:
        connection.close()
    if answer.status != 200:
        raise wrk.LoadFailed(f"{path}: {answer.status}")
    return body, took


def prepare(server: Server, root: Path, film: str, say: Callable[[str], None]) -> None:
    """Fetch from the daemon what nginx is to serve, and write down what is to be asked of both.

    Args:
        server: the daemon.
        root: what both serve.
        film: file name of the film.
        say: told what is done.

    Raises:
        LoadFailed: the daemon does not answer.
    """
    for form in offered():
        below = _below(form, film)
        names = form.segments(lambda name, below=below: _get(server.port, below + name)[0])  # type: ignore[misc]
        chosen = names[:: max(1, len(names) // SEGMENTS)][:SEGMENTS]
        size = 0
        for name in (*form.manifests.values(), *chosen):
            body, _ = _get(server.port, below + name)
            path = root / (below + name)[1:]
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(body)
            size += len(body) if name in chosen else 0
        list_of(root, form.name).write_text("".join(f"{below}{name}\n" for name in chosen))
        for key, name in form.manifests.items():
            list_of(root, f"{form.name}-{key}").write_text(f"{below}{name}\n")
        say(f"{form.name}: {len(chosen)} segments of {size // len(chosen):,} bytes to ask for")


def list_of(root: Path, name: str) -> Path:
    """Return the file with the paths of a format's segments, or of one of its manifests."""
    return root / "streams" / f"{name}.txt"


def _segments(form: Format) -> Callable[[Load], dict[str, float]]:
    def run(load: Load) -> dict[str, float]:
        paths = str(list_of(load.server.root, form.name))
        seconds = max(1, round(load.seconds / 2))
        with Meter(load.server) as meter:
            found = wrk.run("paths.lua", [paths, str(load.seed)], load.server.port, seconds, CONNECTIONS)
        half = load.seconds / 4
        thrown = load.client("bodies", paths, listed=1, connections=CONNECTIONS, seconds=half)
        begun = load.client("first", paths, listed=1, connections=2 * CONNECTIONS, rate=RATE, seconds=half)
        return {
            **meter.found,
            "segments_per_second": found.requests / found.seconds,
            "cpu_per_segment": meter.found["cpu_seconds"] / found.requests,
            "bytes_per_answer": found.bytes / found.requests,
            "discarded_per_second": thrown["answers"] / thrown["seconds"],
            "p50_ms": begun["p50_ms"],
            "p99_ms": begun["p99_ms"],
        }

    return run


def _each(forms: tuple[Format, ...]) -> list[tuple[Format, str, str]]:
    return [(form, key, f"{form.name}_{key}") for form in forms for key in form.manifests]


def _manifests(forms: tuple[Format, ...]) -> Callable[[Load], dict[str, float]]:
    def run(load: Load) -> dict[str, float]:
        found = {}
        for form, key, name in _each(forms):
            paths = str(list_of(load.server.root, f"{form.name}-{key}"))
            seconds = max(1, round(load.seconds / 4))
            result = wrk.run("paths.lua", [paths, str(load.seed)], load.server.port, seconds, CONNECTIONS)
            found[name] = result.requests / result.seconds
        return found

    return run


def _cold(forms: tuple[Format, ...]) -> Callable[[Load], dict[str, float]]:
    def run(load: Load) -> dict[str, float]:
        found = {}
        for form, key, name in _each(forms):
            times = []
            for _ in range(RESTARTS):
                load.server.stop()
                load.server.start()
                _get(load.server.port, _SMALL)  # the process is up and has answered before, like any
                path = list_of(load.server.root, f"{form.name}-{key}").read_text().strip()
                times.append(_get(load.server.port, path)[1])
            found[name] = percentile(times, 0.5)
        return found

    return run


_SEGMENT_MEASURES = (
    Measure("segments_per_second", "segments/s"),
    Measure("cpu_per_segment", "CPU per segment (us)", 1e6, 0, False),
    Measure("discarded_per_second", "segments/s, discarding client"),
    Measure("p50_ms", "first byte p50 (ms)", 1, 2, False),
    Measure("p99_ms", "first byte p99 (ms)", 1, 2, False),
)
_TITLES = {"hls": "HLS, fMP4", "ts": "HLS, MPEG-TS", "dash": "DASH", "smooth": "Smooth", "hds": "HDS"}


def scenarios(forms: tuple[Format, ...]) -> tuple[Scenario, ...]:
    """Return what is asked of streams."""
    if not forms:
        return ()
    named = [(name, f"{_TITLES[form.name]} {key}") for form, key, name in _each(forms)]
    per_format = [
        Scenario(
            f"stream-{form.name}",
            f"segments of 4 s, {_TITLES[form.name]} (nginx: files)",
            _SEGMENT_MEASURES,
            _segments(form),
            (Goal("segments_per_second", form.goal),),
            films=(FILM,),
        )
        for form in forms
    ]
    return (
        *per_format,
        Scenario(
            "stream-manifests",
            "manifests of 2 h, kept (nginx: files)",
            tuple(Measure(name, f"{title} per second") for name, title in named),
            _manifests(forms),
            tuple(Goal(name, PLAYLISTS_PER_SECOND, absolute=True) for name, _ in named if name.startswith("hls_")),
            films=(FILM,),
        ),
        Scenario(
            "stream-cold",
            "manifests of 2 h, first after a restart (nginx: files)",
            tuple(Measure(name, f"{title} (ms)", 1, 2, False) for name, title in named),
            _cold(forms),
            (Goal("hls_master", COLD_MS, absolute=True),) if any(form.name == "hls" for form in forms) else (),
            fresh=True,
            films=(FILM,),
        ),
    )


SCENARIOS = scenarios(offered())
