"""A strict client of Smooth Streaming: it believes the manifest, and nothing but what MS-SSTR lets it believe.

As players do, it makes an init segment of its own from CodecPrivateData, asks for chunks by the template of their URLs,
and minds every number that is told twice. It shares nothing with `hls_mp4`.
"""

from __future__ import annotations

import base64
import struct
from collections.abc import Callable
from dataclasses import dataclass, field
from fractions import Fraction
from itertools import pairwise
from urllib.parse import unquote
from xml.etree import ElementTree

from cryptography.hazmat.primitives.ciphers import Cipher
from cryptography.hazmat.primitives.ciphers.algorithms import AES
from cryptography.hazmat.primitives.ciphers.modes import CTR

from tests import boxes
from tests.judge import Shown, decode

TICKS = 10_000_000
TFXD = bytes.fromhex("6d1d9b0542d544e680e2141daff757b2")
PIFF = bytes.fromhex("a2394f525a9b4f14a2446c427c648df4")
START_CODE = b"\0\0\0\1"

Fetch = Callable[[str], bytes]
"""Returns what a URL below the film's leads to."""


@dataclass(frozen=True)
class Sample:
    """A sample of a fragment, on the clock of 100 ns."""

    decoded: int
    shown: int
    duration: int
    size: int
    sync: bool


@dataclass(frozen=True)
class Fragment:
    """A whole fragment."""

    raw: bytes
    moof: bytes
    data: bytes
    number: int
    samples: list[Sample]


@dataclass
class Level:
    """A quality level, as the manifest tells of it."""

    attributes: dict[str, str]

    @property
    def bitrate(self) -> int:
        """What URLs ask for it by."""
        return int(self.attributes["Bitrate"])

    @property
    def private(self) -> bytes:
        """CodecPrivateData."""
        told = self.attributes["CodecPrivateData"]
        assert told == told.upper()
        return bytes.fromhex(told)


@dataclass
class Stream:
    """A stream, as the manifest tells of it; chunks as (time, duration)."""

    kind: str
    name: str
    attributes: dict[str, str]
    levels: list[Level]
    chunks: list[tuple[int, int]]


@dataclass
class Manifest:
    """What a manifest tells."""

    version: tuple[int, int]
    duration: int
    streams: list[Stream] = field(default_factory=list)
    protection: dict[str, bytes] = field(default_factory=dict)

    def of_kind(self, kind: str) -> list[Stream]:
        """Return the streams of a kind."""
        return [stream for stream in self.streams if stream.kind == kind]


def read_manifest(text: bytes) -> Manifest:
    """Return what a manifest tells; AssertionError where it is none."""
    root = ElementTree.fromstring(text)
    assert root.tag == "SmoothStreamingMedia"
    assert root.attrib["TimeScale"] == str(TICKS)
    version = int(root.attrib["MajorVersion"]), int(root.attrib["MinorVersion"])
    assert version in ((2, 0), (2, 2))
    manifest = Manifest(version, int(root.attrib["Duration"]))
    for element in root:
        if element.tag == "Protection":
            assert not manifest.streams, "protection comes before streams"
            for header in element:
                assert header.tag == "ProtectionHeader"
                manifest.protection[header.attrib["SystemID"]] = base64.b64decode(header.text or "", validate=True)
            continue
        assert element.tag == "StreamIndex"
        manifest.streams.append(_read_stream(element, version))
    names = [stream.name for stream in manifest.streams]
    assert len(set(names)) == len(names)
    return manifest


def _read_stream(element: ElementTree.Element, version: tuple[int, int]) -> Stream:
    told = dict(element.attrib)
    kind = told["Type"]
    assert kind in ("video", "audio", "text")
    assert told["TimeScale"] == str(TICKS)
    assert ("Subtype" in told) or kind != "text"
    levels = [Level(dict(child.attrib)) for child in element if child.tag == "QualityLevel"]
    assert [level.attributes["Index"] for level in levels] == [str(index) for index in range(len(levels))]
    assert len({level.bitrate for level in levels}) == len(levels) == int(told["QualityLevels"])
    chunks: list[tuple[int, int]] = []
    at: int | None = None
    for child in element:
        if child.tag != "c":
            assert child.tag == "QualityLevel"
            assert not chunks, "levels come before chunks"
            continue
        assert set(child.attrib) <= ({"t", "d", "r"} if version == (2, 2) else {"t", "d"})
        at = int(child.attrib["t"]) if "t" in child.attrib else at
        assert at is not None, "the first chunk tells its time"
        for _ in range(int(child.attrib.get("r", 1))):
            assert int(child.attrib["d"]) > 0
            chunks.append((at, int(child.attrib["d"])))
            at += int(child.attrib["d"])
    assert len(chunks) == int(told["Chunks"])
    assert all(begin + length == following for (begin, length), (following, _) in pairwise(chunks))
    if kind == "video":
        assert int(told["MaxWidth"]) == max(int(level.attributes["MaxWidth"]) for level in levels)
        assert int(told["MaxHeight"]) == max(int(level.attributes["MaxHeight"]) for level in levels)
    return Stream(kind, told["Name"], told, levels, chunks)


def chunk_url(stream: Stream, level: Level, time: int, noun: str = "Fragments") -> str:
    """Return the URL of a chunk, by the stream's template."""
    template = stream.attributes["Url"]
    assert template.count("{bitrate}") == template.count("{start time}") == 1
    return (
        template.replace("{bitrate}", str(level.bitrate))
        .replace("{start time}", str(time))
        .replace("/Fragments(", f"/{noun}(")
    )


def read_fragment(raw: bytes, time: int, duration: int) -> Fragment:
    """Return a fragment; AssertionError where it is not that of a chunk with this time and duration."""
    tree = boxes.tree(raw)
    assert [box.kind for box in tree.children] == [b"moof", b"mdat"]
    moof, mdat = tree.children
    samples, sizes = read_moof(moof, time, duration)
    assert sum(sizes) == len(mdat.payload)
    trun = moof.need("traf/trun")
    offset = struct.unpack_from(">i", trun.payload, 8)[0]
    assert offset == mdat.offset + mdat.header
    return Fragment(
        raw,
        raw[: moof.size],
        bytes(mdat.payload),
        int.from_bytes(moof.need("mfhd").payload[4:8], "big"),
        samples,
    )


def read_moof(moof: boxes.Box, time: int, duration: int) -> tuple[list[Sample], list[int]]:
    """Return the samples that a moof tells of, and their sizes."""
    (traf,) = moof.all("traf")
    (timed,) = [box.payload for box in traf.all("uuid") if box.payload[:16] == TFXD]
    assert timed[16:20] == b"\1\0\0\0", "tfxd has version 1"
    assert struct.unpack(">QQ", timed[20:]) == (time, duration)
    tfdt = traf.find("tfdt")
    assert tfdt is None or int.from_bytes(tfdt.payload[4:], "big") == time
    defaults = _read_tfhd(traf.need("tfhd").payload)
    (trun,) = traf.all("trun")
    head, count, _ = struct.unpack_from(">IIi", trun.payload)
    said = head & 0xFFFFFF
    assert said & 1, "offsets of data are told"
    assert head >> 24 == 0, "old players take composition offsets for unsigned"
    at = 12
    first_flags = None
    if said & 4:
        first_flags = struct.unpack_from(">I", trun.payload, at)[0]
        at += 4
    samples, sizes, decoded = [], [], time
    for number in range(count):
        row = {}
        for bit, name in ((0x100, "duration"), (0x200, "size"), (0x400, "flags"), (0x800, "composition")):
            if said & bit:
                row[name] = struct.unpack_from(">I", trun.payload, at)[0]
                at += 4
            else:
                row[name] = defaults.get(name, 0)
        if number == 0 and first_flags is not None:
            row["flags"] = first_flags
        samples.append(
            Sample(decoded, decoded + row["composition"], row["duration"], row["size"], not row["flags"] & 0x10000)
        )
        sizes.append(row["size"])
        decoded += row["duration"]
    assert at == len(trun.payload)
    assert decoded == time + duration, "durations of samples add up to the chunk's"
    return samples, sizes


def _read_tfhd(payload: bytes) -> dict[str, int]:
    flags = int.from_bytes(payload[1:4], "big")
    assert not flags & 1, "nobody knows where fragments lie in a file"
    assert not flags & 2, "there is one sample description"
    at = 8
    defaults = {}
    for bit, name in ((8, "duration"), (16, "size"), (32, "flags")):
        if flags & bit:
            defaults[name] = struct.unpack_from(">I", payload, at)[0]
            at += 4
    assert at == len(payload)
    return defaults


class Client:
    """A player.

    Args:
        fetch: gets what a URL below the film's leads to.
    """

    def __init__(self, fetch: Fetch) -> None:
        self.fetch = fetch
        self.manifest = read_manifest(fetch("Manifest"))

    def fragments(self, stream: Stream, level: Level) -> list[Fragment]:
        """Return all chunks of a quality level."""
        found = [
            read_fragment(self.fetch(chunk_url(stream, level, time)), time, duration)
            for time, duration in stream.chunks
        ]
        assert [fragment.number for fragment in found] == list(range(1, len(found) + 1))
        return found

    def played(self, stream: Stream, level: Level, *, strict: bool = True) -> Shown:
        """Return what a decoder shows of a quality level."""
        media = b"".join(fragment.raw for fragment in self.fragments(stream, level))
        return decode(init_segment(stream, level) + media, strict=strict)


def opened(fragment: Fragment, key: bytes) -> bytes:
    """Return the samples of an encrypted fragment, opened as PIFF 1.1 says (5.3.2.1, 6)."""
    traf = boxes.tree(fragment.moof).need("moof/traf")
    (told,) = [bytes(box.payload[16:]) for box in traf.all("uuid") if box.payload[:16] == PIFF]
    flags, count = struct.unpack_from(">II", told)
    assert flags in (0, 2)
    assert count == len(fragment.samples)
    at, place, found = 8, 0, b""
    for sample in fragment.samples:
        stream = Cipher(AES(key), CTR(told[at : at + 8] + bytes(8))).decryptor()
        at += 8
        spans = [(0, sample.size)]
        if flags:
            (many,) = struct.unpack_from(">H", told, at)
            spans = list(struct.iter_unpack(">HI", told[at + 2 : at + 2 + 6 * many]))
            at += 2 + 6 * many
        for clear, hidden in spans:
            found += fragment.data[place : place + clear]
            found += stream.update(fragment.data[place + clear : place + clear + hidden])
            place += clear + hidden
    assert (at, place) == (len(told), len(fragment.data))
    return found


def unescaped(url: str) -> str:
    """Return a URL as a server sees it."""
    return unquote(url.partition("?")[0])


# The init segment: ISO/IEC 14496-12 and -15, written by hand.


def init_segment(stream: Stream, level: Level) -> bytes:
    """Return the init segment that a player makes of what the manifest tells."""
    width, height = int(level.attributes.get("MaxWidth", 0)), int(level.attributes.get("MaxHeight", 0))
    entry = _video_entry(level, width, height) if stream.kind == "video" else _audio_entry(level)
    header = (
        boxes.make_full(b"vmhd", 0, 1, bytes(8)) if stream.kind == "video" else boxes.make_full(b"smhd", 0, 0, bytes(4))
    )
    matrix = struct.pack(">9i", 0x10000, 0, 0, 0, 0x10000, 0, 0, 0, 0x40000000)
    tkhd = struct.pack(">IIIII8xHHHH", 0, 0, 1, 0, 0, 0, 0, 0x100, 0) + matrix + struct.pack(">HxxHxx", width, height)
    tables = [boxes.make_full(kind, 0, 0, bytes(4)) for kind in (b"stts", b"stsc", b"stco")]
    stbl = boxes.make(
        b"stbl",
        boxes.make_full(b"stsd", 0, 0, struct.pack(">I", 1), entry),
        *tables,
        boxes.make_full(b"stsz", 0, 0, bytes(8)),
    )
    dref = boxes.make_full(b"dref", 0, 0, struct.pack(">I", 1), boxes.make_full(b"url ", 0, 1))
    handler = b"vide" if stream.kind == "video" else b"soun"
    mdia = boxes.make(
        b"mdia",
        boxes.make_full(b"mdhd", 0, 0, struct.pack(">IIIIHxx", 0, 0, TICKS, 0, 0x55C4)),
        boxes.make_full(b"hdlr", 0, 0, bytes(4), handler, bytes(13)),
        boxes.make(b"minf", header, boxes.make(b"dinf", dref), stbl),
    )
    mvhd = struct.pack(">IIIIIH10x", 0, 0, TICKS, 0, 0x10000, 0x100) + matrix + bytes(24) + struct.pack(">I", 2)
    moov = boxes.make(
        b"moov",
        boxes.make_full(b"mvhd", 0, 0, mvhd),
        boxes.make(b"trak", boxes.make_full(b"tkhd", 0, 7, tkhd), mdia),
        boxes.make(b"mvex", boxes.make_full(b"trex", 0, 0, struct.pack(">IIIII", 1, 1, 0, 0, 0))),
    )
    return boxes.make(b"ftyp", b"isml\0\0\0\1piffiso2") + moov


def _video_entry(level: Level, width: int, height: int) -> bytes:
    assert level.attributes.get("NALUnitLengthField", "4") == "4"
    assert level.private.startswith(START_CODE)
    units = level.private.split(START_CODE)[1:]
    fourcc = level.attributes["FourCC"]
    fields = struct.pack(">6xH16xHHII4xH32xHh", 1, width, height, 0x480000, 0x480000, 1, 24, -1)
    if fourcc in ("H264", "AVC1"):
        assert [unit[0] & 31 for unit in units] == sorted(unit[0] & 31 for unit in units), "SPS before PPS"
        return boxes.make(b"avc1", fields, boxes.make(b"avcC", _avcc(units)))
    assert fourcc in ("HVC1", "HEV1")
    kinds = [unit[0] >> 1 & 63 for unit in units]
    assert kinds == sorted(kinds), "VPS, SPS, PPS"
    assert set(kinds) == {32, 33, 34}
    return boxes.make(fourcc.lower().encode(), fields, boxes.make(b"hvcC", _hvcc(units)))


def _avcc(units: list[bytes]) -> bytes:
    sets = [[unit for unit in units if unit[0] & 31 == kind] for kind in (7, 8)]
    assert all(sets)
    record = b"\1" + sets[0][0][1:4] + bytes([0xFF, 0xE0 | len(sets[0])])
    record += b"".join(struct.pack(">H", len(unit)) + unit for unit in sets[0])
    record += bytes([len(sets[1])])
    return record + b"".join(struct.pack(">H", len(unit)) + unit for unit in sets[1])


def _hvcc(units: list[bytes]) -> bytes:
    sps = next(unit for unit in units if unit[0] >> 1 & 63 == 33).replace(b"\0\0\3", b"\0\0")
    record = b"\1" + sps[3:15] + b"\xf0\0\xfc\xfd\xf8\xf8\0\0\x0f" + bytes([len(units)])
    for unit in units:
        record += bytes([0x80 | unit[0] >> 1 & 63]) + struct.pack(">HH", 1, len(unit)) + unit
    return record


def _audio_entry(level: Level) -> bytes:
    told = level.attributes
    assert told["BitsPerSample"] == "16"
    channels, rate = int(told["Channels"]), int(told["SamplingRate"])
    fields = struct.pack(">6xH8xHH4xI", 1, channels, 16, rate << 16)
    if told["FourCC"] == "EC-3":
        assert told["AudioTag"] == "65534"
        block, mask, guid = struct.unpack_from("<HI16s", level.private)
        assert (block, guid.hex()) == (1536, "af87fba7022dfb42a4d405cd93843bdd")
        assert mask.bit_count() == channels
        return boxes.make(b"ec-3", fields, boxes.make(b"dec3", level.private[22:]))
    assert told["FourCC"] in ("AACL", "AACH", "AACP")
    assert told["AudioTag"] == "255"
    specific = bytes([5, len(level.private)]) + level.private
    config = bytes([4, 13 + len(specific), 0x40, 0x15]) + bytes(11) + specific
    stream = bytes([3, 6 + len(config), 0, 1, 0]) + config + b"\6\1\2"
    return boxes.make(b"mp4a", fields, boxes.make_full(b"esds", 0, 0, stream))


def seconds(ticks: int) -> Fraction:
    """Return ticks as seconds."""
    return Fraction(ticks, TICKS)
