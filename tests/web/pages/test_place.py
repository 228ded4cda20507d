"""What a location says of the films in it."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from hls_mp4.web.pages.place import clips_of, has_player, indexer, may_be_told
from hls_mp4.web.rules import LocationRules
from tests.web.harness import Served

Serve = Callable[..., Served]


def rules_of(served: Served, path: str) -> LocationRules:
    location, _ = served.site.servers.default.locate(path)
    assert location is not None
    rules: LocationRules = location.payload
    return rules


@pytest.mark.parametrize(
    ("name", "there"),
    [
        ("a.mp4", True),
        ("A.M4A", True),
        ("a.webm", True),
        ("a.flv", True),
        ("a.txt", False),
        ("mp4", False),
        ("a", False),
    ],
)
def test_films_and_sounds_have_pages(serve: Serve, name: str, there: bool) -> None:
    """A file is what its content type says."""
    assert has_player(rules_of(serve("location / { player on; }"), "/"), name) is there


def test_what_cuts_a_film(serve: Serve) -> None:
    """The module of the film's format, with the settings of the location; none where it is off."""
    rules = rules_of(serve("location / { mp4; mp4_start_arg t; }"), "/")
    clips = clips_of(rules, "mp4")
    assert clips is not None
    assert clips.query(1000, 2000) == "t=1&end=2"
    assert clips_of(rules, "ogg") is None
    assert clips_of(rules_of(serve("location / { }"), "/"), "mp4") is None


def test_whose_limits_hold(serve: Serve) -> None:
    """Files of formats that modules read are indexed, by the limits of the module of that name."""
    rules = rules_of(serve("location / { flv; mp4; mp4_max_buffer_size 3m; }"), "/")
    for name, module in (("a.mp4", "mp4"), ("a.flv", "flv")):
        enabled = indexer(rules, name)
        assert enabled is not None
        assert enabled.module.name == module
    assert indexer(rules, "a.MOV") is not None
    assert indexer(rules, "a.webm") is None
    assert indexer(rules_of(serve("location / { }"), "/"), "a.mp4") is None


def test_satisfy_is_a_condition_too(serve: Serve) -> None:
    """Two locations with the same lists, one of which is content with less, are not alike."""
    served = serve("allow 127.0.0.1; deny all; location / { } location /a/ { } location /b/ { satisfy any; }")
    folder = rules_of(served, "/")
    assert may_be_told(folder, folder)
    assert may_be_told(folder, rules_of(served, "/a/"))
    assert not may_be_told(folder, rules_of(served, "/b/"))


@pytest.mark.parametrize(
    "judging",
    [
        "auth_request /judge;",
        "auth_basic $arg_realm; auth_basic_user_file f;",
        'auth_basic a; auth_basic_user_file "$uri.users";',
        'secure_link $arg_md5; secure_link_md5 "$uri s"; location / { if ($secure_link = "") { return 403; } } #',
    ],
)
def test_who_judges_each_film_is_not_foreseen(serve: Serve, judging: str) -> None:
    """A backend that lets somebody see a folder may keep them from a film in it, whose length is not told then."""
    folder = rules_of(serve(f"{judging} location / {{ }}\n"), "/")
    assert not may_be_told(folder, folder)


def test_a_password_for_all_films_is_enough(serve: Serve) -> None:
    """Who knows the password of a folder may know what is in its films."""
    served = serve("auth_basic a; auth_basic_user_file f; location / { } location /a/ { }")
    folder = rules_of(served, "/")
    assert may_be_told(folder, folder)
    assert may_be_told(folder, rules_of(served, "/a/"))
