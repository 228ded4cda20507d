"""The first message of a client is understood, whole or in pieces, and whatever it is."""

from __future__ import annotations

import ssl

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hls_mp4.web.tls.hello import LONGEST, Hello, read_hello
from tests.secure import context


def hello(name: str | None = "video.example", how: ssl.SSLContext | None = None) -> bytes:
    """Return the first bytes that a real client sends."""
    sent = ssl.MemoryBIO()
    client = (how or context("h2", "http/1.1")).wrap_bio(ssl.MemoryBIO(), sent, server_hostname=name)
    with pytest.raises(ssl.SSLWantReadError):
        client.do_handshake()
    return sent.read()


REAL = hello()


def in_records(message: bytes, size: int) -> bytes:
    """Return a handshake message in records of a size."""
    pieces = [message[at : at + size] for at in range(0, len(message), size)]
    return b"".join(b"\x16\x03\x01" + len(piece).to_bytes(2, "big") + piece for piece in pieces)


def test_the_server_that_a_client_names_is_found() -> None:
    """Of each version that clients speak."""
    old = context(versions=(ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_2))
    assert read_hello(REAL) == Hello(True, b"video.example")
    assert read_hello(hello("b.example", old)) == Hello(True, b"b.example")


def test_a_client_may_name_nobody() -> None:
    """It is served all the same."""
    assert read_hello(hello(None)) == Hello(True, b"")


def test_a_hello_is_waited_for_to_its_end() -> None:
    """However it is cut on its way."""
    for length in range(len(REAL)):
        assert read_hello(REAL[:length]) is None
    assert read_hello(REAL + b"more") == read_hello(REAL)


def test_a_hello_may_come_in_several_records() -> None:
    """As long as there are few; more are left to OpenSSL, and name nobody."""
    message = REAL[5:]
    assert read_hello(in_records(message, len(message) // 3 + 1)) == Hello(True, b"video.example")
    assert read_hello(in_records(message, 3)) == Hello(True, b"")


@pytest.mark.parametrize(("data", "tls"), [(b"GET / HTTP/1.1\r\n", False), (b"\r\n", False), (b"\x80\x2e\x01", True)])
def test_plain_http_is_told_from_tls(data: bytes, tls: bool) -> None:
    """By its first byte; what SSL 2 said is left to OpenSSL."""
    assert read_hello(data) == Hello(tls)


def test_nothing_is_waited_for_without_end() -> None:
    """A client that announces more than any hello has is left to OpenSSL."""
    assert read_hello(b"\x16\x03\x01\xff\xff\x01\xff\xff\xff" + bytes(LONGEST)) == Hello(True)
    assert read_hello(b"\x16\x03\x01\x00\x05\x02\x00\x00\x01\x00") == Hello(True)
    assert read_hello(REAL[:5] + b"\x01\x00\x00\x02" + REAL[9:]) == Hello(True)


@given(st.binary(max_size=300))
def test_no_bytes_are_a_surprise(data: bytes) -> None:
    """Whatever comes, there is an answer."""
    found = read_hello(b"\x16\x03\x01" + data)
    assert found is None or found.tls


@given(st.integers(5, len(REAL) - 1), st.integers(0, 255))
def test_no_damaged_hello_is_a_surprise(at: int, byte: int) -> None:
    """A name that was damaged is a name all the same, or none."""
    found = read_hello(REAL[:at] + bytes([byte]) + REAL[at + 1 :])
    assert found is None or found.tls
