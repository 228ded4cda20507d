"""What encrypted samples carry beside themselves goes with them."""

from __future__ import annotations

import io
import struct
from fractions import Fraction

import av
import pytest

from hls_mp4.errors import MalformedMedia, UnsupportedMedia
from tests import annotations, boxes, judge
from tests.films import Library, Recipe, frame_number, remux
from tests.layouts import moved_moov, per_track, with_children
from tests.packagers.progressive.clips import cut, first_sample

KEY = "00112233445566778899aabbccddeeff"
CENC = (
    ("movflags", "+faststart"),
    ("encryption_scheme", "cenc-aes-ctr"),
    ("encryption_key", KEY),
    ("encryption_kid", "a7e61c373e219033c21091fa607bf3b8"),
)


@pytest.mark.parametrize("offsets", ["one", "chunks"])
@pytest.mark.parametrize("key_frames", [False, True])
def test_what_encrypted_samples_carry_beside_them_goes_with_them(
    films: Library, offsets: str, key_frames: bool
) -> None:
    """saiz is cut, saio points at bytes of the clip, and these are those of each sample."""
    data = films.made(
        f"auxiliary-{offsets}", lambda: annotations.with_auxiliary(films.data("big-chunks"), offsets=offsets)
    )
    body = cut(data, 4567, 9000, start_key_frame=key_frames)
    film, clip = boxes.read_movie(data).tracks[0], boxes.read_movie(body).tracks[0]
    first = first_sample(film, clip)
    stbl = clip.box.need("mdia/minf/stbl")
    saiz, saio = stbl.need("saiz").payload, stbl.need("saio").payload
    default, count = struct.unpack_from(">BI", saiz, 12)
    assert (default, count) == (0, len(clip.samples))
    (entries,) = struct.unpack_from(">I", saio, 12)
    at = list(struct.unpack_from(f">{entries}I", saio, 16))
    runs = [count] if entries == 1 else [length for length, _ in boxes.chunk_runs(stbl, clip.chunk_count)]
    assert len(runs) == len(at)
    number = first
    for place, length in zip(at, runs, strict=True):
        for _ in range(length):
            note = annotations.auxiliary_note(number)
            assert saiz[17 + number - first] == len(note)
            assert body[place : place + len(note)] == note
            place += len(note)  # noqa: PLW2901
            number += 1
    assert number == first + count


def encrypted(films: Library) -> bytes:
    """Return a film that FFmpeg encrypted: initialization vectors in senc, found by saio and saiz."""
    return films.made("encrypted", lambda: remux(films.data("h264"), Recipe(mux=CENC)))


def decrypted(body: bytes) -> list[tuple[Fraction, int]]:
    """Return when which picture of an encrypted film is shown."""
    with av.open(io.BytesIO(body), options={"decryption_key": KEY}) as container:
        return [
            (frame.pts * frame.time_base, frame_number(frame.to_ndarray()[: frame.height]))
            for frame in container.decode(video=0)
        ]


@pytest.mark.parametrize(("start_ms", "key_frames"), [(4000, False), (4567, True), (0, False)])
def test_an_encrypted_film_can_be_decrypted_from_anywhere(films: Library, start_ms: int, key_frames: bool) -> None:
    """A clip of it decodes to the pictures of the clear film, with the same key."""
    shown = decrypted(cut(encrypted(films), start_ms, 9000, start_key_frame=key_frames))
    clear = judge.decode(cut(films.data("h264"), start_ms, 9000, start_key_frame=key_frames)).videos[0]
    assert shown == [(picture.time, picture.number) for picture in clear]


def test_vectors_in_a_box_of_their_own_are_cut_too(films: Library) -> None:
    """senc has as many entries as there are samples, and those of these samples."""
    data = encrypted(films)
    body = cut(data, 4567, 9000, start_key_frame=True)
    for film, clip in zip(boxes.read_movie(data).tracks, boxes.read_movie(body).tracks, strict=True):
        before = film.box.need("mdia/minf/stbl/senc").payload
        after = clip.box.need("mdia/minf/stbl/senc").payload
        assert after[4:8] == struct.pack(">I", len(clip.samples))
        assert after[8:] in before
        assert len(after) < len(before)


def without(data: bytes, *kinds: bytes) -> bytes:
    """Return a film without these boxes of its first track's sample table."""

    def changed(number: int, path: str, box: boxes.Box) -> bytes | None:
        if number == 0 and path == "moov/trak/mdia/minf/stbl":
            return with_children(box, but=kinds)
        return None

    return moved_moov(data, lambda moved: per_track(moved, changed))


@pytest.mark.parametrize("kinds", [(b"saiz",), (b"saio",), (b"saiz", b"saio")])
def test_what_cannot_be_measured_is_refused(films: Library, kinds: tuple[bytes, ...]) -> None:
    """Rather than sent with vectors of other samples."""
    with pytest.raises(UnsupportedMedia, match="do not belong together"):
        cut(without(encrypted(films), *kinds), 4000)


@pytest.mark.parametrize("kind", [b"saiz", b"saio"])
def test_tables_that_are_cut_short_are_refused(films: Library, kind: bytes) -> None:
    """At every length, in nginx's words."""
    data = films.made(
        "auxiliary-chunks", lambda: annotations.with_auxiliary(films.data("big-chunks"), offsets="chunks")
    )
    whole = len(boxes.read_movie(data).tracks[0].box.need(f"mdia/minf/stbl/{kind.decode()}").payload)
    for length in (0, 3, 5, 9, 12, 15, whole - 1):

        def changed(number: int, path: str, box: boxes.Box, length: int = length) -> bytes | None:
            return boxes.make(kind, box.payload[:length]) if box.kind == kind else None

        with pytest.raises(MalformedMedia, match=f"mp4 {kind.decode()} atom too small"):
            cut(moved_moov(data, lambda moved, changed=changed: per_track(moved, changed)), 4000)


def test_encrypted_fragments_are_refused(films: Library) -> None:
    """Their vectors lie in each fragment, and a plain file without them could not be decrypted."""
    data = films.made(
        "encrypted-fragments",
        lambda: remux(films.data("h264"), Recipe(mux=(("movflags", "+frag_keyframe+empty_moov"), *CENC[1:]))),
    )
    with pytest.raises(UnsupportedMedia, match="encrypted samples in mp4 fragments are not supported"):
        cut(data, 4000)
