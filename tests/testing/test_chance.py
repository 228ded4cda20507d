"""Broken bytes."""

from __future__ import annotations

import os

import pytest

from hls_mp4.testing.chance import cuts, mutated, noise


@pytest.mark.parametrize("size", [1, 2, 63, 64, 65, 20_000, 10**9])
def test_cuts_leave_something_out(size: int) -> None:
    """Every cut is a real one, and both ends of the file are among them."""
    found = cuts(size)
    assert all(0 <= cut < size for cut in found)
    assert min(found) == 0
    assert size < 128 or max(found) > size - 64


def test_mutations_are_new_and_the_same_each_time() -> None:
    """A failure of a suite can be repeated; the originals stay as they are."""
    whole = os.urandom(5000)
    made = list(mutated([whole, b""], 40))
    assert made == list(mutated([whole, b""], 40))
    assert len(made) == 40
    assert sum(one != whole for one in made[::2]) >= 19
    assert set(made[1::2]) == {b""}


def test_small_files_can_be_mutated_away() -> None:
    """Even one byte can be lost."""
    assert b"" in set(mutated([b"a"], 50))


def test_noise_has_many_lengths() -> None:
    """Nothing at all is among it, and so are some kilobytes."""
    lengths = [len(one) for one in noise(300)]
    assert min(lengths) == 0
    assert max(lengths) > 500
    assert list(noise(20)) == list(noise(20))
