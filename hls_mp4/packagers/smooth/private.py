"""What a manifest says of a codec, so that a player can make its own init segment (MS-SSTR 2.2.2.5).

    H264        start codes and parameter sets, those that stand before the pictures
    HVC1 HEV1   the same
    AACL        AudioSpecificConfig; AACH with SBR, AACP with parametric stereo, where these are told of
    EC-3        the end of a WAVEFORMATEXTENSIBLE: samples of a block, loudspeakers, Dolby's GUID, and dec3's payload

Left out, because no player of Smooth Streaming would know what to do with it: every other codec; tracks that are
encrypted in the file; those whose parameter sets are not known before the pictures, or whose samples need several
configurations.
"""

from __future__ import annotations

import struct
from collections.abc import Callable
from dataclasses import dataclass

from hls_mp4.codecs.annexb import START_CODE, Framing, framing_of_avc, framing_of_hevc
from hls_mp4.codecs.configuration import Configuration
from hls_mp4.codecs.eac3 import eac3_of
from hls_mp4.codecs.mpeg4 import heard, stream_of
from hls_mp4.errors import UnsupportedMedia
from hls_mp4.media.presentation import Rendition
from hls_mp4.packagers.description import configuration

_AVC_SETS = ((7,), (8,))
_HEVC_SETS = ((32,), (33,), (34,))
_MPEG4_AAC, _MPEG2_AAC = 0x40, 0x67
_AAC_NAMES = {2: "AACL", 5: "AACH", 29: "AACP"}
_RAW_AAC, _EXTENSIBLE = 255, 65534
_DOLBY_DIGITAL_PLUS = bytes.fromhex("AF87FBA7022DFB42A4D405CD93843BDD")
_BLOCK = 1536
_BITS = 16


@dataclass(frozen=True, slots=True)
class Described:
    """What a manifest says of a rendition's codec.

    Args:
        family: what a player cannot change from within a stream: "avc", "hevc", "aac" or "eac3".
        fourcc: four letters.
        private: CodecPrivateData.
        attributes: of the QualityLevel, beside those that all have; (name, value).
        channels: of sound.
    """

    family: str
    fourcc: str
    private: bytes
    attributes: tuple[tuple[str, int], ...]
    channels: int = 0


def described(rendition: Rendition) -> Described:
    """Return what a manifest says of a rendition.

    Raises:
        UnsupportedMedia: Smooth Streaming has no words for it; the message says why.
    """
    told = configuration(rendition.track)
    if told.protected:
        raise UnsupportedMedia("it is encrypted in the file")
    describe = _DESCRIBERS.get(told.entry)
    if describe is None:
        raise UnsupportedMedia(f'no codec "{told.codec_string or rendition.track.codec}" in Smooth Streaming')
    try:
        found = describe(rendition, told)
    except (LookupError, ValueError) as problem:
        raise UnsupportedMedia(f"its configuration is missing or makes no sense ({problem})") from problem
    if rendition.track.samples.descriptions(rendition.first, rendition.stop) != [1]:
        raise UnsupportedMedia("its samples have several configurations")
    return found


def _avc(rendition: Rendition, told: Configuration) -> Described:
    framing = framing_of_avc(told.records["avcC"])
    return _video(rendition, "avc", "H264", framing, _AVC_SETS)


def _hevc(rendition: Rendition, told: Configuration) -> Described:
    framing = framing_of_hevc(told.records["hvcC"])
    return _video(rendition, "hevc", told.entry.upper(), framing, _HEVC_SETS)


def _video(
    rendition: Rendition, family: str, fourcc: str, framing: Framing, wanted: tuple[tuple[int, ...], ...]
) -> Described:
    units = [unit for unit in framing.parameter_sets.split(START_CODE) if unit]
    kinds = [framing.family.type_of(unit[0]) for unit in units]
    if any(not set(kinds) & set(each) for each in wanted):
        raise UnsupportedMedia("its parameter sets stand in the samples only")
    # Players look for them in this order.
    sets = [unit for each in wanted for kind, unit in zip(kinds, units, strict=True) if kind in each]
    attributes = (
        ("MaxWidth", rendition.track.width),
        ("MaxHeight", rendition.track.height),
        ("NALUnitLengthField", framing.length_size),
    )
    return Described(family, fourcc, b"".join(START_CODE + unit for unit in sets), attributes)


def _aac(rendition: Rendition, told: Configuration) -> Described:
    stream = stream_of(told.records["esds"])
    if stream.object_type not in (_MPEG4_AAC, _MPEG2_AAC):
        raise UnsupportedMedia(f'no codec "{told.codec_string}" in Smooth Streaming')
    found = heard(stream.specific)
    if found.object_type not in _AAC_NAMES:
        raise UnsupportedMedia(f'no codec "{told.codec_string}" in Smooth Streaming')
    channels = found.channels or rendition.track.channels or 2
    attributes = _sound(found.rate or rendition.track.rate, channels, 2 * channels, _RAW_AAC)
    return Described("aac", _AAC_NAMES[found.object_type], stream.specific, attributes, channels)


def _eac3(rendition: Rendition, told: Configuration) -> Described:
    record = bytes(told.records["dec3"])
    found = eac3_of(record)
    rate = found.rate or rendition.track.rate or 48000
    private = struct.pack("<HI", _BLOCK, found.mask) + _DOLBY_DIGITAL_PLUS + record
    packet = found.kbps * 125 * _BLOCK // rate
    attributes = _sound(rate, found.channels, packet, _EXTENSIBLE)
    return Described("eac3", "EC-3", private, attributes, found.channels)


def _sound(rate: int, channels: int, packet: int, tag: int) -> tuple[tuple[str, int], ...]:
    return (
        ("SamplingRate", rate),
        ("Channels", channels),
        ("BitsPerSample", _BITS),
        ("PacketSize", packet),
        ("AudioTag", tag),
    )


_DESCRIBERS: dict[str, Callable[[Rendition, Configuration], Described]] = {
    **dict.fromkeys(("avc1", "avc3"), _avc),
    **dict.fromkeys(("hvc1", "hev1"), _hevc),
    "mp4a": _aac,
    "ec-3": _eac3,
}
