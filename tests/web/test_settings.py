"""Directives of the edge are read as nginx reads them."""

import pytest

from hls_mp4.web.settings import Place, SymlinkPolicy, parse_keepalive, parse_place, parse_symlinks


def test_root_and_alias() -> None:
    """A root is a folder whose final slash does not matter; an alias stands for what it replaces, slash and all."""
    assert parse_place(["root", "/srv/media/"]) == Place("/srv/media")
    assert parse_place(["alias", "/srv/media/"]) == Place("/srv/media/", replaces=True)
    with pytest.raises(ValueError, match="number of arguments"):
        parse_place(["root"])


@pytest.mark.parametrize(
    ("words", "policy"),
    [
        ("off", SymlinkPolicy()),
        ("on", SymlinkPolicy("on")),
        ("if_not_owner from=$document_root", SymlinkPolicy("if_not_owner", "$document_root")),
        ("on from=/srv", SymlinkPolicy("on", "/srv")),
    ],
)
def test_symlinks(words: str, policy: SymlinkPolicy) -> None:
    """disable_symlinks has nginx's arguments."""
    assert parse_symlinks(words.split()) == policy


@pytest.mark.parametrize("words", ["", "maybe", "on from=", "on from=srv", "off from=/", "on to=/", "on from=/ x"])
def test_wrong_symlinks(words: str) -> None:
    """A slip is told, not guessed at: it would open what should be closed."""
    with pytest.raises(ValueError, match=r"invalid"):
        parse_symlinks(words.split())


def test_keepalive() -> None:
    """The time is in milliseconds; nginx's second argument is accepted."""
    assert parse_keepalive(["75s"]) == 75_000
    assert parse_keepalive(["1m", "30"]) == 60_000
    for wrong in ([], ["x"], ["1", "x"], ["1", "2", "3"]):
        with pytest.raises(ValueError, match=r"invalid"):
            parse_keepalive(wrong)
