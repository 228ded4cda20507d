"""Packets and adaptation fields."""

from __future__ import annotations

import numpy as np

from hls_mp4.containers.mpegts.packets import (
    CLOCK_REFERENCE,
    HAS_FIELD,
    HAS_PAYLOAD,
    PACKET,
    PAYLOAD,
    RANDOM_ACCESS,
    UNIT_START,
    clock_fields,
    header,
    packetised,
)


def test_headers_are_put_before_payloads() -> None:
    """Nothing is lost and nothing moves but by four bytes for each packet."""
    payloads = np.arange(3 * PAYLOAD).astype(np.uint8)
    words = np.array(
        [header(0x101, HAS_PAYLOAD) | UNIT_START | HAS_FIELD | 7, header(0, HAS_PAYLOAD), header(8191, 16)]
    )
    made = bytes(packetised(payloads, words))
    assert len(made) == 3 * PACKET
    assert [made[at : at + 4].hex() for at in (0, PACKET, 2 * PACKET)] == ["47410137", "47000010", "471fff10"]
    assert b"".join(made[at + 4 : at + PACKET] for at in (0, PACKET, 2 * PACKET)) == payloads.tobytes()


def test_a_field_with_a_clock_counts_its_stuffing() -> None:
    """Its length is that of flags, clock and what follows; flags add up."""
    rows = clock_fields(np.array([0, 90_000]), np.array([0, 100]), RANDOM_ACCESS * np.array([0, 1]))
    assert rows[:, 0].tolist() == [7, 107]
    assert rows[:, 1].tolist() == [CLOCK_REFERENCE, CLOCK_REFERENCE | RANDOM_ACCESS]
    assert bytes(rows[1, 2:]).hex() == "0000afc87e00"
