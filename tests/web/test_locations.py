"""Requests reach the server and the location that nginx would choose."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hls_mp4.web.locations import Location, ServerTable, VirtualServer


def located(path: str, *locations: Location) -> "object":
    found, _ = VirtualServer((), None, locations).locate(path)
    return found and found.payload


def at(pattern: str, *inner: Location) -> Location:
    """A location whose payload is how it is written."""
    modifier, _, uri = pattern.rpartition(" ")
    return Location(modifier, uri, pattern, inner)


DOCUMENTED = (at("= /"), at("/"), at("/documents/"), at("^~ /images/"), at(r"~* \.(gif|jpg|jpeg)$"))


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("/", "= /"),
        ("/index.html", "/"),
        ("/documents/document.html", "/documents/"),
        ("/images/1.gif", "^~ /images/"),
        ("/documents/1.jpg", r"~* \.(gif|jpg|jpeg)$"),
        ("/documents/1.JPG", r"~* \.(gif|jpg|jpeg)$"),
    ],
)
def test_the_example_of_nginx_documentation(path: str, expected: str) -> None:
    """The five locations of nginx's manual are chosen as it says."""
    assert located(path, *DOCUMENTED) == expected


def test_the_longest_prefix_wins_wherever_it_stands() -> None:
    """Order does not matter for prefixes."""
    assert located("/a/b/c", at("/a/b/"), at("/"), at("/a/")) == "/a/b/"


def test_the_first_expression_wins() -> None:
    """Order matters for expressions."""
    assert located("/a.mp4", at("/"), at(r"~ \.mp"), at(r"~ \.mp4$")) == r"~ \.mp"


def test_case_matters_for_one_tilde() -> None:
    """`~` tells case apart, `~*` does not."""
    assert located("/A.MP4", at("/"), at(r"~ \.mp4$")) == "/"
    assert located("/A.MP4", at("/"), at(r"~* \.mp4$")) == r"~* \.mp4$"


def test_nothing_matches() -> None:
    """Without a location the server's own settings hold."""
    assert located("/b", at("/a"), at("= /c")) is None


def test_nested_locations_go_before_outer_expressions() -> None:
    """An expression inside the chosen prefix outweighs one beside it; without one the outer one holds."""
    inner = at("/video/", at(r"~ \.mp4$"))
    outer = at(r"~ \.(mp4|flv)$")
    assert located("/video/a.mp4", inner, outer) == r"~ \.mp4$"
    assert located("/video/a.flv", inner, outer) == r"~ \.(mp4|flv)$"
    assert located("/video/a.txt", inner, outer) == "/video/"


def test_a_nested_prefix_is_more_exact() -> None:
    """A prefix in a prefix is found, and an exact one too."""
    tree = at("/a/", at("/a/b/", at("= /a/b/c")), at("/a/d"))
    assert located("/a/b/x", tree) == "/a/b/"
    assert located("/a/b/c", tree) == "= /a/b/c"
    assert located("/a/x", tree) == "/a/"


def test_locations_inside_an_expression() -> None:
    """Expressions may hold expressions, and both catch."""
    server = VirtualServer((), None, [at(r"~ ^/(?<who>\w+)/", at(r"~ (\d+)\.mp4$"))])
    location, captures = server.locate("/ann/film7.mp4")
    assert location is not None
    assert location.payload == r"~ (\d+)\.mp4$"
    assert captures["who"] == "ann"
    assert captures["1"] == "7"


def test_an_expression_outweighs_a_nested_prefix_that_wants_none() -> None:
    """^~ counts among its neighbours only, as in nginx: beside the outer location expressions are still looked at."""
    tree = (at("/a/", at("^~ /a/b/", at("= /a/b/x.mp4"))), at(r"~ \.mp4$"))
    assert located("/a/b/c.mp4", *tree) == r"~ \.mp4$"
    assert located("/a/b/x.mp4", *tree) == "= /a/b/x.mp4"
    assert located("/a/b/c.txt", *tree) == "^~ /a/b/"


def test_an_expression_inside_a_prefix_that_wants_none() -> None:
    """^~ keeps expressions beside it out, not those inside."""
    tree = (at("^~ /a/", at(r"~ \.mp4$")), at(r"~ \.(mp4|flv)$"))
    assert located("/a/b.mp4", *tree) == r"~ \.mp4$"
    assert located("/a/b.flv", *tree) == "^~ /a/"


@given(st.lists(st.text("ab/", max_size=4).map("/".__add__), unique=True), st.text("ab/", max_size=6).map("/".__add__))
def test_the_longest_prefix_is_found(prefixes: list[str], path: str) -> None:
    """Of any set of prefixes the longest that fits is chosen."""
    expected = max((prefix for prefix in prefixes if path.startswith(prefix)), key=len, default=None)
    assert located(path, *(Location("", prefix, prefix) for prefix in prefixes)) == expected


def test_hundreds_of_locations() -> None:
    """A long configuration is as right as a short one."""
    many = [at(f"/{number}/") for number in range(500)]
    assert located("/499/x", *many) == "/499/"


@pytest.fixture
def table() -> ServerTable:
    servers = [
        VirtualServer((name,), name)
        for name in (
            "default",
            "www.*",
            "*.example.org",
            "*.video.example.org",
            ".dot.org",
            "mail.*",
            r"~^(?<user>.+)\.home\.net$",
            r"~\.net$",
            "www.example.org",
        )
    ]
    return ServerTable(servers, servers[0])


@pytest.mark.parametrize(
    ("host", "expected"),
    [
        ("www.example.org", "www.example.org"),
        ("a.example.org", "*.example.org"),
        ("a.b.example.org", "*.example.org"),
        ("a.video.example.org", "*.video.example.org"),
        ("example.org", "default"),
        ("dot.org", ".dot.org"),
        ("x.dot.org", ".dot.org"),
        ("www.example.com", "www.*"),
        ("mail.a.b", "mail.*"),
        ("ann.home.net", r"~^(?<user>.+)\.home\.net$"),
        ("home.net", r"~\.net$"),
        ("", "default"),
        ("nobody", "default"),
    ],
)
def test_servers_by_name(table: ServerTable, host: str, expected: str) -> None:
    """Exact names, then wildcards, the longest first, then expressions in order, then the default."""
    server, _ = table.find(host)
    assert server.payload == expected


def test_a_server_name_catches(table: ServerTable) -> None:
    """A named group of a server name is a variable."""
    _, captures = table.find("ann.home.net")
    assert captures["user"] == "ann"


@pytest.mark.parametrize(
    ("names", "shown"),
    [
        (("Example.ORG", "b"), "example.org"),
        ((".example.org",), "example.org"),
        (("*.example.org",), "*.example.org"),
        (("~^A",), "~^A"),
        (("",), ""),
        ((), ""),
    ],
)
def test_a_server_is_known_by_its_first_name(names: tuple[str, ...], shown: str) -> None:
    """$server_name is in lower case and without the dot that means "and all below"."""
    assert VirtualServer(names, None).name == shown


def test_the_first_of_two_equal_names_wins() -> None:
    """Conflicting names are not an error, as in nginx."""
    first, second = VirtualServer(("a",), 1), VirtualServer(("A",), 2)
    assert ServerTable([first, second], first).find("a")[0] is first


@pytest.mark.parametrize("name", ["a*b", "*", "a.*.b", "~("])
def test_wrong_names_are_told(name: str) -> None:
    """A wildcard in the middle, and a broken expression, are mistakes of the configuration."""
    server = VirtualServer((name,), None)
    with pytest.raises(ValueError, match=r".+"):
        ServerTable([server], server)
