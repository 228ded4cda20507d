"""Keys of films, and what playlists say of them."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

import pytest

from hls_mp4.errors import NotFound
from hls_mp4.interfaces import Asset
from hls_mp4.media.presentation import Presentation
from hls_mp4.packagers.hls.keys import AES_128, SAMPLE_AES, Keys, keys_of
from hls_mp4.packagers.hls.settings import HlsSettings
from tests.films import Library
from tests.indexes import indexed
from tests.packagers.fmp4.played import rendered
from tests.packagers.hls.saved import answered, text_of

KEY = bytes(range(16))


@dataclass(frozen=True)
class Source:
    """A film of a version."""

    validator: str


def presentation_of(films: Library, validator: str) -> Presentation:
    """Return the presentation of a version of a film."""
    return Presentation.of([Asset(indexed(films.data("video-only")), Source(validator))])


def keys(presentation: Presentation, **settings: object) -> Keys:
    """Return the keys of a film under some settings."""
    found = keys_of(presentation, HlsSettings(enabled=True, **settings))  # type: ignore[arg-type]
    assert found is not None
    return found


def test_each_film_has_a_key_of_its_own(films: Library) -> None:
    """A key that gets about opens one film: keys of others, of other versions and of other secrets differ."""
    first, second = presentation_of(films, "1-a"), presentation_of(films, "1-b")
    found = {
        keys(film, encryption=method, key_seed=seed).key
        for film in (first, second)
        for seed in ("one", "two")
        for method in ("aes-128", "sample-aes")
    }
    assert len(found) == 4
    assert all(len(each) == 16 for each in found)
    again = keys(presentation_of(films, "1-a"), encryption="aes-128", key_seed="one")
    assert again == keys(first, encryption="aes-128", key_seed="one")


def test_a_file_outweighs_a_seed(films: Library) -> None:
    """A key that is given is the key."""
    film = presentation_of(films, "1")
    assert keys(film, encryption="aes-128", key=KEY, key_seed="one").key == KEY


def test_nothing_is_encrypted_unasked(films: Library) -> None:
    """A key alone encrypts nothing."""
    assert keys_of(presentation_of(films, "1"), HlsSettings(enabled=True, key=KEY)) is None


def test_playlists_tell_where_the_key_is(films: Library) -> None:
    """Beside the playlist, with the arguments of who asks; or elsewhere, without them."""
    film = presentation_of(films, "1")
    whole = keys(film, encryption="aes-128", key=KEY)
    assert whole.tag("") == '#EXT-X-KEY:METHOD=AES-128,URI="encryption.key"'
    assert whole.tag("token=x").endswith('URI="encryption.key?token=x"')
    assert replace(whole, uri="k?a=1").tag("token=x").endswith('URI="k?a=1&token=x"')
    for uri in ("https://keys.example.com/1", "skd://1", "//other.example.com/1"):
        assert replace(whole, uri=uri).tag("token=x").endswith(f'URI="{uri}"')
    sample = keys(film, encryption="sample-aes", key=KEY)
    assert re.fullmatch('#EXT-X-KEY:METHOD=SAMPLE-AES,URI="encryption.key",IV=0x[0-9A-F]{32}', sample.tag(""))


def test_vectors_are_the_number_or_the_films_own(films: Library) -> None:
    """Of whole segments the media sequence number, as players take it where no IV is told (RFC 8216 5.2)."""
    film = presentation_of(films, "1")
    assert keys(film, encryption="aes-128", key=KEY).iv_of(258) == bytes(14) + b"\1\2"
    sample = keys(film, encryption="sample-aes", key=KEY)
    assert sample.iv_of(1) == sample.iv_of(2) == sample.iv
    assert keys(presentation_of(films, "2"), encryption="sample-aes", key=KEY).iv != sample.iv


def test_a_print_differs_with_all_that_changes_bytes() -> None:
    """Another key, method or vector gives other segments: caches do not mix them up, and learn nothing of the key."""
    one = Keys(AES_128, KEY, None, "")
    others = (
        replace(one, key=bytes(16)),
        replace(one, method=SAMPLE_AES, iv=KEY),
        replace(one, method=SAMPLE_AES, iv=bytes(16)),
    )
    assert len({each.print for each in (one, *others)}) == 4
    assert replace(one, uri="elsewhere").print == one.print
    assert len({one.key_id, others[0].key_id}) == 2


def test_the_key_is_given_where_it_is_ours(films: Library) -> None:
    """encryption.key is there when playlists name it, and only then; it may be kept back by its class."""
    film = presentation_of(films, "1")
    made = answered(film, "encryption.key", encryption="aes-128", key=KEY)
    assert (rendered(made.plan), made.cache, made.content_type) == (KEY, "key", "application/octet-stream")
    for settings in (
        {},
        {"encryption": "aes-128", "key": KEY, "key_uri": "https://keys.example.com/1"},
    ):
        with pytest.raises(NotFound):
            answered(film, "encryption.key", **settings)
    with pytest.raises(NotFound):
        answered(film, "encryption-v.key", encryption="aes-128", key=KEY)


def test_subtitles_are_not_encrypted(films: Library) -> None:
    """Playlists of pictures name the key, those of key frames too; the multivariant playlist does not."""
    film = presentation_of(films, "1")
    for name in ("index-v1.m3u8", "iframes-v1.m3u8"):
        assert "#EXT-X-KEY:METHOD=SAMPLE-AES" in text_of(film, name, form="ts", encryption="sample-aes", key=KEY)
    assert "KEY" not in text_of(film, "master.m3u8", form="ts", encryption="sample-aes", key=KEY)
