"""Servers and locations of a configuration."""

from __future__ import annotations

import os

import pytest

from hls_mp4.config import ConfigErrors, LocationBlock, load_from_text
from hls_mp4.config.blocks import ServerBlock
from hls_mp4.web.finding.error_page import ErrorPageSettings
from hls_mp4.web.finding.internal import InternalSettings
from hls_mp4.web.finding.script import ScriptSettings
from hls_mp4.web.finding.try_files import TryFilesSettings
from hls_mp4.web.headers import HeaderSettings
from hls_mp4.web.settings import ContentSettings
from tests.config.settings import Content, errors, errors_in_server, in_server, loaded, warnings


def shape(locations: tuple[LocationBlock, ...]) -> list[object]:
    """Return modifiers, patterns and what is inside."""
    return [(location.modifier, location.pattern, shape(location.locations)) for location in locations]


def test_servers_have_addresses_names_and_locations() -> None:
    """Everything the HTTP edge chooses by is there, in the order of the file."""
    config = loaded(
        """http {
        server { listen 80; listen [::]:80 default_server; server_name a *.b; server_name ~^c;
            location / { location ~ \\.mp4$ { } location /x { location = /x/y { } } }
            location ^~ /z { }
        }
        server { listen 81; }
        }"""
    )
    first, second = config.servers
    assert [listen.address for listen in first.listens] == ["0.0.0.0:80", "[::]:80"]
    assert [listen.default_server for listen in first.listens] == [False, True]
    assert first.names == ("a", "*.b", "~^c") and second.names == ("",)
    assert shape(first.locations) == [
        ("", "/", [("~", "\\.mp4$", []), ("", "/x", [("=", "/x/y", [])])]),
        ("^~", "/z", []),
    ]
    assert (first.where, first.locations[1].where) == ("mp4stream.conf:2", "mp4stream.conf:4")


def test_a_server_without_listen_listens_where_nginx_would() -> None:
    """Port 80, or 8000 for those who may not take 80."""
    (server,) = loaded("http { server { } }").servers
    assert server.listens[0].address == f"0.0.0.0:{80 if os.geteuid() == 0 else 8000}"


def test_methods_can_have_settings_of_their_own() -> None:
    """limit_except holds for all methods but those it names."""
    (location,) = in_server("location / { allow all; limit_except GET { deny all; } }").servers[0].locations
    assert location.limit_except and location.limit_except.methods == {"GET", "HEAD"}
    assert location.limit_except.scope[Content].rules == (("deny", "all"),)
    assert location.scope[Content].rules == (("allow", "all"),)
    assert location.limit_except.where == "mp4stream.conf:2"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("location /a { location /b { } }", 'location "/b" is outside location "/a"'),
        ("location = /a { location /a { } }", 'location "/a" cannot be inside the exact location "/a"'),
        ("location /a { } location ^~ /a { }", 'duplicate location "/a"'),
        ("location = /a { } location =/a { }", 'duplicate location "/a"'),
        ("location { }", 'invalid number of arguments in "location" directive'),
        ("location ~ ) { }", 'invalid regular expression ")": unbalanced parenthesis at position 0'),
        ("location / { limit_except GET { } limit_except PUT { } }", '"limit_except" directive is duplicate'),
        ("location / { limit_except FOO { } }", 'invalid method "FOO"'),
        ("listen 81 x;", 'invalid parameter "x"'),
        ("listen *:80;", "a duplicate listen 0.0.0.0:80"),
        ("server_name a.*.b;", 'server name "a.*.b" is invalid'),
        ("server_name;", 'invalid number of arguments in "server_name" directive'),
    ],
)
def test_mistakes_are_said_in_nginx_words(text: str, message: str) -> None:
    """What nginx refuses is refused here."""
    (found,) = errors_in_server(text)
    assert found.endswith(message)


def test_what_nginx_lets_pass_passes() -> None:
    """Regular expressions may repeat, an exact location may stand beside a beginning of the same text."""
    in_server("location ~ a { } location ~ a { } location /b { } location = /b { } location /c { location /c { } }")


def test_two_servers_cannot_both_be_the_default_of_an_address() -> None:
    """The second is shown with its line; on another address it may be."""
    text = "http {\n server { listen 80 default_server; }\n server {\n listen *:80 default_server; server_name a; }\n}"
    assert errors(text) == ["x.conf:4: a duplicate default server for 0.0.0.0:80"]
    assert errors(text.replace("*:80", "[::]:80")) == []


def test_a_name_that_another_server_has_is_told() -> None:
    """The second server of a name is never chosen; nginx says so, and we do."""
    text = "http {\n server { listen 80; server_name a B; }\n server { listen 80; server_name b; }\n}"
    assert warnings(text) == ['x.conf:3: conflicting server name "b" on 0.0.0.0:80, ignored']
    assert warnings(text.replace("server_name b", "server_name c d")) == []


def test_what_has_no_effect_is_told() -> None:
    """HTTP/2 without TLS, and names with a path, do nothing, and are not ignored in silence."""
    text = "http { server {\n listen 443 http2;\n server_name a/b;\n} }"
    assert warnings(text) == [
        'x.conf:2: parameter "http2" of "listen" is not supported and is ignored',
        'x.conf:3: server name "a/b" has suspicious symbols',
    ]


def test_a_server_takes_no_arguments() -> None:
    """server_name is what gives it a name."""
    assert errors("http { server a { } }") == ['x.conf:1: invalid number of arguments in "server" directive']


FINDING = (ScriptSettings, TryFilesSettings, ErrorPageSettings, HeaderSettings, InternalSettings, ContentSettings)


def server_of(text: str) -> ServerBlock:
    """Return a server with directives that have blocks."""
    return load_from_text(f"http {{ server {{ {text} }} }}", FINDING, prefix="/srv").servers[0]


def said(text: str) -> list[str]:
    """Return the errors and warnings about a server."""
    try:
        config = load_from_text(f"http {{ server {{\n{text}\n}} }}", FINDING, name="x.conf")
    except ConfigErrors as e:
        return [str(problem) for problem in e.problems]
    return [str(problem) for problem in config.warnings]


def test_an_if_has_what_its_location_has() -> None:
    """Its own settings, those of the location, and what holds in the location only; not the location's script."""
    (location,) = server_of(
        "location / { try_files a b; internal; add_header X a; set $x 1; if ($args) { root /r; break; } if ($x) { } }"
    ).locations
    first, second = location.branches
    assert first.scope[ContentSettings].place.path == "/r"
    assert second.scope[ContentSettings].place.path == "/srv/html"
    assert len(first.scope[ScriptSettings].statements) == 1
    assert second.scope[ScriptSettings].statements == ()
    for branch in location.branches:
        assert branch.scope[HeaderSettings] is location.scope[HeaderSettings]
        assert branch.scope[TryFilesSettings].files is location.scope[TryFilesSettings].files is not None
        assert branch.scope[InternalSettings].internal


def test_a_script_is_not_inherited() -> None:
    """The statements of a server are not those of its locations."""
    server = server_of("set $a 1; if ($a) { break; } location / { location /b { } }")
    assert len(server.scope[ScriptSettings].statements) == 2
    assert len(server.branches) == 1
    assert server.locations[0].scope[ScriptSettings].statements == ()
    assert server.locations[0].branches == ()


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("if ($args) { if ($args) { } }", '"if" directive is not allowed here'),
        ("if ($args) { root /a; }", '"root" directive is not allowed here'),
        ("location / { if ($args) { alias /a; } }", '"alias" directive is not allowed here'),
        ("location / { if ($args) { location /b { } } }", '"location" directive is not allowed here'),
        ("location / { if ($args) { try_files a b; } }", '"try_files" directive is not allowed here'),
        ("if ($args) return 403;", 'directive "if" has no opening "{"'),
        ("return 403 { }", 'directive "return" is not terminated by ";"'),
        ("location @a { location /b { } }", 'location "/b" cannot be inside the named location "@a"'),
        ("location /a { location @b { } }", 'named location "@b" can be on the server level only'),
        ("location @a { alias /x; }", 'the "alias" directive cannot be used inside the named location'),
        ("location @a { } location @a { }", 'duplicate location "@a"'),
        ("try_files a @b;", 'could not find named location "@b"'),
        ("location / { if ($args) { error_page 404 @b; } }", 'could not find named location "@b"'),
    ],
)
def test_mistakes_about_ifs_and_names(text: str, message: str) -> None:
    """Each is said once, with its line; what can only be found out when it is gone to is a warning."""
    assert said(text) == [f"x.conf:2: {message}"]


def test_named_locations_that_are_there() -> None:
    """A server knows its own; `=` makes a URI of what looks like a name."""
    assert said("error_page 404 @a; location @a { } location / { try_files a @a; }") == []
    assert said("error_page 404 @a; location = @a { }") == ['x.conf:2: could not find named location "@a"']
