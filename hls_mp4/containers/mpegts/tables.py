"""Program tables (ISO/IEC 13818-1 2.4.4): a PAT of one program, its PMT, and the descriptors of its streams.

Each table is one section in one packet: a program of more streams than that holds is refused.
"""

from __future__ import annotations

import struct
from collections.abc import Sequence
from dataclasses import dataclass

from hls_mp4.containers.mpegts.packets import PACKET, SYNC_BYTE
from hls_mp4.errors import UnsupportedMedia

PROGRAM = 1
PMT_PID = 0x1000

_STREAM_ID = 1
_CURRENT = 0xC1  # reserved bits, version 0, current_next_indicator
_REGISTRATION, _LANGUAGE, _PRIVATE_DATA_INDICATOR = 0x05, 0x0A, 0x0F
_POLYNOMIAL = 0x04C11DB7


def _crc_table() -> tuple[int, ...]:
    found = []
    for byte in range(256):
        value = byte << 24
        for _ in range(8):
            value = (value << 1 ^ _POLYNOMIAL if value & 0x80000000 else value << 1) & 0xFFFFFFFF
        found.append(value)
    return tuple(found)


_CRC = _crc_table()


def crc32_mpeg2(data: bytes) -> int:
    """Return the checksum of a section (Annex A): that of a section with its checksum is 0."""
    value = 0xFFFFFFFF
    for byte in data:
        value = value << 8 & 0xFFFFFFFF ^ _CRC[value >> 24 ^ byte]
    return value


@dataclass(frozen=True, slots=True)
class ProgramStream:
    """An elementary stream as the PMT lists it.

    Args:
        pid: of its packets.
        stream_type: what it is coded in (2.4.4.9).
        descriptors: bytes of all.
    """

    pid: int
    stream_type: int
    descriptors: bytes = b""


def registration(identifier: bytes, more: bytes = b"") -> bytes:
    """Return a registration descriptor (2.6.8)."""
    return bytes((_REGISTRATION, len(identifier) + len(more))) + identifier + more


def language(code: str) -> bytes:
    """Return a language descriptor (2.6.18); nothing for "und".

    Args:
        code: three letters of ISO 639-2.
    """
    return b"" if code == "und" else bytes((_LANGUAGE, 4)) + code.encode("ascii") + b"\0"


def private_data_indicator(value: bytes) -> bytes:
    """Return a private data indicator descriptor (2.6.28)."""
    return bytes((_PRIVATE_DATA_INDICATOR, len(value))) + value


def pat(counter: int) -> bytes:
    """Return the packet of a program association table.

    Args:
        counter: continuity counter.
    """
    return _packet(0, counter, _section(0x00, _STREAM_ID, struct.pack(">HH", PROGRAM, 0xE000 | PMT_PID)))


def pmt(streams: Sequence[ProgramStream], pcr_pid: int, counter: int) -> bytes:
    """Return the packet of a program map table.

    Args:
        streams: of the program.
        pcr_pid: of the packets that carry the clock.
        counter: continuity counter.

    Raises:
        UnsupportedMedia: one packet cannot hold it.
    """
    body = struct.pack(">HH", 0xE000 | pcr_pid, 0xF000)
    for each in streams:
        head = struct.pack(">BHH", each.stream_type, 0xE000 | each.pid, 0xF000 | len(each.descriptors))
        body += head + each.descriptors
    return _packet(PMT_PID, counter, _section(0x02, PROGRAM, body))


def _section(table: int, number: int, body: bytes) -> bytes:
    """Return a section of a table, its checksum at the end."""
    length = 5 + len(body) + 4
    made = struct.pack(">BHHBBB", table, 0xB000 | length, number, _CURRENT, 0, 0) + body
    return made + struct.pack(">I", crc32_mpeg2(made))


def _packet(pid: int, counter: int, section: bytes) -> bytes:
    made = struct.pack(">BHBB", SYNC_BYTE, 0x4000 | pid, 0x10 | counter & 15, 0) + section
    if len(made) > PACKET:
        raise UnsupportedMedia("the program map table is larger than a packet of MPEG-TS")
    return made.ljust(PACKET, b"\xff")
