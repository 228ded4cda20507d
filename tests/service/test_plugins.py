"""Formats and modules are found, ours and other people's."""

from __future__ import annotations

import importlib
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import pytest

from hls_mp4.service.plugins import discover

GOOD = '''"""A delivery module that answers nothing."""
from dataclasses import dataclass
from twisted.plugin import IPlugin
from zope.interface import implementer
from hls_mp4.interfaces import IDeliveryModule
from hls_mp4.service.makers import DeliveryMaker

@dataclass(frozen=True)
class Settings:
    enabled: bool = False

@implementer(IPlugin, IDeliveryModule)
class Module:
    name = "{name}"
    settings = Settings
    def match(self, query, settings): ...
    def serves(self, form, match, settings): ...
    def needs(self, match, settings): ...
    def limits(self, settings): ...
    def takes_long(self, index, match, settings): ...
    def respond(self, asset, match, settings, now): ...
'''


class Package:
    """A plugin package in a folder, and what was complained about."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder / "their_plugins"
        self.folder.mkdir()
        (self.folder / "__init__.py").write_text('"""Plugins."""\n')
        self.complaints: list[str] = []

    def add(self, name: str, text: str) -> None:
        """Put a plugin file into the package."""
        (self.folder / f"{name}.py").write_text(text)

    def names(self) -> list[str]:
        """Return the names of the delivery modules that are found."""
        module: ModuleType = importlib.import_module("their_plugins")
        return [found.name for found in discover(module, self.complaints.append).modules]


@pytest.fixture
def package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Package]:
    """Return an empty plugin package that can be imported."""
    monkeypatch.syspath_prepend(str(tmp_path))
    yield Package(tmp_path)
    for name in [name for name in sys.modules if name.split(".")[0] == "their_plugins"]:
        del sys.modules[name]


def test_a_module_itself_is_a_plugin(package: Package) -> None:
    """A class that provides its contract and IPlugin needs no maker."""
    package.add("one", GOOD.format(name="theirs") + "theirs = Module()\n")
    assert package.names() == ["theirs"]
    assert package.complaints == []


def test_a_maker_stands_for_a_module(package: Package) -> None:
    """What is behind a maker is imported when the daemon starts."""
    package.add("one", GOOD.format(name="theirs"))
    package.add(
        "two",
        "from hls_mp4.service.makers import DeliveryMaker\na = DeliveryMaker('theirs', 'their_plugins.one.Module')\n",
    )
    assert package.names() == ["theirs"]


@pytest.mark.parametrize(
    ("path", "reason"),
    [
        ("no_such_package.Module", "ModuleNotFoundError"),
        ("their_plugins.one.Lost", "AttributeError"),
        ("builtins.dict", "failed to implement"),
    ],
)
def test_a_broken_one_is_one_complaint(package: Package, path: str, reason: str) -> None:
    """The others are found all the same."""
    package.add("one", GOOD.format(name="theirs") + "theirs = Module()\n")
    package.add("two", f"from hls_mp4.service.makers import DeliveryMaker\nbad = DeliveryMaker('bad', {path!r})\n")
    assert package.names() == ["theirs"]
    (complaint,) = package.complaints
    assert complaint.startswith('plugin "bad" is left out: ')
    assert reason in complaint
    assert "\n" not in complaint


def test_an_incomplete_module_is_left_out(package: Package) -> None:
    """What claims a contract has to keep all of it."""
    package.add("one", GOOD.format(name="half").replace("    def respond", "    def other") + "half = Module()\n")
    assert package.names() == []
    assert "respond" in package.complaints[0]


def test_a_name_is_taken_once(package: Package) -> None:
    """Two modules of one name would both claim its directives."""
    package.add("one", GOOD.format(name="same") + "a = Module()\nb = Module()\n")
    assert package.names() == ["same"]
    assert package.complaints == ['plugin "same" is left out: another IDeliveryModule has this name']


def test_what_is_built_in_is_found_like_anything_else() -> None:
    """MP4 as a format and as a module, with its directives."""
    complaints: list[str] = []
    found = discover(complain=complaints.append)
    assert complaints == []
    assert "mp4" in [known.name for known in found.formats]
    assert "mp4" in [module.name for module in found.modules]
    assert "hls" in [packager.name for packager in found.packagers]
    assert "mp4frag" in [module.name for module in found.precut]
    assert len(found.settings) == len(found.modules) + len(found.packagers) + len(found.precut)
