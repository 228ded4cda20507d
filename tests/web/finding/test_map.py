"""map looks values up as nginx does."""

from collections.abc import Callable

import pytest
import pytest_twisted

from hls_mp4.config import ConfigErrors, load_from_text
from hls_mp4.web.finding.map import Map, MapSettings
from tests.web.harness import Served
from tests.web.test_channel import get
from tests.web.test_content import ask

Serve = Callable[..., Served]

SHOW = "location / { return 200 <$found>; }"


@pytest.mark.parametrize(
    ("lines", "values"),
    [
        ("a 1; B 2; default rest;", {"a": "1", "A": "1", "b": "2", "c": "rest", "": "rest"}),
        ("a 1;", {"a": "1", "b": ""}),
        ('"" nothing; default $arg_a$arg_a;', {"": "nothing", "x": "xx"}),
        ("~^re(.)$ got-$1; ~*^CI(?<Rest>.) $rest; default no;", {"rex": "got-x", "cix": "x", "CIx": "x", "RE": "no"}),
        ("~x first; ~xy second; xy exact;", {"axyb": "first", "xy": "exact"}),
        ("\\default word; \\~x tilde; \\\\y slash;", {"default": "word", "~x": "tilde"}),
        ("\\volatile v; default d;", {"volatile": "v", "x": "d"}),
        ("*.org star; default d;", {"a.org": "d", "*.org": "star"}),
    ],
)
@pytest_twisted.ensureDeferred
async def test_values(serve: Serve, lines: str, values: dict[str, str]) -> None:
    """Texts in any case, then expressions in the order of the file, then the default."""
    served = serve(SHOW, http=f"access_log off; map $arg_a $found {{ {lines} }}")
    for text, value in values.items():
        assert (await ask(served, f"/?a={text}"))[2].decode() == f"<{value}>", text


@pytest_twisted.ensureDeferred
async def test_host_names(serve: Serve) -> None:
    """The name itself, the longest wildcard at the beginning, the longest at the end, an expression, the default."""
    http = """access_log off; map $http_host $found { hostnames;
        exact.org exact; .dot.org dot; *.ex.org star; *.sub.ex.org sub; mail.* mail; mail.sub.* submail; ~^re re;
        default rest; }"""
    client = await serve(SHOW, http=http).connect()
    for host, value in {
        "exact.org": "exact",
        "EXACT.org.": "exact",
        "dot.org": "dot",
        "a.b.dot.org": "dot",
        "x.ex.org": "star",
        "x.sub.ex.org": "sub",
        "ex.org": "rest",
        "mail.a.b": "mail",
        "mail.sub.b": "submail",
        "re.x": "re",
    }.items():
        client.send(get("/").replace(b"Host: a", b"Host: " + host.encode()))
        assert (await client.answer())[2].decode() == f"<{value}>", host


@pytest_twisted.ensureDeferred
async def test_a_value_is_kept(serve: Serve) -> None:
    """A map is looked up once for a request, a volatile one each time."""
    lines = "location / { set $first $found; set $args a=2; return 200 $first-$found; }"
    for extra, value in (("", b"one-one"), ("volatile;", b"one-two")):
        served = serve(lines, http=f"access_log off; map $arg_a $found {{ {extra} 1 one; 2 two; }}")
        assert (await ask(served, "/?a=1"))[2] == value


@pytest_twisted.ensureDeferred
async def test_a_map_of_a_map_and_its_numbers(serve: Serve) -> None:
    """A map may look at another one; the groups of an expression are $1 from then on, as in nginx."""
    http = "access_log off; map $first $found { x found; } map $uri $first { ~^/(.)/(.)$ $2; }"
    served = serve("location / { return 200 $found$1; }", http=http)
    assert (await ask(served, "/y/x"))[2] == b"foundy"


@pytest_twisted.ensureDeferred
async def test_a_film_of_ones_own_choice(serve: Serve) -> None:
    """A map chooses the root, a set goes before it."""
    http = "access_log off; map $arg_a $found { 1 folder; }"
    assert (await ask(serve("location / { set $found set; return 200 $found; }", http=http), "/?a=1"))[2] == b"set"


def errors(text: str) -> list[str]:
    with pytest.raises(ConfigErrors) as raised:
        load_from_text(f"http {{\n map {text}\n}}", (MapSettings,), name="x.conf")
    return [str(problem) for problem in raised.value.problems]


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("$uri { }", 'x.conf:2: invalid number of arguments in "map" directive'),
        ("$uri x { }", 'x.conf:2: "map" directive: invalid variable name "x"'),
        ("$uri $host { }", 'x.conf:2: "map" directive: the duplicate "host" variable'),
        ("$uri $args { }", 'x.conf:2: "map" directive: the duplicate "args" variable'),
        ("$nothing $x { }", 'x.conf:2: "map" directive: unknown "nothing" variable'),
        ("$uri $x;", 'x.conf:2: directive "map" has no opening "{"'),
        ("$uri $x {\na; }", 'x.conf:3: "map" directive: invalid number of the map parameters'),
        ("$uri $x {\na { } }", 'x.conf:3: unexpected "{"'),
        ("$uri $x {\na $nothing; }", 'x.conf:3: "map" directive: unknown "nothing" variable'),
        ("$uri $x {\ndefault a; default b; }", 'x.conf:2: "map" directive: duplicate default map parameter'),
        ("$uri $x {\na 1; A 2; }", 'x.conf:2: "map" directive: conflicting parameter "A"'),
        ("$uri $x { hostnames;\na.*.b 1; }", 'x.conf:2: "map" directive: invalid hostname or wildcard "a.*.b"'),
    ],
)
def test_mistakes(text: str, reason: str) -> None:
    """Each is an error with its line, and with nothing but its line."""
    assert errors(text) == [reason]


def test_a_broken_expression_is_shown_with_its_line() -> None:
    """The line of the expression, not that of the map."""
    (reason,) = errors("$uri $x {\n a 1;\n ~( 2; }")
    assert reason.startswith('x.conf:4: "map" directive: invalid regular expression "("')


def test_several_maps_are_several_variables() -> None:
    """Each map has a table of its own, and lines of data from other files."""
    config = load_from_text("http { map $uri $a { a 1; } map $uri $b { b 2; } }", (MapSettings,))
    first, second = config.http[MapSettings].maps
    assert isinstance(first, Map) and (first.name, second.name) == ("a", "b")
    assert (list(first.exact), list(second.exact)) == (["a"], ["b"])
