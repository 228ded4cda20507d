"""The page of a film: a player, places to begin at, a part to watch or keep, and what the film consists of.

It is a form and links: a script only saves loading the page again. What a browser plays is a list of sources, the best
first, so that other ways to send a film can be put before the file itself.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from html import escape

from hls_mp4.media.chapters import Chapter
from hls_mp4.web.pages.addresses import PlayerQuery, decoded, joined
from hls_mp4.web.pages.facts import FilmFacts, TrackFacts
from hls_mp4.web.pages.markup import crumbs, page
from hls_mp4.web.pages.streaming import NATIVE, STREAM_SCRIPT, Stream, credits_of, stream_controls
from hls_mp4.web.pages.style import SCRIPT
from hls_mp4.web.pages.times import page_marks
from hls_mp4.web.pages.words import (
    clock_text,
    exact_clock_text,
    moment,
    rate_text,
    readable,
    seconds_text,
    size_text,
)

_EVERYWHERE = frozenset(
    ("H.264", "VP8", "VP9", "AV1", "AAC", "HE-AAC", "HE-AAC v2", "MP3", "Opus", "FLAC", "PCM", "Vorbis")
)
"""Codecs that browsers of today play."""

_MOST_TITLE = 200


@dataclass(frozen=True, slots=True)
class Source:
    """Something that a browser can play.

    Args:
        url: relative to the page.
        kind: content type, where it tells the browser more than the bytes do.
    """

    url: str
    kind: str = ""


@dataclass(frozen=True, slots=True)
class Shown:
    """What a page shows.

    Args:
        path: normalised URI of the film.
        asked: what was asked of the page.
        size: bytes of the file.
        mtime: of the file, seconds since the epoch.
        facts: of the film; None when no module reads such files.
        chapters: of the film.
        sources: what a browser can play, the best first; none when it can play nothing of it.
        clip: returns the query of a part of the film (ms, ms or None), None when there are no parts.
        listed: whether the folder has a page.
        localtime: whether times are local.
        streams: the film, or the part that is asked for, as streams.
    """

    path: str
    asked: PlayerQuery
    size: int
    mtime: int
    facts: FilmFacts | None = None
    chapters: Sequence[Chapter] = ()
    sources: Sequence[Source] = ()
    clip: Callable[[int, int | None], str | None] | None = None
    listed: bool = False
    localtime: bool = False
    streams: Sequence[Stream] = ()

    @property
    def choices(self) -> Sequence[Source]:
        """What a <video> may choose from: the file, and streams that some browsers play without a player."""
        native = [Source(stream.url, NATIVE[stream.name]) for stream in self.streams if stream.name in NATIVE]
        return (*self.sources, *native)

    @property
    def scripted(self) -> bool:
        """Whether there is a player for a stream."""
        return any(stream.player is not None for stream in self.streams)

    @property
    def plays(self) -> bool:
        """Whether there is something to play in a browser."""
        return bool(self.choices) or self.scripted


def player_page(shown: Shown) -> bytes:
    """Return the page of a film."""
    *folders, name = (readable(part) for part in shown.path.split("/")[1:])
    facts = shown.facts if shown.facts is not None else FilmFacts()
    above = crumbs(folders, inside=True) if shown.listed else ""
    parts = [
        f"<header>\n{above}<h1><bdi>{escape(name)}</bdi></h1>\n{_summary(shown, facts)}</header>\n<main>\n",
        _player(shown, facts),
    ]
    if not facts.problem:
        parts += [_marks(shown, facts), _part(shown, facts)]
    parts += [_about(shown, facts), "</main>\n", credits_of(shown.streams, shown.asked.carried)]
    parts += [f"<script>{SCRIPT}</script>\n"] * shown.plays + [f"<script>{STREAM_SCRIPT}</script>\n"] * shown.scripted
    return page(name, "".join(parts))


def _summary(shown: Shown, facts: FilmFacts) -> str:
    told = [clock_text(facts.duration_ms)] if facts.duration_ms else []
    told += [part for part in (facts.resolution, facts.codecs, size_text(shown.size, exact=False)) if part]
    return f'<p class="quiet">{" · ".join(map(escape, told))}</p>\n'


def _is_part(shown: Shown) -> bool:
    """Tell whether the page plays a clip of its own, with a time of its own."""
    return shown.clip is not None and shown.asked.to_ms is not None


def _player(shown: Shown, facts: FilmFacts) -> str:
    if facts.problem:
        return f'<p class="bad">Not a playable film: {escape(facts.problem)}.</p>\n{_download(shown)}'
    if not shown.plays:
        kind = facts.format.upper() or "this kind of"
        return (
            f"<p>Browsers do not play {escape(kind)} files. Download it, or open its address in a player such as VLC "
            f"or mpv.</p>\n{_download(shown)}"
        )
    element = "audio" if facts.tracks and facts.video is None else "video"
    sources = "".join(
        f'<source src="{escape(source.url)}"{f""" type="{escape(source.kind)}" """.rstrip() if source.kind else ""}>'
        for source in shown.choices
    )
    # Whoever followed a link to a moment wants it to play.
    begun = " autoplay" if shown.asked.from_ms is not None else ""
    video = facts.video
    # With its proportions known, the page does not jump when the film is there.
    shape = f' width="{video.width}" height="{video.height}"' if video is not None and facts.resolution else ""
    playing = f'<{element}{shape} controls playsinline preload="metadata"{begun}>{sources}</{element}>\n'
    return playing + _streams(shown, facts) + _what_plays(shown) + _warning(facts) + _download(shown)


def _streams(shown: Shown, facts: FilmFacts) -> str:
    """Return what chooses between the file and streams, where there is a player for one."""
    if not shown.scripted:
        return ""
    part = shown.asked.to_ms is not None
    begin = seconds_text(shown.asked.from_ms or 0) if not part else "0"
    return stream_controls(
        shown.streams,
        carried=shown.asked.carried,
        file_rate=max(1, shown.size * 8000 // max(1, facts.duration_ms)) if shown.sources else 0,
        begin_s=begin,
        at_once=shown.asked.from_ms is not None,
    )


def _what_plays(shown: Shown) -> str:
    """Return a line on what of the film the page plays, when it is not all of it."""
    asked = shown.asked
    if asked.to_ms is None:
        return ""
    begin = asked.from_ms or 0
    return (
        f"<p>This is {clock_text(begin)} to {clock_text(asked.to_ms)}: {_length(asked.to_ms - begin)} of the film. "
        f'<a href="{escape(asked.page())}">Whole film</a></p>\n'
    )


def _length(ms: int) -> str:
    """Return a length as `5 seconds` or `1:30`."""
    seconds = seconds_text(ms)
    return f"{seconds} second{'' if seconds == '1' else 's'}" if ms < 60_000 else clock_text(ms)


def _warning(facts: FilmFacts) -> str:
    rare = [track.codec for track in facts.tracks if track.kind != "Subtitles" and track.codec not in _EVERYWHERE]
    if not rare:
        return ""
    names = " and ".join(dict.fromkeys(rare))
    return f'<p class="quiet">Not every browser plays {escape(names)}; players such as VLC and mpv do.</p>\n'


def _download(shown: Shown) -> str:
    """Return links that save the film, or the part that is played."""
    whole = escape(joined(shown.asked.carried))
    links = []
    if _is_part(shown) and shown.clip is not None:
        query = shown.clip(shown.asked.from_ms or 0, shown.asked.to_ms)
        if query is not None:
            url = escape(joined(query, shown.asked.carried))
            links.append(f'<a class="chip" href="{url}" download="{escape(_part_name(shown))}">Download this part</a>')
    name = escape(readable(shown.path.rpartition("/")[2]))
    links.append(f'<a class="chip" href="{whole}" download="{name}">Download the film</a>')
    return '<ul class="ways">' + "".join(f"<li>{link}</li>" for link in links) + "</ul>\n"


def _part_name(shown: Shown) -> str:
    """Return a file name for a part: `film 1.30-2.00.mp4`."""
    stem, dot, suffix = readable(shown.path.rpartition("/")[2]).rpartition(".")
    begin, end = shown.asked.from_ms or 0, shown.asked.to_ms or 0
    times = f" {exact_clock_text(begin)}-{exact_clock_text(end)}".replace(":", ".")
    return (stem or suffix) + times + (dot + suffix if stem else "")


def _marks(shown: Shown, facts: FilmFacts) -> str:
    """Return links into the film: its chapters, else times at even distances."""
    if not shown.plays:
        return ""

    def link(start_ms: int, text: str, looks: str = "") -> str:
        # The script seeks in what is loaded, which is the whole film unless this is a part of it.
        within = "" if shown.asked.to_ms is not None else f' data-from="{seconds_text(start_ms)}"'
        return f'<li><a{looks} href="{escape(shown.asked.page(start_ms))}"{within}>{text}</a></li>\n'

    if shown.chapters:
        items = (
            link(
                chapter.start_ms,
                f'<span class="number">{clock_text(chapter.start_ms)}</span>'
                f"<bdi>{escape(chapter.title[:_MOST_TITLE] or f'Chapter {number}')}</bdi>",
            )
            for number, chapter in enumerate(shown.chapters, 1)
        )
        return _card("Chapters", f'<ol class="marks titled">\n{"".join(items)}</ol>\n')
    marks = page_marks(facts.duration_ms)
    if not marks:
        return ""
    items = (link(mark, clock_text(mark), ' class="chip number"') for mark in (0, *marks))
    return _card("Begin at", f'<ol class="marks">\n{"".join(items)}</ol>\n')


def _part(shown: Shown, facts: FilmFacts) -> str:
    """Return the form that asks for a part of the film; it is a GET of this page."""
    if shown.clip is None or not facts.duration_ms:
        return ""
    asked = shown.asked
    begin = exact_clock_text(asked.from_ms or 0)
    end = exact_clock_text(asked.to_ms if asked.to_ms is not None else facts.duration_ms)
    hidden = "".join(
        f'<input type="hidden" name="{escape(decoded(name))}" value="{escape(decoded(value or b""))}">'
        for name, value in asked.kept
    )
    now = "" if _is_part(shown) or not shown.plays else '<button type="button" data-field="{}" hidden>Now</button>\n'
    example = shown.clip(asked.from_ms or 0, asked.to_ms)
    url = f"<p>Its address: <code>{escape(joined(example or '', asked.carried))}</code> behind the film's.</p>\n"
    return _card(
        "A part of it",
        f'<form>\n{hidden}<input type="hidden" name="player" value="">\n'
        f'<label for="from">From<input id="from" name="from" value="{begin}" autocomplete="off"></label>\n'
        f"{now.format('from')}"
        f'<label for="to">To<input id="to" name="to" value="{end}" autocomplete="off"></label>\n'
        f"{now.format('to')}"
        f'<button class="main">Show this part</button>\n</form>\n{url if _is_part(shown) else ""}',
    )


def _about(shown: Shown, facts: FilmFacts) -> str:
    machine, people = moment(shown.mtime, localtime=shown.localtime)
    pairs = [("Length", escape(clock_text(facts.duration_ms)))] if facts.duration_ms else []
    size = size_text(shown.size, exact=False)
    exact = f" ({size_text(shown.size, exact=True)} bytes)" if shown.size >= 1024 else ""
    pairs.append(("Size", f"{size}{exact}"))
    if facts.duration_ms:
        pairs.append(("Bitrate", rate_text(shown.size * 8000 // facts.duration_ms)))
    pairs.append(("Changed", f'<time datetime="{machine}">{people}</time>{"" if shown.localtime else " UTC"}'))
    listed = "".join(f"<dt>{name}</dt><dd>{value}</dd>\n" for name, value in pairs)
    tracks = "".join(_track(track) for track in facts.tracks)
    table = (
        '<table>\n<thead><tr><th scope="col">Track</th><th scope="col">Codec</th>'
        '<th scope="col">Form</th><th scope="col">Language</th><th scope="col">Bitrate</th></tr></thead>\n'
        f"<tbody>\n{tracks}</tbody>\n</table>\n"
    )
    return _card("About the file", f"<dl>\n{listed}</dl>\n{table if tracks else ''}")


def _track(track: TrackFacts) -> str:
    form = ""
    if track.width and track.height:
        form = f"{track.width}\u00d7{track.height}"
    elif track.rate:
        form = f"{track.rate / 1000:g} kHz"
        if track.channels:
            form += {1: ", mono", 2: ", stereo"}.get(track.channels, f", {track.channels} channels")
    cells = (
        escape(track.codec) + (f" <code>{escape(track.codec_string)}</code>" if track.codec_string else ""),
        form,
        escape(track.language),
        rate_text(track.bitrate) if track.bitrate else "",
    )
    return f'<tr><th scope="row">{track.kind}</th>{"".join(f"<td>{cell}</td>" for cell in cells)}</tr>\n'


def _card(title: str, inside: str) -> str:
    return f'<section class="card">\n<h2>{title}</h2>\n{inside}</section>\n'
