"""The header of a response is well-formed, whatever it is made of."""

from hypothesis import given
from hypothesis import strategies as st

from hls_mp4.plan import Plan
from hls_mp4.web.answer import Answer, head_bytes, status_line


def test_the_status_line_is_ours() -> None:
    """HTTP/1.1 and the usual phrase."""
    assert status_line(206) == "HTTP/1.1 206 Partial Content"
    assert status_line(299) == "HTTP/1.1 299 "


def test_a_head() -> None:
    """Headers in order, the connection's fate, an empty line."""
    answer = Answer(200, [("A", "b"), ("C", "é")], Plan(()))
    assert head_bytes(answer, True) == b"HTTP/1.1 200 OK\r\nA: b\r\nC: \xe9\r\nConnection: keep-alive\r\n\r\n"
    assert head_bytes(answer, False).endswith(b"Connection: close\r\n\r\n")


@given(st.lists(st.text(max_size=20), max_size=4))
def test_no_value_adds_a_line(values: list[str]) -> None:
    """`add_header X $arg_x` cannot be used to write headers or a second response."""
    head = head_bytes(Answer(200, [("X", value) for value in values], Plan(())), True)
    lines = head.split(b"\r\n")
    assert len(lines) == len(values) + 4
    assert not any(b"\n" in line or b"\r" in line for line in lines)
