"""Directives of the flv module."""

from __future__ import annotations

import pytest

from hls_mp4.directives import directives_of
from hls_mp4.packagers.flv.settings import FlvSettings


def test_defaults_are_nginx_s() -> None:
    """`flv;` alone is what it is in nginx: bytes, nothing added."""
    settings = FlvSettings()
    assert (settings.enabled, settings.start, settings.metadata) == (False, "bytes", False)
    assert (settings.past_end, settings.start_arg, settings.end_arg) == ("error", "start", "end")


@pytest.mark.parametrize(
    ("name", "good", "bad"),
    [
        ("start", "keyframe", "seconds"),
        ("metadata", "on", "yes"),
        ("past_end", "last_key_frame", "last"),
        ("buffer_size", "64k", "0"),
        ("max_buffer_size", "1g", "many"),
        ("start_arg", "fs", "a=b"),
    ],
)
def test_words_of_the_directives(name: str, good: str, bad: str) -> None:
    """What they do not know is a mistake in the configuration."""
    arguments = directives_of(FlvSettings)[name].arguments
    arguments.parse([good])
    with pytest.raises(ValueError, match=r"."):
        arguments.parse([bad])


def test_one_argument_means_one_thing() -> None:
    """start and end cannot have one name."""
    with pytest.raises(ValueError, match="two things"):
        FlvSettings(start_arg="T", end_arg="t")
