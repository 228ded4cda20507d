"""A script while it runs for one request."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from hls_mp4.web.facts import RequestFacts

if TYPE_CHECKING:
    from hls_mp4.web.answer import Answer
    from hls_mp4.web.request import StreamingRequest


class Run:
    """What statements of a script tell each other, and the engine.

    Args:
        request: the request.
        log: takes a sentence for the error log, as `rewrite_log` wants it; None for none.
        foreseeing: only the URI is wanted, nothing is answered.
    """

    __slots__ = ("again", "answer", "facts", "foreseeing", "log", "quote", "request")

    def __init__(
        self, request: StreamingRequest, log: Callable[[str], None] | None, *, foreseeing: bool = False
    ) -> None:
        self.foreseeing = foreseeing
        self.request = request
        self.facts = RequestFacts(request)
        self.log = log
        self.quote = True
        """Whether captures in values are escaped; until a rewrite matched, as in nginx."""
        self.again = False
        """The URI changed, and its location is to be looked for again."""
        self.answer: Answer | None = None
        """What the client gets, when the script said so."""

    @property
    def escapes(self) -> bool:
        """Whether the client escaped anything in the path that it asked for."""
        path = self.request.uri.partition(b"?")[0]
        return b"%" in path or b"+" in path


Action = Callable[[Run], bool]
"""One statement; it returns whether the script ends with it."""
