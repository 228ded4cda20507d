"""Bodies of fragments as OpenHttpStreamer's nginx module makes them of an index; nothing of ours is used for it."""

from __future__ import annotations

import struct
from collections.abc import Callable
from typing import Any

from hls_mp4.interfaces import Asking, Delivery, Media, ReadFrom, Table, Tabled
from hls_mp4.media.drive import index_bytes
from hls_mp4.plan import render


def _tag(kind: int, time: int, payload: bytes) -> bytes:
    head = struct.pack(">B", kind) + struct.pack(">I", len(payload))[1:] + struct.pack(">I", time)[1:]
    return head + bytes((time >> 24, 0, 0, 0)) + payload + struct.pack(">I", len(payload) + 11)


def prescribed(index: bytes, film: Callable[[str], bytes], quality: int, fragment: int) -> bytes:
    """Return the body of a fragment.

    Args:
        index: the file.
        film: returns the bytes of a film by its name.
        quality: from 0.
        fragment: from 1.
    """
    assert index[:8] == b"mp4frag\x03"
    (at,) = struct.unpack_from(">I", index, 10 + 4 * quality)
    fields = []
    for _ in range(3):
        (length,) = struct.unpack_from(">H", index, at)
        fields.append(index[at + 2 : at + 2 + length])
        at += 2 + length
    name, avc, aac = fields
    (count,) = struct.unpack_from(">H", index, at)
    assert 1 <= fragment <= count
    (at,) = struct.unpack_from(">I", index, at + 2 + 4 * (fragment - 1))
    samples, total = struct.unpack_from(">HI", index, at)
    media = film(name[:-1].decode())
    body = b""
    for number in range(samples):
        offset, size, time = struct.unpack_from(">III", index, at + 6 + 16 * number)
        shift, flags = index[at + 18 + 16 * number :][:3], index[at + 21 + 16 * number]
        if not number:
            body += _tag(9, time, b"\x17\0\0\0\0" + avc) + _tag(8, time, b"\xaf\0" + aac)
        sample = media[offset : offset + size]
        if flags & 1:
            body += _tag(9, time, (b"\x17\x01" if flags & 2 else b"\x27\x01") + shift + sample)
        else:
            body += _tag(8, time, b"\xaf\x01" + sample)
    made = struct.pack(">I", len(body) + 8) + b"mdat" + body
    assert len(made) == total
    return made


class Memory:
    """A file in memory."""

    def __init__(self, data: bytes) -> None:
        self.data = data
        self.size = len(data)


def asked(asking: Asking, table: bytes, media: bytes) -> tuple[Delivery, list[Any]]:
    """Return what a precut module answers, and what it asked for."""
    sent: Any = None
    steps = []
    while True:
        try:
            wanted = asking.send(sent)
        except StopIteration as done:
            return done.value, steps
        steps.append(wanted)
        if isinstance(wanted, Table):
            sent = Tabled(Memory(table), index_bytes(wanted.read(len(table)), table))
        elif isinstance(wanted, Media):
            sent = Memory(media)
        else:
            assert isinstance(wanted, ReadFrom)
            sent = wanted.source.data[wanted.offset : wanted.offset + wanted.length]
            assert len(sent) == wanted.length


def body_of(delivery: Delivery) -> bytes:
    """Return the body of an answer over files in memory."""

    return render(delivery.plan, lambda source, offset, length: source.data[offset : offset + length])
