"""Segments that are encrypted as a whole."""

from __future__ import annotations

import numpy as np
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from hypothesis import given
from hypothesis import strategies as st

from hls_mp4.packagers.hls.aes128 import encrypted, padded, padded_sizes
from hls_mp4.plan import Extent, Literal, Part, Plan, Transformed
from tests.packagers.fmp4.played import rendered

FILM = bytes(range(256)) * 3
KEY, IV = bytes(range(16)), bytes(range(16, 32))


def opened(data: bytes) -> bytes:
    """Return what was encrypted, its padding checked (PKCS7)."""
    clear = Cipher(algorithms.AES(KEY), modes.CBC(IV)).decryptor().update(data)
    assert 1 <= clear[-1] <= 16
    assert clear.endswith(bytes((clear[-1],)) * clear[-1])
    return clear[: -clear[-1]]


def extents(count: int) -> st.SearchStrategy[list[Extent]]:
    """Return ranges of a film."""
    one = st.tuples(st.integers(0, 400), st.integers(1, 300)).map(lambda found: Extent(FILM, *found))
    return st.lists(one, min_size=1, max_size=count)


PARTS = st.lists(
    st.one_of(
        st.binary(max_size=40).map(Literal),
        extents(1).map(lambda found: found[0]),
        extents(3).map(lambda found: Transformed(sum(each.length for each in found), tuple(found), b"".join)),
    ),
    max_size=6,
)


@given(parts=PARTS, data=st.data())
def test_a_segment_is_what_it_is_made_of(parts: list[Part], data: st.DataObject) -> None:
    """Whatever parts it is made of, and whichever range is asked for; its length is known before."""
    clear = rendered(Plan(parts))
    plan = Plan([encrypted(parts, KEY, IV)])
    assert plan.length == padded(len(clear))
    made = rendered(plan)
    assert opened(made) == clear
    start = data.draw(st.integers(0, plan.length))
    stop = data.draw(st.integers(start, plan.length))
    assert rendered(plan.cut(start, stop)) == made[start:stop]


def test_padding_is_never_nothing() -> None:
    """Whole blocks get one more."""
    assert padded_sizes(np.array([0, 15, 16, 188])).tolist() == [16, 16, 32, 192]
    assert [padded(size) for size in (0, 15, 16, 188)] == [16, 16, 32, 192]
