"""Whoever comes from nginx finds every directive, and what becomes of it."""

from __future__ import annotations

import re

import pytest
from crossplane.analyzer import DIRECTIVES

from hls_mp4.config.foreign import NGINX_NAMES
from hls_mp4.config.nginx_table import BEGIN, END, coming_from_nginx, with_table
from hls_mp4.config.registry import Registry
from hls_mp4.config.structure import STRUCTURE
from hls_mp4.service.settings_classes import settings_classes

CLASSES = settings_classes()
TABLE = coming_from_nginx(CLASSES)
ROWS = [[cell.strip() for cell in line.strip("|").split("|")] for line in TABLE.splitlines() if line.startswith("|")]
OURS = {name for slot in Registry(CLASSES).slots for name in slot.directive.names} | set(STRUCTURE)


def names_of(cell: str) -> list[str]:
    """Return the names in the first cell of a row."""
    return re.findall(r"^\[([a-z0-9_]+)\]", cell) or re.findall(r"`([a-z0-9_*]+)`", cell)


NAMED = [name for row in ROWS for name in names_of(row[0])]


def test_every_directive_of_nginx_is_there() -> None:
    """None is passed over, whether it is ours, ignored or an error."""
    exact = {name for name in NAMED if "*" not in name}
    families = [name.partition("*") for name in NAMED if "*" in name]
    missing = [
        name
        for name in sorted({*DIRECTIVES, *NGINX_NAMES})
        if name not in exact and not any(name.startswith(start) and name.endswith(end) for start, _, end in families)
    ]
    assert missing == []


def test_each_name_has_one_state() -> None:
    """Nobody reads two things of one directive, and ours are not among those that are ignored."""
    assert len(NAMED) == len(set(NAMED))
    foreign = {name for row in ROWS if row[0].startswith("`") for name in names_of(row[0])}
    assert not foreign & OURS


def test_states() -> None:
    """A row has the context and the state: the same, or in what it differs."""
    assert (
        "| [sendfile](configuration.md#sendfile) | http, server, location, if in location | other default; nginx's"
        in TABLE
    )
    assert "| [autoindex_localtime](configuration.md#autoindex_localtime) | http, server, location | same |" in TABLE
    only_here = TABLE.partition("Only here there are: ")[2].partition("\n")[0]
    assert "[cors](configuration.md#cors)" in only_here
    assert all(len(row) in (2, 3) and all(row) for row in ROWS)


def test_only_the_table_of_a_page_is_made_anew() -> None:
    """What people wrote around it stays."""
    page = f"# Before\n\n{BEGIN}\nold\n{END}\n\nAfter\n"
    made = with_table(page, CLASSES)
    assert made == f"# Before\n\n{BEGIN}\n\n{TABLE}\n\n{END}\n\nAfter\n"
    assert with_table(made, CLASSES) == made


@pytest.mark.parametrize("page", ["", f"{BEGIN}\n", f"{END} {BEGIN}"])
def test_a_page_without_a_place(page: str) -> None:
    """A page that has lost its marks is not overwritten."""
    with pytest.raises(ValueError, match="no place for the table"):
        with_table(page, CLASSES)
