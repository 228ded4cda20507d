"""The documentation leads somewhere, and names what there is."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest

from hls_mp4.config import load_from_text
from hls_mp4.service.settings_classes import settings_classes

ROOT = Path(__file__).parent.parent
PAGES = [*sorted(ROOT.glob("*.md")), *sorted((ROOT / "docs").glob("*.md"))]

_LINK = re.compile(r"\[[^\]]*\]\(([^)\s]+)\)")
_FENCE = re.compile(r"^```.*?^```", re.MULTILINE | re.DOTALL)
_HEADING = re.compile(r"^#+ +(.*)$", re.MULTILINE)


def title(path: Path) -> str:
    """Return a path as a reader of a failure wants it."""
    return path.relative_to(ROOT).as_posix()


def anchors(page: Path) -> set[str]:
    """Return what a link into a page may end with."""
    text = _FENCE.sub("", page.read_text(encoding="utf-8"))
    return {
        re.sub(r"[^\w\- ]", "", heading.lower()).strip().replace(" ", "-") for heading in _HEADING.findall(text)
    } | set(re.findall(r'<a (?:id|name)="([^"]+)"', text))


@pytest.mark.parametrize("page", PAGES, ids=title)
def test_links_lead_somewhere(page: Path) -> None:
    """Whoever follows a link within the documentation arrives."""
    lost = []
    for target in _LINK.findall(_FENCE.sub("", page.read_text(encoding="utf-8"))):
        if re.match(r"[a-z]+:", target):
            continue
        path, _, anchor = target.partition("#")
        there = (page.parent / path).resolve() if path else page
        if not there.exists() or (anchor and anchor not in anchors(there)):
            lost.append(target)
    assert lost == []


@pytest.mark.parametrize("page", PAGES, ids=title)
def test_configurations_can_be_used(page: Path) -> None:
    """What a page shows as a configuration is one, without a mistake and without a warning."""
    for text in re.findall(r"^```nginx\n(.*?)^```", page.read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL):
        assert load_from_text(text, settings_classes()).warnings == ()


@pytest.mark.parametrize("page", PAGES, ids=title)
def test_commands_exist(page: Path) -> None:
    """A `make` command that a page names is one that make knows."""
    known = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE))
    text = page.read_text(encoding="utf-8")
    named = set(re.findall(r"(?:^|`)make ([a-z-]+)", text, re.MULTILINE))
    assert named <= known


def test_make_alone_helps() -> None:
    """`make` without a word lists what there is instead of doing something."""
    shown = subprocess.run(["make", "-s"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    assert all(f"make {word}" in shown for word in ("run", "test", "lint", "docs", "bench", "clean"))
