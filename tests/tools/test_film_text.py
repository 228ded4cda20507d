"""The report that people read."""

from __future__ import annotations

from dataclasses import replace

from hls_mp4.tools.film_report import (
    BoxReport,
    BrandsReport,
    EditReport,
    FilmReport,
    IndexReport,
    KeyFramesReport,
    TrackReport,
)
from hls_mp4.tools.film_text import film_text

VIDEO = TrackReport(
    id=1,
    kind="video",
    handler="vide",
    codec="avc1.640028",
    protected=False,
    enabled=True,
    language="und",
    width=1920,
    height=1080,
    frame_rate=23.976024,
    channels=0,
    sample_rate=0,
    timescale=24000,
    duration=5400.5,
    duration_units=129612000,
    samples=129483,
    bytes=2_700_000_000,
    bitrate=3_999_629,
    edits=(EditReport(1.5, None, 1.0), EditReport(5400.5, 0.083417, 1.0)),
    key_frames=KeyFramesReport(False, 10, 1.0, 4.0, 2.5, tuple(2.5 * n for n in range(10))),
)
AUDIO = replace(
    VIDEO,
    id=2,
    kind="audio",
    codec="mp4a.40.2",
    protected=True,
    enabled=False,
    language="deu",
    width=0,
    height=0,
    frame_rate=None,
    channels=2,
    sample_rate=48000,
    edits=(EditReport(0.0, 0.0, 0.5),),
    key_frames=KeyFramesReport(True, 129483, None, None, None, ()),
)
FILM = FilmReport(
    file="/srv/a.mp4",
    format="mp4",
    size=2_800_000_000,
    brands=BrandsReport("isom", 512, ("isom", "avc1")),
    timescale=1000,
    duration=5402.0,
    duration_units=5_402_000,
    faststart=True,
    fragmented=False,
    index=IndexReport(2, 4_000_000, 3_900_000, 5_000_000),
    tracks=(VIDEO, AUDIO),
    boxes=(
        BoxReport("ftyp", 0, 24),
        BoxReport("moov", 24, 3_900_008, (BoxReport("mvhd", 32, 108),)),
        BoxReport("mdat", 3_900_032, 2_796_099_968),
    ),
)

TEXT = """\
/srv/a.mp4
  format      mp4, moov first (starts at once)
  size        2,800,000,000 bytes
  duration    1:30:02.000
  brands      isom 512, compatible: isom avc1
  index       2 reads, 4,000,000 bytes; metadata 3,900,000 bytes; 5,000,000 bytes in memory

track 1: video, avc1.640028
  picture     1920 x 1080, 23.976 frames/s
  duration    1:30:00.500 (129612000 / 24000)
  samples     129,483; 2,700,000,000 bytes; 3,999.6 kbit/s
  edits       nothing for 1.500 s
              media from 0.083 s for 1:30:00.500
  key frames  10, every 2.500 s (1.000 to 4.000): 0.000 2.500 5.000 7.500 10.000 12.500 15.000 ... 22.500

track 2: audio, mp4a.40.2, encrypted, disabled, deu
  sound       2 channels, 48000 Hz
  duration    1:30:00.500 (129612000 / 24000)
  samples     129,483; 2,700,000,000 bytes; 3,999.6 kbit/s
  edits       media from 0.000 s to the end, at speed 0.5
  key frames  every sample

          offset             size  box
               0               24  ftyp
              24        3,900,008  moov
              32              108    mvhd
       3,900,032    2,796,099,968  mdat
"""


def test_a_film_fits_on_a_screen() -> None:
    """Everything has its line, numbers can be read, boxes are indented by what they are in."""
    assert "\n".join(film_text(FILM)) + "\n" == TEXT


def test_what_has_no_brands_codecs_and_key_frames() -> None:
    """Poor files get plain words."""
    track = replace(VIDEO, codec="", key_frames=KeyFramesReport(False, 0, None, None, None, ()), edits=())
    lines = list(film_text(replace(FILM, brands=None, faststart=False, tracks=(track,))))
    assert "  brands      none" in lines
    assert "track 1: video, no codec" in lines
    assert "  key frames  0" in lines
    assert "  format      mp4, moov last (players have to look for it)" in lines


def test_one_key_frame() -> None:
    """There is no distance to anything then."""
    track = replace(VIDEO, key_frames=KeyFramesReport(False, 1, None, None, None, (0.0,)))
    assert "  key frames  1: 0.000" in list(film_text(replace(FILM, tracks=(track,))))


def test_thousands_of_fragments_are_summed_up() -> None:
    """The first and the last boxes are shown; of those between, what they are and how much."""
    pairs = [BoxReport(kind, n, 100) for n in range(5000) for kind in ("moof", "mdat")]
    lines = list(film_text(replace(FILM, fragmented=True, boxes=tuple(pairs))))
    boxes = lines[next(n for n, line in enumerate(lines) if line.endswith("  box")) + 1 :]
    assert len(boxes) == 25
    assert boxes[12] == "             ...          997,600  ... 4988 moof, 4988 mdat"
    assert "  format      mp4, fragmented" in lines
