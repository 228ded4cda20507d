"""Files of keys."""

from __future__ import annotations

import json
from base64 import b64encode
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hls_mp4.containers.isobmff.build import make_full_box
from hls_mp4.packagers.fmp4.encryption_keys import LARGEST, common_box, read_keys

ID, KEY = "01234567-89ab-cdef-0123-456789abcdef", "00112233445566778899aabbccddeeff"


def read(**members: Any) -> Any:
    """Return what a file says."""
    return read_keys(json.dumps({"key_id": ID, "key": KEY, **members}).encode(), "cenc", clear_key=False)


def test_the_shortest_file() -> None:
    """A key and its id; the vector of cbcs follows from the id."""
    told = read()
    assert told.video == told.audio
    assert told.video.key_id.hex() == ID.replace("-", "")
    assert told.video.key.hex() == KEY
    assert len(told.video.iv) == 16
    assert told.video.iv == read().video.iv
    assert told.keys == (told.video,)
    assert read(key_id="AA" * 16).video.iv != told.video.iv


def test_numbers_may_be_base64() -> None:
    """As license servers have them, with either alphabet."""
    for text in ("ABEiM0RVZneImaq7zN3u/w==", "ABEiM0RVZneImaq7zN3u_w"):
        assert read(key=text).video.key.hex() == KEY


def test_sound_has_a_key_of_its_own_where_it_is_told() -> None:
    """The rest stays one file."""
    told = read(audio={"key_id": "aa" * 16, "key": "bb" * 16, "iv": "cc" * 16})
    assert (told.audio.key, told.audio.iv) == (b"\xbb" * 16, b"\xcc" * 16)
    assert told.key_of("audio") == told.audio
    assert told.key_of("video") == told.video
    assert len(told.keys) == 2


def test_boxes_and_what_is_in_them() -> None:
    """A license server's pssh box is taken as it is, bare data is put in one."""
    widevine = bytes.fromhex("edef8ba979d64acea3c827dcd51d21ed")
    bare = read(pssh={"Widevine": b64encode(b"data").decode()}).systems[0]
    assert bare.box == make_full_box(b"pssh", 0, 0, widevine, b"\0\0\0\4data")
    assert bare.data == b"data"
    boxed = read(pssh={"edef8ba9-79d6-4ace-a3c8-27dcd51d21ed": b64encode(bare.box).decode()}).systems[0]
    assert boxed == bare
    newer = make_full_box(b"pssh", 1, 0, widevine, b"\0\0\0\1", bytes(16), b"\0\0\0\2ab")
    assert read(pssh={"widevine": b64encode(newer).decode()}).systems[0].data == b"ab"


@pytest.mark.parametrize(
    ("members", "reason"),
    [
        ({"key": "00"}, '"key" is not 16 bytes'),
        ({"key_id": 5}, '"key_id" is not 16 bytes'),
        ({"iv": "x" * 32}, '"iv" is not 16 bytes'),
        ({"kid": "00"}, 'unknown member "kid"'),
        ({"audio": {"key_id": ID}}, '"audio.key" is missing'),
        ({"audio": {"key_id": ID, "key": "ff" * 16}}, "key id of another key"),
        ({"audio": []}, '"audio" is no object'),
        ({"pssh": {"nobody": "AA=="}}, "no key system"),
        ({"pssh": {"widevine": "!"}}, "not base64"),
        ({"pssh": {"widevine": ""}}, "not base64"),
        ({"pssh": {"widevine": b64encode(common_box([bytes(16)])).decode()}}, "pssh box of something else"),
        ({"pssh": {"widevine": b64encode(b"\0\0\0\x08pssh").decode()}}, "cut short"),
        ({"pssh": {"widevine": "AA==", "edef8ba9-79d6-4ace-a3c8-27dcd51d21ed": "AA=="}}, "twice"),
    ],
)
def test_mistakes_are_named(members: dict[str, Any], reason: str) -> None:
    """Where they are, and never with a key in them."""
    with pytest.raises(ValueError, match=reason) as raised:
        read(**members)
    assert KEY not in str(raised.value)


@pytest.mark.parametrize("data", [b"", b"[]", b"{}", b'"x"', b"\xff", b"[" * 100_000, b" " * (LARGEST + 1)])
def test_what_is_no_key_file(data: bytes) -> None:
    """Anything may be named in a configuration by mistake."""
    with pytest.raises(ValueError, match=r"it is|missing"):
        read_keys(data, "cenc", clear_key=False)


@given(st.binary(max_size=200))
def test_any_bytes_are_keys_or_a_reason(data: bytes) -> None:
    """Never a traceback."""
    with pytest.raises(ValueError, match=r"."):
        read_keys(data, "cbcs", clear_key=True)
