"""Do both servers answer with the same film? A fast wrong answer is not fast.

Some clips are fetched from both, decoded, and compared: the pictures of a clip that starts on a key frame must be the
same ones, and any clip must hold as many packets of each track.
"""

from __future__ import annotations

import hashlib
import io
import random
import urllib.request
from collections.abc import Sequence
from dataclasses import dataclass

import av

from benchmarks.films import PIECE_SECONDS, Film
from benchmarks.servers import Server


@dataclass(frozen=True, slots=True)
class Content:
    """What a clip holds.

    Args:
        size: bytes of the answer.
        packets: of each stream.
        pictures: hashes of the decoded video frames, in the order in which they are shown.
    """

    size: int
    packets: tuple[int, ...]
    pictures: tuple[str, ...]


def fetch(port: int, path: str) -> bytes:
    """Return the body of a 200 answer; ValueError when it is another one or its length is not what was said."""
    with urllib.request.urlopen(f"http://127.0.0.1:{port}{path}", timeout=20) as answer:
        body: bytes = answer.read()
        if answer.status != 200 or len(body) != int(answer.headers["Content-Length"]):
            raise ValueError(f"{path}: status {answer.status}, {len(body)} of {answer.headers['Content-Length']} bytes")
        return body


def content(body: bytes) -> Content:
    """Return what is in a clip; raises av.FFmpegError when it cannot be opened.

    Frames before the first key frame do not decode: where nginx cuts without regard to key frames, they are left out.
    """
    with av.open(io.BytesIO(body), "r") as clip:
        packets = [0] * len(clip.streams)
        pictures = []
        for packet in clip.demux():
            if packet.size:
                packets[packet.stream_index] += 1
            if packet.stream.type != "video":
                continue
            try:
                frames = [frame for frame in packet.decode() if isinstance(frame, av.VideoFrame)]
                pictures += [hashlib.sha1(frame.to_ndarray().tobytes()).hexdigest() for frame in frames]
            except av.error.InvalidDataError:
                continue
    return Content(len(body), tuple(packets), tuple(pictures))


# Frames are not stored in the order in which they are shown: with three B-frames in a row a cut by presentation time,
# which ours is, takes in up to four frames that one by decoding time, nginx', leaves out. A window has two cuts.
_REORDERED = 8


def differences(ours: Content, theirs: Content, *, key_frame: bool) -> list[str]:
    """Return in which ways two clips of the same window differ more than by where a partial frame is cut.

    Args:
        ours: of this daemon.
        theirs: of nginx.
        key_frame: the window starts on a key frame, so that every picture decodes.
    """
    found = []
    if len(ours.packets) != len(theirs.packets) or any(
        abs(a - b) > _REORDERED for a, b in zip(ours.packets, theirs.packets, strict=False)
    ):
        found.append(f"packets {ours.packets} against {theirs.packets}")
    if abs(ours.size - theirs.size) > 0.03 * theirs.size + 20_000:
        found.append(f"{ours.size} against {theirs.size} bytes")
    if key_frame:
        common = min(len(ours.pictures), len(theirs.pictures))
        # The last frames of a window depend on how a server counts what is cut off in decoding order.
        if abs(len(ours.pictures) - len(theirs.pictures)) > 3 or common < 10:
            found.append(f"{len(ours.pictures)} against {len(theirs.pictures)} pictures")
        elif ours.pictures[: common - 3] != theirs.pictures[: common - 3]:
            found.append("other pictures")
    return found


def compare(ours: Server, theirs: Server, films: Sequence[Film], seed: int = 5) -> list[str]:
    """Fetch and compare some windows of each film; return one line for each that differs."""
    random_ = random.Random(seed)
    problems = []
    for film in films:
        pieces = film.seconds // PIECE_SECONDS - 1
        windows = [(random_.randint(1, film.seconds * 1000 - 12_000), False) for _ in range(3)]
        windows += [
            (random_.randrange(pieces) * PIECE_SECONDS * 1000 + random_.choice(film.key_frames_ms), True)
            for _ in range(3)
        ]
        for start, key_frame in windows:
            path = f"/films/{film.path.name}?start={start / 1000:.3f}&end={start / 1000 + 10:.3f}"
            try:
                pair = [content(fetch(server.port, path)) for server in (ours, theirs)]
            except (OSError, ValueError) as e:  # those of urllib and PyAV are among them
                problems.append(f"{path}: {e}")
                continue
            problems += [f"{path}: {what}" for what in differences(*pair, key_frame=key_frame)]
    return problems
