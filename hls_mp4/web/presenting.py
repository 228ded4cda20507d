"""URLs below a film's: `film.mp4/master.m3u8`, answered by the packagers that a location turned on.

What a URL asks for is seen from its end, see `hls_mp4.web.films.claims`; what comes before it is looked for as a film,
see `hls_mp4.web.films.opening`. Where there is none the URL means what it means without packagers: a folder may hold a
real master.m3u8.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any
from zlib import crc32

from hls_mp4.errors import NotFound, StreamingError, UnsupportedMedia
from hls_mp4.interfaces import Delivery, IEncryptingModule, TruncatedSource
from hls_mp4.packagers.elsewhere.plus import led_below
from hls_mp4.packagers.segmenting.names import tracks_name
from hls_mp4.plan import Literal, Plan
from hls_mp4.sources.local import LocalFile
from hls_mp4.web.films.asked import Wanted, forwarded, wanted
from hls_mp4.web.films.claims import Claim, claims
from hls_mp4.web.films.learning import learned
from hls_mp4.web.films.making import presentation_of
from hls_mp4.web.films.opening import films_at
from hls_mp4.web.films.settings import FilmSettings
from hls_mp4.web.films.told import complain
from hls_mp4.web.films.unified import UnifiedSettings, note
from hls_mp4.web.filters import filtered
from hls_mp4.web.opening import open_file
from hls_mp4.web.refusal import Refusal

if TYPE_CHECKING:
    from hls_mp4.media.presentation import Presentation, Rendition
    from hls_mp4.web.answer import Answer
    from hls_mp4.web.films.held import Films
    from hls_mp4.web.request import StreamingRequest
    from hls_mp4.web.rules import LocationRules


async def presented(request: StreamingRequest, rules: LocationRules, filename: str) -> Answer | None:
    """Return what a packager answers, or None where the path is none of a film and a name below it.

    Raises:
        Refusal: there is a film, and it cannot be presented, or not what is asked for.
    """
    if rules.of[UnifiedSettings].prefer_static and await _is_file(request, rules, filename):
        return None
    films: Films | None = None
    looked: str | None = None
    for claim in claims(rules, filename, request.query):
        if claim.film == looked:
            continue  # another packager knows the name, and there is no such film
        looked = claim.film
        try:
            films = await films_at(request, rules, claim.film, claim.enabled.module.limits(claim.enabled.settings))
            if films is None:
                continue
            answer = await _answer(request, rules, claim, films)
        except Refusal as refusal:
            note(request, rules, refusal.status)
            raise
        except StreamingError as problem:
            raise _refusal(request, rules, claim, problem) from problem
        return answer
    if looked is not None:
        note(request, rules, 404)
    return None


async def _is_file(request: StreamingRequest, rules: LocationRules, filename: str) -> bool:
    try:
        opened = await open_file(request, rules, filename)
    except Refusal:
        return False
    if not isinstance(opened, LocalFile):
        return False
    opened.release()
    return True


def _refusal(request: StreamingRequest, rules: LocationRules, claim: Claim, problem: StreamingError) -> Refusal:
    """Return what an error of a film that is there leads to."""
    status = problem.status_hint
    nowhere = isinstance(problem, NotFound)
    note(request, rules, status, fragment=nowhere)
    if nowhere:
        settings: UnifiedSettings = rules.of[UnifiedSettings]
        status = settings.status(claim.enabled.module.name, "not_found") or status
    return Refusal(status, f'"{claim.film}" {problem}')


async def _answer(request: StreamingRequest, rules: LocationRules, claim: Claim, films: Films) -> Answer:
    """Return the answer of a claim whose films are there; they are released when it was sent, or cannot be made."""
    try:
        part = wanted(request.query, claim.parts)
        made = await presentation_of(request, rules, films, part)
        films.mtime = max(films.mtime, made.mtime)
        presentation = replace(made.presentation, forward=_forward(request, rules, part), protection=rules.protection)
        delivery = await _delivered(request, claim, films, presentation)
        if claim.beside:
            delivery = _led_below(delivery, claim.beside)
        if not part.everything:
            # Segments of two parts may hold the same samples, at other times.
            delivery = replace(delivery, variant=f"{delivery.variant}-{crc32(repr(part.key).encode()):08x}")
        _complain(request, films, presentation, delivery)
        note(request, rules, 200)
        answer = filtered(request, rules, delivery.plan, films, delivery, delivery.content_type or "")
    except (OSError, TruncatedSource) as problem:
        films.release()
        raise Refusal(500, f'read() "{films.path}" failed ({problem})', level="critical") from problem
    except BaseException:
        films.release()
        raise
    answer.held = films
    return answer


def _forward(request: StreamingRequest, rules: LocationRules, part: Wanted) -> str:
    """Return the arguments that manifests carry on."""
    if not request.query:
        return ""
    try:
        others = forwarded(request.query, rules.of[FilmSettings].forward)
    except ValueError as problem:
        raise Refusal(414, str(problem)) from None
    return "&".join(filter(None, (part.carried, others)))


async def _delivered(request: StreamingRequest, claim: Claim, films: Films, presentation: Presentation) -> Delivery:
    module, settings, match = claim.enabled.module, claim.enabled.settings, claim.match
    if claim.named is not None:
        match = module.match(claim.named(presentation), b"", settings)
        if match is None:
            raise NotFound(f"{module.name} has no such thing")
    if presentation.protection is not None and not IEncryptingModule.providedBy(module):
        raise UnsupportedMedia(f"{module.name} does not encrypt, and there is a drm_key_file")
    if module.takes_long(presentation, match, settings):
        return await learned(await films.call(module.respond, presentation, match, settings, request.started), films)
    return await learned(module.respond(presentation, match, settings, request.started), films)


def _led_below(delivery: Delivery, film: str) -> Delivery:
    """Return a playlist that lies beside its film rather than below."""
    text = b"".join(bytes(part.data) for part in delivery.plan.parts if isinstance(part, Literal)).decode()
    plan = Plan([Literal(led_below(text, film).encode())])
    return replace(delivery, plan=plan, variant=f"{delivery.variant}-beside")


def _complain(request: StreamingRequest, films: Films, presentation: Presentation, delivery: Delivery) -> None:
    """Tell the log, once, what is wrong with films that are served all the same."""
    if delivery.complaint:
        complain(request, films.key, f'"{films.path}" {delivery.complaint}')
    shortened = [each for each in presentation.renditions if not each.whole]
    if shortened:
        told = ", ".join(f"{tracks_name([each], presentation)[1:]} to {_seconds(each)} s" for each in shortened)
        complain(
            request,
            films.key,
            f'"{films.path}" has edits that only mp4 carries out: what is served is the first stretch, {told}',
        )
    cut: Any = presentation.segments_made.get(presentation.policy)
    if cut is not None and cut.disagreeing:
        told = ", ".join(tracks_name([presentation.renditions[number]], presentation)[1:] for number in cut.disagreeing)
        complain(
            request,
            films.key,
            f'"{films.path}" the key frames of {told} are not those of the first video, whose segments all have',
        )


def _seconds(rendition: Rendition) -> str:
    return f"{(rendition.end - rendition.begin) / rendition.track.timescale:.3f}"
