"""A strict reader of transport streams, which takes nothing for granted and forgives nothing (ISO/IEC 13818-1).

It is written against the specification and shares no code with what it judges.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

CLOCK_STEP = 9000
WRAP = 1 << 33


@dataclass
class Unit:
    """A PES packet."""

    pid: int
    at: int
    stream_id: int
    pts: int
    dts: int
    payload: bytes
    random_access: bool
    packets: int


@dataclass
class Segment:
    """What is in a segment.

    Args:
        types: stream type of each PID.
        descriptors: of each PID: (tag, bytes).
        units: in order.
        clocks: (PCR, index of its packet).
        sections: PAT and PMT.
    """

    types: dict[int, int] = field(default_factory=dict)
    descriptors: dict[int, list[tuple[int, bytes]]] = field(default_factory=dict)
    units: list[Unit] = field(default_factory=list)
    clocks: list[tuple[int, int]] = field(default_factory=list)
    sections: int = 0

    def of(self, *types: int) -> list[Unit]:
        """Return the units of stream types."""
        return [unit for unit in self.units if self.types[unit.pid] in types]


def read(segments: Sequence[bytes], *, times: bool = True, clocks: bool = True) -> list[Segment]:
    """Return what is in segments that follow each other; AssertionError when anything is wrong.

    Args:
        segments: bytes of each.
        times: whether clocks and decode times have to be in order; samples of a made-up film need not be.
        clocks: whether the clock has to be told often enough.
    """
    counters: dict[int, int] = {}
    found = []
    last_clock: int | None = None
    last_dts: dict[int, int] = {}
    for data in segments:
        segment = _read(data, counters, times=times)
        for clock, _ in segment.clocks:
            if last_clock is not None and times and clocks:
                assert 0 < (clock - last_clock) % WRAP <= CLOCK_STEP, f"PCR {last_clock} is followed by {clock}"
            last_clock = clock
        for unit in segment.units:
            if unit.pid in last_dts and times:
                assert (unit.dts - last_dts[unit.pid]) % WRAP < WRAP // 2, f"DTS {last_dts[unit.pid]} then {unit.dts}"
            last_dts[unit.pid] = unit.dts
        found.append(segment)
    return found


def _read(data: bytes, counters: dict[int, int], *, times: bool) -> Segment:
    assert len(data) % 188 == 0
    segment = Segment()
    pcr_pid = 0
    pmt_pid = 0
    open_units: dict[int, tuple[int, bytearray, bool, int]] = {}
    for number, at in enumerate(range(0, len(data), 188)):
        packet = data[at : at + 188]
        assert packet[0] == 0x47
        assert not packet[1] & 0xA0, "transport error, or priority"
        starts = bool(packet[1] & 0x40)
        pid = (packet[1] & 31) << 8 | packet[2]
        assert not packet[3] & 0xC0, "scrambled"
        has_field, has_payload, counter = bool(packet[3] & 0x20), bool(packet[3] & 0x10), packet[3] & 15
        assert has_field or has_payload
        body = 4
        random_access = False
        if has_field:
            length = packet[4]
            assert length <= 182 if has_payload else length == 183
            body = 5 + length
            if length:
                flags = packet[5]
                random_access = bool(flags & 0x40)
                assert not flags & 0xAF, "flags that nobody sets"
                rest = packet[6:body]
                if flags & 0x10:
                    assert pid == pcr_pid, "PCR elsewhere"
                    base = int.from_bytes(rest[:5], "big") >> 7
                    assert rest[4] & 0x7E == 0x7E, "reserved bits"
                    assert not rest[4] & 1 and not rest[5], "extension"
                    segment.clocks.append((base, number))
                    rest = rest[6:]
                assert set(rest) <= {0xFF}, "stuffing"
        if pid in counters:
            expected = (counters[pid] + has_payload) & 15
            assert counter == expected, f"packet {number} of PID {pid:#x}: counter {counter}, not {expected}"
        if has_payload:
            counters[pid] = counter
        else:
            assert pid in counters or counter == 15, "a packet without payload has the counter of the one before"
            assert not starts
        payload = packet[body:]
        if pid == 0:
            assert number == 0
            assert starts
            section = _section(payload, 0)
            assert len(section) == 4
            pmt_pid = int.from_bytes(section[2:], "big") & 0x1FFF
            segment.sections += 1
        elif pid == pmt_pid:
            assert number == 1
            assert starts
            pcr_pid = _program(_section(payload, 2), segment)
            segment.sections += 1
        elif has_payload:
            assert pid in segment.types, f"PID {pid:#x} is not in the PMT"
            if starts:
                if pid in open_units:
                    segment.units.append(_unit(pid, *open_units.pop(pid)))
                open_units[pid] = (number, bytearray(payload), random_access, 1)
            else:
                assert pid in open_units, "a segment begins with a PES packet"
                begun, collected, random, count = open_units[pid]
                collected += payload
                open_units[pid] = (begun, collected, random, count + 1)
    for pid, opened in open_units.items():
        segment.units.append(_unit(pid, *opened))
    segment.units.sort(key=lambda unit: unit.at)
    assert segment.sections == 2
    if times:
        _check_clocks(segment)
    return segment


def _check_clocks(segment: Segment) -> None:
    """Check that every picture comes after the clock was told, and before it is decoded by it."""
    for unit in segment.units:
        told = [clock for clock, at in segment.clocks if at <= unit.at]
        if told:
            assert (unit.dts - told[-1]) % WRAP < WRAP // 2, "decoded before it arrives"
            assert (unit.dts - told[-1]) % WRAP <= 90_000, "decoded more than a second after it arrives"
        else:
            assert segment.clocks and segment.clocks[0][1] - unit.at < 400, "no clock"


def _section(payload: bytes, table: int) -> bytes:
    """Return the body of a section whose checksum is right."""
    assert payload[0] == 0
    assert payload[1] == table
    assert payload[2] & 0xF0 == 0xB0
    length = (payload[2] & 15) << 8 | payload[3]
    section = payload[1 : 4 + length]
    assert _crc(section) == 0
    assert set(payload[4 + length :]) <= {0xFF}
    assert section[5] & 0xC1 == 0xC1
    assert section[6:8] == b"\0\0"
    return section[8:-4]


def _program(body: bytes, segment: Segment) -> int:
    assert body[0] & 0xE0 == 0xE0
    pcr_pid = int.from_bytes(body[:2], "big") & 0x1FFF
    assert body[2] & 0xF0 == 0xF0
    at = 4 + (int.from_bytes(body[2:4], "big") & 0xFFF)
    while at < len(body):
        pid = int.from_bytes(body[at + 1 : at + 3], "big") & 0x1FFF
        length = int.from_bytes(body[at + 3 : at + 5], "big") & 0xFFF
        segment.types[pid] = body[at]
        told, at = body[at + 5 : at + 5 + length], at + 5 + length
        assert len(told) == length
        segment.descriptors[pid] = []
        while told:
            assert len(told) >= 2 + told[1]
            segment.descriptors[pid].append((told[0], told[2 : 2 + told[1]]))
            told = told[2 + told[1] :]
    assert pcr_pid in segment.types
    return pcr_pid


def _unit(pid: int, at: int, data: bytearray, random_access: bool, packets: int) -> Unit:
    assert data[:3] == b"\0\0\1"
    stream_id = data[3]
    length = int.from_bytes(data[4:6], "big")
    assert length == len(data) - 6 or (length == 0 and stream_id == 0xE0 and len(data) > 65541), (length, len(data))
    assert data[6] == 0x84
    flags, header = data[7], data[8]
    assert flags in (0x80, 0xC0)
    rest = data[9 : 9 + header]
    assert len(rest) == header
    pts = dts = _stamp(rest, 3 if flags == 0xC0 else 2)
    used = 5
    if flags == 0xC0:
        dts = _stamp(rest[5:], 1)
        used = 10
        assert pts != dts, "a DTS is there only where it differs"
        assert (pts - dts) % WRAP < WRAP // 2, "shown before it is decoded"
    assert set(rest[used:]) <= {0xFF}
    assert len(rest) - used <= 32
    return Unit(pid, at, stream_id, pts, dts, bytes(data[9 + header :]), random_access, packets)


def _stamp(data: bytes, prefix: int) -> int:
    assert data[0] >> 4 == prefix
    assert data[0] & data[2] & data[4] & 1, "marker bits"
    return (data[0] >> 1 & 7) << 30 | data[1] << 22 | data[2] >> 1 << 15 | data[3] << 7 | data[4] >> 1


def _crc(data: bytes) -> int:
    value = 0xFFFFFFFF
    for byte in data:
        for bit in range(7, -1, -1):
            top = value >> 31 ^ (byte >> bit & 1)
            value = value << 1 & 0xFFFFFFFF ^ (0x04C11DB7 if top else 0)
    return value
