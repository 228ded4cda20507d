"""Encrypted renditions for tests, and a reader of Common Encryption that shares no code with the writer."""

from __future__ import annotations

import io
import json
import struct
from collections.abc import Generator
from itertools import pairwise
from typing import Any

import av
from cryptography.hazmat.primitives.ciphers import Cipher
from cryptography.hazmat.primitives.ciphers.algorithms import AES
from cryptography.hazmat.primitives.ciphers.modes import CBC, CTR

from hls_mp4.media.presentation import Presentation
from hls_mp4.media.protection import Protection
from hls_mp4.packagers.fmp4.encryption import protected_init, protected_segment
from hls_mp4.packagers.fmp4.encryption_keys import read_keys
from hls_mp4.plan import Plan
from tests import boxes
from tests.packagers.fmp4.played import rendered

KEY_ID, KEY = "0123456789abcdef0123456789abcdef", "00112233445566778899aabbccddeeff"


def protection(scheme: str, **members: Any) -> Protection:
    """Return what a key file with the usual key says."""
    told = {"key_id": KEY_ID, "key": KEY, **members}
    return read_keys(json.dumps(told).encode(), scheme, clear_key=False)


def finished(learning: Generator[Any, Any, Any]) -> Any:
    """Return what a generator returns that reads films in memory."""
    try:
        wanted = next(learning)
        while True:
            wanted = learning.send(wanted.source[wanted.offset : wanted.offset + wanted.length])
    except StopIteration as done:
        return done.value


def encrypted(presentation: Presentation, number: int, told: Protection) -> tuple[bytes, list[bytes]]:
    """Return the init segment and the media segments of a rendition."""
    rendition = presentation.renditions[number]
    parts = presentation.segments().parts[number].tolist()
    made = [
        rendered(Plan(finished(protected_segment(presentation, rendition, first, stop, sequence, told))))
        for sequence, (first, stop) in enumerate(pairwise(parts), 1)
    ]
    return protected_init(rendition, told), made


def packets(data: bytes, key: str = "") -> list[bytes]:
    """Return the samples of a file of one track as FFmpeg decrypts them."""
    with av.open(io.BytesIO(data), options={"decryption_key": key} if key else {}) as container:
        return [bytes(packet) for packet in container.demux() if packet.dts is not None]


def decrypted(init: bytes, segment: bytes, key: bytes) -> list[bytes]:
    """Return the samples of a segment, decrypted as ISO/IEC 23001-7 says."""
    entry = bytes(boxes.tree(init).need("moov/trak/mdia/minf/stbl/stsd").payload)
    tenc = entry[entry.index(b"tenc") + 4 :]
    size = tenc[7]
    pattern = tenc[5]
    constant = tenc[25 : 25 + tenc[24]] if not size else b""
    tree = boxes.tree(segment)
    traf = tree.need("moof/traf")
    sizes = _sizes(bytes(traf.need("tfhd").payload), bytes(traf.need("trun").payload))
    told = _told(segment, traf, size, len(sizes))
    at = segment.index(b"mdat") + 4
    found = []
    for length, (iv, subsamples) in zip(sizes, told, strict=True):
        sample = bytearray(segment[at : at + length])
        at += length
        found.append(_opened(sample, iv or constant, subsamples, pattern, key))
    return found


def _sizes(tfhd: bytes, trun: bytes) -> list[int]:
    flags, fixed = int.from_bytes(tfhd[1:4], "big"), 8
    for flag in (0x1, 0x2, 0x8):
        fixed += {0x1: 8, 0x2: 4, 0x8: 4}[flag] if flags & flag else 0
    default = int.from_bytes(tfhd[fixed : fixed + 4], "big") if flags & 0x10 else 0
    each, (count,) = int.from_bytes(trun[1:4], "big"), struct.unpack_from(">I", trun, 4)
    at = 8 + 4 * bool(each & 1) + 4 * bool(each & 4)
    columns = [flag for flag in (0x100, 0x200, 0x400, 0x800) if each & flag]
    if 0x200 not in columns:
        return [default] * count
    place = columns.index(0x200)
    rows = range(at, at + 4 * len(columns) * count, 4 * len(columns))
    return [int.from_bytes(trun[row + 4 * place : row + 4 * place + 4], "big") for row in rows]


def _told(segment: bytes, traf: Any, iv_size: int, count: int) -> list[tuple[bytes, list[tuple[int, int]] | None]]:
    """Return vectors and subsamples, found through saiz and saio."""
    kinds = {box.kind: bytes(box.payload) for box in traf.children}
    if b"saiz" not in kinds:
        return [(b"", None)] * count
    saiz, saio = kinds[b"saiz"], kinds[b"saio"]
    default, number = struct.unpack_from(">BI", saiz, 4)
    assert number == count
    lengths = [default] * count if default else list(saiz[9 : 9 + count])
    (entries, at) = struct.unpack_from(">II", saio, 4)
    assert entries == 1
    senc = kinds[b"senc"]
    assert segment[at - 8 : at - 4] == senc[:4], "saio leads to the first entry of senc"
    assert len(senc) == 8 + sum(lengths)
    divided = bool(senc[3] & 2)
    found: list[tuple[bytes, list[tuple[int, int]] | None]] = []
    for length in lengths:
        row = segment[at : at + length]
        at += length
        subsamples = None
        if divided:
            (many,) = struct.unpack_from(">H", row, iv_size)
            subsamples = list(struct.iter_unpack(">HI", row[iv_size + 2 :]))
            assert len(subsamples) == many
        found.append((row[:iv_size], subsamples))
    return found


def _opened(sample: bytearray, iv: bytes, subsamples: list[tuple[int, int]] | None, pattern: int, key: bytes) -> bytes:
    spans = []
    at = 0
    for clear, hidden in subsamples if subsamples is not None else [(0, len(sample))]:
        spans.append((at + clear, at + clear + hidden))
        at += clear + hidden
    assert at == len(sample)
    if len(iv) == 8:
        stream = Cipher(AES(key), CTR(iv + bytes(8))).decryptor()
        for begin, end in spans:
            sample[begin:end] = stream.update(bytes(sample[begin:end]))
        return bytes(sample)
    crypted, skipped = pattern >> 4, pattern & 15
    for begin, end in spans:
        blocks = Cipher(AES(key), CBC(iv)).decryptor()
        place, number = begin, 0
        while place + 16 <= end:
            if not pattern or number % (crypted + skipped) < crypted:
                sample[place : place + 16] = blocks.update(bytes(sample[place : place + 16]))
            place += 16
            number += 1
    return bytes(sample)
