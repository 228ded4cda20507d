"""A film's report as lines that people read."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from hls_mp4.tools.film_report import BoxReport, EditReport, FilmReport, KeyFramesReport, TrackReport
from hls_mp4.tools.flash_report import FlashReport

_MOST_TIMES = 8
_MOST_TOP_BOXES = 24
_LABEL = 12


def film_text(film: FilmReport) -> Iterator[str]:
    """Yield the lines."""
    yield film.file
    yield _line("format", f"{film.format}, {_layout(film)}")
    yield _line("size", _bytes(film.size))
    yield _line("duration", _seconds(film.duration))
    if film.flash is not None:
        yield from _flash_lines(film.flash)
    elif film.brands is None:
        yield _line("brands", "none")
    else:
        compatible = " ".join(film.brands.compatible) or "none"
        yield _line("brands", f"{film.brands.major} {film.brands.minor_version}, compatible: {compatible}")
    index = film.index
    yield _line(
        "index",
        f"{_count(index.reads, 'read')}, {_bytes(index.bytes_read)}; "
        f"metadata {_bytes(index.metadata_size)}; {_bytes(index.memory)} in memory",
    )
    for track in film.tracks:
        yield ""
        yield from _track_lines(track)
    if film.flash is None:
        yield ""
        yield f"{'offset':>16} {'size':>16}  box"
        yield from _top_lines(film.boxes)


def _flash_lines(flash: FlashReport) -> Iterator[str]:
    yield _line("header", f"{' and '.join(flash.promised) or 'nothing'} promised; first tag at {flash.first_tag}")
    yield _line("metadata", flash.metadata_state)
    for name, value in flash.metadata.items():
        yield _line("", f"{name} {value}")
    yield _line("headers", ", ".join(f"{kind} at {offset:,}" for kind, offset in flash.sequence_headers) or "none")
    if flash.problem:
        yield _line("problem", f"{flash.problem}; the film ends at {flash.end:,}")


def _layout(film: FilmReport) -> str:
    if film.flash is not None:
        return "Flash video (starts at once)"
    if film.fragmented:
        return "fragmented"
    return "moov first (starts at once)" if film.faststart else "moov last (players have to look for it)"


def _track_lines(track: TrackReport) -> Iterator[str]:
    notes = [track.kind, track.codec or "no codec"]
    notes += ["encrypted"] if track.protected else []
    notes += [] if track.enabled else ["disabled"]
    notes += [track.language] if track.language != "und" else []
    yield f"track {track.id}: {', '.join(notes)}"
    if track.width or track.height:
        rate = f", {track.frame_rate:.3f} frames/s" if track.frame_rate else ""
        yield _line("picture", f"{track.width} x {track.height}{rate}")
    if track.channels or track.sample_rate:
        yield _line("sound", f"{_count(track.channels, 'channel')}, {track.sample_rate} Hz")
    yield _line("duration", f"{_seconds(track.duration)} ({track.duration_units} / {track.timescale})")
    yield _line("samples", f"{track.samples:,}; {_bytes(track.bytes)}; {track.bitrate / 1000:,.1f} kbit/s")
    for number, edit in enumerate(track.edits):
        yield _line("" if number else "edits", _edit(edit))
    yield _line("key frames", _key_frames(track.key_frames))


def _edit(edit: EditReport) -> str:
    length = f"for {_seconds(edit.duration)}" if edit.duration else "to the end"
    if edit.media_time is None:
        return f"nothing {length}"
    speed = "" if edit.rate == 1 else f", at speed {edit.rate:g}"
    return f"media from {_seconds(edit.media_time)} {length}{speed}"


def _key_frames(frames: KeyFramesReport) -> str:
    if frames.every_sample:
        return "every sample"
    told = str(frames.count)
    if frames.average is not None:
        told += f", every {_seconds(frames.average)}"
        if frames.shortest != frames.longest:
            told += f" ({frames.shortest:.3f} to {frames.longest:.3f})"
    times = [f"{time:.3f}" for time in frames.times]
    if len(times) > _MOST_TIMES:
        times[_MOST_TIMES - 1 : -1] = ["..."]
    return f"{told}: {' '.join(times)}" if times else told


def _top_lines(boxes: tuple[BoxReport, ...]) -> Iterator[str]:
    """Yield the lines of all boxes; of very many at the top level, those of the first and the last."""
    if len(boxes) <= _MOST_TOP_BOXES:
        yield from _box_lines(boxes, 0)
        return
    half = _MOST_TOP_BOXES // 2
    hidden = boxes[half:-half]
    kinds: dict[str, int] = {}
    for box in hidden:
        kinds[box.type] = kinds.get(box.type, 0) + 1
    yield from _box_lines(boxes[:half], 0)
    told = ", ".join(f"{count} {kind}" for kind, count in kinds.items())
    yield f"{'...':>16} {sum(box.size for box in hidden):>16,}  ... {told}"
    yield from _box_lines(boxes[-half:], 0)


def _box_lines(boxes: Iterable[BoxReport], depth: int) -> Iterator[str]:
    for box in boxes:
        yield f"{box.offset:>16,} {box.size:>16,}  {'  ' * depth}{box.type}"
        yield from _box_lines(box.boxes, depth + 1)


def _line(label: str, value: str) -> str:
    return f"  {label:<{_LABEL}}{value}"


def _seconds(value: float) -> str:
    if value < 60:
        return f"{value:.3f} s"
    minutes, rest = divmod(round(value * 1000), 60_000)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest // 1000:02}.{rest % 1000:03}"


def _bytes(value: int) -> str:
    return f"{value:,} bytes"


def _count(value: int, name: str) -> str:
    return f"{value:,} {name}{'' if value == 1 else 's'}"
