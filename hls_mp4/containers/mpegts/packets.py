"""Packets of a transport stream (ISO/IEC 13818-1 2.4.3.2 to 2.4.3.5): what stands before and around their payload.

Streams are laid out first as payloads alone, 184 bytes for each packet with adaptation fields among them; headers are
put between in one go.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from hls_mp4.containers.mpegts.timestamps import REFERENCE, references

PACKET = 188
HEADER = 4
PAYLOAD = PACKET - HEADER

SYNC_BYTE = 0x47

UNIT_START, HAS_FIELD, HAS_PAYLOAD = 0x00400000, 0x20, 0x10
"""Bits of a header: a PES packet begins here; an adaptation field is there; a payload is there."""

RANDOM_ACCESS, CLOCK_REFERENCE = 0x40, 0x10
"""Flags of an adaptation field: decoding can begin here; a PCR is there."""

CLOCK_FIELD = 2 + REFERENCE
"""Bytes of an adaptation field with a PCR."""

_WORD = np.dtype(">u4")
_PACKET = np.dtype([("header", _WORD), ("payload", f"V{PAYLOAD}")])


def header(pid: int, bits: int) -> int:
    """Return the header of packets as a number, continuity counter 0.

    Args:
        pid: of the stream.
        bits: of those above.
    """
    return SYNC_BYTE << 24 | pid << 8 | bits


def packetised(payloads: NDArray[np.uint8], headers: NDArray[np.int64] | NDArray[np.uint32]) -> NDArray[np.uint8]:
    """Return packets as one run of bytes.

    Args:
        payloads: 184 bytes for each.
        headers: of each, as numbers.
    """
    made = np.empty(len(headers), _PACKET)
    made["header"] = headers
    made["payload"] = payloads.view(f"V{PAYLOAD}")
    return made.view(np.uint8)


def clock_fields(
    times: NDArray[np.int64], stuffing: int | NDArray[np.int64], flags: int | NDArray[np.int64] = 0
) -> NDArray[np.uint8]:
    """Return the begins of adaptation fields that carry a PCR, a row of eight bytes each; stuffing follows them.

    Args:
        times: of the clock.
        stuffing: bytes that follow each.
        flags: beside that of the PCR.
    """
    rows = np.empty((len(times), CLOCK_FIELD), np.uint8)
    rows[:, 0] = CLOCK_FIELD - 1 + stuffing
    rows[:, 1] = CLOCK_REFERENCE | flags
    rows[:, 2:] = references(times)
    return rows
