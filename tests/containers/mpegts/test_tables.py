"""Program tables, read by FFmpeg and by hand."""

from __future__ import annotations

import pytest

from hls_mp4.containers.mpegts.tables import (
    ProgramStream,
    crc32_mpeg2,
    language,
    pat,
    pmt,
    private_data_indicator,
    registration,
)
from hls_mp4.errors import UnsupportedMedia


def test_the_checksum_is_that_of_the_standard() -> None:
    """CRC-32/MPEG-2 of the usual test vector; a section that carries its own gives 0."""
    assert crc32_mpeg2(b"123456789") == 0x0376E6E7
    assert crc32_mpeg2(b"123456789" + crc32_mpeg2(b"123456789").to_bytes(4, "big")) == 0


def test_the_first_packet_tells_where_the_program_is() -> None:
    """Byte for byte what others write for a program 1 in PID 0x1000."""
    made = pat(5)
    assert len(made) == 188
    assert made[:21].hex() == "474000150000b00d0001c100000001f0002ab104b2"
    assert set(made[21:]) == {0xFF}


def test_the_program_lists_its_streams() -> None:
    """Types, PIDs and descriptors in order; the clock's PID apart."""
    streams = [ProgramStream(0x100, 0x1B), ProgramStream(0x101, 0x0F, language("deu"))]
    made = pmt(streams, 0x100, 18)
    assert made[:5].hex() == "4750001200"
    assert made[5:17].hex() == "02b01d0001c10000e100f000"
    assert made[17:33].hex() == "1be100f0000fe101f0060a0464657500"
    assert crc32_mpeg2(made[5 : 5 + 3 + 0x1D]) == 0


def test_descriptors_say_what_they_should() -> None:
    """Tag, length, and what follows; an unknown language is not told."""
    assert registration(b"AC-3").hex() == "050441432d33"
    assert registration(b"apad", b"zaac").hex() == "0508617061647a616163"
    assert language("und") == b""
    assert private_data_indicator(b"zavc").hex() == "0f047a617663"


def test_a_table_that_needs_several_packets_is_refused() -> None:
    """Rather than a stream that no player opens."""
    with pytest.raises(UnsupportedMedia, match="larger than a packet"):
        pmt([ProgramStream(0x100, 0x0F, registration(b"apad", bytes(200)))], 0x100, 0)
