"""URLs of HDS."""

from __future__ import annotations

import pytest

from hls_mp4.packagers.hds.names import FRAGMENT, MANIFEST, SET, Asked, parse_name, parse_renditions, renditions_name
from tests.films import Library
from tests.media.test_presentation import presented


@pytest.mark.parametrize(
    ("name", "asked"),
    [
        ("manifest.f4m", Asked(MANIFEST)),
        ("manifest-f2-v1-a1.f4m", Asked(MANIFEST, "f2-v1-a1")),
        ("set.f4m", Asked(SET)),
        ("Seg1-Frag1", Asked(FRAGMENT, "", 1)),
        ("frag-v1-a1-Seg1-Frag12", Asked(FRAGMENT, "v1-a1", 12)),
        ("frag-f1-v1-a1-Seg1-Frag9999999", Asked(FRAGMENT, "f1-v1-a1", 9999999)),
        ("frag-f1-v1-f2-a1-Seg1-Frag1", Asked(FRAGMENT, "f1-v1-f2-a1", 1)),
    ],
)
def test_names_of_nginx_vod_module_are_known(name: str, asked: Asked) -> None:
    """Links of players and rules of CDNs move over."""
    assert parse_name(name) == asked


@pytest.mark.parametrize(
    "name",
    [
        "Seg1-Frag0",
        "Seg1-Frag01",
        "Seg2-Frag1",
        "seg1-frag1",
        "Seg1-Frag",
        "Seg1-Frag12345678",
        "manifest.mpd",
        "0/Seg1-Frag1",
    ],
)
def test_other_names_are_nobodys(name: str) -> None:
    """Fragments count from 1, without zeros in front, and there is one segment."""
    assert parse_name(name) is None


def test_names_ask_for_renditions(films: Library) -> None:
    """A name made of renditions asks for these, also where they are of two films."""
    both = presented(films.data("h264"), films.data("two-audios"))
    for numbers in ((0, 1), (0,), (2, 3), (2, 4), (0, 4)):
        name = renditions_name(both, numbers)
        assert name.startswith("-f")
        assert parse_renditions(name[1:], both) == numbers
    assert renditions_name(both, (0, 4)) == "-f1-v1-f2-a2"
    assert parse_renditions("f1-v1-f3-a1", both) is None
