"""What was understood, as text."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from hls_mp4.config import Config, LocationBlock, Registry, load_from_text, render
from hls_mp4.web.finding.error_page import ErrorPageSettings
from hls_mp4.web.finding.map import MapSettings
from hls_mp4.web.finding.script import ScriptSettings
from hls_mp4.web.headers import HeaderSettings
from tests.config.settings import CLASSES, loaded

SLOTS = Registry(CLASSES).slots
WORD = st.text(st.sampled_from("ab/.\\\"'{};#$ \n~=*") | st.characters(), min_size=1, max_size=8)

EXAMPLE = """
error_log stderr;
http {
    root media;
    types { a/b c; }
    server {
        listen 8080 default_server backlog=5; server_name a ~^b;
        location ~ \\.mp4$ {
            mp4; mp4_buffer_size 1k;
            limit_except GET { deny all; }
        }
        location / { location = /x { alias 'a b'; } }
    }
}
"""


def meaning(config: Config) -> Any:
    """Return everything that a configuration says, without its places."""

    def locations(found: tuple[LocationBlock, ...]) -> Iterator[Any]:
        for one in found:
            limit = one.limit_except
            yield (one.modifier, one.pattern, one.scope.all(), list(locations(one.locations)))
            yield limit and (limit.methods, limit.scope.all())

    scopes: list[Any] = [config.main.all(), config.events.all(), config.http.all()]
    for server in config.servers:
        addresses = [(one.address, one.default_server, one.backlog) for one in server.listens]
        scopes += [server.scope.all(), addresses, server.names, *locations(server.locations)]
    return scopes


def again(config: Config, *, defaults: bool) -> Config:
    """Return the configuration that the text of another one makes."""
    text = render(config, SLOTS, defaults=defaults)
    return load_from_text(text, CLASSES, prefix=config.prefix)


def test_a_person_reads_what_holds_where_and_why() -> None:
    """Every block shows its settings with their origin; blocks of data are named where they are inherited."""
    assert render(loaded(EXAMPLE, prefix="/srv"), SLOTS) == (
        """\
# mp4stream.conf, relative paths against /srv

error_log stderr;                                        # mp4stream.conf:2

http {
    error_log stderr;                                    # from main, mp4stream.conf:2
    root /srv/media;                                     # mp4stream.conf:4
    types {                                              # mp4stream.conf:5
        a/b c;
    }

    server {                                             # mp4stream.conf:6
        listen 8080 default_server backlog=5;
        server_name a ~^b;
        error_log stderr;                                # from main, mp4stream.conf:2
        root /srv/media;                                 # from http, mp4stream.conf:4
        # types { ... } from http, mp4stream.conf:5

        location ~ \\.mp4$ {                              # mp4stream.conf:8
            error_log stderr;                            # from main, mp4stream.conf:2
            root /srv/media;                             # from http, mp4stream.conf:4
            # types { ... } from http, mp4stream.conf:5
            mp4;                                         # mp4stream.conf:9
            mp4_buffer_size 1k;                          # mp4stream.conf:9

            limit_except GET HEAD {                      # mp4stream.conf:10
                deny all;                                # mp4stream.conf:10
            }
        }

        location / {                                     # mp4stream.conf:12
            error_log stderr;                            # from main, mp4stream.conf:2
            root /srv/media;                             # from http, mp4stream.conf:4
            # types { ... } from http, mp4stream.conf:5

            location = /x {                              # mp4stream.conf:12
                error_log stderr;                        # from main, mp4stream.conf:2
                alias "/srv/a b";                        # mp4stream.conf:12
                # types { ... } from http, mp4stream.conf:5
            }
        }
    }
}
"""
    )


def test_defaults_are_shown_when_asked_for() -> None:
    """Everything that holds can be seen, marked as what nobody has set."""
    text = render(loaded("http { server { location / { sendfile off; } } }", prefix="/srv"), SLOTS, defaults=True)
    lines = [" ".join(line.split()) for line in text.splitlines()]
    assert "root /srv/html; # default" in lines
    assert "sendfile off; # mp4stream.conf:1" in lines
    assert "# mp4: not set" in lines and "# allow and deny: not set" in lines and "# types: not set" in lines


def test_what_is_shown_means_the_same() -> None:
    """A dump can be used as a configuration."""
    config = loaded(EXAMPLE, prefix="/srv")
    assert meaning(again(config, defaults=False)) == meaning(config)
    assert meaning(again(config, defaults=True)) == meaning(again(config, defaults=False))


def test_every_parameter_of_an_address_is_shown() -> None:
    """Sockets are opened the same."""
    text = "http { server { listen unix:a reuseport so_keepalive=off; listen [::]:1 ipv6only=off so_keepalive=on; } }"
    config = loaded(text, prefix="/srv")
    shown = again(config, defaults=False).servers[0].listens
    assert [one.address for one in shown] == ["unix:/srv/a", "[::]:1"]
    assert [(one.reuseport, one.ipv6only, one.so_keepalive) for one in shown] == [
        (True, True, False),
        (False, False, True),
    ]


def test_a_name_of_a_file_cannot_break_out_of_a_comment() -> None:
    """What stands in a comment stays there, whatever files are called."""
    config = loaded("http { server { } }", name="a\nuser root;")
    assert "user root" not in [line.partition(";")[0].strip() for line in render(config, SLOTS).splitlines()]


@given(st.lists(WORD, min_size=1, max_size=4), st.lists(st.tuples(WORD, WORD), max_size=3))
def test_any_words_come_out_as_they_are(index: list[str], headers: list[tuple[str, str]]) -> None:
    """Whatever files and headers are called, a dump says it right."""

    def quoted(word: str) -> str:
        return '"' + word.replace("\\", "\\\\").replace('"', '\\"') + '"'

    lines = [f"index {' '.join(map(quoted, index))};"]
    lines += [f"add_header {quoted(name)} {quoted(value)};" for name, value in headers]
    config = loaded(f"http {{ {' '.join(lines)} server {{ location {quoted('/' + index[0])} {{ }} }} }}")
    assert meaning(again(config, defaults=False)) == meaning(config)


def test_scripts_and_tables_are_shown_as_they_stand() -> None:
    """The order of statements, blocks of conditions and the lines of maps: it can be loaded, and means the same."""
    text = """http {
    map $arg_a $kind { volatile; default "a b"; ~*^x(.)$ $1; }
    server {
        listen 80;
        set $a 1;
        if ($args ~ "^(.{2})") { return 404 "text ; {}"; }
        rewrite ^/x /y last;
        location @n { }
        location / {
            error_page 404 = @n;
            if ( $http_x = "a b") { add_header X "$kind"; set $b $a; }
            if (!-f $request_filename) { break; }
            return 200;
        }
    }
}"""
    classes = (MapSettings, ScriptSettings, ErrorPageSettings, HeaderSettings)
    registry = Registry(classes)
    config = load_from_text(text, classes, prefix="/")
    shown = render(config, registry.slots)
    again = load_from_text(shown, classes, prefix="/")
    for one, other in ((config.http, again.http), (config.servers[0].scope, again.servers[0].scope)):
        assert one.all() == other.all()
    location, same = config.servers[0].locations[1], again.servers[0].locations[1]
    assert location.scope.all() == same.scope.all()
    assert [branch.scope.all() for branch in location.branches] == [branch.scope.all() for branch in same.branches]
    assert "    map $arg_a $kind {" in shown
    order = [line.split("#")[0].strip() for line in shown.splitlines()]
    assert order.index("set $a 1;") < order.index('if ($args ~ "^(.{2})" ) {') < order.index("rewrite ^/x /y last;")
    assert "location @n {" in order and 'if ( $http_x = "a b" ) {' in order
