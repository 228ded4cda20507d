"""Whole segments encrypted: AES-128 in CBC with PKCS7 padding (RFC 8216 4.3.2.4).

Each block depends on the one before it, so a segment is made in one go, unlike those in the clear.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from numpy.typing import NDArray

from hls_mp4.plan import Buffer, Extent, Literal, Part, Plan, Transformed

_BLOCK = 16


def encrypted(parts: Iterable[Part], key: bytes, iv: bytes) -> Transformed:
    """Return the parts of a segment as one encrypted part.

    Args:
        parts: of the segment, of one source.
        key, iv: 16 bytes each.
    """
    plan = Plan(parts)
    inputs: list[Extent] = []
    counts: list[int] = []
    for part in plan.parts:
        needed = part.inputs if isinstance(part, Transformed) else (part,) if isinstance(part, Extent) else ()
        inputs += needed
        counts.append(len(needed))
    return Transformed(padded(plan.length), tuple(inputs), _Encryption(plan.parts, tuple(counts), key, iv).make)


@dataclass(frozen=True, slots=True)
class _Encryption:
    """How a segment is made of what is read for its parts, `counts` inputs for each."""

    parts: tuple[Part, ...]
    counts: tuple[int, ...]
    key: bytes
    iv: bytes

    def make(self, inputs: Sequence[Buffer]) -> bytearray:
        cipher = Cipher(algorithms.AES(self.key), modes.CBC(self.iv)).encryptor()
        length = sum(part.length for part in self.parts)
        made = bytearray(padded(length) + _BLOCK)
        at = first = 0
        waiting = b""  # what does not fill a block goes with what follows
        for part, count in zip(self.parts, self.counts, strict=True):
            data = memoryview(_made(part, inputs[first : first + count]))
            first += count
            if waiting:
                data = memoryview(b"".join((waiting, data)))
            whole = len(data) - len(data) % _BLOCK
            if whole:
                at += cipher.update_into(data[:whole], memoryview(made)[at:])
            waiting = bytes(data[whole:])
        missing = _BLOCK - len(waiting)
        at += cipher.update_into(waiting + bytes((missing,)) * missing, memoryview(made)[at:])
        del made[at:]
        return made


def _made(part: Part, inputs: Sequence[Buffer]) -> Buffer:
    if isinstance(part, Literal):
        return part.data
    if isinstance(part, Transformed):
        return part.made_of(inputs)
    assert isinstance(part, Extent), "segments are made of nothing else"
    return inputs[0]


def padded(length: int) -> int:
    """Return the bytes of a segment when it is encrypted."""
    return length // _BLOCK * _BLOCK + _BLOCK


def padded_sizes(sizes: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return the bytes of segments when they are encrypted."""
    return np.asarray(sizes // _BLOCK * _BLOCK + _BLOCK)
