"""The walls of the house, read from the source with `ast`: arrows, pure rooms, sizes, docstrings, mirrored tests.

docs/architecture.md draws the rooms. An import that only a type checker sees counts like any other: whoever reads a
module has to know what it names, whether or not the interpreter loads it.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
PACKAGE = ROOT / "hls_mp4"
PLUGINS = ROOT / "twisted" / "plugins"

SHARED = {"interfaces", "errors", "directives"}
"""Rooms of one module that everybody may lean on."""

ARROWS: dict[str, set[str]] = {
    "errors": set(),
    "plan": set(),
    "directives": set(),
    "interfaces": {"plan"},
    "codecs": set(),
    "media": {"codecs"},
    "containers": {"media", "codecs"},
    "packagers": {"media", "containers", "codecs", "plan"},
    "sources": {"media", "plan"},
    "web": {"packagers", "sources", "plan", "media", "codecs"},
    "config": set(),
    "service": {"config", "web", "sources"},
    # Not rooms of the daemon: the command line stands above the house, the contract suites look at it from outside.
    "tools": {"config", "service", "sources", "packagers", "media", "containers", "codecs", "plan"},
    "testing": {"media", "plan"},
}
"""Room -> what it may import beside itself and the shared rooms."""

PURE = {"plan", "directives", "errors", "interfaces", "codecs", "containers", "media", "packagers"}
IMPURE_MODULES = {
    *("twisted", "os", "socket", "time", "logging"),
    *("asyncio", "io", "pathlib", "select", "ssl", "subprocess", "threading", "treq"),
}
"""What a pure room cannot use: the first line is the design's list, the second closes its side doors."""

IMPURE_FOR_CONFIG = IMPURE_MODULES - {"os", "io", "pathlib"}
"""The config room reads files and does nothing else to the world."""

LONGEST = 400
LONGER_FOR_A_REASON: frozenset[str] = frozenset()
"""Modules above LONGEST lines; empty, and meant to stay so."""

NO_TEST_OF_ITS_OWN = {
    "hls_mp4/interfaces.py",  # contracts: their suites are in hls_mp4/testing
    "hls_mp4/errors.py",  # names and statuses, met in every test of bad input
    "hls_mp4/web/rules.py",  # values without behaviour: who fills them is tested in tests/service/test_build.py
}
"""Modules with code and without a mirrored test file, and why."""


def modules() -> list[Path]:
    """Return every module of the package and of the plugin folder."""
    return sorted([*PACKAGE.rglob("*.py"), *PLUGINS.glob("*.py")])


def title(path: Path) -> str:
    """Return a path as a reader of a failure wants it."""
    return path.relative_to(ROOT).as_posix()


def room_of(path: Path) -> str:
    """Return the room that a module of the package lies in; the package's own __init__ has the empty name."""
    parts = path.relative_to(PACKAGE).with_suffix("").parts
    return "" if parts == ("__init__",) else parts[0]


def syntax(path: Path) -> ast.Module:
    """Return the syntax tree of a module."""
    return ast.parse(path.read_text(encoding="utf-8"), str(path))


def imports(tree: ast.Module, path: Path) -> Iterator[tuple[int, str]]:
    """Yield (line, absolute dotted name) of every import, wherever in the module it stands."""
    package = path.relative_to(ROOT).parent.parts
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            for alias in node.names:
                yield node.lineno, alias.name
        elif isinstance(node, ast.ImportFrom):
            base = package[: len(package) - node.level + 1] if node.level else ()
            module = ".".join([*base, *([node.module] if node.module else [])])
            for alias in node.names:
                yield node.lineno, f"{module}.{alias.name}"


def rooms_named(tree: ast.Module, path: Path) -> Iterator[tuple[int, str]]:
    """Yield (line, room) of every import from our own package."""
    for line, name in imports(tree, path):
        first, *rest = name.split(".")
        if first != "hls_mp4" or not rest:
            continue
        if (PACKAGE / rest[0]).is_dir() or (PACKAGE / rest[0]).with_suffix(".py").exists():
            yield line, rest[0]


def upward_arrows(tree: ast.Module, path: Path) -> list[str]:
    """Return the imports of a module that the drawing does not have."""
    room = room_of(path)
    allowed = ARROWS.get(room, set()) | SHARED | {room}
    return [f"line {line}: {room} -> {other}" for line, other in rooms_named(tree, path) if other not in allowed]


def impure_names(tree: ast.Module, path: Path, banned: set[str]) -> list[str]:
    """Return the imports, and calls of open(), that a room without I/O cannot have."""
    found = [f"line {line}: {name}" for line, name in imports(tree, path) if name.split(".")[0] in banned]
    if "io" in banned:
        found += [
            f"line {node.lineno}: open()"
            for node in ast.walk(tree)
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "open"
        ]
    return found


def early_reactor_imports(tree: ast.Module, path: Path) -> list[str]:
    """Return the reactor imports that run when the module is loaded, before a person could have chosen a reactor."""
    deferred = {
        id(inner)
        for node in ast.walk(tree)
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda)
        for inner in ast.walk(node)
    }
    loaded = ast.Module(
        [node for node in ast.walk(tree) if isinstance(node, ast.stmt) and id(node) not in deferred], []
    )
    statements = [node for node in loaded.body if isinstance(node, ast.Import | ast.ImportFrom)]
    return [
        f"line {line}"
        for line, name in imports(ast.Module(statements, []), path)  # type: ignore[arg-type]
        if name.startswith("twisted.internet.reactor")
    ]


def has_code(tree: ast.Module) -> bool:
    """Tell whether a module does more than import, document and name things."""
    return any(isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef) for node in tree.body)


def mirrored_tests(path: Path) -> list[Path]:
    """Return where the test of a module may lie: hls_mp4/a/b/c.py -> tests/a/b/test_c.py or tests/a/test_c.py."""
    parts = path.relative_to(PACKAGE).with_suffix("").parts
    name = f"test_{parts[-1]}.py"
    return [
        ROOT.joinpath("tests", *parts[:depth], name) for depth in range(len(parts) - 1, min(len(parts) - 1, 1) - 1, -1)
    ]


package_modules = pytest.mark.parametrize("path", sorted(PACKAGE.rglob("*.py")), ids=title)
every_module = pytest.mark.parametrize("path", modules(), ids=title)


@package_modules
def test_arrows_go_down(path: Path) -> None:
    """A room can be understood without the rooms above it: it never names them."""
    assert upward_arrows(syntax(path), path) == []


@package_modules
def test_every_room_is_drawn(path: Path) -> None:
    """A new room gets its arrows decided before it gets code."""
    assert room_of(path) in ARROWS or room_of(path) == ""


@package_modules
def test_pure_rooms_do_no_io(path: Path) -> None:
    """Packaging is arithmetic on bytes: it runs without a reactor, a disk, a network or a clock."""
    room = room_of(path)
    banned = IMPURE_MODULES if room in PURE else IMPURE_FOR_CONFIG if room == "config" else set()
    assert impure_names(syntax(path), path, banned) == []


@every_module
def test_the_reactor_is_chosen_by_the_person(path: Path) -> None:
    """`twistd --reactor` works: no module of ours installs the default reactor by being imported."""
    assert early_reactor_imports(syntax(path), path) == []


@every_module
def test_modules_are_short(path: Path) -> None:
    """A module is about one thing and can be read in one go."""
    lines = len(path.read_text(encoding="utf-8").splitlines())
    assert lines <= LONGEST or title(path) in LONGER_FOR_A_REASON


@every_module
def test_modules_say_what_they_are(path: Path) -> None:
    """Whoever opens a module reads first what it is for."""
    assert ast.get_docstring(syntax(path))


@package_modules
def test_modules_have_a_mirrored_test(path: Path) -> None:
    """Whoever changes a module knows where its promises are written down."""
    if title(path) in NO_TEST_OF_ITS_OWN or path.name == "__init__.py" or not has_code(syntax(path)):
        return
    places = mirrored_tests(path)
    assert any(place.exists() for place in places), f"none of {[title(place) for place in places]}"


def test_twisted_is_not_shadowed() -> None:
    """The plugin folder adds to the installed Twisted instead of hiding it."""
    assert not (ROOT / "twisted" / "__init__.py").exists()
    assert not (PLUGINS / "__init__.py").exists()


# The reader itself: a wall that cannot be hit is no wall.


def read(source: str, room: str) -> tuple[ast.Module, Path]:
    """Return a made-up module of a room."""
    return ast.parse(source), PACKAGE / room / "invented.py"


@pytest.mark.parametrize(
    "source",
    [
        "from hls_mp4.web import site",
        "import hls_mp4.web.site",
        "from hls_mp4 import web",
        "from ..web.site import Site",
        "def late():\n    from hls_mp4.web import site",
        "if TYPE_CHECKING:\n    from hls_mp4.web.site import Site",
    ],
)
def test_an_arrow_upwards_is_seen(source: str) -> None:
    """However an upward import is written, the test above fails on it."""
    assert upward_arrows(*read(source, "media"))


@pytest.mark.parametrize(
    "source", ["import os.path", "from time import monotonic", "from twisted.web import http", "open('x')"]
)
def test_io_in_a_pure_room_is_seen(source: str) -> None:
    """However a pure room reaches for the world, the test above fails on it."""
    assert impure_names(*read(source, "codecs"), IMPURE_MODULES)


def test_an_early_reactor_is_seen_and_a_late_one_is_not() -> None:
    """Only an import that runs at load time chooses the reactor."""
    assert early_reactor_imports(*read("try:\n    from twisted.internet import reactor\nexcept E:\n    pass", "web"))
    assert not early_reactor_imports(*read("def f():\n    from twisted.internet import reactor", "web"))
