"""Server manifests of several authors."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hls_mp4.containers.smil.manifest import MOST_ENTRIES, Entry, ServerManifest, parse_manifest
from hls_mp4.errors import MalformedMedia, StreamingError, UnsupportedMedia

UNIFIED = """<?xml version="1.0" encoding="utf-8"?>
<!-- Created with Unified Streaming Platform(version=1.8.3) -->
<smil xmlns="http://www.w3.org/2001/SMIL20/Language">
  <head>
    <meta name="clientManifestRelativePath" content="no-name.ismc" />
    <meta name="creator" content="USP" />
  </head>
  <body>
    <switch>
      <audio src="film.isma" systemBitrate="64000" systemLanguage="eng">
        <param name="trackID" value="1" valuetype="data" />
        <param name="trackName" value="audio_eng" valuetype="data" />
        <param name="CodecPrivateData" value="1210" valuetype="data" />
      </audio>
      <video src="film-800k.ismv" systemBitrate="800000">
        <param name="trackID" value="2" valuetype="data" />
        <param name="trackName" value="video" valuetype="data" />
      </video>
      <video src="film-400k.ismv" systemBitrate="400000">
        <param name="trackID" value="2" valuetype="data" />
      </video>
      <textstream src="film.ismt" systemBitrate="1000" systemLanguage="deu">
        <param name="trackID" value="3" valuetype="data" />
      </textstream>
    </switch>
  </body>
</smil>"""

EXPRESSION = """<?xml version="1.0" encoding="utf-16"?><!--Created with Expression Encoder version 3.0.1332.0-->
<smil xmlns="http://www.w3.org/2001/SMIL20/Language"><head>
<meta name="clientManifestRelativePath" content="Film.ismc" /></head>
<body><switch>
<video src="Film_2230000.ismv" systemBitrate="2230000"><param name="trackID" value="2" valuetype="data" /></video>
<audio src="Film_2230000.ismv" systemBitrate="96000"><param name="TrackId" value="1" valuetype="data" />
<param name="timeScale" value="10000000"/></audio>
</switch></body></smil>"""

LIVE = UNIFIED.replace('"creator" content="USP"', '"module" content="liveSmoothStreaming"')


def test_a_manifest_of_unified_streaming() -> None:
    """Its tracks come in its order, with what is announced of them."""
    manifest = parse_manifest(UNIFIED.encode())
    assert manifest.entries == (
        Entry("audio", "film.isma", 1, 64000, "eng", "audio_eng"),
        Entry("video", "film-800k.ismv", 2, 800000, "", "video"),
        Entry("video", "film-400k.ismv", 2, 400000),
        Entry("text", "film.ismt", 3, 1000, "deu"),
    )
    assert manifest.sources == ("film.isma", "film-800k.ismv", "film-400k.ismv", "film.ismt")


def test_a_manifest_of_expression_encoder() -> None:
    """It is UTF-16 with a mark, and spells names in its own way; one file may hold several tracks."""
    manifest = parse_manifest(EXPRESSION.encode("utf-16"))
    assert [(entry.kind, entry.track) for entry in manifest.entries] == [("video", 2), ("audio", 1)]
    assert manifest.sources == ("Film_2230000.ismv",)


def test_tracks_without_a_number_are_all_of_their_kind() -> None:
    """A manifest that was written by hand need not say more than a file."""
    manifest = parse_manifest(b'<smil><body><video src="a.mp4"/><switch><audio src="b.mp4"/></switch></body></smil>')
    assert manifest == ServerManifest((Entry("video", "a.mp4"), Entry("audio", "b.mp4")))


def test_a_live_channel_is_no_film() -> None:
    """What has no files to offer is refused, and said to be live."""
    with pytest.raises(UnsupportedMedia, match="live"):
        parse_manifest(LIVE.encode())


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("<html/>", '"html" rather than "smil"'),
        ("<smil/>", "has no video"),
        ("<smil><body><video/></body></smil>", "without src"),
        ('<smil><body><video src="a&#10;b"/></body></smil>', "control"),
        ('<smil><body><video src="a" systemBitrate="-5"/></body></smil>', "systemBitrate"),
        ('<smil><body><video src="a"><param name="trackID" value="x"/></video></body></smil>', "trackID"),
        (f"<smil><body>{'<video src=' + chr(34) + 'a' + chr(34) + '/>'}"[:-1] + "</body></smil>", "XML"),
        ("<smil><body>" + '<video src="a"/>' * (MOST_ENTRIES + 1) + "</body></smil>", "too many tracks"),
        ("<smil><body>" + "".join(f'<video src="{n}"/>' for n in range(65)) + "</body></smil>", "too many files"),
    ],
)
def test_what_makes_no_sense_is_refused(text: str, reason: str) -> None:
    """The log says what is wrong with a manifest."""
    with pytest.raises(MalformedMedia, match=reason):
        parse_manifest(text.encode())


@given(st.binary(max_size=200), st.sampled_from([UNIFIED, EXPRESSION, LIVE]), st.integers(0, 2000), st.integers(0, 40))
def test_any_bytes_end_in_a_manifest_or_an_error(noise: bytes, text: str, at: int, cut: int) -> None:
    """However a manifest is damaged: it is read or refused."""
    data = text.encode()
    for each in (noise, data[:at] + noise + data[at + cut :]):
        try:
            assert parse_manifest(each).entries
        except StreamingError:
            pass
