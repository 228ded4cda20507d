"""Directives of presentations."""

from __future__ import annotations

import pytest

from hls_mp4.web.films.settings import FilmSettings, Forwarding, read_forwarding, read_pattern


@pytest.mark.parametrize(
    ("words", "meant"),
    [
        (["forward_args", "on"], Forwarding(every=True)),
        (["hls_forward_args", "on"], Forwarding(every=True)),
        (["forward_args", "off"], Forwarding()),
        (["forward_args", "token", "expires"], Forwarding(names=frozenset(("token", "expires")))),
    ],
)
def test_arguments_are_all_none_or_some(words: list[str], meant: Forwarding) -> None:
    """nginx's directive of its commercial module knows the first two."""
    assert read_forwarding(words) == meant


@pytest.mark.parametrize(
    "words",
    [
        *(["forward_args"], ["forward_args", "on", "token"], ["forward_args", "a b"], ["forward_args", ""]),
        *(["hls_forward_args", "token"], ["hls_forward_args"]),
    ],
)
def test_other_words_are_refused(words: list[str]) -> None:
    """When the configuration is read."""
    with pytest.raises(ValueError, match=r"invalid|combined"):
        read_forwarding(words)


def test_a_pattern_finds_something() -> None:
    """One that finds nothing in every name would make one film of a folder."""
    pattern = read_pattern([r"_(\d+)p?$"])
    assert pattern is not None and pattern.search("film_720p")
    assert read_pattern(["off"]) is None
    for text in ("(", "_?", ""):
        with pytest.raises(ValueError, match=r"invalid|nothing"):
            read_pattern([text])


def test_defaults() -> None:
    """Subtitles beside films are found; nothing else happens unasked."""
    settings = FilmSettings()
    assert (settings.pattern, settings.side_cars, settings.forward) == (None, True, Forwarding())
