"""What a tag carries, by its first bytes."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hls_mp4.containers.flv.packets import (
    CONFIG,
    FRAME,
    HEAD,
    KEY,
    OTHER,
    SIDE,
    Packet,
    letters_of,
    number_of,
    read_packet,
    read_packets,
)
from hls_mp4.containers.flv.tag import AUDIO, SCRIPT, VIDEO


def read(kind: int, text: str) -> tuple[int, str, int, int, int]:
    """Return what a payload is, which is given in hexadecimal."""
    data = bytes.fromhex(text)
    packet = read_packet(kind, data, len(data))
    return packet.role, letters_of(packet.codec) if packet.codec else "", *packet[2:]


@pytest.mark.parametrize(
    ("payload", "expected"),
    [
        ("17 00 000000 014d400b", (CONFIG, "avc1", 0, 5, 0)),
        ("17 01 000050 00000002", (KEY, "avc1", 0, 5, 80)),
        ("27 01 ffffff 00000002", (FRAME, "avc1", 0, 5, -1)),
        ("17 02 000000", (OTHER, "", 0, 0, 0)),
        ("17 01 000000", (OTHER, "", 0, 0, 0)),  # no picture in it
        ("1c 01 000010 00000002", (KEY, "hvc1", 0, 5, 16)),
        ("14 00 aa", (KEY, "VP6F", 0, 2, 0)),
        ("35 00 000102 aa", (FRAME, "VP6A", 0, 2, 0)),
        ("42 aa", (KEY, "FLV1", 0, 1, 0)),
        ("57 00", (OTHER, "", 0, 0, 0)),  # a command to the player
        ("90 68766331 01", (CONFIG, "hvc1", 0, 5, 0)),
        ("91 68766331 000050 01", (KEY, "hvc1", 0, 8, 80)),
        ("93 68766331 01", (KEY, "hvc1", 0, 5, 0)),
        ("a1 61763031 01", (FRAME, "av01", 0, 5, 0)),
        ("92 68766331", (OTHER, "", 0, 0, 0)),
        ("d4 68766331 02", (SIDE, "hvc1", 0, 5, 0)),
        ("d1 00", (OTHER, "", 0, 0, 0)),
        ("95 61763031 81", (SIDE, "av01", 0, 5, 0)),
        ("96 00 68766331 02 01", (CONFIG, "hvc1", 2, 7, 0)),
        ("96 01 68766331 02 000001 01", (KEY, "hvc1", 2, 10, 1)),
        ("96 11 68766331 00 000001 01", (KEY, "....", 256, 1, 0)),
        ("97 02 112233 01 68766331 000050 01", (KEY, "hvc1", 0, 13, 80)),
        ("91 687663", (OTHER, "", 0, 0, 0)),
        ("96 00 6876", (OTHER, "", 0, 0, 0)),
        ("97", (OTHER, "", 0, 0, 0)),
    ],
)
def test_video(payload: str, expected: tuple[object, ...]) -> None:
    """Every way to carry video is told apart: where the sample begins, how much later it is shown, what it starts."""
    role, codec, *rest = read(VIDEO, payload)
    assert (role, codec or expected[1], *rest) == expected


@pytest.mark.parametrize(
    ("payload", "expected"),
    [
        ("af 00 1208", (CONFIG, "mp4a", 0, 2, 0)),
        ("af 01 1208", (KEY, "mp4a", 0, 2, 0)),
        ("af 01", (OTHER, "", 0, 0, 0)),
        ("af 00", (CONFIG, "mp4a", 0, 2, 0)),
        ("90 61632d33", (CONFIG, "ac-3", 0, 5, 0)),  # AC-3 needs no more
        ("af 02 00", (OTHER, "", 0, 0, 0)),
        ("2e fffb", (KEY, ".mp3", 0, 1, 0)),
        ("b2 00", (KEY, "spex", 0, 1, 0)),
        ("42 00", (KEY, "NELL", 0, 1, 0)),
        ("90 4f707573 4f", (CONFIG, "Opus", 0, 5, 0)),
        ("91 4f707573 f8", (KEY, "Opus", 0, 5, 0)),
        ("94 4f707573 01", (SIDE, "Opus", 0, 5, 0)),
        ("95 01 6d703461 01 aa", (KEY, "mp4a", 1, 7, 0)),
        ("95 11 6d703461 01 aa", (OTHER, "", 0, 0, 0)),
        ("93 6d703461 aa", (OTHER, "", 0, 0, 0)),
    ],
)
def test_audio(payload: str, expected: tuple[object, ...]) -> None:
    """So is every way to carry audio."""
    assert read(AUDIO, payload) == expected


def test_other_tags_carry_nothing() -> None:
    """Script data is nothing to decode, nor is a tag without a byte."""
    assert read_packet(SCRIPT, b"\x17\x01\0\0\0abc", 8) == Packet(OTHER)
    assert read_packet(VIDEO, b"", 0) == Packet(OTHER)


def test_letters() -> None:
    """A codec is four letters that a log can show, whatever the file says."""
    assert letters_of(number_of("avc1")) == "avc1"
    assert letters_of(0x0A22FF41) == '."' + ".A"


FIRST = st.sampled_from([*range(0x10, 0x60), *range(0x80, 0x100), 0])
CODEC = st.sampled_from([b"", b"avc1", b"hvc1", b"av01", b"Opus", b"\0hvc1", b"\x01mp4a", b"\x11mp4a", b"\x02abc\x01"])
PAYLOAD = st.builds(
    lambda first, codec, rest: bytes([first]) + codec + rest, FIRST, CODEC, st.binary(max_size=HEAD)
) | st.binary(max_size=HEAD + 8)


@given(st.lists(st.tuples(st.sampled_from([AUDIO, VIDEO, SCRIPT, 0]), PAYLOAD), min_size=1, max_size=30))
def test_many_tags_are_read_like_each_of_them(tags: list[tuple[int, bytes]]) -> None:
    """The fast way and the plain way agree on any bytes."""
    heads = np.frombuffer(b"".join(payload[:HEAD].ljust(HEAD, b"\0") for _, payload in tags), np.uint8)
    found = read_packets(
        np.array([kind for kind, _ in tags], np.uint8),
        heads.reshape(-1, HEAD),
        np.array([len(payload) for _, payload in tags], np.int64),
    )
    for row, (kind, payload) in enumerate(tags):
        expected = read_packet(kind, payload, len(payload))
        assert (
            Packet(
                *(int(field[row]) for field in (found.role, found.codec, found.track, found.skip, found.composition))
            )
            == expected
        )
