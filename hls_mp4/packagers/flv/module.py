"""The flv module: what `flv;` in a location does with a request (nginx's ngx_http_flv_module, and ts-flv).

    flv_start bytes      13 constant bytes, then the file from that byte on; whatever begins there is sent
    flv_start keyframe   from the key frame that begins at or before that byte
    flv_start time       from the key frame at or before that second, up to another second

With `flv_metadata on` bytes count in the whole film as it is sent, which is the one whose key frames a player was told.
"""

from __future__ import annotations

from zope.interface import implementer

from hls_mp4.containers.flv.layout import FlvLayout
from hls_mp4.containers.flv.tag import HAS_AUDIO, HAS_VIDEO, file_header
from hls_mp4.errors import ClipOutOfRange
from hls_mp4.interfaces import Asset, Delivery, IClipUrls, IDeliveryModule, IndexLimits, Needs
from hls_mp4.media.index import MediaIndex
from hls_mp4.packagers.flv.arguments import NOTHING_ASKED, Asked, parse_offset, parse_times
from hls_mp4.packagers.flv.seek import Place, key_frame_at_byte, start_place, stop_at
from hls_mp4.packagers.flv.settings import BYTES, KEY_FRAME, TIME, FlvSettings
from hls_mp4.packagers.flv.splice import Whole, clip, whole_film, with_metadata
from hls_mp4.plan import Literal, Plan

LEAST_READ = 4096

CONSTANT_HEADER = file_header(HAS_AUDIO | HAS_VIDEO)
"""What nginx begins every clip with, whatever the file has."""

MUCH_COPIED = 256 * 1024
MUCH_READ = 1024
MANY_KEY_FRAMES = 20_000
"""More metadata than this is copied, read and written in a thread: a value of one byte takes two microseconds to read,
and a film of eleven hours has 20,000 key frames."""


@implementer(IDeliveryModule, IClipUrls)
class FlvModule:
    """Pseudo-streaming of FLV files."""

    name = "flv"
    formats = ("flv",)
    settings = FlvSettings

    def match(self, query: bytes, settings: FlvSettings) -> Asked | None:
        """Return what is asked for; None when the file itself is meant and needs no metadata."""
        asked: Asked | None = None
        if query:
            if settings.start == TIME:
                asked = parse_times(query, settings.start_arg, settings.end_arg)
            else:
                asked = parse_offset(query, settings.start_arg)
        return NOTHING_ASKED if asked is None and settings.metadata else asked

    def serves(self, form: str | None, match: Asked, settings: FlvSettings) -> bool:
        """Tell whether a file is Flash video; bytes are sent of what nobody knows too, as by nginx."""
        return form == "flv" or (form is None and match.asked)

    def needs(self, match: Asked, settings: FlvSettings) -> Needs:
        """Return that an end in time needs samples, and a byte nothing."""
        if match.end_ms is not None:
            return Needs.SAMPLES
        return Needs.NOTHING if settings.start == BYTES and not settings.metadata else Needs.KEY_FRAMES

    def limits(self, settings: FlvSettings) -> IndexLimits:
        """Return what indexing may cost."""
        return IndexLimits(buffer_size=max(LEAST_READ, settings.buffer_size), max_buffer_size=settings.max_buffer_size)

    def clip_query(self, start_ms: int, end_ms: int | None, settings: FlvSettings) -> str | None:
        """Return the query string of a part of a film; None where seconds are not understood."""
        if settings.start != TIME:
            return None
        end = "" if end_ms is None else f"&{settings.end_arg}={_seconds(end_ms)}"
        return f"{settings.start_arg}={_seconds(start_ms)}{end}"

    def takes_long(self, index: MediaIndex | None, match: Asked, settings: FlvSettings) -> bool:
        """Tell whether much metadata has to be copied, or read and written anew."""
        if index is None:
            return False
        layout: FlvLayout = index.header
        size = len(layout.metadata.payload) if layout.metadata is not None else 0
        if not settings.metadata or (layout.truthful and not match.start and match.end_ms is None):
            return size > MUCH_COPIED
        return size > MUCH_READ or len(layout.keys) > MANY_KEY_FRAMES

    def respond(self, asset: Asset, match: Asked, settings: FlvSettings, now: float) -> Delivery:
        """Return the film from where it is asked for, or all of it.

        Raises:
            ClipOutOfRange: a time is asked for at which the film shows nothing.
            StreamingError: the film contradicts itself.
        """
        index: MediaIndex | None = asset.index
        if index is None:
            return _from_byte(asset, Whole(whole_film(asset)), match.start)
        layout: FlvLayout = index.header
        if settings.start == TIME and match.asked and (match.start or match.end_ms is not None):
            place = start_place(layout, match.start, settings.past_end)
            end_ms = match.end_ms if match.end_ms and match.start < match.end_ms < layout.duration_ms else None
            if match.start >= layout.duration_ms:
                end_ms = None
            stop = layout.end if end_ms is None else stop_at(index, end_ms)
            return _clip(asset, layout, place, stop, end_ms, settings)
        whole = with_metadata(asset, layout) if settings.metadata else Whole(whole_film(asset))
        if settings.start == KEY_FRAME and 0 < match.start < whole.plan.length:
            at = key_frame_at_byte(layout, whole.in_file(match.start))
            if at is not None:
                return _clip(asset, layout, at, layout.end, None, settings)
        if settings.start == BYTES:
            return _from_byte(asset, whole, match.start, layout)
        return _whole(whole, layout)


def _from_byte(asset: Asset, whole: Whole, start: int, layout: FlvLayout | None = None) -> Delivery:
    """Return what nginx makes of a byte."""
    if not 0 < start < whole.plan.length:
        return _whole(whole, layout)
    body = whole.plan.cut(start, whole.plan.length)
    return Delivery(
        Plan((Literal(CONSTANT_HEADER), *body.parts)),
        variant=f"b{start}{'m' if whole.given else ''}",
        complaint=layout.complaint if layout is not None else "",
    )


def _whole(whole: Whole, layout: FlvLayout | None) -> Delivery:
    return Delivery(
        whole.plan,
        variant="m" if whole.given else "",
        headers=_headers(0, layout.duration_ms) if layout is not None else (),
        complaint=layout.complaint if layout is not None else "",
    )


def _clip(
    asset: Asset, layout: FlvLayout, place: Place, stop: int, end_ms: int | None, settings: FlvSettings
) -> Delivery:
    if stop <= place.offset:
        raise ClipOutOfRange("no data between start time and end time")
    metadata = f"m{'' if end_ms is None else end_ms}" if settings.metadata else ""
    return Delivery(
        clip(asset, layout, place, stop, end_ms, metadata=settings.metadata),
        variant=f"{place.offset}-{stop}{metadata}",
        headers=_headers(place.time - layout.begin, layout.duration_ms),
        complaint=layout.complaint,
    )


def _headers(start_ms: int, total_ms: int) -> tuple[tuple[str, str], ...]:
    return (("X-Clip-Start", _seconds(start_ms)), ("X-Content-Duration", _seconds(total_ms)))


def _seconds(ms: int) -> str:
    return f"{ms // 1000}.{ms % 1000:03}"
