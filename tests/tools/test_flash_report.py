"""What is said of Flash video is what is in it."""

from __future__ import annotations

import numpy as np
import pytest

from hls_mp4.containers.flv.amf import UNDEFINED
from hls_mp4.tools.flash_report import flash_report, shown
from hls_mp4.tools.main import main
from tests.containers.flv.indexes import layout_of
from tests.flvs import FlvLibrary, tags_of, with_metadata


def test_a_film_is_described(flvs: FlvLibrary) -> None:
    """Where headers lie, what onMetaData says, and whether it is true."""
    data = flvs.data("indexed")
    report = flash_report(layout_of(data))
    assert report.promised == ("audio", "video")
    assert (report.first_tag, report.end, report.problem) == (13, len(data), "")
    assert report.truthful
    assert report.metadata_state.startswith("true")
    assert report.metadata["width"] == "160"
    assert report.metadata["filesize"] == str(len(data))
    assert report.metadata["keyframes"] == "6 key frames"
    headers = [(("video" if tag.kind == 9 else "audio"), tag.offset) for tag in tags_of(data) if tag.is_header]
    assert list(report.sequence_headers) == headers


def test_what_is_wrong_is_told(flvs: FlvLibrary) -> None:
    """Metadata that lacks something, that is none, that is nonsense; a film that is cut."""
    data = flvs.data("h264")
    assert "flv_metadata" in flash_report(layout_of(data)).metadata_state
    assert flash_report(layout_of(flvs.data("no-metadata"))).metadata_state == "none"
    nonsense = with_metadata(data, b"\x02\0\x0aonMetaData\xff")
    assert flash_report(layout_of(nonsense)).metadata_state == "cannot be read, at 13"
    assert "truncated" in flash_report(layout_of(data[:-10])).problem


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (True, "yes"),
        (False, "no"),
        (12.5, "12.5"),
        (145_600.0, "145600"),
        (2e9, "2000000000"),
        (float("nan"), "nan"),
        (float("-inf"), "-inf"),
        ("two\nlines\x1b[31m", "two lines [31m"),
        ([1, 2], "2 values"),
        (np.zeros(9), "9 values"),
        ({"a": 1}, "1 members"),
        ({"filepositions": np.zeros(9)}, "9 key frames"),
        (None, "None"),
        (UNDEFINED, "UNDEFINED"),
    ],
)
def test_values_are_one_short_line(value: object, text: str) -> None:
    """Nothing that a file says can move the cursor of a terminal."""
    assert shown(value) == text
    assert len(shown("x" * 10_000)) == 200


def test_inspect_shows_it(flvs: FlvLibrary, capsys: pytest.CaptureFixture[str]) -> None:
    """The command line tool knows Flash video by its first bytes."""
    assert main(["inspect", str(flvs.path("indexed"))]) == 0
    text = capsys.readouterr().out
    assert "\n  format      flv, Flash video (starts at once)\n" in text
    assert "\n  metadata    true: size, duration and key frames are right\n" in text
    assert "\n              keyframes 6 key frames\n" in text
    assert "\ntrack 1: video, avc1.4D400B\n  picture     160 x 120" in text
    assert "  box\n" not in text
