"""Values: typed, inherited, refused."""

from __future__ import annotations

from dataclasses import dataclass

import pytest

from hls_mp4.config import ConfigErrors, Scope, load_from_text
from hls_mp4.directives import HTTP, SERVER, Text, directive
from tests.config.settings import Content, Film, Process, errors, errors_in_server, in_server, loaded


def scopes() -> dict[str, Scope]:
    """Return the settings of blocks within each other."""
    config = loaded(
        """
        error_log stderr;
        events { worker_connections 7; }
        http {
            error_log /a warn; error_log b;
            root outer; sendfile off; add_header A 1; add_header B 2; mp4_buffer_size 1k;
            allow 1; deny 2;
            types { a/b c; } types { d/e f; }
            server {
                add_header C 3; mp4_buffer_size 2k;
                location /x/ {
                    mp4; alias inner/; deny 3; allow 4; deny 5;
                    types { g/h i; }
                    location /x/y { limit_except GET { deny all; } }
                }
                location /z { sendfile on; }
            }
            mp4_max_buffer_size 3k;
        }
        """,
        prefix="/srv",
    )
    (server,) = config.servers
    (x, z) = server.locations
    (y,) = x.locations
    assert y.limit_except
    found = {"main": config.main, "events": config.events, "http": config.http, "server": server.scope}
    return found | {"x": x.scope, "y": y.scope, "z": z.scope, "except": y.limit_except.scope}


def test_a_value_is_that_of_the_block_or_the_one_around_it() -> None:
    """http > server > location, as in nginx; the order of directives and inner blocks does not matter."""
    assert {name: scope[Film].first for name, scope in scopes().items()} == {
        **dict.fromkeys(("main", "events"), 512 * 1024),
        "http": 1024,
        **dict.fromkeys(("server", "x", "y", "z", "except"), 2048),
    }
    assert {scope[Film].most for name, scope in scopes().items() if name not in ("main", "events")} == {3072}
    assert [name for name, scope in scopes().items() if not scope[Content].sendfile] == [
        *("http", "server", "x", "y", "except")
    ]


def test_repeated_directives_are_inherited_as_a_whole() -> None:
    """A server with a header of its own has none of the outer ones."""
    found = {name: scope[Content].headers for name, scope in scopes().items()}
    assert found["main"] == () and found["http"] == (("A", "1"), ("B", "2"))
    assert found["server"] == found["x"] == found["except"] == (("C", "3"),)


def test_the_main_context_is_inherited_by_all() -> None:
    """An error log for the daemon is that of its servers, until http names others."""
    found = {name: scope[Process].logs for name, scope in scopes().items()}
    assert found["main"] == found["events"] == (("stderr",),)
    assert found["http"] == found["y"] == (("/a", "warn"), ("/srv/b",))
    assert scopes()["events"][Process].connections == 7


def test_two_names_of_one_field_keep_their_order() -> None:
    """allow and deny are one list."""
    found = {name: scope[Content].rules for name, scope in scopes().items()}
    assert found["server"] == (("allow", "1"), ("deny", "2"))
    assert found["x"] == found["y"] == (("deny", "3"), ("allow", "4"), ("deny", "5"))
    assert found["except"] == (("deny", "all"),)


def test_two_names_that_exclude_each_other_are_inherited_as_one() -> None:
    """A root around an alias does not show through."""
    found = {name: scope[Content].place for name, scope in scopes().items()}
    assert found["main"] == ("root", "/srv/html")
    assert found["server"] == found["z"] == ("root", "/srv/outer")
    assert found["x"] == found["y"] == ("alias", "/srv/inner/")


def test_directives_that_are_joined_are_read_as_one() -> None:
    """The files of several index directives are tried one after the other."""
    config = in_server("index a b; index c; location / { index d; }")
    assert config.servers[0].scope[Content].index == ("a", "b", "c")
    assert config.servers[0].locations[0].scope[Content].index == ("d",)
    assert errors_in_server("index a b; index c d;") == []
    assert errors_in_server("index a; index b c d e;")[0].startswith("invalid number of arguments")


def test_blocks_of_data_add_up_in_a_block_and_replace_the_outer_ones() -> None:
    """types of one level are one table."""
    found = {name: scope[Content].types for name, scope in scopes().items()}
    assert found["main"] == {}
    assert found["http"] == found["server"] == {"a/b": ("c",), "d/e": ("f",)}
    assert found["x"] == found["y"] == {"g/h": ("i",)}


def test_what_is_not_inherited_is_not() -> None:
    """mp4 in a location says nothing about those inside."""
    assert [name for name, scope in scopes().items() if scope[Film].enabled] == ["x"]


def test_blocks_without_settings_of_their_own_share_them() -> None:
    """A thousand locations cost no thousand copies."""
    found = scopes()
    assert found["z"][Film] is found["server"][Film]
    assert found["z"][Content] is not found["server"][Content]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("sendfile maybe;", '"sendfile" directive: invalid value "maybe", it must be "on" or "off"'),
        ("sendfile;", 'invalid number of arguments in "sendfile" directive'),
        ("mp4_buffer_size 12x;", '"mp4_buffer_size" directive: invalid size "12x"'),
        ("index;", 'invalid number of arguments in "index" directive'),
        ("sendfile on; sendfile on;", '"sendfile" directive is duplicate'),
        ("types a { b/c d; }", 'invalid number of arguments in "types" directive'),
        ("types {\n a/b c;\n d e;\n }", '"types" directive: "d" is no media type'),
        ("types { a/b { } }", 'unexpected "{"'),
        ("mp4_buffer_size 20m;", '"mp4_buffer_size" directive: the first read is above what may be read'),
    ],
)
def test_a_wrong_value_is_said_in_nginx_words(text: str, message: str) -> None:
    """What is wrong is named with the directive."""
    assert errors_in_server(text) == [message]


@dataclass(frozen=True)
class Lines:
    """Lines of a log, each in a format that has to be there."""

    formats: tuple[str, ...] = directive("format", HTTP, Text(), default=(), repeated=True, doc="x")
    logs: tuple[str, ...] = directive("log", HTTP | SERVER, Text(), default=(), repeated=True, doc="x")

    def __post_init__(self) -> None:
        """Check the formats."""
        if len(set(self.formats)) < len(self.formats):
            raise ValueError("two formats have one name")
        missing = set(self.logs) - set(self.formats)
        if missing:
            raise ValueError(f"there is no format {min(missing)}")


@pytest.mark.parametrize(
    ("text", "lines"),
    [
        ("format a;\nlog a;\nlog b;\nlog a;\nserver { }", [3]),
        ("format a;\nlog a;\nserver {\n log b;\n}\nserver { log a; }", [4]),
        ("format a;\nlog b;\nlog c;\nserver { }", [2]),
        ("format a;\nformat b;\nformat a;\nformat c;\nserver { }", [3]),
        ("server {\n log a; }\nformat a;", []),
    ],
)
def test_of_directives_that_do_not_fit_together_the_right_one_is_blamed(text: str, lines: list[int]) -> None:
    """A log in a format that is nowhere is the mistake, not the formats that are there."""
    found = []
    try:
        load_from_text(f"http {{ {text} }}", [Lines])
    except ConfigErrors as e:
        found = [problem.place.line for problem in e.problems]
    assert found == lines


@pytest.mark.parametrize(
    "text",
    [
        "http { mp4_max_buffer_size 20mm;\nserver { location / { mp4_buffer_size 15m; } } }",
        "http { mp4_max_buffer_size 20mm; mp4_buffer_size 15m; server { } }",
    ],
)
def test_what_follows_from_a_mistake_is_not_said_besides(text: str) -> None:
    """Who mistyped one directive is not told that another one does not fit to what would hold without it."""
    assert errors(text) == ['x.conf:1: "mp4_max_buffer_size" directive: invalid size "20mm"']


def test_a_line_of_data_has_its_own_place() -> None:
    """A wrong line in a table of ninety is found."""
    assert errors("http {\n types {\n a/b c;\n d e;\n }\n}") == ['x.conf:4: "types" directive: "d" is no media type']


def test_two_names_that_exclude_each_other_cannot_stand_together() -> None:
    """root and alias in one location: the message names both."""
    assert errors_in_server("location / { alias /a; root /b; }") == [
        '"root" directive is duplicate, "alias" directive was specified earlier'
    ]


@pytest.mark.parametrize(
    ("text", "hint"),
    [
        ("sendfile on\n root /a;", True),
        ("sendfile on\n\n listen 80;", True),
        ("sendfile on root /a;", False),
        ("sendfile on\n off;", False),
    ],
)
def test_a_missing_semicolon_is_guessed(text: str, hint: bool) -> None:
    """When the next line begins with a directive, the semicolon before it was forgotten."""
    (message,) = errors(f"http {{\n{text} }}")
    assert message.startswith('x.conf:2: invalid number of arguments in "sendfile" directive')
    assert message.endswith('; is ";" missing at the end of line 2?') is hint


def test_paths_are_absolute_and_those_of_variables_are_left_alone() -> None:
    """Relative paths are of the prefix, the slash at the end stays."""
    assert in_server("root a/b/;").servers[0].scope[Content].place == ("root", "/srv/a/b/")
    assert in_server("root $a/b;").servers[0].scope[Content].place == ("root", "$a/b")
    assert loaded("pid run/pid;", prefix="/").main[Process].pid == "/run/pid"


def test_what_a_block_gives_is_known_with_its_origin() -> None:
    """A dump can say where a setting comes from."""
    found = scopes()
    (given,) = (given for slot, given in found["z"].given.items() if slot.attribute == "first")
    assert given.context == SERVER and given.value == 2048
    assert [str(written.place) for written in given.written] == ["mp4stream.conf:10"]
