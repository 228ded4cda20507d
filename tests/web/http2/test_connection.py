"""Connections that speak HTTP/2: requests side by side, ends that cut nothing off, and clients that mean ill."""

from __future__ import annotations

from pathlib import Path

import pytest
import pytest_twisted
from h2.errors import ErrorCodes
from h2.settings import SettingCodes
from hyperframe.frame import ContinuationFrame, HeadersFrame, PingFrame, RstStreamFrame, SettingsFrame
from twisted.logger import capturedLogs

from tests.secure import Http2, away
from tests.web.conftest import BODY, SMALL
from tests.web.http2.conftest import Serve2, Speak


def said(events: object) -> str:
    """Return the lines of the error log."""
    return "\n".join(str(event.get("reason")) for event in events)  # type: ignore[attr-defined]


@pytest_twisted.ensureDeferred
async def test_several_bodies_come_at_once(serve2: Serve2) -> None:
    """Each whole, each with its status; a small one does not wait for the end of a large one."""
    _, speak = serve2()

    def fetch() -> list[tuple[int, bytes]]:
        with speak() as client:
            streams = [client.begin(path) for path in ("/large.mp4", "/small.mp4", "/nothing", "/large.mp4")]
            replies = [client.replies[stream] for stream in streams]
            client.until(lambda: replies[1].ended)
            assert not replies[0].ended
            client.until(lambda: all(reply.ended for reply in replies))
            return [(reply.status, bytes(reply.body)) for reply in replies]

    large, small, missing, again = await away(fetch)
    assert (large, small, again) == ((200, BODY), (200, SMALL), (200, BODY))
    assert missing[0] == 404


@pytest_twisted.ensureDeferred
async def test_a_client_that_does_not_read_is_not_read_for(serve2: Serve2, root: Path) -> None:
    """Without room in the client's window nothing is sent, and nothing is read ahead; the other streams go on."""
    served, speak = serve2()

    def hold() -> tuple[int, bytes]:
        with speak({SettingCodes.INITIAL_WINDOW_SIZE: 10_000}, window=False) as client:
            first, second = client.begin("/large.mp4"), client.begin("/large.mp4")
            client.until(lambda: all(len(client.replies[each].body) == 10_000 for each in (first, second)))
            client.protocol.increment_flow_control_window(5_000, first)
            client.until(lambda: len(client.replies[first].body) == 15_000)
            assert len(client.replies[second].body) == 10_000
            client.protocol.increment_flow_control_window(1 << 20, first)
            client.protocol.increment_flow_control_window(1 << 20)
            client.until(lambda: len(client.replies[first].body) == 15_000 + (1 << 20))
            client.protocol.update_settings({SettingCodes.INITIAL_WINDOW_SIZE: 30_000})
            client.until(lambda: len(client.replies[second].body) == 30_000)
            return len(client.replies[second].body), bytes(client.replies[first].body)

    count, body = await away(hold)
    assert (count, body) == (30_000, BODY[: 15_000 + (1 << 20)])
    await served.until(lambda: not served.site.channels)


@pytest_twisted.ensureDeferred
async def test_large_frames_are_used_where_the_client_takes_them(serve2: Serve2) -> None:
    """And never larger ones than it takes."""
    _, speak = serve2()

    def fetch() -> bytes:
        with speak({SettingCodes.MAX_FRAME_SIZE: 1 << 18, SettingCodes.INITIAL_WINDOW_SIZE: 1 << 24}) as client:
            client.protocol.increment_flow_control_window(1 << 24)
            return bytes(client.get("/large.mp4").body)

    assert await away(fetch) == BODY


@pytest.mark.parametrize(
    ("text", "asked"), [("keepalive_requests 2;", 2), ("keepalive_timeout 0;", 1), ("keepalive_time 1ms;", 1)]
)
@pytest_twisted.ensureDeferred
async def test_the_last_request_of_a_connection_is_told(serve2: Serve2, text: str, asked: int) -> None:
    """GOAWAY names it; what was begun is answered to its end, and what comes after it is refused."""
    served, speak = serve2(text)

    def use() -> tuple[int, int | None, int]:
        with speak() as client:
            large = client.begin("/large.mp4")
            for _ in range(asked - 1):
                client.get("/small.mp4")
            client.until(lambda: client.replies[large].ended)
            client.until(lambda: client.goodbye is not None)
            client.to_the_end()
            assert bytes(client.replies[large].body) == BODY
            assert client.goodbye is not None
            return client.goodbye.error_code, client.goodbye.last_stream_id, asked * 2 - 1

    code, last, expected = await away(use)
    assert (code, last) == (ErrorCodes.NO_ERROR, expected)
    await served.until(lambda: not served.site.channels)


@pytest_twisted.ensureDeferred
async def test_draining_lets_answers_end(serve2: Serve2) -> None:
    """A daemon that stops says GOAWAY, takes nothing new, and sends the rest of what was asked for."""
    served, speak = serve2()
    state: dict[str, bool] = {}

    def use() -> tuple[bytes, int | None]:
        with speak(window=False) as client:
            large = client.begin("/large.mp4")
            client.until(lambda: len(client.replies[large].body) == 65_535)
            state["half"] = True
            client.until(lambda: client.goodbye is not None)
            # The client's own library lets nothing be sent after GOAWAY: by hand, then.
            late = HeadersFrame(large + 2, client.protocol.encoder.encode(REQUEST), flags=["END_HEADERS", "END_STREAM"])
            client.client.sendall(late.serialize() + windows(large))
            raw = bytearray()
            while data := client.client.recv(1 << 16):
                raw += data
            return bytes(raw), large

    using = away(use)
    await served.until(lambda: "half" in state)
    served.site.drain()
    raw, large = await using
    assert (
        b"\x00\x00\x04\x03\x00" + (large + 2).to_bytes(4, "big") + int(ErrorCodes.REFUSED_STREAM).to_bytes(4, "big")
        in raw
    )
    assert BODY[-1000:] in raw
    await served.until(lambda: not served.site.channels)


REQUEST = [(":method", "GET"), (":scheme", "https"), (":authority", "a"), (":path", "/small.mp4")]


def windows(stream: int) -> bytes:
    """Return frames that open the windows of a stream and of its connection wide."""
    more = (1 << 24).to_bytes(4, "big")
    return b"".join(b"\x00\x00\x04\x08\x00" + number.to_bytes(4, "big") + more for number in (stream, 0))


@pytest_twisted.ensureDeferred
async def test_an_idle_connection_is_closed(serve2: Serve2) -> None:
    """After keepalive_timeout, with a word of goodbye; takes that second and one of resolution."""
    _, speak = serve2("keepalive_timeout 1s;")

    def use() -> int | None:
        with speak() as client:
            assert client.get("/small.mp4").status == 200
            client.to_the_end()
            assert client.goodbye is not None
            return client.goodbye.error_code

    assert await away(use) == ErrorCodes.NO_ERROR


@pytest_twisted.ensureDeferred
async def test_a_connection_without_a_request_is_closed(serve2: Serve2) -> None:
    """After client_header_timeout, a head that never ends included; takes two seconds."""
    _, speak = serve2("client_header_timeout 1s;")

    def use(begin: bool) -> None:
        with speak() as client:
            if begin:
                block = client.protocol.encoder.encode(REQUEST)
                client.client.sendall(HeadersFrame(1, block[:3]).serialize())
            client.to_the_end()

    await away(use, False)
    await away(use, True)


@pytest_twisted.ensureDeferred
async def test_a_client_that_takes_nothing_is_dropped(serve2: Serve2) -> None:
    """After send_timeout its stream is reset, and the log says so; takes that second and one of resolution."""
    _, speak = serve2("send_timeout 1s;")

    def use() -> int | None:
        with speak(window=False) as client:
            stream = client.begin("/large.mp4")
            client.until(lambda: client.replies[stream].reset is not None)
            return client.replies[stream].reset

    with capturedLogs() as events:
        assert await away(use) == ErrorCodes.INTERNAL_ERROR
    assert "client timed out while sending to client" in said(events)


@pytest_twisted.ensureDeferred
async def test_a_client_that_does_not_read_at_all_is_dropped(serve2: Serve2, root: Path) -> None:
    """Its windows are open and its socket is full: the connection ends; takes two seconds."""
    (root / "huge.mp4").write_bytes(BODY * 8)
    served, speak = serve2("send_timeout 1s;")
    state: dict[str, bool] = {}

    def use() -> None:
        import threading

        with speak({SettingCodes.INITIAL_WINDOW_SIZE: 1 << 30}) as client:
            client.protocol.increment_flow_control_window(1 << 30)
            client.begin("/huge.mp4")
            client.flush()
            state["begun"] = True
            done = threading.Event()
            while "over" not in state:
                done.wait(0.01)

    using = away(use)
    await served.until(lambda: "begun" in state)
    await served.until(lambda: any(channel.busy for channel in served.site.channels))
    await served.until(lambda: not served.site.channels)
    state["over"] = True
    await using


async def flooded(speak: Speak, frames: bytes, times: int = 1) -> Http2:
    """Send bytes again and again, until the server has had enough; return the client."""

    def send() -> Http2:
        with speak() as client:
            client.client.settimeout(0.001)
            for _ in range(times):
                try:
                    client.client.sendall(frames)
                except TimeoutError:
                    pass
                except OSError:
                    break
            client.client.settimeout(20)
            client.to_the_end()
            return client

    found: Http2 = await away(send)
    return found


@pytest.mark.parametrize(
    "frame",
    [PingFrame(0), SettingsFrame(0, {1: 4096}), b"\x00\x00\x05\x02\x00\x00\x00\x00\x07\x00\x00\x00\x00\x10"],
    ids=["ping", "settings", "priority"],
)
@pytest_twisted.ensureDeferred
async def test_floods_of_frames_end_the_connection(serve2: Serve2, frame: PingFrame | SettingsFrame | bytes) -> None:
    """What gets nothing done may be said a few thousand times (CVE-2019-9512, -9515, -9513)."""
    served, speak = serve2()
    data = frame if isinstance(frame, bytes) else frame.serialize()
    with capturedLogs() as events:
        await flooded(speak, data * 10_000)
        await served.until(lambda: not served.site.channels)
    assert "client floods the connection with frames" in said(events) or "does not read" in said(events)


@pytest_twisted.ensureDeferred
async def test_a_head_without_end_ends_the_connection(serve2: Serve2) -> None:
    """CONTINUATION frames are not collected for ever (VU#421644)."""
    served, speak = serve2()
    begin = HeadersFrame(1, b"\x82").serialize()
    with capturedLogs() as events:
        await flooded(speak, begin + ContinuationFrame(1, bytes(8000)).serialize() * 100)
        await served.until(lambda: not served.site.channels)
    assert "client violated HTTP/2" in said(events) or "client floods" in said(events)


@pytest_twisted.ensureDeferred
async def test_a_head_that_is_small_only_on_the_wire_ends_the_connection(serve2: Serve2) -> None:
    """A large header that is named again and again by its index (CVE-2016-6581) is too large all the same."""
    served, speak = serve2()

    def send() -> None:
        with speak() as client:
            usual = [(":method", "GET"), (":scheme", "https"), (":authority", "a"), (":path", "/")]
            client.begin("/", headers=[*usual, *[("x-large", "y" * 3000)] * 100])
            client.flush()
            client.to_the_end()

    with capturedLogs() as events:
        await away(send)
        await served.until(lambda: not served.site.channels)
    assert "client violated HTTP/2" in said(events)


@pytest.mark.parametrize("together", [True, False])
@pytest_twisted.ensureDeferred
async def test_requests_that_are_taken_back_at_once_end_the_connection(serve2: Serve2, together: bool) -> None:
    """Rapid reset (CVE-2023-44487): a hundred at once are a viewer's, more are not."""
    served, speak = serve2("keepalive_requests 100000;")

    def send() -> int:
        with speak() as client:
            for count in range(1000):
                stream = client.begin("/large.mp4")
                client.protocol.reset_stream(stream)
                if not together:
                    client.flush()
                if client.closed:
                    return count
            client.flush()
            client.to_the_end()
            return 1000

    with capturedLogs() as events:
        await away(send)
        await served.until(lambda: not served.site.channels)
    assert "client resets streams too often" in said(events)


@pytest_twisted.ensureDeferred
async def test_too_many_requests_at_a_time_are_refused(serve2: Serve2) -> None:
    """http2_max_concurrent_streams is told to the client, and held."""
    served, speak = serve2(http="access_log off; http2_max_concurrent_streams 3;")

    def ask() -> int:
        with speak(window=False) as client:
            client.until(lambda: client.protocol.remote_settings.max_concurrent_streams == 3)
            block = client.protocol.encoder.encode([*REQUEST[:3], (":path", "/large.mp4")])
            frames = [HeadersFrame(number, block, flags=["END_HEADERS", "END_STREAM"]) for number in (1, 3, 5, 7)]
            client.client.sendall(b"".join(frame.serialize() for frame in frames))
            raw = bytearray()
            while data := client.client.recv(1 << 16):
                raw += data
            return raw.count(b"content-type")

    with capturedLogs() as events:
        await away(ask)
        await served.until(lambda: not served.site.channels)
    assert "client violated HTTP/2" in said(events)


@pytest.mark.parametrize(
    "data", [b"PRI * HTTP/2.0\r\n\r\nXX\r\n\r\n" + bytes(50), b"GET / HTTP/1.1\r\nHost: a\r\n\r\n"]
)
@pytest_twisted.ensureDeferred
async def test_what_is_not_http_2_ends_the_connection(serve2: Serve2, data: bytes) -> None:
    """Without a traceback, and with a line in the log."""
    served, speak = serve2()

    def send() -> None:
        from tests.secure import connect, context

        with connect(served.ports[0].getHost().port, "a", context("h2")) as client:
            client.sendall(data)
            while client.recv(1 << 16):
                pass

    assert speak
    with capturedLogs() as events:
        await away(send)
        await served.until(lambda: not served.site.channels)
    assert "client violated HTTP/2" in said(events)
    assert not any(event.get("log_failure") for event in events)


@pytest_twisted.ensureDeferred
async def test_frames_for_streams_that_are_gone_do_no_harm(serve2: Serve2) -> None:
    """Windows, resets and bodies may arrive late."""
    _, speak = serve2()

    def ask() -> int:
        with speak() as client:
            assert client.get("/small.mp4").status == 200
            client.client.sendall(windows(1) + RstStreamFrame(1).serialize())
            return client.get("/small.mp4").status

    assert await away(ask) == 200
