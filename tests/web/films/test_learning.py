"""Deliveries that depend on bytes of the films."""

from __future__ import annotations

from collections.abc import Callable, Generator
from pathlib import Path
from typing import Any

import pytest
import pytest_twisted

from hls_mp4.errors import MalformedMedia
from hls_mp4.interfaces import Delivery, TruncatedSource
from hls_mp4.plan import Extent, Literal, Plan
from hls_mp4.testing import MemorySource
from hls_mp4.web.films.held import NO_INDEX, Films
from hls_mp4.web.films.learning import learned
from tests.web.films.test_held import opened
from tests.web.harness import Served

Serve = Callable[..., Served]


def reading(source: Any, *places: tuple[int, int]) -> Generator[Extent, Any, Delivery]:
    """Answer with what lies at some places."""
    found = b""
    for offset, length in places:
        found += yield Extent(source, offset, length)
    return Delivery(Plan([Literal(found)]), "x")


def data_of(delivery: Delivery) -> bytes:
    """Return a body."""
    return b"".join(bytes(part.data) for part in delivery.plan.parts)  # type: ignore[union-attr]


@pytest_twisted.ensureDeferred
async def test_it_is_sent_what_it_asks_for(serve: Serve, root: Path) -> None:
    """From files in a thread, from others as they come; the files stay open meanwhile, and no longer."""
    whole = (root / "small.mp4").read_bytes()
    file = opened(serve(), root / "small.mp4")
    films = Films(file.path, [file], [NO_INDEX])
    for source in (file, MemorySource(whole)):
        made = await learned(reading(source, (0, 10), (20, 5)), films)
        assert data_of(made) == whole[:10] + whole[20:25]
        assert data_of(await learned(reading(source), films)) == b""
    ready = Delivery(Plan([Literal(b"x")]), "x")
    assert await learned(ready, films) is ready
    films.release()
    assert file.fd == -1


@pytest_twisted.ensureDeferred
async def test_a_file_that_has_shrunk_is_noticed(serve: Serve, root: Path) -> None:
    """Nobody takes a piece for the whole."""
    size = (root / "small.mp4").stat().st_size
    file = opened(serve(), root / "small.mp4")
    films = Films(file.path, [file], [NO_INDEX])
    with pytest.raises(TruncatedSource):
        await learned(reading(file, (size - 5, 10)), films)
    with pytest.raises(TruncatedSource):
        await learned(reading(MemorySource(b"abc"), (0, 10)), films)
    films.release()


@pytest_twisted.ensureDeferred
async def test_what_makes_no_sense_is_told(serve: Serve, root: Path) -> None:
    """As the packager says it."""
    file = opened(serve(), root / "small.mp4")
    films = Films(file.path, [file], [NO_INDEX])

    def wrong(source: Any) -> Generator[Extent, Any, Delivery]:
        yield Extent(source, 0, 1)
        raise MalformedMedia("no sense")

    for source in (file, MemorySource(b"abc")):
        with pytest.raises(MalformedMedia, match="no sense"):
            await learned(wrong(source), films)
    films.release()
