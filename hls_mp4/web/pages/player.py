"""The step that answers `film.mp4?player` with the film's page, in the location of the film itself.

The page plays the whole film and lets the browser seek in it by ranges. A file whose metadata is not in front, or that
is fragmented, is played as the clip from its beginning, which is a plain film again; a part with an end is a clip too,
so that the player's bar shows that part.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from hls_mp4.errors import StreamingError
from hls_mp4.interfaces import Needs
from hls_mp4.plan import Literal, Plan
from hls_mp4.sources.indexing import read_fully
from hls_mp4.web.delivering import film_index
from hls_mp4.web.filters import filtered
from hls_mp4.web.pages.addresses import PlayerQuery, argument, joined, player_query
from hls_mp4.web.pages.facts import FilmFacts, broken, details_of, facts_of
from hls_mp4.web.pages.markup import HTML
from hls_mp4.web.pages.place import Clips, clips_of, has_player, indexer, manifests_at
from hls_mp4.web.pages.playerpage import Shown, Source, player_page
from hls_mp4.web.pages.players import StreamPlayer, answer_file, is_player_file, players
from hls_mp4.web.pages.streaming import HEADERS as STREAMING
from hls_mp4.web.pages.streaming import Stream
from hls_mp4.web.pages.style import HEADERS
from hls_mp4.web.pages.words import link_to, seconds_text

if TYPE_CHECKING:
    from collections.abc import Mapping

    from hls_mp4.media.chapters import Chapter
    from hls_mp4.media.index import MediaIndex
    from hls_mp4.sources.local import LocalFile
    from hls_mp4.web.answer import Answer
    from hls_mp4.web.request import StreamingRequest
    from hls_mp4.web.rules import LocationRules


async def answer_player(request: StreamingRequest, rules: LocationRules, file: LocalFile) -> Answer | None:
    """Return the page of a film, None when it was not asked for or its location has none.

    Args:
        request: for the film, or its page.
        rules: of the film's location.
        file: the film.
    """
    if b"player" not in request.query or not has_player(rules, file.path):
        return None
    wanted = argument(request.query, b"player")
    if wanted and is_player_file(wanted):
        return await answer_file(request, rules, wanted)
    asked = player_query(request.query)
    if asked is None:
        return None
    facts: FilmFacts | None = None
    chapters: tuple[Chapter, ...] = ()
    enabled = indexer(rules, file.path)
    if enabled is not None:
        limits = enabled.module.limits(enabled.settings)
        try:
            index = await film_index(request.shared, file, limits, Needs.KEY_FRAMES)
            facts, chapters = await file.held(_read, index, file, request.shared.formats)
        except StreamingError as problem:
            request.report(f'"{file.path}" {problem}', level="info")
            facts = broken(problem)
        except OSError as problem:
            request.report(f'read() "{file.path}" failed ({problem})', level="critical")
            facts = FilmFacts(problem="it cannot be read")
    clips = clips_of(rules, facts.format) if facts is not None else None
    asked = within(asked, facts)
    shown = Shown(
        path=request.location_path,
        asked=asked,
        size=file.size,
        mtime=file.mtime,
        facts=facts,
        chapters=chapters,
        sources=sources_of(asked, facts, clips),
        streams=await _streams(request, asked, facts),
        clip=clips.query if clips is not None and clips.query(0) is not None else None,
        listed=rules.autoindex.enabled,
        localtime=rules.autoindex.localtime,
    )
    answer = filtered(request, rules, Plan([Literal(player_page(shown))]), None, None, HTML)
    answer.headers += STREAMING if shown.scripted else HEADERS
    return answer


def _read(index: MediaIndex, file: LocalFile, formats: tuple[object, ...]) -> tuple[FilmFacts, tuple[Chapter, ...]]:
    """Return what a page tells of a film; for threads."""
    facts = facts_of(index, formats, rates=True)
    details = details_of(index, formats)
    if details is None:
        return facts, ()
    reading = details.chapters(index)
    try:
        wanted = next(reading)
        while True:
            wanted = reading.send(read_fully(file.fd, wanted.offset, wanted.length))
    except StopIteration as done:
        chapters: tuple[Chapter, ...] = done.value
    return facts, chapters


async def _streams(request: StreamingRequest, asked: PlayerQuery, facts: FilmFacts | None) -> tuple[Stream, ...]:
    """Return the film as streams, where it can be one and its location makes them."""
    manifests = manifests_at(request, request.location_path)
    if not manifests or facts is None or facts.problem or not facts.duration_ms:
        return ()
    known = await request.shared.threads.call(players)
    return streams_of(request.location_path, asked, {name: (manifests[name], known.get(name)) for name in manifests})


def streams_of(
    path: str, asked: PlayerQuery, offered: Mapping[str, tuple[str, StreamPlayer | None]]
) -> tuple[Stream, ...]:
    """Return the addresses of streams, relative to the page.

    Args:
        path: normalised URI of the film.
        asked: what is to be played; a part is a stream of its own.
        offered: manifest and player by name.
    """
    part = ""
    if asked.to_ms is not None:
        part = f"vbegin={seconds_text(asked.from_ms or 0)}&vend={seconds_text(asked.to_ms)}"
    query = joined(part, asked.carried)
    below = link_to(path.rpartition("/")[2])
    return tuple(
        Stream(name, f"{below}/{manifest}{query if query != '?' else ''}", player)
        for name, (manifest, player) in offered.items()
    )


def within(asked: PlayerQuery, facts: FilmFacts | None) -> PlayerQuery:
    """Return what was asked for, without times that are not in the film."""
    duration_ms = facts.duration_ms if facts is not None else 0
    if not duration_ms:
        return asked
    begin = asked.from_ms if asked.from_ms is not None and asked.from_ms < duration_ms else None
    end = asked.to_ms if asked.to_ms is not None and begin == asked.from_ms else None
    if end is not None and end >= duration_ms:
        # The part to the end is still a part; all of it is none.
        end = duration_ms if begin else None
    return PlayerQuery(begin, end, asked.kept)


def sources_of(asked: PlayerQuery, facts: FilmFacts | None, clips: Clips | None) -> tuple[Source, ...]:
    """Return what a browser can play of a film, the best first.

    Args:
        asked: what is to be played.
        facts: of the film; None when no module reads it.
        clips: what cuts it; None when nothing does.
    """
    if facts is not None and not facts.in_browsers:
        return ()
    begin, end = asked.from_ms, asked.to_ms
    if clips is not None and end is not None:
        query = clips.query(begin or 0, end)
        if query is not None:
            return (Source(joined(query, asked.carried)),)
    whole = clips.query(0) if clips is not None and facts is not None and not facts.at_once else None
    # A media fragment (W3C Media Fragments 4.2.1): the browser seeks, or plays no further.
    moment = "" if begin is None and end is None else f"#t={seconds_text(begin or 0)}"
    if end is not None:
        moment += f",{seconds_text(end)}"
    return (Source(joined(whole or "", asked.carried) + moment),)
