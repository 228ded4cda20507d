"""Ciphers over samples; what they make is opened again in test_encryption."""

from __future__ import annotations

from cryptography.hazmat.primitives.ciphers import Cipher
from cryptography.hazmat.primitives.ciphers.algorithms import AES
from cryptography.hazmat.primitives.ciphers.modes import CBC, CTR
from hypothesis import given
from hypothesis import strategies as st

from hls_mp4.packagers.fmp4.encryption_cipher import counter_of, encrypt_cbcs, encrypt_cenc

KEY, IV = bytes(range(16)), bytes(range(16, 32))


def data_of(size: int) -> bytearray:
    """Return bytes that are all different in a row."""
    return bytearray(number * 7 % 256 for number in range(size))


MAPS = st.lists(st.tuples(st.integers(0, 40), st.integers(0, 400)), max_size=4).map(tuple)


@given(st.lists(st.none() | MAPS, max_size=4))
def test_counter_mode_is_one_run_over_what_is_encrypted(maps: list[tuple[tuple[int, int], ...] | None]) -> None:
    """Readable bytes stay, the others are what AES-CTR makes of them together."""
    sizes = [50 if each is None else sum(map(sum, each)) for each in maps]
    data = data_of(sum(sizes))
    plain = bytes(data)
    ivs = [bytes([number]) * 8 for number in range(len(maps))]
    encrypt_cenc(data, sizes, maps, KEY, ivs)
    at = 0
    for size, pairs, iv in zip(sizes, maps, ivs, strict=True):
        hidden = b""
        expected = bytearray(plain[at : at + size])
        spans, place = [], 0
        for clear, length in ((0, size),) if pairs is None else pairs:
            spans.append((place + clear, place + clear + length))
            place += clear + length
        hidden = b"".join(bytes(expected[begin:end]) for begin, end in spans)
        made = Cipher(AES(KEY), CTR(iv + bytes(8))).encryptor().update(hidden)
        for begin, end in spans:
            expected[begin:end], made = made[: end - begin], made[end - begin :]
        assert data[at : at + size] == expected
        at += size


@given(st.integers(0, 700) | st.integers(3000, 9000), st.integers(0, 30))
def test_one_block_of_ten_is_encrypted(hidden: int, clear: int) -> None:
    """Chained with each other, whatever stands between; less than a block at the end stays."""
    size = clear + hidden
    data = data_of(3 * size)
    plain = bytes(data)
    encrypt_cbcs(data, [2 * size, size], [((clear, hidden), (clear, hidden)), ((clear, hidden),)], KEY, IV)
    expected = bytearray(plain)
    for begin in (clear, size + clear, 2 * size + clear):
        chain = Cipher(AES(KEY), CBC(IV)).encryptor()
        for at in range(begin, begin + hidden - 15, 160):
            expected[at : at + 16] = chain.update(plain[at : at + 16])
    assert data == expected


@given(st.integers(0, 100))
def test_every_block_of_sound_is_encrypted(size: int) -> None:
    """But for the last one, when it is not whole."""
    data = data_of(size)
    plain = bytes(data)
    encrypt_cbcs(data, [size], [None], KEY, IV)
    whole = size // 16 * 16
    assert data == Cipher(AES(KEY), CBC(IV)).encryptor().update(plain[:whole]) + plain[whole:]


def test_vectors_count_on() -> None:
    """And over."""
    assert counter_of(5, 3) == (8).to_bytes(8, "big")
    assert counter_of(2**64 - 1, 1) == bytes(8)
