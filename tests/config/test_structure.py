"""Directives that give a configuration its shape."""

from __future__ import annotations

from crossplane.analyzer import DIRECTIVES

from hls_mp4.config.structure import STRUCTURE, Opens


def test_nginx_has_them_all() -> None:
    """Nothing about the shape of a file has to be learnt anew."""
    assert set(STRUCTURE) <= set(DIRECTIVES)


def test_blocks_are_declared_as_blocks() -> None:
    """What is followed by braces is known to be."""
    opening = {name for name, directive in STRUCTURE.items() if isinstance(directive.arguments, Opens)}
    assert opening == {"events", "http", "server", "location", "limit_except"}
