"""Headers of PES packets."""

from __future__ import annotations

import numpy as np

from hls_mp4.containers.mpegts.pes import AUDIO, BOTH, HEADER, VIDEO, headers_with_both, headers_with_pts


def test_sound_has_a_length_and_a_time() -> None:
    """The length counts what follows it: header, stuffing and payload."""
    (row,) = headers_with_pts(AUDIO, np.array([900_000]), np.array([3]), np.array([1000]))
    assert len(row) == HEADER
    assert bytes(row[:9]).hex() == "000001c0" + f"{3 + 5 + 3 + 1000:04x}" + "84" + "80" + "08"


def test_a_picture_has_a_second_time_only_where_it_differs() -> None:
    """A picture that is shown when it is decoded has a PTS alone, and stuffing where the DTS would be (2.4.3.7)."""
    times, decoded = np.array([3000, 9000]), np.array([3000, 6000])
    both = headers_with_both(VIDEO, times, decoded, np.zeros(2, np.int64), np.array([10, 10]))
    assert both.shape == (2, BOTH)
    assert [int(row[7]) for row in both] == [0x80, 0xC0]
    assert [int(row[9]) >> 4 for row in both] == [2, 3]
    assert bytes(both[0, HEADER:]) == b"\xff" * 5
    assert int(both[1, HEADER]) >> 4 == 1
    assert both[:, 8].tolist() == [10, 10]


def test_a_picture_that_is_too_long_for_a_length_has_none() -> None:
    """0 means unknown, which only pictures may say; what just fits is told."""
    room = 0xFFFF - (BOTH - 6)
    sizes = np.array([room, room + 1])
    rows = headers_with_both(VIDEO, sizes, sizes, np.zeros(2, np.int64), sizes)
    assert [int(row[4]) << 8 | int(row[5]) for row in rows] == [0xFFFF, 0]
