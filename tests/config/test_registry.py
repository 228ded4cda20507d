"""All directives by name."""

from __future__ import annotations

from dataclasses import dataclass

import pytest

from hls_mp4.config.registry import Registry
from hls_mp4.directives import ANYWHERE, HTTP, LOCATION, MAIN, SERVER, Flag, directive
from tests.config.settings import CLASSES, Content, Film, Process


def test_every_name_of_a_field_leads_to_it() -> None:
    """Directives that share a field are found by each name."""
    registry = Registry(CLASSES)
    allow, deny = registry.slot("allow"), registry.slot("deny")
    assert allow is deny and allow is not None and allow.attribute == "rules" and allow.settings is Content
    assert registry.slot("allows") is None
    assert [slot.attribute for slot in registry.slots_of(Film)] == ["enabled", "first", "most"]


def test_a_class_that_is_listed_twice_counts_once() -> None:
    """A delivery module that is installed twice over does no harm."""
    assert Registry([Film, Film, Process]).settings == (Film, Process)


def test_a_name_has_one_owner() -> None:
    """Two rooms cannot declare one directive, nor one that gives the file its shape."""

    @dataclass(frozen=True)
    class Again:
        sendfile: bool = directive("sendfile", HTTP, Flag(), default="on", doc="x")

    @dataclass(frozen=True)
    class Shape:
        server: bool = directive("server", HTTP, Flag(), default="on", doc="x")

    with pytest.raises(TypeError, match='"sendfile" is declared twice, once by Again'):
        Registry([Content, Again])
    with pytest.raises(TypeError, match='"server" is declared twice, once by Shape'):
        Registry([Shape])


@pytest.mark.parametrize(
    ("name", "context", "meant"),
    [
        ("mp4_bufer_size", HTTP, "mp4_buffer_size"),
        ("locations", SERVER, "location"),
        ("sever", HTTP, "server"),
        ("alow", LOCATION, "allow"),
        ("proxi_pass", LOCATION, "proxy_pass"),
        ("work_connections", MAIN, "worker_connections"),
        ("xyzzy", ANYWHERE, None),
        ("mp4" * 1000, ANYWHERE, None),
    ],
)
def test_a_slip_of_the_pen_is_guessed(name: str, context: object, meant: str | None) -> None:
    """The guess is what fits the block, else what exists at all; a wild name gets none."""
    assert Registry(CLASSES).near_miss(name, context) == meant  # type: ignore[arg-type]


def test_what_may_stand_in_the_block_is_guessed_first() -> None:
    """Of two near names, the one that is allowed here was meant."""
    registry = Registry(CLASSES)
    assert registry.near_miss("aliass", LOCATION) == "alias"
    assert registry.near_miss("events_", MAIN) == "events"


def test_names_of_nginx_are_known() -> None:
    """What is ours, what gives shape, and what only nginx has, are told from slips of the pen."""
    registry = Registry(CLASSES)
    assert all(map(registry.knows, ("mp4", "deny", "server", "include", "gzip", "ssl_protocols")))
    assert not registry.knows("mp4stream")
