"""Writing server manifests."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from hls_mp4.containers.smil.manifest import Entry, ServerManifest, parse_manifest
from hls_mp4.containers.smil.write import write_manifest

WORDS = st.text(
    st.characters(min_codepoint=32, exclude_categories=["Cc", "Cs", "Cn", "Zs", "Zl", "Zp"]), max_size=20
).map(str.strip)
ENTRIES = st.builds(
    Entry,
    st.sampled_from(["video", "audio", "text"]),
    WORDS.filter(bool),
    st.integers(0, 9999),
    st.integers(0, 10**9),
    WORDS,
    WORDS,
    WORDS,
)


@given(st.lists(ENTRIES, min_size=1, max_size=8), WORDS)
def test_what_is_written_is_read(entries: list[Entry], title: str) -> None:
    """Whatever files and languages are called, a manifest says so to whoever reads it."""
    manifest = ServerManifest(tuple(entries), " ".join(title.split()))
    assert parse_manifest(write_manifest(manifest)) == manifest


def test_a_manifest_is_written_as_others_write_it() -> None:
    """IIS and Unified Streaming find the names they look for."""
    entry = Entry("text", "a & b.ismt", 3, 1000, "eng", "subs", facts=(("FourCC", "DFXP"),))
    text = write_manifest(ServerManifest((entry,)), "film.ismc").decode()
    assert '<meta name="clientManifestRelativePath" content="film.ismc" />' in text
    assert '<textstream src="a &amp; b.ismt" systemBitrate="1000" systemLanguage="eng">' in text
    assert '<param name="trackID" value="3" valuetype="data" />' in text
    assert '<param name="FourCC" value="DFXP" valuetype="data" />' in text
