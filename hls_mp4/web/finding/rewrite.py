"""rewrite and break: another URI for what a regular expression matches, or a redirect of the client there.

nginx's rewrite module: `last` has the location looked for again and `break` ends the script, both with the new URI;
`redirect` (302), `permanent` (301) and replacements that begin with http://, https:// or $scheme are told to the
client. Arguments of the request follow those of the replacement unless that ends with a question mark.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from hls_mp4.directives import compile_regex
from hls_mp4.web.finding.redirects import client_location
from hls_mp4.web.finding.texts import escape_arguments, is_capture, unescape_redirect
from hls_mp4.web.locations import captures_of, later_captures
from hls_mp4.web.refusal import Refusal
from hls_mp4.web.variables import Template, compile_template, native_text

if TYPE_CHECKING:
    from hls_mp4.web.finding.running import Action, Run

_STATUSES = {"redirect": 302, "permanent": 301}
_ABROAD = ("http://", "https://", "$scheme")


@dataclass(frozen=True, slots=True)
class Rewrite:
    """One rewrite.

    Args:
        regex: what the URI must match.
        replacement: of the URI, arguments behind a question mark.
        flag: "last", "break", "redirect", "permanent", or nothing.
        keeps_arguments: the request's own arguments are appended.
    """

    regex: re.Pattern[str]
    replacement: Template
    flag: str = ""
    keeps_arguments: bool = True

    @property
    def status(self) -> int:
        """The status of a redirect of the client, 0 for a new URI."""
        abroad = self.replacement.text.startswith(_ABROAD)
        return _STATUSES.get(self.flag, 302 if abroad else 0)

    def action(self) -> Action:
        """Return what is done for a request."""
        status, search = self.status, self.regex.search
        make = _maker(self.replacement, redirect=bool(status))

        def act(run: Run) -> bool:
            request = run.request
            uri = request.location_path
            found = search(uri)
            if run.log is not None:
                run.log(f'"{self.regex.pattern}" {"matches" if found else "does not match"} "{uri}"')
            if found is None:
                request.captures = later_captures(request.captures, {})
                return False
            request.captures = later_captures(request.captures, captures_of(found))
            text, arguments = make(run)
            run.quote = False
            if status:
                self._redirect(run, status, text)
            self._change(run, text, arguments)
            return bool(self.flag)

        return act

    def _redirect(self, run: Run, status: int, text: str) -> None:
        """Raise the refusal that tells the client of another URL."""
        target = unescape_redirect(text)
        query = run.request.query.decode("latin-1")
        if self.keeps_arguments and query:
            target += ("&" if _has_arguments(self.replacement) else "?") + query
        if run.log is not None:
            run.log(f'rewritten redirect: "{target}"')
        raise Refusal(status, headers=[("Location", client_location(run.request, target))])

    def _change(self, run: Run, uri: str, arguments: str | None) -> None:
        """Give the request its new URI."""
        request = run.request
        request.internal = True
        if self.flag == "break":
            request.uri_rewritten = True
        run.again = self.flag != "break"
        if arguments is not None:
            kept = request.query if self.keeps_arguments else b""
            request.query = arguments.encode("latin-1") + (b"&" + kept if kept else b"")
        elif not self.keeps_arguments:
            request.query = b""
        request.location_path = native_text(uri)
        if run.log is not None:
            query = request.query.decode("utf-8", "surrogateescape")
            run.log(f'rewritten data: "{request.location_path}", args: "{query}"')
        if not uri:
            raise Refusal(500, "the rewritten URI has a zero length")


def _has_arguments(replacement: Template) -> bool:
    return any(isinstance(part, str) and "?" in part for part in replacement.parts)


def _maker(replacement: Template, *, redirect: bool) -> Callable[[Run], tuple[str, str | None]]:
    """Return a function from a running script to a new URI and its arguments, None for no question mark; latin-1."""
    pieces: list[object] = []
    for part in replacement.parts:
        if isinstance(part, str) and "?" in part and not redirect and None not in pieces:
            path, _, query = part.partition("?")
            pieces += (path, None, query)
        else:
            pieces.append(part)
    if all(isinstance(piece, str) for piece in pieces):
        constant = "".join(map(str, pieces))
        return lambda run: (constant, None)

    def make(run: Run) -> tuple[str, str | None]:
        made: list[str] = []
        mark = None
        for piece in pieces:
            if piece is None:
                mark = len(made)
            elif isinstance(piece, str):
                made.append(piece)
            else:
                text = piece.read(run.facts) or ""  # type: ignore[attr-defined]
                escaped = (redirect or mark is not None) and is_capture(piece.name)  # type: ignore[attr-defined]
                made.append(escape_arguments(text) if escaped and run.escapes else text)
        return ("".join(made), None) if mark is None else ("".join(made[:mark]), "".join(made[mark:]))

    return make


def read_rewrite(args: Sequence[str]) -> Rewrite:
    """Return the statement of `regex replacement [last | break | redirect | permanent]`; raises ValueError."""
    if not 2 <= len(args) <= 3:
        raise ValueError("invalid number of arguments")
    flag = args[2] if len(args) == 3 else ""
    if flag not in ("", "last", "break", "redirect", "permanent"):
        raise ValueError(f'invalid parameter "{flag}"')
    if not args[1]:
        raise ValueError("empty replacement")
    keeps = not args[1].endswith("?")
    return Rewrite(compile_regex(args[0]), compile_template(args[1] if keeps else args[1][:-1]), flag, keeps)


@dataclass(frozen=True, slots=True)
class Break:
    """The end of a script."""

    def action(self) -> Action:
        """Return what is done for a request."""

        def act(run: Run) -> bool:
            if run.again:
                run.request.uri_rewritten = True
            run.again = False
            return True

        return act


def read_break(args: Sequence[str]) -> Break:
    """Return the statement of `break`, which has no arguments; raises ValueError."""
    if args:
        raise ValueError("invalid number of arguments")
    return Break()
