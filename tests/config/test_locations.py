"""The grammar of location, server_name and limit_except."""

from __future__ import annotations

import pytest

from hls_mp4.config.locations import (
    check_server_name,
    location_key,
    nesting_mistake,
    parse_location,
    parse_methods,
)


@pytest.mark.parametrize(
    ("args", "expected"),
    [
        (["/"], ("", "/")),
        (["=", "/a"], ("=", "/a")),
        (["=/a"], ("=", "/a")),
        (["^~", "/a"], ("^~", "/a")),
        (["^~/a"], ("^~", "/a")),
        (["~", r"\.mp4$"], ("~", r"\.mp4$")),
        (["~*", "(?<name>a)[[:digit:]]"], ("~*", "(?<name>a)[[:digit:]]")),
        ([r"~*\.mp4$"], ("~*", r"\.mp4$")),
        ([""], ("", "")),
    ],
)
def test_modifiers_stand_apart_or_attached(args: list[str], expected: tuple[str, str]) -> None:
    """Both of nginx's spellings mean the same."""
    assert parse_location(args) == expected


@pytest.mark.parametrize(
    ("args", "reason"),
    [
        ([], "invalid number of arguments"),
        (["=", "/a", "b"], "invalid number of arguments"),
        (["!~", "a"], 'invalid location modifier "!~"'),
        (["~", "("], r'invalid regular expression "\(": .* at position 0'),
        (["~*("], r'invalid regular expression "\("'),
    ],
)
def test_a_wrong_location_is_refused(args: list[str], reason: str) -> None:
    """The reason says what, and a regular expression also where."""
    with pytest.raises(ValueError, match=reason):
        parse_location(args)


@pytest.mark.parametrize(
    ("inner", "outer", "mistake"),
    [
        (("", "/a/b"), ("", "/a"), None),
        (("=", "/a"), ("^~", "/a"), None),
        (("~", "b"), ("", "/a"), None),
        (("~", "b"), ("~", "a"), None),
        (("", "/b"), ("", "/a"), 'location "/b" is outside location "/a"'),
        (("=", "/"), ("", "/a"), 'location "/" is outside location "/a"'),
        (("", "/b"), ("~", r"\.mp4$"), r'location "/b" is outside location "\.mp4$"'),
        (("", "/a/b"), ("=", "/a"), 'location "/a/b" cannot be inside the exact location "/a"'),
    ],
)
def test_locations_inside_can_be_reached(inner: tuple[str, str], outer: tuple[str, str], mistake: str | None) -> None:
    """A location that no request could ever reach is a mistake, in nginx's words."""
    assert nesting_mistake(*inner, *outer) == mistake


def test_what_makes_locations_the_same() -> None:
    """An exact one and a beginning can have one text, two beginnings cannot, and regular expressions may repeat."""
    assert location_key("", "/a") == location_key("^~", "/a") != location_key("=", "/a")
    assert location_key("~", "a") is None


@pytest.mark.parametrize("name", ["", "a", "a.b", "*.a.b", "a.*", ".a", r"~^(?<x>.+)\.a$", "_", "127.0.0.1"])
def test_names_of_servers(name: str) -> None:
    """Exact names, wildcards at either end, and regular expressions."""
    check_server_name(name)


@pytest.mark.parametrize("name", ["*", "*a", "a*", "a.*.b", "*.a.*", ".", "*.", "~", "~(", ".a.*"])
def test_names_that_nothing_could_match_are_refused(name: str) -> None:
    """A wildcard in the middle is a mistake rather than a name that never comes."""
    with pytest.raises(ValueError, match=r"server name|invalid regular expression"):
        check_server_name(name)


def test_methods_that_are_spared() -> None:
    """GET brings HEAD along; names that no request has are refused."""
    assert parse_methods(["GET", "put"]) == {"GET", "HEAD", "PUT"}
    assert parse_methods(["POST"]) == {"POST"}
    with pytest.raises(ValueError, match='invalid method "FOO"'):
        parse_methods(["FOO"])
    with pytest.raises(ValueError, match="invalid number of arguments"):
        parse_methods([])
