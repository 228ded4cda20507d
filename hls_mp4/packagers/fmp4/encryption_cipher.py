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

from hls_mp4.packagers.fmp4.encryption_maps import BLOCK, Subsamples

CRYPTED, SKIPPED = 1, 9
"""Blocks of the pattern of video in cbcs."""

_STRIDE = (CRYPTED + SKIPPED) * BLOCK
_IV_SIZES = 1 << 64


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
    algorithm = AES(key)
    view = memoryview(data)
    at = 0
    for size, subsamples, iv in zip(sizes, maps, ivs, strict=True):
        spans = _spans(at, size, subsamples)
        at += size
        if not spans:
            continue
        encryptor = Cipher(algorithm, CTR(iv + bytes(8))).encryptor()
        for begin, end in spans:  # the counter goes on from one to the next
            view[begin:end] = encryptor.update(view[begin:end])


def encrypt_cbcs(
    data: bytearray, sizes: Sequence[int], maps: Sequence[Subsamples | None], key: bytes, iv: bytes
) -> None:
    """Encrypt samples in place; see `encrypt_cenc`.

    Args:
        data, sizes, maps, key: as there.
        iv: 16 bytes, of all.
    """
    algorithm, mode = AES(key), CBC(iv)
    whole = np.frombuffer(data, np.uint8)
    view = memoryview(data)
    at = 0
    for size, subsamples in zip(sizes, maps, strict=True):
        for begin, end in _spans(at, size, subsamples):
            encryptor = Cipher(algorithm, mode).encryptor()
            if subsamples is None:
                edge = begin + (end - begin) // BLOCK * BLOCK
                view[begin:edge] = encryptor.update(view[begin:edge])
                continue
            strides = (end - begin) // _STRIDE
            edge = begin + strides * _STRIDE
            tail = BLOCK if end - edge >= BLOCK else 0
            blocks = whole[begin:edge].reshape(strides, _STRIDE)[:, :BLOCK]
            made = encryptor.update(blocks.tobytes() + view[edge : edge + tail])
            blocks[:] = np.frombuffer(made, np.uint8, strides * BLOCK).reshape(strides, BLOCK)
            view[edge : edge + tail] = made[strides * BLOCK :]
        at += size


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
