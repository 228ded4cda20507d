"""satisfy and auth_delay: what several checks of who may come in say together (nginx's access phase).

Each check votes: True lets a client in, None is no opinion, Refusal keeps it out. `satisfy all` lets in whom nobody
keeps out. `satisfy any` is content with one that lets in; when there is none, what kept the client out decides: 401
rather than 403, so that a client learns that a password would help, and nothing when nobody had an opinion.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from twisted.internet.task import deferLater

from hls_mp4.directives import ANYWHERE, Choice, Time, directive
from hls_mp4.web.driving import drive
from hls_mp4.web.refusal import Refusal

if TYPE_CHECKING:
    from hls_mp4.web.phases import Check, Vote
    from hls_mp4.web.request import StreamingRequest


@dataclass(frozen=True, slots=True, kw_only=True)
class SatisfySettings:
    """What several checks say together."""

    satisfy: str = directive(
        "satisfy",
        ANYWHERE,
        Choice(("all", "any")),
        default="all",
        doc="Whether a client has to pass all of allow and deny, auth_basic and auth_request, or any of them.",
    )
    delay: int = directive(
        "auth_delay",
        ANYWHERE,
        Time(),
        default="0",
        doc="How long a client waits for its 401, so that passwords cannot be guessed quickly.",
    )


def admission(votes: Sequence[Vote], settings: SatisfySettings, shared: Any) -> tuple[Check, ...]:
    """Return the checks that a request of a location goes through.

    Args:
        votes: of what the location turned on.
        settings: the location's.
        shared: what all sites share.
    """
    if not votes:
        return ()
    decide = _any if settings.satisfy == "any" else _all

    async def delayed(request: StreamingRequest) -> None:
        try:
            await decide(request, votes)
        except Refusal as refusal:
            if refusal.status == 401:
                request.report("delaying unauthorized request", level="info")
                await deferLater(shared.reactor, settings.delay / 1000)
            raise

    if settings.delay:
        return (lambda request: drive(delayed(request)),)
    return (lambda request: drive(decide(request, votes)),)


async def _all(request: StreamingRequest, votes: Sequence[Vote]) -> None:
    for vote in votes:
        voted = vote(request)
        if voted is not None and not isinstance(voted, bool):
            await voted


async def _any(request: StreamingRequest, votes: Sequence[Vote]) -> None:
    against: Refusal | None = None
    for vote in votes:
        try:
            voted = vote(request)
            if voted is not None and (voted if isinstance(voted, bool) else await voted):
                return
        except Refusal as refusal:
            against = _weightier(request, against, refusal)
    if against is not None:
        raise against


def _weightier(request: StreamingRequest, before: Refusal | None, refusal: Refusal) -> Refusal:
    """Return what keeps a client out that no vote lets in; raises what no other vote can make good."""
    if refusal.status not in (401, 403):
        raise refusal
    if refusal.status == 401 and refusal.reason:
        # A wrong password is worth a line whoever else lets this client in.
        request.report(refusal.reason, level=refusal.level)
        refusal.reason = ""
    if before is None or before.status == 403:
        return refusal
    if refusal.status == 401:
        before.headers = [*(before.headers or []), *(refusal.headers or [])]
    return before
