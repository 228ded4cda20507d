"""A load generator for what wrk cannot measure; a program of its own, so that it has a core of its own.

    python -m benchmarks.client bodies PORT ...   throughput of long bodies
    python -m benchmarks.client first PORT ...    time to first byte under a given load
    python -m benchmarks.client idle PORT ...     connections that do nothing
    python -m benchmarks.client paced PORT ...    how evenly a server sends under limit_rate

Bodies are received with MSG_TRUNC: the kernel takes them from the socket without copying them, so that the client's
core is not what limits a server that sends with sendfile. (wrk reads 8 KiB at a time.) Every status and every length
is checked. Each prints one line of JSON.
"""

from __future__ import annotations

import argparse
import json
import random
import selectors
import socket
import struct
import sys
import time
from collections import deque
from collections.abc import Callable, Iterator
from pathlib import Path

from benchmarks.stats import percentile

_IP_BIND_ADDRESS_NO_PORT = 24
_HEAD_LIMIT = 65536
_REQUEST = b"GET %s HTTP/1.1\r\nHost: bench.example\r\n\r\n"


class BadAnswer(Exception):
    """An answer that is not 200, has no length, or ends early."""


class Exchange:
    """One kept-alive connection with at most one request on it."""

    buffer = bytearray(4 << 20)

    def __init__(self, port: int, source: str = "127.0.0.1") -> None:
        """Connect to 127.0.0.1:port from a loopback address."""
        self.socket = socket.socket()
        # The port is chosen at connect, so that one source address can use all of them for each destination.
        self.socket.setsockopt(socket.IPPROTO_IP, _IP_BIND_ADDRESS_NO_PORT, 1)
        self.socket.bind((source, 0))
        self.socket.settimeout(10)
        self.socket.connect(("127.0.0.1", port))
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.socket.setblocking(False)
        self.head = b""
        self.left = -1
        self.sent_at = 0.0
        self.first_at = 0.0
        self.path = ""
        self.length = 0

    def send(self, path: str, sent_at: float) -> None:
        """Ask for a path; `sent_at` is when this was due."""
        self.path, self.sent_at, self.first_at, self.head, self.left = path, sent_at, 0.0, b"", -1
        request = _REQUEST % path.encode()
        if self.socket.send(request) != len(request):
            raise BadAnswer(f"{path}: a request did not fit into the socket")

    def receive(self) -> int:
        """Take what has arrived; returns the number of body bytes, after which `left` is 0 at the end of the answer."""
        taken = 0
        while self.left:
            try:
                if self.left < 0:
                    data = self.socket.recv(16384)
                    count = len(data)
                else:
                    count = self.socket.recv_into(self.buffer, min(self.left, len(self.buffer)), socket.MSG_TRUNC)
            except BlockingIOError:
                break
            if not count:
                raise BadAnswer(f"{self.path}: the connection ended with {self.left} bytes to come")
            if self.left < 0:
                count = self._head(data)
            else:
                self.left -= count
            taken += count
        return taken

    def _head(self, data: bytes) -> int:
        """Take the first bytes of an answer; returns how many of them are of its body."""
        if not self.first_at:
            self.first_at = time.perf_counter()
        self.head += data
        head, found, body = self.head.partition(b"\r\n\r\n")
        if not found:
            if len(self.head) > _HEAD_LIMIT:
                raise BadAnswer(f"{self.path}: a head without end")
            return 0
        self.length = content_length(head, self.path)
        self.left = self.length - len(body)
        if self.left < 0:
            raise BadAnswer(f"{self.path}: {-self.left} bytes more than Content-Length says")
        return len(body)

    def close(self) -> None:
        """Reset the connection: no TIME_WAIT stays behind, and a server stops sending at once."""
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.socket.close()


def content_length(head: bytes, path: str) -> int:
    """Return the Content-Length of a 200 answer; BadAnswer when it is anything else."""
    status, *lines = head.split(b"\r\n")
    if status.split(b" ")[1:2] != [b"200"]:
        raise BadAnswer(f"{path}: {status.decode('latin-1')}")
    for line in lines:
        name, _, value = line.partition(b":")
        if name.lower() == b"content-length":
            return int(value)
    raise BadAnswer(f"{path}: no Content-Length")


def clip_paths(path: str, seed: int, last_ms: int, window_ms: int) -> Iterator[str]:
    """Yield path?start= (and end= when there is a window) at random places up to last_ms, the same for one seed."""
    random_ = random.Random(seed)
    while True:
        start = random_.randint(1, last_ms)
        end = f"&end={(start + window_ms) / 1000:.3f}" if window_ms else ""
        yield f"{path}?start={start / 1000:.3f}{end}"


def listed_paths(file: Path, seed: int) -> Iterator[str]:
    """Yield the lines of a file at random, the same for one seed."""
    paths = file.read_text(encoding="utf-8").split()
    random_ = random.Random(seed)
    while True:
        yield random_.choice(paths)


def _paths(options: argparse.Namespace) -> Iterator[str]:
    if options.listed:
        return listed_paths(Path(options.path), options.seed)
    if options.last_ms:
        return clip_paths(options.path, options.seed, options.last_ms, options.window_ms)
    return iter(lambda: options.path, None)


def bodies(options: argparse.Namespace) -> dict[str, float]:
    """Receive bodies over a few connections until the time is up; the last ones are broken off."""
    paths = _paths(options)
    selector = selectors.EpollSelector()
    exchanges = [Exchange(options.port) for _ in range(options.connections)]
    started = time.perf_counter()
    for exchange in exchanges:
        selector.register(exchange.socket, selectors.EVENT_READ, exchange)
        exchange.send(next(paths), started)
    received = answers = lengths = 0
    until = started + options.seconds
    while time.perf_counter() < until:
        for key, _ in selector.select(1.0):
            exchange = key.data
            received += exchange.receive()
            if exchange.left == 0:
                answers += 1
                lengths += exchange.length
                exchange.send(next(paths), 0.0)
    seconds = time.perf_counter() - started
    for exchange in exchanges:
        exchange.close()
    return {"bytes": received, "seconds": seconds, "answers": answers, "mean_length": lengths / max(1, answers)}


def arrivals(rate: float, seconds: float, seed: int) -> list[float]:
    """Return moments at which requests are due: a Poisson process, so that they sometimes come together."""
    random_ = random.Random(seed)
    moments, now = [], 0.0
    while (now := now + random_.expovariate(rate)) < seconds:
        moments.append(now)
    return moments


def first(options: argparse.Namespace) -> dict[str, float]:
    """Measure the time to first byte of requests that come at given moments, however slow the answers are.

    A request that must wait for a free connection waits as a viewer would: its time counts from when it was due.
    With --among, small files are asked for at the same time, and theirs is the time that is reported.
    """
    loads = [(arrivals(options.rate, options.seconds, options.seed), _paths(options), options.among == "")]
    if options.among:
        small = arrivals(options.among_rate, options.seconds, options.seed + 1)
        loads.append((small, iter(lambda: options.among, None), True))
    due = deque(sorted((at, next(paths), counted) for moments, paths, counted in loads for at in moments))
    selector = selectors.EpollSelector()
    idle = deque(Exchange(options.port) for _ in range(options.connections))
    for exchange in idle:
        selector.register(exchange.socket, selectors.EVENT_READ, exchange)
    counting: dict[Exchange, bool] = {}
    times: list[float] = []
    started = time.perf_counter()
    while due or counting:
        now = time.perf_counter() - started
        if now > options.seconds + 10:
            raise BadAnswer(f"{len(due) + len(counting)} answers are 10 s late: the rate is more than the server does")
        while due and idle and due[0][0] <= now:
            at, path, counted = due.popleft()
            exchange = idle.popleft()
            exchange.send(path, started + at)
            counting[exchange] = counted
        # Sleep by epoll only when the next moment is far enough; its clock has milliseconds.
        pause = due[0][0] - now - 0.001 if due and idle else 0.5
        for key, _ in selector.select(max(0.0, pause)):
            exchange = key.data
            exchange.receive()
            if exchange.left == 0 and exchange in counting:
                if counting.pop(exchange):
                    times.append(exchange.first_at - exchange.sent_at)
                idle.append(exchange)
    for exchange in idle:
        exchange.close()
    return {
        "answers": len(times),
        "p50_ms": percentile(times, 0.5) * 1000,
        "p99_ms": percentile(times, 0.99) * 1000,
        "seconds": time.perf_counter() - started,
    }


def _await_all(exchanges: list[Exchange], patience: float) -> None:
    """Receive the answers of all; BadAnswer when one does not come."""
    selector = selectors.EpollSelector()
    for exchange in exchanges:
        selector.register(exchange.socket, selectors.EVENT_READ, exchange)
    waiting, until = len(exchanges), time.perf_counter() + patience
    while waiting:
        if time.perf_counter() > until:
            raise BadAnswer(f"{waiting} of {len(exchanges)} connections were not answered")
        for key, _ in selector.select(1.0):
            key.data.receive()
            if key.data.left == 0:
                selector.unregister(key.fileobj)
                waiting -= 1
    selector.close()


def idle(options: argparse.Namespace, out: Callable[[str], None]) -> dict[str, float]:
    """Hold connections that have had one answer each; tell when all are there, go on at a line of standard input.

    In the end some of them ask again: an idle connection that was dropped does not count as held.
    """
    held: list[Exchange] = []
    try:
        while len(held) < options.connections:
            # 5,000 from each address of the loopback network; 200 at a time, less than any backlog of the kernel.
            batch = []
            for number in range(len(held), min(len(held) + 200, options.connections)):
                exchange = Exchange(options.port, f"127.0.0.{1 + number // 5000}")
                exchange.send(options.path, 0.0)
                batch.append(exchange)
            _await_all(batch, 20)
            held += batch
        out(json.dumps({"open": len(held)}))
        sys.stdin.readline()
        again = held[:: max(1, len(held) // 200)]
        for exchange in again:
            exchange.send(options.path, 0.0)
        _await_all(again, 20)
        return {"open": len(held), "answered_again": len(again)}
    finally:
        for exchange in held:
            exchange.close()


_GAP = 0.05
"""Seconds of silence after which what arrives is another burst."""


class Flow:
    """What arrives on one connection, in bursts; servers differ in how many they make of a second's worth."""

    def __init__(self, exchange: Exchange) -> None:
        """Nothing has arrived."""
        self.exchange = exchange
        self.bytes = 0
        self.first: tuple[float, int] | None = None
        self.latest: tuple[float, int] | None = None
        self._seen_at = 0.0

    def add(self, now: float, taken: int, *, counts: bool) -> None:
        """Note bytes that arrived; a burst is marked by when it began and what had come before it.

        Args:
            now: seconds.
            taken: bytes.
            counts: whether a burst that begins now does.
        """
        if counts and now - self._seen_at > _GAP:
            self.latest = (now, self.bytes)
            self.first = self.first or self.latest
        self._seen_at = now
        self.bytes += taken

    def rate(self) -> float:
        """Return bytes per second from the begin of the first burst to that of the last, which does not count."""
        if self.first is None or self.latest is None or self.first == self.latest:
            raise BadAnswer(f"{self.exchange.path}: no pause in what should be paced, or nothing after the first burst")
        return (self.latest[1] - self.first[1]) / (self.latest[0] - self.first[0])


def paced(options: argparse.Namespace) -> dict[str, float]:
    """Receive a paced body over each of many connections; tell how far each one's rate is from what it should be.

    A server may run ahead in the beginning: what comes in the settling time is not counted.
    """
    selector = selectors.EpollSelector()
    flows: list[Flow] = []
    try:
        for number in range(options.connections):
            flow = Flow(Exchange(options.port, f"127.0.0.{1 + number // 5000}"))
            flows.append(flow)
            flow.exchange.send(options.path, 0.0)
            selector.register(flow.exchange.socket, selectors.EVENT_READ, flow)
            for key, _ in selector.select(0):
                key.data.add(time.perf_counter(), key.data.exchange.receive(), counts=False)
        started = time.perf_counter()
        while (now := time.perf_counter() - started) < options.settle + options.seconds:
            for key, _ in selector.select(0.1):
                taken = key.data.exchange.receive()
                if key.data.exchange.left == 0:
                    raise BadAnswer(f"{options.path}: the body ended before the measuring did")
                key.data.add(time.perf_counter(), taken, counts=now >= options.settle)
        errors = [flow.rate() / options.rate - 1 for flow in flows]
    finally:
        for flow in flows:
            flow.exchange.close()
    away = [abs(error) for error in errors]
    return {"mean_error": sum(errors) / len(errors), "p99_error": percentile(away, 0.99), "worst_error": max(away)}


def main(arguments: list[str] | None = None) -> int:
    """Run one measurement; 1 and a line on standard error when an answer is not what it must be."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("kind", choices=("bodies", "first", "idle", "paced"))
    parser.add_argument("port", type=int)
    parser.add_argument("path")
    parser.add_argument("--connections", type=int, default=4)
    parser.add_argument("--seconds", type=float, default=5.0)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--last-ms", type=int, default=0, help="seek at random up to here; 0: the file itself")
    parser.add_argument("--window-ms", type=int, default=0, help="length of each clip; 0: to the end")
    parser.add_argument("--listed", type=int, default=0, help="1: the path is a file with a path on each line")
    parser.add_argument("--rate", type=float, default=50.0, help="first: requests per second; paced: bytes per second")
    parser.add_argument("--settle", type=float, default=3.0, help="paced: seconds before anything counts")
    parser.add_argument("--among", default="", help="first: a small file asked for at the same time")
    parser.add_argument("--among-rate", type=float, default=100.0)
    options = parser.parse_args(arguments)
    try:
        if options.kind == "idle":
            found = idle(options, lambda line: print(line, flush=True))
        else:
            found = {"bodies": bodies, "first": first, "paced": paced}[options.kind](options)
    except (BadAnswer, OSError) as e:
        print(e, file=sys.stderr)
        return 1
    print(json.dumps(found), flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
