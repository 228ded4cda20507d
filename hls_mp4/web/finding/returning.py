"""return: the end of a request, with a status, a text or another URL.

Named so because `return` is a word of Python. nginx's rewrite module: a text is sent with the status, with the content
type that the URI's suffix has, and passes by `error_page`; a URL goes with 301, 302, 303, 307 or 308, or alone for 302;
444 closes the connection without a word.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from hls_mp4.plan import Literal, Plan
from hls_mp4.web.filters import filtered
from hls_mp4.web.finding.redirects import client_location
from hls_mp4.web.mimetypes import content_type
from hls_mp4.web.refusal import Refusal
from hls_mp4.web.variables import Template, compile_template

if TYPE_CHECKING:
    from hls_mp4.web.finding.running import Action, Run

REDIRECTS = frozenset((301, 302, 303, 307, 308))
"""Statuses whose text is a URL."""


@dataclass(frozen=True, slots=True)
class Return:
    """One return.

    Args:
        status: of the answer.
        text: of the answer, or its URL; None for none.
    """

    status: int
    text: Template | None = None

    def action(self) -> Action:
        """Return what is done for a request."""
        status, text = self.status, self.text

        def act(run: Run) -> bool:
            if run.foreseeing:
                raise Refusal(status)
            run.request.code = run.request.error_status or status
            said = text.render(run.facts) if text is not None else ""
            if status in REDIRECTS and (text is not None or status < 400):
                raise Refusal(status, headers=[("Location", client_location(run.request, said))] if said else None)
            if status >= 400 and (text is None or not text.text):
                raise Refusal(status)
            request = run.request
            rules = request.rules
            assert rules is not None
            body = said.encode("latin-1", "replace")
            kind = content_type(rules.types, request.location_path)
            plan = Plan([Literal(body)]) if body else Plan(())
            run.answer = filtered(request, rules, plan, None, None, kind, status=status)
            return True

        return act


def read_return(args: Sequence[str]) -> Return:
    """Return the statement of `code [text]`, `code URL` or `URL`; raises ValueError."""
    if not 1 <= len(args) <= 2:
        raise ValueError("invalid number of arguments")
    if not args[0].isascii() or not args[0].isdigit():
        if len(args) == 1 and args[0].startswith(("http://", "https://", "$scheme")):
            return Return(302, compile_template(args[0]))
        raise ValueError(f'invalid return code "{args[0]}"')
    if len(args[0]) > 3 or int(args[0]) < 200:
        raise ValueError(f'invalid return code "{args[0]}"')
    return Return(int(args[0]), compile_template(args[1]) if len(args) == 2 else None)
