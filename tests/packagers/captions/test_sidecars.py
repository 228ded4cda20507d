"""Subtitle files beside films."""

from __future__ import annotations

import pytest

from hls_mp4.errors import MalformedMedia
from hls_mp4.packagers.captions.sidecars import MOST, SideCar, side_car, side_cars

VTT = b"WEBVTT\n\n00:01.000 --> 00:02.000\nHello\n"
SRT = b"1\n00:00:01,000 --> 00:00:02,000\nHello\n"


@pytest.mark.parametrize(
    ("name", "found"),
    [
        ("film.vtt", SideCar("film.vtt", "vtt")),
        ("film.en.vtt", SideCar("film.en.vtt", "vtt", "en")),
        ("film.eng.SRT", SideCar("film.eng.SRT", "srt", "en")),
        ("film.pt-br.vtt", SideCar("film.pt-br.vtt", "vtt", "pt-BR")),
        ("film.de.forced.srt", SideCar("film.de.forced.srt", "srt", "de", True)),
        ("film.forced.vtt", SideCar("film.forced.vtt", "vtt", "und", True)),
        ("film.en.sdh.vtt", SideCar("film.en.sdh.vtt", "vtt", "en", False, "English (SDH)")),
        ("film.cc.vtt", SideCar("film.cc.vtt", "vtt", "und", False, "Subtitles (CC)")),
        *((name, None) for name in ("film.mp4", "film2.en.vtt", "film_x.vtt", "other.en.vtt", "film.en.vtt.bak")),
        *((name, None) for name in ("film.", "film.part 2.vtt", "film.en.us.vtt", "film")),
    ],
)
def test_a_name_says_what_a_file_is(name: str, found: SideCar | None) -> None:
    """Language, use and form; what belongs to another film is not taken for this one's."""
    assert side_car("film", name) == found


def test_each_language_is_there_once() -> None:
    """What lies beside the name that was asked for comes before what lies beside a rendition; of two forms one."""
    names = ["film.en.vtt", "film.en.srt", "film_720.en.vtt", "film_720.de.vtt", "film_720.en.forced.vtt"]
    found = side_cars(["film", "film_720"], names)
    assert [made.name for made in found] == ["film.en.srt", "film_720.de.vtt", "film_720.en.forced.vtt"]
    many = [f"film.{first}{second}.vtt" for first in "abcdefghij" for second in "abcdefghij"]
    assert len(side_cars(["film"], many)) <= MOST


def test_both_forms_are_read() -> None:
    """The language comes from the name, the words from the file; what is none of this form is refused."""
    for name, data in (("film.en.vtt", VTT), ("film.en.srt", SRT)):
        made = side_car("film", name)
        assert made is not None
        text = made.parse(data)
        assert (text.language, [cue.text for cue in text.cues]) == ("en", ["Hello"])
        with pytest.raises(MalformedMedia):
            made.parse(b"\0\1\2")
