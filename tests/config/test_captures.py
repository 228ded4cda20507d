"""What a regular expression of the configuration names can be mentioned anywhere in it."""

from __future__ import annotations

from pathlib import Path

import pytest

from hls_mp4.config import ConfigErrors, load, load_from_text
from hls_mp4.directives import CAPTURE_NAMES
from hls_mp4.web.accesslog import LogSettings
from hls_mp4.web.finding.map import MapSettings
from hls_mp4.web.finding.script import ScriptSettings
from hls_mp4.web.headers import HeaderSettings
from tests.web.facts import MadeUpFacts

BOTH = (HeaderSettings, LogSettings)


def test_groups_of_locations_and_servers() -> None:
    """A header and a log format have the group of a nested location, and of a server's name, written after them."""
    text = r"""http {
        log_format films '$show $site';
        add_header X-Show "$show/$site";
        server {
            server_name ~^(?<site>\w+)\.example$;
            location / { location ~* ^/(?P<show>[^/]+)/ { } }
        }
    }"""
    (header,) = load_from_text(text, BOTH).http[HeaderSettings].added
    assert header.value.render(MadeUpFacts(captures={"show": "dune", "site": "media"})) == "dune/media"


def test_groups_of_included_files(tmp_path: Path) -> None:
    """It does not matter in which file the regular expression stands."""
    (tmp_path / "site.conf").write_text("server { location ~ ^/(?<show>.+)$ { } }")
    (tmp_path / "main.conf").write_text("http { add_header X $show; include site.conf; }")
    config = load(str(tmp_path / "main.conf"), settings=BOTH)
    assert config.http[HeaderSettings].added[0].value.constant is None


@pytest.mark.parametrize(
    "text", ["location ~ ( { }", "location a b c { }", "location ~ ^/(?<show>x)( { }", "server_name ~(;"]
)
def test_mistakes_are_said_once(text: str) -> None:
    """A broken expression is one error of its own, and no group of it is known."""
    with pytest.raises(ConfigErrors) as raised:
        load_from_text(f"http {{ server {{ {text} }} }}", BOTH)
    assert len(raised.value.problems) == 1


def test_an_include_that_fails_is_said_once(tmp_path: Path) -> None:
    """Looking for groups does not double what is wrong with an include."""
    (tmp_path / "main.conf").write_text("http { include none.conf; server { } }")
    with pytest.raises(ConfigErrors) as raised:
        load(str(tmp_path / "main.conf"), settings=BOTH)
    assert len(raised.value.problems) == 1


def test_groups_of_one_configuration_are_not_those_of_the_next() -> None:
    """After a configuration is read its groups are forgotten."""
    load_from_text("http { server { location ~ (?<show>x) { } } }", BOTH)
    assert CAPTURE_NAMES.get() == frozenset()
    with pytest.raises(ConfigErrors, match='unknown "show" variable'):
        load_from_text("http { add_header X $show; server { } }", BOTH)


@pytest.mark.parametrize(
    "text",
    [
        "server { set $Show 1; }",
        "server { location / { if ($args) { set $show 1; } } }",
        "map $uri $show { }",
        "map $uri $x { ~(?<show>.) $show; }",
        "server { rewrite ^/(?<show>.) /; }",
        "server { if ($args ~ ^(?<show>.)$) { } }",
        "server { if ($args !~* (?<show>.)) { } }",
        'server { if ($args ~ "(?<show>.)" ) { } }',
        "map $uri $x { ~*(?<Show>.) 1; }",
    ],
)
def test_whoever_defines_a_variable(text: str) -> None:
    """A header above may mention what set, map, rewrite and if define further down, in any spelling."""
    settings = (*BOTH, ScriptSettings, MapSettings)
    (header,) = load_from_text(f"http {{ add_header X $SHOW; {text} }}", settings).http[HeaderSettings].added
    assert header.value.render(MadeUpFacts(captures={"show": "dune"})) == "dune"


@pytest.mark.parametrize("text", ["set show 1;", "set $1 1;", "if ($args ~ ) { }", "if ($args ~ (a) { }", "rewrite;"])
def test_what_is_no_definition_is_said_once(text: str) -> None:
    """Looking for variables says nothing of mistakes that the reading will find."""
    with pytest.raises(ConfigErrors) as raised:
        load_from_text(f"http {{ server {{ {text} }} }}", (ScriptSettings,))
    assert len(raised.value.problems) == 1
