"""ftyp, moov and the head of mdat."""

from __future__ import annotations

import numpy as np
import pytest

from hls_mp4.interfaces import Asset
from hls_mp4.media.index import MediaIndex
from hls_mp4.packagers.progressive import clip as clip_module
from hls_mp4.packagers.progressive.clip import clip
from hls_mp4.packagers.progressive.layout import Layout
from hls_mp4.packagers.progressive.settings import Mp4Settings
from hls_mp4.plan import Literal
from tests import boxes
from tests.boxes import make, make_full
from tests.films import Library
from tests.layouts import moved_moov, rebuilt, with_children
from tests.packagers.progressive.clips import cut, index_of


def head_of(index: MediaIndex, monkeypatch: pytest.MonkeyPatch, length: int) -> bytes:
    """Return what comes before the media of a clip whose media are as long as is said, however long they are."""
    real = clip_module.lay_out

    def longer(needs: object, size: int) -> Layout:
        layout = real(needs, size)  # type: ignore[arg-type]
        return Layout(layout.begins, np.array([length], np.int64), layout.places, length)

    monkeypatch.setattr(clip_module, "lay_out", longer)
    plan = clip(Asset(index, None), 4000, 6000, Mp4Settings()).plan
    return b"".join(bytes(part.data) for part in plan.parts if isinstance(part, Literal))


@pytest.mark.parametrize(
    ("length", "kind", "header"),
    [(1 << 20, "stco", 8), (2**32 - 100, "co64", 8), (2**32 - 8, "co64", 16), (5 << 30, "co64", 16)],
)
def test_offsets_are_as_wide_as_they_must_be(
    films: Library, monkeypatch: pytest.MonkeyPatch, length: int, kind: str, header: int
) -> None:
    """32 bits while the end of the body is below 4 GiB, with what comes before the media counted in."""
    body = head_of(index_of(films.data("h264")), monkeypatch, length)
    moov = boxes.boxes(body[: len(body) - header])[1]
    for trak in moov.all("trak"):
        assert trak.find(f"mdia/minf/stbl/{kind}") is not None
        assert boxes.chunk_offsets(trak.need("mdia/minf/stbl"))[0] >= len(body)
    assert body[-header:][4:8] == b"mdat"


def with_moov_boxes(data: bytes, *more: bytes) -> bytes:
    """Return a film with more boxes in its moov."""

    def changed(path: str, box: boxes.Box) -> bytes | None:
        return with_children(box, *more) if path == "moov" else None

    return moved_moov(data, lambda moved: rebuilt(boxes.tree(moved).need("moov"), changed))


def test_metadata_that_lie_elsewhere_in_the_film_are_left_out(films: Library) -> None:
    """A meta box that points into the file would point at something else in a clip; one that holds its data stays."""
    handler = make(b"hdlr", bytes(24))
    pointing = with_moov_boxes(films.data("h264"), make_full(b"meta", 0, 0, handler, make(b"iloc", bytes(8))))
    holding = with_moov_boxes(films.data("h264"), make_full(b"meta", 0, 0, handler, make(b"idat", b"itself")))
    assert boxes.tree(cut(pointing, 4000)).find("moov/meta") is None
    assert b"itself" in boxes.tree(cut(holding, 4000)).need("moov/meta").payload


def test_a_clip_begins_as_the_film_does(films: Library) -> None:
    """The same brands, and moov before everything else."""
    data = films.data("moov-last")
    file, clip_file = boxes.tree(data), boxes.tree(cut(data, 0))
    assert [box.kind for box in clip_file.children] == [b"ftyp", b"moov", b"mdat"]
    assert clip_file.need("ftyp").payload == file.need("ftyp").payload
    assert boxes.tree(cut(films.data("no-ftyp"), 4000)).need("ftyp").payload == b"mp41\0\0\0\0mp41"
