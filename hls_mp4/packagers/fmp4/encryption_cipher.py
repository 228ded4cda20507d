"""Encrypting samples (ISO/IEC 23001-7 9 and 10): AES-128 in counter mode, or in blocks of a pattern.

cenc   AES-CTR over what is encrypted of a sample as if it were one run; an initialization vector of 8 bytes for
       each sample, the block counter behind it
cbcs   AES-CBC with one vector for all, begun anew in each subsample; of video one block of ten, of sound every
       block; what is left at the end and no whole block stays as it is
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np
from cryptography.hazmat.primitives.ciphers import Cipher
from cryptography.hazmat.primitives.ciphers.algorithms import AES
from cryptography.hazmat.primitives.ciphers.modes import CBC, CTR
from numpy.typing import NDArray

from hls_mp4.packagers.fmp4.encryption_maps import BLOCK, Subsamples

CRYPTED, SKIPPED = 1, 9
"""Blocks of the pattern of video in cbcs."""

_STRIDE = (CRYPTED + SKIPPED) * BLOCK
_IV_SIZES = 1 << 64
_MANY = 24
"""Encrypted blocks of a slice from which on numpy gathers them."""

_COUNTER = bytes(8)


def counter_of(base: int, sample: int) -> bytes:
    """Return the initialization vector of a sample in cenc.

    Args:
        base: of the track, such that those of others are far away.
        sample: its number in the track.
    """
    return ((base + sample) % _IV_SIZES).to_bytes(8, "big")


def encrypt_cenc(
    data: bytearray, sizes: Sequence[int], maps: Sequence[Subsamples | None], key: bytes, ivs: Iterable[bytes]
) -> None:
    """Encrypt samples in place.

    Args:
        data: samples, one after the other.
        sizes: bytes of each.
        maps: what is encrypted of each; None for all of it.
        key: 16 bytes.
        ivs: 8 bytes for each.
    """
    encryptor = Cipher(AES(key), CTR(bytes(BLOCK))).encryptor()
    view = memoryview(data)
    at = 0
    for size, subsamples, iv in zip(sizes, maps, ivs, strict=True):
        encryptor.reset_nonce(iv + _COUNTER)
        for begin, end in _spans(at, size, subsamples):  # the counter goes on from one to the next
            view[begin:end] = encryptor.update(view[begin:end])
        at += size


def encrypt_cbcs(
    data: bytearray, sizes: Sequence[int], maps: Sequence[Subsamples | None], key: bytes, iv: bytes
) -> None:
    """Encrypt samples in place; see `encrypt_cenc`.

    Args:
        data, sizes, maps, key: as there.
        iv: 16 bytes, of all.
    """
    chain = _Chain(key, iv)
    whole = np.frombuffer(data, np.uint8)
    view = memoryview(data)
    at = 0
    for size, subsamples in zip(sizes, maps, strict=True):
        for begin, end in _spans(at, size, subsamples):
            if end - begin < BLOCK:
                continue
            if subsamples is None:
                edge = begin + (end - begin) // BLOCK * BLOCK
                view[begin:edge] = chain.encrypted(bytes(view[begin:edge]))
            else:
                _encrypt_pattern(chain, view, whole, begin, end)
        at += size


class _Chain:
    """AES-CBC that begins anew with each piece, by one cipher: making another costs more than a piece does.

    What is encrypted of a block is its sum with the block before; that of a first block with the vector, which is the
    sum with the block before, the block before, and the vector.
    """

    def __init__(self, key: bytes, iv: bytes) -> None:
        self._encryptor = Cipher(AES(key), CBC(iv)).encryptor()
        self._iv = int.from_bytes(iv, "big")
        self._last = self._iv

    def encrypted(self, blocks: bytes) -> bytes:
        """Return whole blocks, one at least, encrypted."""
        first = int.from_bytes(blocks[:BLOCK], "big") ^ self._iv ^ self._last
        made = self._encryptor.update(first.to_bytes(BLOCK, "big") + blocks[BLOCK:])
        self._last = int.from_bytes(made[-BLOCK:], "big")
        return made


def _encrypt_pattern(chain: _Chain, view: memoryview, whole: NDArray[np.uint8], begin: int, end: int) -> None:
    """Encrypt one block of ten, in place."""
    places = range(begin, end - BLOCK + 1, _STRIDE)
    if len(places) < _MANY:
        made = chain.encrypted(b"".join([view[place : place + BLOCK] for place in places]))
        for number, place in enumerate(places):
            view[place : place + BLOCK] = made[number * BLOCK : (number + 1) * BLOCK]
        return
    strides = (end - begin) // _STRIDE
    edge = begin + strides * _STRIDE
    tail = BLOCK if end - edge >= BLOCK else 0
    blocks = whole[begin:edge].reshape(strides, _STRIDE)[:, :BLOCK]
    made = chain.encrypted(blocks.tobytes() + view[edge : edge + tail])
    blocks[:] = np.frombuffer(made, np.uint8, strides * BLOCK).reshape(strides, BLOCK)
    view[edge : edge + tail] = made[strides * BLOCK :]


def _spans(at: int, size: int, subsamples: Subsamples | None) -> list[tuple[int, int]]:
    """Return what is encrypted of the sample that begins at a place; nothing is empty."""
    if subsamples is None:
        return [(at, at + size)] if size else []
    spans = []
    for clear, hidden in subsamples:
        at += clear
        if hidden:
            spans.append((at, at + hidden))
        at += hidden
    return spans
