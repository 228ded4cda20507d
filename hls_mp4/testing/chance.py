"""Broken bytes for contract suites: cut, changed, random; the same ones in every run."""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence


def cuts(size: int) -> list[int]:
    """Return where to cut a file: often near its ends, sometimes between."""
    chance = random.Random(size)
    near = [*range(0, min(size, 64), 3), *range(max(0, size - 64), size, 7)]
    return [
        *near,
        *(chance.randrange(size) for _ in range(20)),
        *(chance.randrange(min(size, 16384)) for _ in range(20)),
    ]


def mutated(wholes: Sequence[bytes], rounds: int) -> Iterator[bytes]:
    """Yield copies with some bytes changed, most of them in the first and last 16 KiB, where metadata lies."""
    chance = random.Random(3)
    for number in range(rounds):
        made = bytearray(wholes[number % len(wholes)])
        for _ in range(chance.randint(1, 6) if made else 0):
            near = chance.randrange(min(len(made), 16384))
            at = chance.choice((near, len(made) - 1 - near))
            made[at : at + 1] = chance.choice((b"\0", b"\xff", b"\x01", b"\x80", chance.randbytes(1), b""))
            if not made:
                break
        yield bytes(made)


def noise(rounds: int) -> Iterator[bytes]:
    """Yield random bytes of many lengths."""
    chance = random.Random(4)
    for number in range(rounds):
        yield chance.randbytes(number % 97 * (1 + number // 50))
