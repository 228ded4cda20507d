"""What may stand where."""

from __future__ import annotations

import pytest

from tests.config.settings import errors, loaded, warnings


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("http {\n mp4_bufer_size 1m;\n}", '2: unknown directive "mp4_bufer_size", did you mean "mp4_buffer_size"?'),
        ("xyzzy;", '1: unknown directive "xyzzy"'),
        ("xyzzy { sendfile maybe; }", '1: unknown directive "xyzzy"'),
        ("listen 80;", '1: "listen" directive is not allowed here'),
        ("http { mp4; }", '1: "mp4" directive is not allowed here'),
        ("http { server { alias /a; } }", '1: "alias" directive is not allowed here'),
        ("events { sendfile on; }", '1: "sendfile" directive is not allowed here'),
        ("http { sendfile on { } }", '1: directive "sendfile" is not terminated by ";"'),
        (
            "http {\n sendfile on\n server { }\n}",
            '2: directive "sendfile" is not terminated by ";"; is ";" missing at the end of line 2?',
        ),
        ("http { server; }", '1: directive "server" has no opening "{"'),
        ("http { types a; }", '1: directive "types" has no opening "{"'),
        ("http { server { listen 80 { } } }", '1: directive "listen" is not terminated by ";"'),
    ],
)
def test_what_cannot_stand_there_is_an_error(text: str, message: str) -> None:
    """Wrong names, wrong blocks and wrong ends, in nginx's words."""
    assert errors(text) == [f"x.conf:{message}"]


def test_all_mistakes_are_shown_at_once() -> None:
    """A person repairs a file in one go."""
    text = "http {\n serve { }\n server {\n  listen 80 x;\n  location / {\n   sendfile 1;\n   mp5;\n  }\n }\n"
    assert [line.partition(": ")[0] for line in errors(text)] == [f"x.conf:{number}" for number in (2, 4, 6, 7, 9)]


def test_directives_that_only_nginx_has_are_ignored_with_a_warning() -> None:
    """A configuration of nginx can be used as it is, and nothing is ignored in silence."""
    text = "load_module x;\nhttp {\n aio on;\n upstream a {\n  include nothing;\n  sendfile maybe;\n }\n server { }\n}"
    assert warnings(text) == [
        f'x.conf:{line}: "{name}" directive is not supported and is ignored: {instead}'
        for line, name, instead in (
            (1, "load_module", "modules are packages of Python"),
            (3, "aio", "what is not in memory is read in threads, all else is sent from the page cache"),
            (4, "upstream", "requests are passed on by `auth_request` only"),
        )
    ]


def test_what_protects_is_not_ignored() -> None:
    """A folder that nginx keeps closed is not opened by a directive that is not supported."""
    text = (
        "http { server { location / {\n auth_jwt x;\n fastcgi_pass a;\n auth_jwt off;\n access_by_lua_block { }\n} } }"
    )
    assert errors(text) == [
        'x.conf:2: "auth_jwt" directive is not supported: without it nobody would be asked who they are',
        'x.conf:3: "fastcgi_pass" directive is not supported: without it the source of programs could be sent',
        'x.conf:5: "access_by_lua_block" directive is not supported: without it everybody would come in',
    ]


def test_what_is_switched_off_may_stand_there() -> None:
    """A protection that the configuration itself switches off is no error."""
    assert warnings("http { auth_jwt off; server { } }") == [
        'x.conf:1: "auth_jwt" directive is not supported and is ignored: it is off here'
    ]


def test_code_of_lua_is_skipped() -> None:
    """A block in another language does not confuse the rest of the file."""
    text = 'http { server { log_by_lua_block { if a then b("}") end } listen 81; } }'
    assert loaded(text).servers[0].listens[0].port == 81
