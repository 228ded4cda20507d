"""Statements are done in their order, and every script comes to an end."""

from collections.abc import Callable
from pathlib import Path

import pytest_twisted
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from twisted.internet.defer import Deferred

from hls_mp4.config import load_from_text
from hls_mp4.web.finding.script import ScriptSettings, names_set
from tests.web.harness import Served
from tests.web.test_channel import get
from tests.web.test_content import ask

Serve = Callable[..., Served]


@pytest_twisted.ensureDeferred
async def test_the_order_is_that_of_the_file(serve: Serve) -> None:
    """A set between two ifs counts for the second only."""
    served = serve(
        """location / {
            set $seen a;
            if ($seen = b) { set $seen "${seen}1"; }
            set $seen b;
            if ($seen = b) { set $seen "${seen}2"; }
            return 200 $seen;
            set $seen never;
        }"""
    )
    assert (await ask(served, "/"))[2] == b"b2"


@pytest_twisted.ensureDeferred
async def test_a_script_holds_in_its_own_block(serve: Serve) -> None:
    """A location inside does not run that of the location around it, and the server's is run once."""
    served = serve(
        "set $n ${n}s; location /a { set $n ${n}a; return 200 $n; location /a/b { return 200 $n; } }"
        " location /c { rewrite ^ /a/b last; }"
    )
    assert (await ask(served, "/a"))[2] == b"sa"
    assert (await ask(served, "/a/b"))[2] == b"s"
    assert (await ask(served, "/c"))[2] == b"s"


def test_names_that_a_block_sets() -> None:
    """They are known to whoever has to warn of variables that were not set."""
    config = load_from_text("http { server { set $a 1; if ($a) { set $b 2; } } }", (ScriptSettings,))
    (server,) = config.servers
    assert list(names_set(server.scope[ScriptSettings])) == ["a"]
    assert list(names_set(server.branches[0].scope[ScriptSettings])) == ["b"]


URIS = st.sampled_from(["/", "/a", "/a/b", "/b", "/small.mp4", "/folder", "@n", "x", "/a?q=1", "/$arg_q$1", "$uri/x"])
PATTERNS = st.sampled_from(["^", "^/a(.*)", "^/(?<w>[a-z]*)$", "b$", "nothing"])
FLAGS = st.sampled_from(["", "last", "break", "redirect", "permanent"])
SIMPLE = st.one_of(
    st.builds("rewrite {} {} {};".format, PATTERNS, URIS, FLAGS),
    st.builds("set ${} '{}';".format, st.sampled_from(["v", "args", "w"]), URIS),
    st.builds("return {} {};".format, st.sampled_from(["200", "301", "404", "204"]), st.sampled_from(["", "'$uri$v'"])),
    st.just("break;"),
)
CONDITIONS = st.sampled_from(
    ["($v)", "($uri = /a)", "($args ~ (.))", "($w !~* b)", "(-f $request_filename)", "(!-d $document_root/$w)"]
)
BRANCHES = st.builds("if {} {{ {} }}".format, CONDITIONS, st.lists(SIMPLE, max_size=2).map(" ".join))
SCRIPTS = st.lists(st.one_of(SIMPLE, BRANCHES), max_size=4).map(" ".join)
REST = st.sampled_from(
    [
        "",
        "error_page 404 500 /a;",
        "recursive_error_pages on; error_page 404 301 405 500 =200 @n;",
        "try_files $uri @n;",
        "try_files $uri/ $w /b;",
        "internal;",
    ]
)
KNOWN_NAMES = "map $uri $v { default ''; } map $args $w { default ''; }"


@settings(deadline=None, max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    server=SCRIPTS,
    locations=st.lists(st.tuples(SCRIPTS, REST), min_size=3, max_size=3),
    path=st.sampled_from(["/", "/a/b?q=x", "/b", "/small.mp4"]),
)
def test_every_script_ends_in_a_status(
    root: Path, server: str, locations: list[tuple[str, str]], path: str
) -> Deferred[None]:
    """Whatever is rewritten to whatever, the client gets one answer, and the connection serves the next request."""
    named = zip(("/a", "/b", "@n"), locations, strict=True)
    blocks = " ".join(f"location {name} {{ {rest} {script} }}" for name, (script, rest) in named)
    served = Served(f"{server} {blocks}", root, f"access_log off; {KNOWN_NAMES}")

    async def play() -> None:
        client = await served.connect()
        for method in ("GET", "HEAD", "GET"):
            client.send(get(path, method=method))
            status, _, _ = await client.answer(head=method == "HEAD")
            assert 200 <= status < 600
        await served.stop()

    return Deferred.fromCoroutine(play())
