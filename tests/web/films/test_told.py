"""Complaints are written once."""

from __future__ import annotations

from hls_mp4.web.films.told import MOST_REMEMBERED, Told


def test_something_is_new_once() -> None:
    """Until so much else was said that nobody remembers."""
    told = Told()
    assert told.is_new(("film", "reason"))
    assert not told.is_new(("film", "reason"))
    assert told.is_new(("film", "other"))
    for number in range(MOST_REMEMBERED):
        told.is_new(number)
    assert told.is_new(("film", "reason"))
