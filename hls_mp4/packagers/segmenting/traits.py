"""What manifests say of a rendition: codecs, size, rates, channels, languages, and how much bandwidth it takes."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
from numpy.typing import NDArray

from hls_mp4.codecs.mpeg4 import audio_format, stream_of
from hls_mp4.codecs.records import nclx_colour
from hls_mp4.media.presentation import Rendition
from hls_mp4.packagers.description import configuration
from hls_mp4.packagers.segmenting.languages import UNKNOWN, language_name, language_tag

_PQ, _HLG = 16, 18
_USUAL_RATES = tuple(Fraction(rate) for rate in (24, 25, 30, 48, 50, 60, 100, 120)) + tuple(
    Fraction(rate * 1000, 1001) for rate in (24, 30, 48, 60, 120)
)


def codecs_of(rendition: Rendition) -> str:
    """Return the codecs parameter of RFC 6381."""
    return configuration(rendition.track).codec_string


def frame_rate(rendition: Rendition) -> Fraction:
    """Return pictures per second: the usual rate that the average is within a thousandth of, else the average."""
    span = max(1, rendition.end - rendition.begin)
    average = Fraction((rendition.stop - rendition.first) * rendition.track.timescale, span)
    usual = min(_USUAL_RATES, key=lambda rate: abs(rate - average))
    return usual if abs(usual - average) * 1000 <= usual else average.limit_denominator(1000)


def video_range(rendition: Rendition) -> str:
    """Return "SDR", "PQ" or "HLG" (RFC 8216bis 4.4.6.2), by the colours that the sample entry tells."""
    colours = nclx_colour(configuration(rendition.track).records)
    return {_PQ: "PQ", _HLG: "HLG"}.get(colours[1], "SDR") if colours is not None else "SDR"


def channels_of(rendition: Rendition) -> int:
    """Return the channels of sound: those of the decoder's configuration, for sample entries say two of any number."""
    esds = configuration(rendition.track).records.get("esds")
    if esds is not None:
        try:
            channels = audio_format(stream_of(esds).specific)[1]
        except (LookupError, ValueError):
            channels = 0
        if channels:
            return channels
    return rendition.track.channels or 2


def tag_of(rendition: Rendition) -> str:
    """Return a rendition's language as BCP 47; "und" when nobody says."""
    return language_tag(rendition.language)


def label_of(rendition: Rendition, number: int = 0) -> str:
    """Return what people are shown of a rendition.

    Args:
        rendition: what is shown.
        number: tells it from others of its language; 0 for the only one.
    """
    name = rendition.label or (
        language_name(tag_of(rendition)) if tag_of(rendition) != UNKNOWN else rendition.kind.capitalize()
    )
    return f"{name} {number}" if number else name


def bandwidths(sizes: NDArray[np.int64], ticks: NDArray[np.int64], timescale: int, target: int) -> tuple[int, int]:
    """Return the peak and the average bit rate of segments.

    The peak is that of RFC 8216bis 4.4.6.2: of any segments in a row that last between half and one and a half of the
    target duration together, so that a last segment of a tenth of a second does not count for itself.

    Args:
        sizes: bytes of each.
        ticks: how long each lasts.
        timescale: of these.
        target: the target duration, in ticks.

    Returns:
        Bits per second, rounded up.
    """
    if not len(sizes):
        return 0, 0
    total = int(ticks.sum())
    average = -(-int(sizes.sum()) * 8 * timescale // max(1, total))
    peak = 0
    for row in (1, 2, 3):
        if row > len(sizes):
            break
        bits = np.convolve(sizes, np.ones(row, np.int64), "valid") * 8
        spans = np.convolve(ticks, np.ones(row, np.int64), "valid")
        counted = (spans * 2 >= target) & (spans * 2 <= 3 * target)
        if counted.any():
            peak = max(peak, int(_upwards(bits[counted] * timescale, spans[counted]).max()))
    if not peak:  # all segments are longer, or there is hardly anything
        peak = int(_upwards(sizes * 8 * timescale, ticks.clip(1)).max())
    return max(peak, average), average


def _upwards(dividend: NDArray[np.int64], divisor: NDArray[np.int64]) -> NDArray[np.int64]:
    return np.asarray(-(-dividend // divisor))
