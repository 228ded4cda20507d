"""The shape of pixels, and the rate of pictures, as a manifest has them."""

from __future__ import annotations

import struct

from hls_mp4.codecs.annexb import START_CODE, framing_of_avc
from hls_mp4.codecs.avc_slices import SPS, read_sps
from hls_mp4.media.presentation import Rendition
from hls_mp4.packagers.description import configuration
from hls_mp4.packagers.segmenting.traits import frame_rate

_PASP = struct.Struct(">II")
_SQUARE = (1, 1)


def pixel_ratio(rendition: Rendition) -> tuple[int, int]:
    """Return how wide and how high a pixel is: by pasp (ISO/IEC 14496-12 12.1.4), else as H.264 says itself."""
    records = configuration(rendition.track).records
    pasp = records.get("pasp")
    if pasp is not None and len(pasp) >= _PASP.size:
        across, down = _PASP.unpack_from(pasp)
        if across and down:
            return across, down
    record = records.get("avcC")
    if record is not None:
        try:
            for unit in framing_of_avc(record).parameter_sets.split(START_CODE)[1:]:
                if unit[0] & 31 == SPS:
                    across, down = read_sps(unit)[1].ratio
                    return (across, down) if across and down else _SQUARE
        except (LookupError, ValueError):
            pass
    return _SQUARE


def frame_rate_of(rendition: Rendition) -> str:
    """Return pictures per second: "25", "30000/1001"."""
    rate = frame_rate(rendition)
    return str(rate.numerator) if rate.denominator == 1 else f"{rate.numerator}/{rate.denominator}"
