"""onMetaData of a media, as a manifest has it: script data without the tag around it (F4M 3.0, metadata)."""

from __future__ import annotations

from typing import Any

from hls_mp4.containers.flv import amf0
from hls_mp4.containers.flv.metadata import BEGINNING
from hls_mp4.media.presentation import Presentation
from hls_mp4.packagers.hds.coding import Codings
from hls_mp4.packagers.hds.offer import Media
from hls_mp4.packagers.segmenting.traits import channels_of, frame_rate

_SAMPLE_BITS = 16


def media_metadata(presentation: Presentation, codings: Codings, media: Media, duration_ms: int) -> bytes:
    """Return what a player is told of a media.

    Args:
        presentation: whose media it is.
        codings: how its tracks are carried.
        media: which.
        duration_ms: until its last sample is over: clients cut off what comes later.
    """
    members: dict[str, Any] = {"duration": duration_ms / 1000}
    for number in media.numbers:
        each, coding = presentation.renditions[number], codings.of[number]
        rate = each.bitrate / 1000
        if coding.video:
            members |= {
                "width": each.track.width,
                "height": each.track.height,
                "videodatarate": rate,
                "framerate": float(frame_rate(each)),
                "videocodecid": coding.number,
            }
        else:
            channels = channels_of(each)
            members |= {
                "audiodatarate": rate,
                "audiosamplerate": each.track.rate,
                "audiosamplesize": _SAMPLE_BITS,
                "audiochannels": channels,
                "stereo": channels > 1,
                "audiocodecid": coding.number,
            }
    return BEGINNING + amf0.write_ecma_array(members)
