"""What a line of the access log looks like, and that nobody can forge one."""

from __future__ import annotations

import json
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hls_mp4.web.logs.formats import LogFormat, read_format
from tests.web.facts import MadeUpFacts


def line(form: LogFormat, **facts: object) -> str:
    return form.compiled()(MadeUpFacts(**facts))  # type: ignore[arg-type]


@given(raw=st.binary())
def test_a_client_cannot_forge_a_line(raw: bytes) -> None:
    """Whatever bytes a header has, its value stays within its quotes and on its line."""
    form = read_format(["x", '"$http_user_agent" end'])
    text = line(form, request_headers={"user-agent": raw.decode("latin-1")})
    assert re.fullmatch(r'"(?:[ !#-\[\]-~]|\\x[0-9A-F]{2})*" end', text)
    inside = re.sub(rb"\\x(..)", lambda found: bytes.fromhex(found[1].decode()), text[1:-5].encode())
    assert inside == raw


@given(raw=st.binary())
def test_json_lines_are_json(raw: bytes) -> None:
    """With escape=json any value of a header, of whatever bytes, is a JSON string that reads back as it was."""
    form = read_format(["x", "escape=json", '{"agent":"$http_user_agent","status":$status}'])
    text = line(form, request_headers={"user-agent": raw.decode("latin-1")})
    assert json.loads(text.encode("latin-1").decode("utf-8", "surrogateescape")) == {
        "agent": raw.decode("utf-8", "surrogateescape"),
        "status": 200,
    }


@pytest.mark.parametrize(
    ("escape", "expected"), [("default", r"[-|-|a\x22b|]"), ("json", r"[||a\"b|]"), ("none", '[||a"b|]')]
)
def test_what_is_absent_and_what_is_empty(escape: str, expected: str) -> None:
    """A header that was not sent is a dash by default, one that was sent empty is empty, as in nginx."""
    form = read_format(["x", f"escape={escape}", "[$http_a|$remote_user|$http_b|", "$http_c]"])
    assert line(form, request_headers={"b": 'a"b', "c": ""}) == expected
