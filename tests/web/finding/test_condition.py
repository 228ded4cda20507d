"""if holds when nginx's if holds."""

import re
from collections.abc import Callable
from pathlib import Path

import pytest
import pytest_twisted
from twisted.logger import capturedLogs

from hls_mp4.web.finding.condition import read_condition
from tests.web.conftest import SMALL
from tests.web.harness import Served
from tests.web.test_content import ask

Serve = Callable[..., Served]


@pytest.mark.parametrize(
    ("condition", "holding", "failing"),
    [
        ("($arg_a)", ("1", "00", "x"), ("", "0")),
        ("( $arg_a )", ("1",), ("",)),
        ("($arg_a = x)", ("x",), ("X", "", "xx")),
        ("($arg_a = 'a b')", (), ("a%20b",)),
        ('($arg_a = "")', ("",), ("x",)),
        ("($arg_a != x)", ("X", ""), ("x",)),
        ("($arg_a ~ ^x)", ("xy",), ("Xy", "yx")),
        ("($arg_a ~* ^x)", ("xy", "Xy"), ("yx",)),
        ("($arg_a !~ ^x)", ("Xy", ""), ("xy",)),
        ("($arg_a !~* ^x)", ("yx",), ("Xy",)),
        ("($arg_a ~ '^(x{2})$')", ("xx",), ("x",)),
        ("(-f $document_root/$arg_a)", ("small.mp4",), ("folder", "nothing", "small.mp4/x")),
        ("(!-f $document_root/$arg_a)", ("folder", "nothing"), ("small.mp4",)),
        ("(-d $document_root/$arg_a)", ("folder",), ("small.mp4", "nothing")),
        ("(!-d $document_root/$arg_a)", ("small.mp4", "nothing"), ("folder",)),
        ("(-e $document_root/$arg_a)", ("folder", "small.mp4"), ("nothing",)),
        ("(!-e $document_root/$arg_a)", ("nothing",), ("folder", "small.mp4")),
        ("(-x $document_root/$arg_a)", ("folder", "tool"), ("small.mp4", "nothing")),
        ("(!-x $document_root/$arg_a)", ("small.mp4", "nothing"), ("tool",)),
    ],
)
@pytest_twisted.ensureDeferred
async def test_conditions(
    serve: Serve, root: Path, condition: str, holding: tuple[str, ...], failing: tuple[str, ...]
) -> None:
    """Every operator, for what it lets through and what not."""
    (root / "tool").touch(0o755)
    served = serve(f"location / {{ if {condition} {{ return 200 yes; }} return 200 no; }}")
    for value in (*holding, *failing):
        assert (await ask(served, f"/?a={value}"))[2] == (b"yes" if value in holding else b"no"), value


@pytest_twisted.ensureDeferred
async def test_groups_of_a_condition(serve: Serve) -> None:
    """What the expression of a condition caught can be used in its block and after it, by number and by name."""
    served = serve("location / { if ($http_x ~ '^(?<First>.)(.)') { set $two $2; } return 200 $first$two$1; }")
    assert (await ask(served, "/", "X: ab"))[2] == b"aba"
    assert (await ask(served, "/"))[2] == b""


@pytest_twisted.ensureDeferred
async def test_settings_of_an_if(serve: Serve, root: Path) -> None:
    """Its headers and its root hold when its condition does, those of the last one that held; the rest stays."""
    (root / "folder" / "small.mp4").write_bytes(b"other")
    served = serve(
        f"""location / {{
            add_header X outer; mp4;
            if ($arg_a) {{ add_header X a; }}
            if ($arg_b) {{ root {root}/folder; }}
        }}"""
    )
    for query, header, body in (("", "outer", SMALL), ("?a=1", "a", SMALL), ("?b=1", "outer", b"other")):
        _, headers, sent = await ask(served, "/small.mp4" + query)
        assert (headers["x"], sent) == (header, body)
    assert (await ask(served, "/small.mp4?a=1&b=1"))[1]["x"] == "outer"
    # A clip can be asked for in an `if` too: a file that is no film is refused as one.
    assert (await ask(served, "/small.mp4?a=1&start=1"))[0] == 500


@pytest_twisted.ensureDeferred
async def test_a_file_that_cannot_be_looked_at(serve: Serve) -> None:
    """A name that is too long is no file, and one line says so."""
    served = serve("location / { if (-f $document_root/$arg_a) { return 200; } return 410; }")
    with capturedLogs() as events:
        assert (await ask(served, "/?a=" + "x" * 300))[0] == 410
    assert any("File name too long" in str(event.get("reason")) for event in events)


@pytest.mark.parametrize(
    ("words", "reason"),
    [
        ([], "invalid number of arguments"),
        (["$args"], 'invalid condition "$args"'),
        (["("], 'invalid condition "("'),
        (["()"], 'invalid condition ""'),
        (["(", ")"], 'invalid condition ""'),
        (["($args"], 'invalid condition "($args"'),
        (["(args)"], 'invalid condition "args"'),
        (["($args", "=)"], 'invalid condition "$args ="'),
        (["($args", "=", "a", "b)"], 'invalid condition "$args = a b"'),
        (["($args", "==", "a)"], 'unexpected "==" in condition'),
        (["($args$uri)"], 'unknown "args$uri" variable'),
        (["($nothing)"], 'unknown "nothing" variable'),
        (["($args", "~", "()"], "invalid regular expression"),
        (["(-f)"], 'invalid condition "-f"'),
        (["(-s", "$uri)"], 'invalid condition "-s $uri"'),
    ],
)
def test_mistakes(words: list[str], reason: str) -> None:
    """What is no condition is refused, with what is wrong with it."""
    with pytest.raises(ValueError, match=re.escape(reason)):
        read_condition(words)
