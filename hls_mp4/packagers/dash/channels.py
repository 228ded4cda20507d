"""AudioChannelConfiguration (ISO/IEC 23009-1 5.8.5.4): how many channels, and of Dolby's codecs which ones.

The mask of Dolby's scheme is that of ETSI TS 102 366 E.1.3.1.8, read from dac3 (F.4) and dec3 (F.6).
"""

from __future__ import annotations

from hls_mp4.codecs.bits import Bits
from hls_mp4.codecs.records import Records
from hls_mp4.media.presentation import Rendition
from hls_mp4.packagers.description import configuration
from hls_mp4.packagers.segmenting.traits import channels_of

MPEG = "urn:mpeg:dash:23003:3:audio_channel_configuration:2011"
DOLBY = "tag:dolby.com,2014:dash:audio_channel_configuration:2011"

_CONFIGURATIONS = {7: 11, 8: 12}
"""Channels -> ChannelConfiguration (ISO/IEC 23091-3), where it is not their number."""

_LEFT, _CENTRE, _RIGHT, _LEFT_BACK, _RIGHT_BACK, _BACK = 0x8000, 0x4000, 0x2000, 0x1000, 0x0800, 0x0100
_LOW = 0x0001
_MODES = (
    _LEFT | _RIGHT,
    _CENTRE,
    _LEFT | _RIGHT,
    _LEFT | _CENTRE | _RIGHT,
    _LEFT | _RIGHT | _BACK,
    _LEFT | _CENTRE | _RIGHT | _BACK,
    _LEFT | _RIGHT | _LEFT_BACK | _RIGHT_BACK,
    _LEFT | _CENTRE | _RIGHT | _LEFT_BACK | _RIGHT_BACK,
)
"""Audio coding mode -> channels."""

_FURTHER = (0x0400, 0x0200, 0x0100, 0x0080, 0x0040, 0x0020, 0x0010, 0x0008, 0x0002)
"""Bit of chan_loc, the lowest first -> channels of dependent substreams."""


def channel_configuration(rendition: Rendition) -> tuple[str, str]:
    """Return scheme and value of a rendition of sound."""
    told = configuration(rendition.track)
    try:
        mask = {"ac-3": _mask_of_dac3, "ec-3": _mask_of_dec3}.get(told.entry, _no_mask)(told.records)
    except LookupError:
        mask = 0
    if mask:
        return DOLBY, f"{mask:04X}"
    channels = channels_of(rendition)
    return MPEG, str(_CONFIGURATIONS.get(channels, channels))


def _no_mask(records: Records) -> int:
    return 0


def _mask_of_dac3(records: Records) -> int:
    bits = Bits(bytes(records["dac3"]))
    bits.skip(10)
    return _MODES[bits.u(3)] | _LOW * bits.u(1)


def _mask_of_dec3(records: Records) -> int:
    bits = Bits(bytes(records["dec3"]))
    bits.skip(13)
    mask = 0
    for _ in range(bits.u(3) + 1):
        bits.skip(12)
        mask |= _MODES[bits.u(3)] | _LOW * bits.u(1)
        bits.skip(3)
        if bits.u(4):
            located = bits.u(9)
            mask |= sum(channel for bit, channel in enumerate(_FURTHER) if located >> bit & 1)
        else:
            bits.skip(1)
    return mask
