"""Listings for programs are nginx's."""

from __future__ import annotations

import json
from xml.etree import ElementTree

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hls_mp4.web.pages.folder import Entry
from hls_mp4.web.pages.formats import callback_of, program_listing
from hls_mp4.web.refusal import Refusal
from tests.web.pages.names import names

THEN = 1753693501  # 2025-07-28 09:05:01 UTC
ENTRIES = [
    Entry("b", "directory", 4096, THEN),
    Entry('q"\udcff.mp4', "file", 5, THEN),
    Entry("pipe", "other", 0, THEN),
]


def test_json() -> None:
    """Names, types, HTTP dates, and sizes of files; no facts of films, for a program gets what nginx would give it."""
    kind, body = program_listing("json", ENTRIES)
    assert kind == "application/json"
    assert json.loads(body) == [
        {"name": "b", "type": "directory", "mtime": "Mon, 28 Jul 2025 09:05:01 GMT"},
        {"name": 'q"\ufffd.mp4', "type": "file", "mtime": "Mon, 28 Jul 2025 09:05:01 GMT", "size": 5},
        {"name": "pipe", "type": "other", "mtime": "Mon, 28 Jul 2025 09:05:01 GMT"},
    ]
    assert json.loads(program_listing("json", [])[1]) == []


def test_jsonp() -> None:
    """With a callback it is a call of that, behind a comment as nginx writes it; without one it is JSON."""
    kind, body = program_listing("jsonp", ENTRIES, b"films.show")
    assert kind == "application/javascript"
    assert body.startswith(b"/* callback */\r\nfilms.show([")
    assert body.endswith(b"]);")
    assert json.loads(body[len(b"/* callback */\r\nfilms.show(") : -2]) == json.loads(
        program_listing("json", ENTRIES)[1]
    )
    assert program_listing("jsonp", ENTRIES) == program_listing("json", ENTRIES)


def test_xml() -> None:
    """An element for each entry, its time in ISO 8601 and the size of a file as attributes."""
    kind, body = program_listing("xml", ENTRIES)
    assert kind == "text/xml; charset=utf-8"
    assert body.decode() == (
        '<?xml version="1.0"?>\n<list>\n<directory mtime="2025-07-28T09:05:01Z">b</directory>\n'
        '<file mtime="2025-07-28T09:05:01Z" size="5">q&quot;\ufffd.mp4</file>\n'
        '<other mtime="2025-07-28T09:05:01Z">pipe</other>\n</list>\n'
    )


@given(name=names, mtime=st.integers(-(2**63), 2**63 - 1))
def test_any_name_and_time(name: str, mtime: int) -> None:
    """Each form can be read by its parser, whatever names and times a file system has."""
    entries = [Entry(name, "file", 1, mtime)]
    shown = name.encode("utf-8", "surrogateescape").decode("utf-8", "replace")
    assert json.loads(program_listing("json", entries)[1])[0]["name"] == shown
    assert len(ElementTree.fromstring(program_listing("xml", entries)[1])) == 1


@pytest.mark.parametrize(
    ("query", "name"),
    [
        (b"", b""),
        (b"callback=", b""),
        (b"CALLBACK=a.B_9&callback=x", b"a.B_9"),
        (b"callback=" + b"a" * 128, b"a" * 128),
    ],
)
def test_callbacks(query: bytes, name: bytes) -> None:
    """Letters, digits, dots and underscores, by a name in any case."""
    assert callback_of(query) == name


@pytest.mark.parametrize("query", [b"callback=alert(1)", b"callback=a%2eb", b"callback=a$", b"callback=" + b"a" * 129])
def test_what_is_no_callback(query: bytes) -> None:
    """Everything else is refused, as nginx does: nobody makes a script of a listing."""
    with pytest.raises(Refusal) as refused:
        callback_of(query)
    assert refused.value.status == 400
