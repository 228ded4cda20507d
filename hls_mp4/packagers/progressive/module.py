"""The mp4 module: what `mp4;` in a location does with a request."""

from __future__ import annotations

from zope.interface import implementer

from hls_mp4.errors import MediaTooLarge
from hls_mp4.interfaces import Asset, Delivery, IClipUrls, IDeliveryModule, IndexLimits, Needs
from hls_mp4.media.index import MediaIndex
from hls_mp4.packagers.progressive.arguments import Interval, parse_interval
from hls_mp4.packagers.progressive.clip import Timeline, clip
from hls_mp4.packagers.progressive.rate import pace_of
from hls_mp4.packagers.progressive.settings import Mp4Settings
from hls_mp4.packagers.progressive.window import in_film
from hls_mp4.plan import Extent, Plan

LEAST_READ = 4096

MUCH_WRITTEN = 1 << 20
"""Bytes of tables that are written in a thread: eight hours from the first second on are 22 MB and 6 ms of CPU."""

UNASKED = Interval(0, None, asked=False)
"""No argument at all, while films are paced by their bitrate."""

FROM_THE_START = Interval(0, None)


def seconds(ms: int) -> str:
    """Return milliseconds as seconds with three decimals."""
    return f"{ms // 1000}.{ms % 1000:03}"


def shortest(ms: int) -> str:
    """Return milliseconds as seconds without decimals that say nothing: `90`, `90.5`."""
    return seconds(ms).rstrip("0").rstrip(".")


@implementer(IDeliveryModule, IClipUrls)
class Mp4Module:
    """Pseudo-streaming of MP4 files."""

    name = "mp4"
    settings = Mp4Settings
    formats = ("mp4",)

    def match(self, query: bytes, settings: Mp4Settings) -> Interval | None:
        """Return the interval that is asked for; None when the file itself is meant and needs no pacing."""
        interval = parse_interval(query, settings.start_arg, settings.end_arg) if query else None
        if interval is None and settings.limit_rate:
            return UNASKED
        return interval

    def serves(self, form: str | None, match: Interval, settings: Mp4Settings) -> bool:
        """Tell whether a file is of the MP4 family; a clip of what is no film at all is an error, as in nginx."""
        return form == "mp4" or (form is None and match.asked)

    def needs(self, match: Interval, settings: Mp4Settings) -> Needs:
        """Return that clips are made of samples."""
        return Needs.SAMPLES

    def limits(self, settings: Mp4Settings) -> IndexLimits:
        """Return what indexing may cost."""
        return IndexLimits(
            buffer_size=max(LEAST_READ, settings.buffer_size),
            max_buffer_size=settings.max_buffer_size,
        )

    def clip_query(self, start_ms: int, end_ms: int | None, settings: Mp4Settings) -> str:
        """Return the query string of a part of a film."""
        end = "" if end_ms is None else f"&{settings.end_arg}={shortest(end_ms)}"
        return f"{settings.start_arg}={shortest(start_ms)}{end}"

    def takes_long(self, index: MediaIndex, match: Interval, settings: Mp4Settings) -> bool:
        """Tell whether many tables have to be written: more than a megabyte takes milliseconds."""
        total_ms = index.duration * 1000 // index.timescale
        ends = [total_ms if match.end_ms is None else min(match.end_ms, total_ms)]
        if match.window is not None and match.window.end_ms is not None:
            ends.append(match.window.end_ms - match.window.begin_ms)
        return index.metadata_size * (min(ends) - match.start_ms) > MUCH_WRITTEN * total_ms

    def respond(self, asset: Asset, match: Interval, settings: Mp4Settings, now: float) -> Delivery:
        """Return the clip that is asked for, or the file itself where that is the clip already.

        Raises:
            StreamingError: see `clip`; the index may also be of a film that is larger than these settings allow.
        """
        index: MediaIndex = asset.index
        if index.metadata_size > max(settings.max_buffer_size, settings.buffer_size):
            raise MediaTooLarge(
                f"mp4 moov atom is too large:{index.metadata_size}, you may want to increase mp4_max_buffer_size"
            )
        if match == UNASKED or (match == FROM_THE_START and index.faststart and not index.fragmented):
            total_ms = Timeline.of(index).total_ms
            pace = pace_of(
                index.size - index.metadata_size,
                index.metadata_size,
                total_ms,
                settings.limit_rate,
                settings.limit_rate_after_ms,
            )
            return Delivery(
                plan=Plan((Extent(asset.source, 0, index.size),)),
                headers=_headers(0, total_ms),
                rate=pace.rate,
                rate_after=pace.after,
            )
        start_ms, end_ms, window_ms = match.start_ms, match.end_ms, None
        window = match.window
        if window is not None:
            start_ms, end_ms, window_ms = in_film(Timeline.of(index), window, start_ms, end_ms, settings.past_end)
        made = clip(asset, start_ms, end_ms, settings)
        pace = pace_of(
            made.media_bytes, made.header_bytes, made.duration_ms, settings.limit_rate, settings.limit_rate_after_ms
        )
        return Delivery(
            plan=made.plan,
            variant=made.variant,
            headers=(
                _headers(made.start_ms, made.total_ms)
                if window is None or window_ms is None
                else _headers(made.start_ms - window.begin_ms, window_ms)
            ),
            rate=pace.rate,
            rate_after=pace.after,
        )


def _headers(start_ms: int, total_ms: int) -> tuple[tuple[str, str], ...]:
    return (("X-Clip-Start", seconds(start_ms)), ("X-Content-Duration", seconds(total_ms)))
