"""The client that measures, against a server of a few lines."""

from __future__ import annotations

import http.server
import itertools
import json
import threading
from collections.abc import Iterator

import pytest

from benchmarks.client import BadAnswer, Flow, arrivals, clip_paths, content_length, main


class Answers(http.server.BaseHTTPRequestHandler):
    """/N: N bytes; /short: fewer bytes than promised; anything else: 500."""

    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        """Answer."""
        name = self.path[1:].partition("?")[0]
        if not name.isdigit() and name != "short":
            self.send_error(500)
            return
        size = 1000 if name == "short" else int(name)
        self.send_response(200)
        self.send_header("Content-Length", str(size))
        self.end_headers()
        self.wfile.write(bytes(10 if name == "short" else size))
        self.close_connection = name == "short"

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing."""


class Quiet(http.server.ThreadingHTTPServer):
    """A server to which clients that reset their connections are nothing special."""

    def handle_error(self, request: object, client_address: object) -> None:
        """Say nothing."""


@pytest.fixture(scope="module")
def port() -> Iterator[str]:
    """The port of such a server."""
    with Quiet(("127.0.0.1", 0), Answers) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        yield str(server.server_address[1])
        server.shutdown()
        thread.join()


def test_bodies_are_counted_to_the_byte(port: str, capsys: pytest.CaptureFixture[str]) -> None:
    """What was received in full is as long as what the server said."""
    assert main(["bodies", port, "/300000", "--connections", "2", "--seconds", "0.2"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert found["answers"] > 0
    assert found["mean_length"] == 300000
    assert found["bytes"] >= found["answers"] * 300000


@pytest.mark.parametrize("path", ["/fails", "/short"])
@pytest.mark.parametrize("kind", ["bodies", "first", "idle"])
def test_a_wrong_answer_ends_the_measurement(
    port: str, kind: str, path: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """An error status or a body that ends early is reported, never counted."""
    assert main([kind, port, path, "--connections", "2", "--seconds", "0.2"]) == 1
    told = capsys.readouterr()
    assert path in told.err
    assert not told.out


def test_time_to_first_byte_is_taken_of_every_request(port: str, capsys: pytest.CaptureFixture[str]) -> None:
    """As many answers as there were moments at which one was due."""
    words = ["--rate", "100", "--seconds", "0.3", "--connections", "4"]
    assert main(["first", port, "/5000", *words, "--last-ms", "1000", "--window-ms", "10"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert found["answers"] == len(arrivals(100, 0.3, 1))
    assert 0 < found["p50_ms"] <= found["p99_ms"] < 1000


def test_both_servers_are_asked_for_the_same_windows() -> None:
    """One seed gives one sequence; every window has its length and lies within the film."""
    asked = list(itertools.islice(clip_paths("/film.mp4", 3, 60_000, 10_000), 200))
    assert asked == list(itertools.islice(clip_paths("/film.mp4", 3, 60_000, 10_000), 200))
    assert len(set(asked)) > 190
    for path in asked:
        start, end = (float(word.partition("=")[2]) for word in path.partition("?")[2].split("&"))
        assert 0 < start <= 60
        assert end - start == pytest.approx(10)


def test_arrivals_come_at_the_rate_that_is_asked_for() -> None:
    """In order, within the time, about as many as expected."""
    moments = arrivals(200, 10, 7)
    assert moments == sorted(moments)
    assert moments[-1] < 10
    assert len(moments) == pytest.approx(2000, rel=0.1)


@pytest.mark.parametrize(
    "head",
    [
        b"HTTP/1.1 500 Internal Server Error\r\nContent-Length: 5",
        b"HTTP/1.1 206 Partial Content\r\nContent-Length: 5",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked",
    ],
)
def test_only_a_whole_answer_of_known_length_counts(head: bytes) -> None:
    """A status other than 200 or a missing length is an error."""
    assert content_length(b"HTTP/1.1 200 OK\r\nServer: x\r\ncontent-length: 17", "/") == 17
    with pytest.raises(BadAnswer):
        content_length(head, "/film.mp4")


class Nothing:
    """Stands for a connection in what a flow complains about."""

    path = "/film.mp4"


def flow_of(bursts: list[tuple[float, int]]) -> Flow:
    """Return what a connection saw: moments and bytes; what comes before the third second does not count."""
    flow = Flow(Nothing())  # type: ignore[arg-type]
    for moment, taken in bursts:
        flow.add(moment, taken, counts=moment >= 3)
    return flow


def test_a_rate_is_that_of_whole_bursts() -> None:
    """A second's worth each second is that rate, in however many pieces a burst is seen and wherever counting began."""
    whole = [(2.5 + n, 65536) for n in range(9)]
    assert flow_of(whole).rate() == 65536
    split = [piece for at, size in whole for piece in ((at, size // 4), (at + 0.01, size - size // 4))]
    assert flow_of(split).rate() == 65536
    straddling = [piece for n in range(9) for piece in ((2.99 + n, 16384), (3.01 + n, 49152))]
    assert abs(flow_of(straddling).rate() - 65536) < 1


def test_a_body_that_stands_still_has_no_rate() -> None:
    """One burst is none of anything."""
    with pytest.raises(BadAnswer, match="no pause"):
        flow_of([(0.0, 65536), (4.0, 65536)]).rate()
