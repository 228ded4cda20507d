"""The multivariant playlist (RFC 8216 4.3.4; rfc8216bis 4.4.6): what a player chooses from."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from hls_mp4.media.presentation import Presentation, Rendition
from hls_mp4.packagers.hls.forms import Form
from hls_mp4.packagers.hls.variants import Offer, Variant, offer_of
from hls_mp4.packagers.segmenting.cutting import cutting_of
from hls_mp4.packagers.segmenting.durations import decimal
from hls_mp4.packagers.segmenting.languages import UNKNOWN, language_name, language_tag
from hls_mp4.packagers.segmenting.names import tracks_name
from hls_mp4.packagers.segmenting.traits import (
    bandwidths,
    channels_of,
    codecs_of,
    frame_rate,
    tag_of,
    video_range,
)

_TEXTS = "texts"


def master_playlist(presentation: Presentation, numbers: Sequence[int], form: Form, *, iframes: bool) -> str:
    """Return the multivariant playlist.

    Args:
        presentation: at least one video or audio rendition.
        numbers: renditions that the segments can carry.
        form: of the segments.
        iframes: whether I-frame playlists are wanted.
    """
    offer = offer_of(presentation, muxed=form.muxed, numbers=numbers)
    rates = _Rates(presentation, form)
    lines = ["#EXTM3U", f"#EXT-X-VERSION:{form.version(key_frames=True)}", "#EXT-X-INDEPENDENT-SEGMENTS"]
    lines += _sounds(presentation, offer)
    lines += _texts(presentation)
    for variant in sorted(offer.variants, key=lambda each: rates.of(each.numbers)[0]):
        lines += _variant(presentation, offer, variant, rates)
    if iframes and form.has_key_frames:
        seen = {number for variant in offer.variants for number in variant.numbers}
        lines += [_iframes(presentation, number, rates) for number in sorted(seen) if _is_video(presentation, number)]
    return "\n".join(lines) + "\n"


class _Rates:
    """Bit rates of playlists, each found once."""

    def __init__(self, presentation: Presentation, form: Form) -> None:
        self._presentation = presentation
        self.form = form
        self._found: dict[tuple[int, ...], tuple[int, int]] = {}

    def of(self, numbers: tuple[int, ...]) -> tuple[int, int]:
        """Return the peak and the average bit rate of some renditions in the same segments."""
        if numbers not in self._found:
            cutting = cutting_of(self._presentation, numbers)
            ticks = cutting.ticks
            target = int(ticks.max())
            lengths = self.form.lengths(self._presentation, numbers)
            self._found[numbers] = bandwidths(lengths, ticks, cutting.timescale, target)
        return self._found[numbers]


def quoted(text: str) -> str:
    """Return an attribute value in quotes; what it cannot hold is left out (RFC 8216 4.2)."""
    return '"' + text.replace('"', "'").replace("\r", " ").replace("\n", " ") + '"'


def _is_video(presentation: Presentation, number: int) -> bool:
    return presentation.renditions[number].kind == "video"


def _uri(presentation: Presentation, kind: str, numbers: Sequence[int]) -> str:
    tracks = tracks_name([presentation.renditions[number] for number in numbers], presentation)
    query = f"?{presentation.forward}" if presentation.forward else ""
    return f"{kind}{tracks}.m3u8{query}"


def _sounds(presentation: Presentation, offer: Offer) -> list[str]:
    lines = []
    for group, members in offer.groups.items():
        default = next((number for number in members if presentation.renditions[number].track.enabled), members[0])
        for number in members:
            each = presentation.renditions[number]
            tag = tag_of(each)
            lines.append(
                f"#EXT-X-MEDIA:TYPE=AUDIO,GROUP-ID={quoted(group)}"
                + (f",LANGUAGE={quoted(tag)}" if tag != UNKNOWN else "")
                + f",NAME={quoted(offer.labels[number])},DEFAULT={'YES' if number == default else 'NO'}"
                + f",AUTOSELECT=YES,CHANNELS={quoted(str(channels_of(each)))}"
                + f",URI={quoted(_uri(presentation, 'index', (number,)))}"
            )
    return lines


def _texts(presentation: Presentation) -> list[str]:
    lines = []
    names: list[str] = []
    query = f"?{presentation.forward}" if presentation.forward else ""
    for number, text in enumerate(presentation.texts):
        tag = language_tag(text.language)
        name = text.label or (language_name(tag) if tag != UNKNOWN else "Subtitles")
        names.append(name)
        if names.count(name) > 1:
            name = f"{name} {names.count(name)}"
        lines.append(
            f"#EXT-X-MEDIA:TYPE=SUBTITLES,GROUP-ID={quoted(_TEXTS)}"
            + (f",LANGUAGE={quoted(tag)}" if tag != UNKNOWN else "")
            + f",NAME={quoted(name)},DEFAULT=NO,AUTOSELECT=YES,FORCED={'YES' if text.forced else 'NO'}"
            + f",URI={quoted(f'index-t{number + 1}.m3u8{query}')}"
        )
    return lines


def _variant(presentation: Presentation, offer: Offer, variant: Variant, rates: _Rates) -> list[str]:
    peak, average = rates.of(variant.numbers)
    sounds = offer.groups.get(variant.group, ())
    if sounds:
        beside = [rates.of((number,)) for number in sounds]
        peak, average = peak + max(rate for rate, _ in beside), average + max(rate for _, rate in beside)
    renditions = [presentation.renditions[number] for number in (*variant.numbers, *sounds)]
    attributes = [
        f"BANDWIDTH={peak}",
        f"AVERAGE-BANDWIDTH={average}",
        f"CODECS={quoted(','.join(dict.fromkeys(codecs_of(each) for each in renditions)))}",
    ]
    video = next((each for each in renditions if each.kind == "video"), None)
    if video is not None:
        attributes += _picture(video)
    if sounds:
        attributes.append(f"AUDIO={quoted(variant.group)}")
    if presentation.texts:
        attributes.append(f"SUBTITLES={quoted(_TEXTS)}")
    if video is not None:
        attributes.append("CLOSED-CAPTIONS=NONE")
    return [f"#EXT-X-STREAM-INF:{','.join(attributes)}", _uri(presentation, "index", variant.numbers)]


def _picture(video: Rendition) -> list[str]:
    rate = frame_rate(video)
    told = [f"FRAME-RATE={decimal(rate.numerator, rate.denominator, 3)}", f"VIDEO-RANGE={video_range(video)}"]
    if video.track.width and video.track.height:
        told.insert(0, f"RESOLUTION={video.track.width}x{video.track.height}")
    return told


def _iframes(presentation: Presentation, number: int, rates: _Rates) -> str:
    """Return the entry of an I-frame playlist; its bit rate is that of the key frames shown at the film's own pace."""
    video = presentation.renditions[number]
    cutting = cutting_of(presentation, (number,))
    keys = np.array([length for _, length in rates.form.key_frames(presentation, number)], np.int64)
    peak, average = bandwidths(keys, cutting.ticks, cutting.timescale, int(cutting.ticks.max()))
    attributes = [
        f"BANDWIDTH={peak}",
        f"AVERAGE-BANDWIDTH={average}",
        f"CODECS={quoted(codecs_of(video))}",
        *(each for each in _picture(video) if not each.startswith("FRAME-RATE")),
        f"URI={quoted(_uri(presentation, 'iframes', (number,)))}",
    ]
    return f"#EXT-X-I-FRAME-STREAM-INF:{','.join(attributes)}"
