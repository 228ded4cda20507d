"""What playlists say of Common Encryption."""

from __future__ import annotations

from base64 import b64encode
from dataclasses import replace

import pytest

from hls_mp4.errors import NotFound
from hls_mp4.packagers.hls.keys import SAMPLE_AES, Keys
from hls_mp4.packagers.hls.protecting import key_tags, protection_of
from tests.films import Library
from tests.media.test_presentation import presented
from tests.packagers.fmp4.encrypted import KEY, KEY_ID, protection
from tests.packagers.fmp4.played import rendered
from tests.packagers.hls.saved import answered, text_of

OTHER = {"key_id": "f" * 32, "key": "e" * 32}


def test_each_key_system_is_told_in_its_own_way() -> None:
    """Widevine gets its pssh box, PlayReady its object, FairPlay its asset; Marlin has no form in HLS."""
    told = protection(
        "cbcs",
        pssh={
            "widevine": b64encode(b"wide").decode(),
            "playready": b64encode(b"ready").decode(),
            "fairplay": b64encode(b"skd://asset").decode(),
            "marlin": b64encode(b"bb").decode(),
        },
    )
    widevine, playready, fairplay = key_tags(told, "video", "token=1")
    box = b64encode(told.systems[0].box).decode()
    assert widevine == (
        f'#EXT-X-KEY:METHOD=SAMPLE-AES,URI="data:text/plain;base64,{box}",KEYID=0x{KEY_ID.upper()},'
        'KEYFORMAT="urn:uuid:edef8ba9-79d6-4ace-a3c8-27dcd51d21ed",KEYFORMATVERSIONS="1"'
    )
    assert 'base64,cmVhZHk=",KEYFORMAT="com.microsoft.playready"' in playready
    assert 'URI="skd://asset",KEYFORMAT="com.apple.streamingkeydelivery"' in fairplay


def test_an_asset_that_would_break_the_playlist_is_left_out() -> None:
    """What stands in a file of keys writes no lines of its own."""
    for data in (b'skd://a"\n#EXT-X-ENDLIST', b"\xff\xfe", b"no asset"):
        assert key_tags(protection("cbcs", pssh={"fairplay": b64encode(data).decode()}), "video", "") == []


def test_the_scheme_is_told() -> None:
    """cbcs is SAMPLE-AES with the constant vector, cenc is SAMPLE-AES-CTR without any."""
    (cbcs,) = key_tags(replace(protection("cbcs"), clear_key=True), "video", "t=1")
    assert cbcs.startswith('#EXT-X-KEY:METHOD=SAMPLE-AES,URI="encryption.key?t=1",IV=0x')
    (cenc,) = key_tags(replace(protection("cenc"), clear_key=True), "video", "")
    assert cenc == '#EXT-X-KEY:METHOD=SAMPLE-AES-CTR,URI="encryption.key"'


def test_keys_are_given_where_a_location_says_so(films: Library) -> None:
    """With drm_clear_key, one for both kinds or one for each; without it to nobody."""
    presentation = presented(films.data("h264"))
    presentation.protection = replace(protection("cbcs"), clear_key=True)
    assert rendered(answered(presentation, "encryption.key").plan).hex() == KEY
    presentation.protection = replace(protection("cbcs", audio=OTHER), clear_key=True)
    assert "encryption-a.key" in text_of(presentation, "index-a1.m3u8")
    assert "encryption-v.key" in text_of(presentation, "index-v1.m3u8")
    assert rendered(answered(presentation, "encryption-a.key").plan).hex() == OTHER["key"]
    assert rendered(answered(presentation, "encryption-v.key").plan).hex() == KEY
    with pytest.raises(NotFound):
        answered(presentation, "encryption.key")
    presentation.protection = protection("cbcs")
    for name in ("encryption.key", "encryption-a.key"):
        with pytest.raises(NotFound):
            answered(presentation, name)


def test_a_key_of_hls_is_one_of_fragments() -> None:
    """With the constant vector that the playlist tells."""
    keys = Keys(SAMPLE_AES, bytes(16), bytes(range(16)), "encryption.key")
    made = protection_of(keys)
    assert (made.scheme, made.video.key, made.video.iv, made.audio) == ("cbcs", keys.key, keys.iv, made.video)
