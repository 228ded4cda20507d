"""What a tag carries, from its first bytes (Video File Format Specification 10.1, E.4.2 and E.4.3; Enhanced RTMP v2).

Codecs are four letters throughout: those of Enhanced RTMP, and for the numbers of old the names that MP4 and FFmpeg
have for them. H.265 and AV1 under the numbers 12 and 13, which some networks use without a standard, are read like
H.264's.

Tags that hold packets of several tracks at once (Enhanced RTMP's ManyTracks) are OTHER unless they hold key frames,
which one can still begin at; their samples belong to no track.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from hls_mp4.containers.flv.tag import AUDIO, VIDEO

OTHER, FRAME, KEY, CONFIG, SIDE = range(5)
"""Roles: nothing to decode; a sample; a sample that decoding can begin at; the decoder's configuration; what else a
decoder should know beforehand (colours, speakers)."""

HEAD = 32
"""Bytes of a payload that tell all this."""

VIDEO_CODECS = {
    1: "jpeg",
    2: "FLV1",
    3: "FSV1",
    4: "VP6F",
    5: "VP6A",
    6: "FSV2",
    7: "avc1",
    8: "H263",
    9: "mp4v",
    12: "hvc1",
    13: "av01",
}
AUDIO_CODECS = {
    0: "lpcm",
    1: "swfa",
    2: ".mp3",
    3: "sowt",
    4: "NELL",
    5: "NELL",
    6: "NELL",
    7: "alaw",
    8: "ulaw",
    10: "mp4a",
    11: "spex",
    14: ".mp3",
}
_LIKE_AVC = (7, 12, 13)
_VP6 = (4, 5)
_AAC, _ENHANCED = 10, 9
_COMMAND = 5
_START, _CODED, _END, _CODED_X, _METADATA, _TS_START, _MULTITRACK_VIDEO, _MOD_EX = range(8)
_MULTITRACK_AUDIO = 5
_SHIFTED = frozenset((b"avc1", b"hvc1", b"vvc1"))
"""Codecs whose coded frames carry a composition offset."""

_MANY_TRACKS = 1


class Packet(NamedTuple):
    """What a tag carries.

    Args:
        role: see above.
        codec: four letters as a number.
        track: number of the track among those of its kind; 0 unless the file has several.
        skip: bytes in front of the sample or configuration.
        composition: presentation time minus timestamp, ms.
    """

    role: int
    codec: int = 0
    track: int = 0
    skip: int = 0
    composition: int = 0


def number_of(codec: str) -> int:
    """Return four letters as a number."""
    return int.from_bytes(codec.encode("latin-1"), "big")


def letters_of(codec: int) -> str:
    """Return a number as four letters; what cannot be shown is a dot."""
    text = codec.to_bytes(4, "big").decode("latin-1")
    return "".join(letter if letter.isascii() and letter.isprintable() else "." for letter in text)


NOTHING = Packet(OTHER)


def read_packet(kind: int, head: bytes | memoryview, size: int) -> Packet:
    """Return what one tag carries.

    Args:
        kind: of the tag.
        head: its payload, or the first HEAD bytes of it.
        size: bytes of its payload.
    """
    head = bytes(head[:HEAD])
    if not head or kind not in (AUDIO, VIDEO):
        return NOTHING
    try:
        packet = (_video if kind == VIDEO else _audio)(head)
    except IndexError:
        return NOTHING
    # An empty sample is none, nor is what ends within its header.
    return packet if packet.skip + (packet.role in (FRAME, KEY)) <= size else NOTHING


def _video(head: bytes) -> Packet:
    frame = head[0] >> 4 & 7
    role = KEY if frame in (1, 4) else FRAME
    if head[0] & 0x80:
        return _enhanced(head, role, frame, _MULTITRACK_VIDEO)
    number = head[0] & 15
    if frame == _COMMAND:
        return NOTHING
    codec = number_of(VIDEO_CODECS.get(number, "????"))
    if number not in _LIKE_AVC:
        return Packet(role, codec, 0, 2 if number in _VP6 else 1)
    if head[1] == 0:
        return Packet(CONFIG, codec, 0, 5)
    return Packet(role, codec, 0, 5, _signed(head[2:5])) if head[1] == 1 else NOTHING


def _audio(head: bytes) -> Packet:
    number = head[0] >> 4
    if number == _ENHANCED:
        return _enhanced(head, KEY, 0, _MULTITRACK_AUDIO)
    codec = number_of(AUDIO_CODECS.get(number, "????"))
    if number != _AAC:
        return Packet(KEY, codec, 0, 1)
    return Packet((CONFIG, KEY)[head[1]], codec, 0, 2) if head[1] < 2 else NOTHING


def _enhanced(head: bytes, role: int, frame: int, multitrack: int) -> Packet:
    """Return what a tag carries whose codec is told in four letters."""
    kind, at = head[0] & 15, 1
    while kind == _MOD_EX:
        length = head[at] + 1
        at += 1
        if length == 256:
            length = int.from_bytes(_piece(head, at, 2), "big") + 1
            at += 2
        at += length
        kind = head[at] & 15
        at += 1
    if frame == _COMMAND and kind != _METADATA:
        return NOTHING
    track = 0
    if kind == multitrack:
        layout, kind = head[at] >> 4, head[at] & 15
        if layout:
            # Samples of several tracks: one can begin here, and cannot take them out.
            return Packet(KEY, 0, _MANY_TRACKS << 8, at) if role == KEY and multitrack == _MULTITRACK_VIDEO else NOTHING
        codec = _piece(head, at + 1, 4)
        track = head[at + 5]
        at += 6
    else:
        codec = _piece(head, at, 4)
        at += 4
    number = int.from_bytes(codec, "big")
    if kind == _START:
        return Packet(CONFIG, number, track, at)
    if kind == _METADATA or (kind == _TS_START and multitrack == _MULTITRACK_VIDEO):
        return Packet(SIDE, number, track, at)
    if kind == _CODED and multitrack == _MULTITRACK_VIDEO and codec in _SHIFTED:
        return Packet(role, number, track, at + 3, _signed(_piece(head, at, 3)))
    if kind == _CODED or (kind == _CODED_X and multitrack == _MULTITRACK_VIDEO):
        return Packet(role, number, track, at)
    return NOTHING


def _piece(head: bytes, at: int, count: int) -> bytes:
    if at + count > len(head):
        raise IndexError(at)
    return head[at : at + count]


def _signed(three: bytes) -> int:
    if len(three) < 3:
        raise IndexError
    return int.from_bytes(three, "big", signed=True)


@dataclass(frozen=True, slots=True, eq=False)
class Packets:
    """What many tags carry: the fields of `Packet` as arrays of one length."""

    role: NDArray[np.uint8]
    codec: NDArray[np.uint32]
    track: NDArray[np.uint16]
    skip: NDArray[np.uint8]
    composition: NDArray[np.int32]


def _table(codecs: dict[int, str]) -> NDArray[np.uint32]:
    return np.array([number_of(codecs.get(number, "????")) for number in range(16)], np.uint32)


_VIDEO_NUMBERS, _AUDIO_NUMBERS = _table(VIDEO_CODECS), _table(AUDIO_CODECS)


_SHIFTED_NUMBERS = np.array([int.from_bytes(codec, "big") for codec in _SHIFTED], np.uint32)


def read_packets(kinds: NDArray[np.uint8], heads: NDArray[np.uint8], sizes: NDArray[np.int64]) -> Packets:
    """Return what `read_packet` does of each tag, without a loop over those of the usual forms.

    Args:
        kinds: of the tags.
        heads: the first HEAD bytes of each payload, zeros behind its end.
        sizes: bytes of each payload.
    """
    count = len(kinds)
    found = Packets(
        np.zeros(count, np.uint8),
        np.zeros(count, np.uint32),
        np.zeros(count, np.uint16),
        np.zeros(count, np.uint8),
        np.zeros(count, np.int32),
    )
    first = heads[:, 0]
    video, audio = kinds == VIDEO, kinds == AUDIO
    new_video, new_audio = video & (first >= 0x80), audio & (first >> 4 == _ENHANCED)
    form = first & 15
    usual = (new_video & (form < _MULTITRACK_VIDEO)) | (new_audio & (form <= _METADATA))
    _old_video(found, video & ~new_video, heads)
    _old_audio(found, audio & ~new_audio, heads)
    _new(found, usual, video, heads)
    found.role[found.skip.astype(np.int64) + ((found.role == FRAME) | (found.role == KEY)) > sizes] = OTHER
    for row in np.flatnonzero((new_video | new_audio) & ~usual).tolist():
        packet = read_packet(int(kinds[row]), heads[row, : sizes[row]].tobytes(), int(sizes[row]))
        found.role[row], found.codec[row], found.track[row], found.skip[row], found.composition[row] = packet
    nothing = found.role == OTHER
    for field in (found.codec, found.track, found.skip, found.composition):
        field[nothing] = 0
    return found


def _old_video(found: Packets, rows: NDArray[np.bool_], heads: NDArray[np.uint8]) -> None:
    number, frame, second = heads[:, 0] & 15, heads[:, 0] >> 4 & 7, heads[:, 1]
    rows = rows & (frame != _COMMAND)
    like_avc = rows & np.isin(number, _LIKE_AVC)
    shifted = like_avc & (second == 1)
    found.role[rows] = _video_roles(frame)[rows]
    found.codec[rows] = _VIDEO_NUMBERS[number[rows]]
    found.skip[rows] = np.where(np.isin(number[rows], _VP6), 2, 1)
    found.skip[like_avc] = 5
    found.role[like_avc & (second == 0)] = CONFIG
    found.role[like_avc & (second > 1)] = OTHER
    found.composition[shifted] = _signed_columns(heads[shifted, 2:5])


def _old_audio(found: Packets, rows: NDArray[np.bool_], heads: NDArray[np.uint8]) -> None:
    number, second = heads[:, 0] >> 4, heads[:, 1]
    aac = rows & (number == _AAC)
    found.role[rows] = KEY
    found.codec[rows] = _AUDIO_NUMBERS[number[rows]]
    found.skip[rows] = 1
    found.skip[aac] = 2
    found.role[aac & (second == 0)] = CONFIG
    found.role[aac & (second > 1)] = OTHER


def _new(found: Packets, rows: NDArray[np.bool_], video: NDArray[np.bool_], heads: NDArray[np.uint8]) -> None:
    """Read tags whose codec is told in four letters, of one track and without modifiers."""
    form, frame = heads[:, 0] & 15, heads[:, 0] >> 4 & 7
    codec = heads[:, 1:5].copy().view(">u4")[:, 0].astype(np.uint32)
    coded = rows & ((form == _CODED) | (video & (form == _CODED_X)))
    shifted = rows & video & (form == _CODED) & np.isin(codec, _SHIFTED_NUMBERS)
    found.codec[rows] = codec[rows]
    found.skip[rows] = 5
    found.skip[shifted] = 8
    found.composition[shifted] = _signed_columns(heads[shifted, 5:8])
    found.role[coded] = np.where(video, _video_roles(frame), KEY)[coded]
    found.role[rows & (form == _START)] = CONFIG
    found.role[rows & video & (frame == _COMMAND)] = OTHER
    found.role[rows & ((form == _METADATA) | (video & (form == _TS_START) & (frame != _COMMAND)))] = SIDE


def _video_roles(frame: NDArray[Any]) -> NDArray[np.uint8]:
    return np.where((frame == 1) | (frame == 4), KEY, FRAME).astype(np.uint8)


def _signed_columns(columns: NDArray[np.uint8]) -> NDArray[np.int32]:
    wide = columns.astype(np.int32)
    numbers: NDArray[np.int32] = wide[:, 0] << 16 | wide[:, 1] << 8 | wide[:, 2]
    return numbers - ((numbers & 0x800000) << 1)
