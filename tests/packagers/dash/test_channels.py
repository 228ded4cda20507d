"""Channel configurations."""

from __future__ import annotations

from dataclasses import replace

import pytest

from hls_mp4.codecs.configuration import Configuration
from hls_mp4.media.presentation import Rendition
from hls_mp4.packagers import description
from hls_mp4.packagers.dash.channels import DOLBY, MPEG, channel_configuration
from tests.films import Library
from tests.media.test_presentation import presented


@pytest.mark.parametrize(("name", "told"), [("h264", (MPEG, "1")), ("ac3", (DOLBY, "4000")), ("eac3", (DOLBY, "4000"))])
def test_what_films_have(films: Library, name: str, told: tuple[str, str]) -> None:
    """As many channels as a decoder gives out."""
    (sound,) = presented(films.data(name)).of_kind("audio")
    assert channel_configuration(sound) == told


def sound_of(films: Library, entry: str, records: dict[str, bytes], channels: int = 2) -> Rendition:
    """Return a rendition that says so of itself."""
    (sound,) = presented(films.data("h264")).of_kind("audio")
    track = sound.track
    track.channels = channels
    description._CONFIGURATIONS[track] = Configuration(entry, False, records)
    return replace(sound)


@pytest.mark.parametrize(
    ("entry", "record", "mask"),
    [
        ("dac3", "10 3d 40", "F801"),  # 3/2 and LFE
        ("dac3", "10 11 40", "A000"),  # 2/0
        ("dac3", "10 0a 40", "4000"),  # 1/0
        ("dec3", "0c 00 20 0f 00", "F801"),  # one independent substream, 3/2 and LFE
        ("dec3", "0e 00 20 0f 02 02", "FA01"),  # 7.1: a dependent one with Lrs and Rrs
    ],
)
def test_masks_of_dolby(films: Library, entry: str, record: str, mask: str) -> None:
    """Five loudspeakers and one for the deep tones are F801."""
    codec = {"dac3": "ac-3", "dec3": "ec-3"}[entry]
    assert channel_configuration(sound_of(films, codec, {entry: bytes.fromhex(record)})) == (DOLBY, mask)


def test_a_record_that_is_cut_short_is_not_believed(films: Library) -> None:
    """Then the sample entry is."""
    assert channel_configuration(sound_of(films, "ac-3", {"dac3": b"\x10"})) == (MPEG, "2")


@pytest.mark.parametrize(("channels", "value"), [(1, "1"), (2, "2"), (6, "6"), (7, "11"), (8, "12")])
def test_configurations_of_mpeg(films: Library, channels: int, value: str) -> None:
    """Numbers are those of a table, which are the channels up to six."""
    assert channel_configuration(sound_of(films, "Opus", {}, channels)) == (MPEG, value)
