"""What a configuration becomes: servers, locations and the rules that hold in them."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from twisted.internet import reactor

from hls_mp4.config import Config, load_from_text
from hls_mp4.service.build import SiteBuilder, error_targets, wanted_addresses
from hls_mp4.service.listeners import Bound, ByLocalAddress, bind_all, close_all
from hls_mp4.service.plugins import discover
from hls_mp4.service.settings_classes import settings_classes
from hls_mp4.web.access import AccessSettings
from hls_mp4.web.locations import ServerTable
from hls_mp4.web.rules import LocationRules
from hls_mp4.web.site import StreamingSite
from tests.acceptance.daemon import free_port

PLUGINS = discover()


class Built:
    """The sites of a configuration, and the sockets they are behind."""

    def __init__(self, text: str, prefix: Path) -> None:
        self.config: Config = load_from_text(text, settings_classes(PLUGINS), prefix=str(prefix))
        self.builder = SiteBuilder(self.config, PLUGINS, reactor)
        self.bound: list[Bound] = bind_all(wanted_addresses(self.config))
        self.factories = [self.builder.factory(one) for one in self.bound]

    def table(self, number: int = 0) -> ServerTable:
        """Return the servers behind a socket."""
        factory = self.factories[number]
        assert isinstance(factory, StreamingSite)
        return factory.servers

    def rules(self, path: str, host: str = "") -> LocationRules:
        """Return what holds for a request."""
        server, _ = self.table().find(host)
        location, _ = server.locate(path)
        found: LocationRules = location.payload if location is not None else server.payload
        return found


@pytest.fixture
def build(tmp_path: Path) -> Iterator[type[Built]]:
    """Build configurations, and close their sockets at the end."""
    made: list[Built] = []

    def begin(text: str) -> Built:
        made.append(Built(text, tmp_path))
        return made[-1]

    yield begin  # type: ignore[misc]
    for one in made:
        close_all(one.bound)
        one.builder.access_logs.close()


def test_settings_reach_the_location_they_are_for(build: type[Built], tmp_path: Path) -> None:
    """What is written outside holds inside, unless something else is written there."""
    built = build(
        "http { root films; limit_rate 5k; server { listen 127.0.0.1:0; autoindex on;"
        " location /a/ { limit_rate 7k; mp4; mp4_buffer_size 1m; } location /b/ { autoindex off; } } }"
    )
    inside, beside, outside = (built.rules(path) for path in ("/a/x", "/b/x", "/c"))
    assert [rules.pacing.rate for rules in (inside, beside, outside)] == [7 << 10, 5 << 10, 5 << 10]
    assert [rules.autoindex.enabled for rules in (inside, beside, outside)] == [True, False, True]
    assert {rules.content.place.path for rules in (inside, beside, outside)} == {str(tmp_path / "films")}
    (enabled,) = inside.modules
    assert (enabled.module.name, enabled.settings.buffer_size) == ("mp4", 1 << 20)
    assert beside.modules == outside.modules == ()


def test_an_alias_stands_for_the_prefix_it_is_written_at(build: type[Built]) -> None:
    """A location inside inherits the alias together with the part of the URI that it stands for."""
    built = build(
        "http { server { listen 127.0.0.1:0; location /films/ { alias /srv/; mp4;"
        " location /films/new/ { autoindex on; } location /films/own/ { alias /own/; }"
        " location ~ x$ { etag off; } } } }"
    )
    assert [built.rules(path).prefix for path in ("/films/a", "/films/new/a", "/films/own/a", "/films/x")] == [
        "/films/",
        "/films/",
        "/films/own/",
        "/films/",
    ]


def test_methods_can_be_limited(build: type[Built]) -> None:
    """Rules of limit_except are kept apart from those for everybody."""
    rules = build(
        "http { server { listen 127.0.0.1:0; location / { allow 127.0.0.1; limit_except GET { deny all; } } } }"
    ).rules("/")
    assert rules.limit_except == {"GET", "HEAD"}
    assert len(rules.excepted) == len(rules.admission) == 1
    assert [rule.allow for rule in rules.of[AccessSettings].rules] == [True]


def test_servers_of_an_address_are_told_apart_by_name(build: type[Built]) -> None:
    """And default_server answers for everybody else, wherever it stands."""
    built = build(
        "http { server { listen 127.0.0.1:0; server_name a; }"
        " server { listen 127.0.0.1:0 default_server; server_name b; } }"
    )
    assert [built.table().find(host)[0].name for host in ("a", "b", "c")] == ["a", "b", "b"]


def test_the_first_server_is_the_default_when_none_says_so(build: type[Built]) -> None:
    """As in nginx."""
    built = build(
        "http { server { listen 127.0.0.1:0; server_name a; } server { listen 127.0.0.1:0; server_name b; } }"
    )
    assert built.table().find("c")[0].name == "a"


def test_a_wildcard_and_its_address_share_a_socket(build: type[Built]) -> None:
    """Each keeps its own servers."""
    port = free_port()
    built = build(
        f"http {{ server {{ listen {port}; server_name all; }}"
        f" server {{ listen 127.0.0.1:{port}; server_name one; }} }}"
    )
    (factory,) = built.factories
    assert isinstance(factory, ByLocalAddress)
    assert {host: site.servers.find("x")[0].name for host, site in factory.sites.items()} == {
        "": "all",
        "127.0.0.1": "one",
    }
    assert len(built.builder.sites) == 2


def test_logs_belong_to_locations(build: type[Built], tmp_path: Path) -> None:
    """Where a location has logs of its own the outer ones do not get its lines; error logs are all known early."""
    built = build(
        "error_log main.log; http { access_log all.log; server { listen 127.0.0.1:0; error_log server.log;"
        " location /a/ { access_log a.log; error_log a-error.log; } location /quiet/ { access_log off; } } }"
    )
    assert [len(built.rules(path).logs) for path in ("/", "/a/", "/quiet/")] == [1, 1, 0]
    assert [Path(target.path).name for target in built.rules("/a/").errors] == ["a-error.log"]
    assert {Path(target.path).name for target in error_targets(built.config)} == {
        "main.log",
        "server.log",
        "a-error.log",
    }
    assert {path.name for path in tmp_path.iterdir()} == {"all.log", "a.log"}


def test_without_an_error_log_lines_are_the_daemons(build: type[Built]) -> None:
    """None means the daemon's own place."""
    assert build("http { server { listen 127.0.0.1:0; } }").rules("/").errors is None


def test_each_address_is_known_with_its_line(build: type[Built]) -> None:
    """A server without listen is told by its own line."""
    config = load_from_text("http {\n server {\n  listen 127.0.0.1:1;\n }\n server { }\n}", settings_classes(PLUGINS))
    assert [wanted.where for wanted in wanted_addresses(config)] == ["mp4stream.conf:3", "mp4stream.conf:5"]
