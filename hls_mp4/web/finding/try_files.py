"""try_files: the first of several files or folders that is there, else another URI, a named location or a status.

nginx's try_files module: what is found becomes the URI, arguments stay; a name that ends with a slash is a folder; the
last argument is gone to without being looked for, with the arguments that it names itself and no others. In the
location it stands in only, not in those inside.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from twisted.internet.defer import Deferred

from hls_mp4.directives import LOCATION, SERVER, Parsed, directive
from hls_mp4.sources.local import LocalFile
from hls_mp4.web.facts import RequestFacts
from hls_mp4.web.finding.redirecting import named_location, split_redirect
from hls_mp4.web.finding.root import document_root, map_path, refuse_climbing
from hls_mp4.web.refusal import Refusal
from hls_mp4.web.variables import Template, compile_template, native_text

if TYPE_CHECKING:
    from hls_mp4.web.finding.redirecting import Step
    from hls_mp4.web.request import StreamingRequest
    from hls_mp4.web.rules import LocationRules


@dataclass(frozen=True, slots=True)
class Candidate:
    """A file or folder to look for.

    Args:
        name: its URI, without the slash at the end of a folder.
        folder: whether it is one.
    """

    name: Template
    folder: bool = False


@dataclass(frozen=True, slots=True)
class TryFiles:
    """One try_files.

    Args:
        candidates: what is looked for in turn.
        fallback: the last argument, unless it is a status.
        status: the last argument when it is `=code`.
    """

    candidates: tuple[Candidate, ...]
    fallback: Template | None = None
    status: int = 0

    async def find(self, request: StreamingRequest, rules: LocationRules) -> Step | None:
        """Give the request the URI of the first candidate that is there; else return where to go.

        Raises:
            Refusal: nothing is there, and the last argument is a status.
        """
        facts = RequestFacts(request)
        for candidate in self.candidates:
            name = native_text(candidate.name.render(facts))
            if await self._is_there(request, rules, name, candidate.folder):
                self._take(request, rules, name, candidate.folder)
                return None
        if self.fallback is None:
            raise Refusal(self.status)
        target = native_text(self.fallback.render(facts))
        return named_location(request, target) if target.startswith("@") else split_redirect(request, target)

    async def _is_there(self, request: StreamingRequest, rules: LocationRules, name: str, folder: bool) -> bool:
        try:
            path = _path_of(request, rules, name)
            mode = await _mode(request, rules, path)
        except Refusal as refusal:
            request.report(refusal.reason)
            return False
        return mode is not None and stat.S_ISDIR(mode) is folder

    def _take(self, request: StreamingRequest, rules: LocationRules, name: str, folder: bool) -> None:
        """Let what was found be the URI."""
        if rules.prefix is None and rules.content.place.replaces:
            if not folder:
                request.location_path = name
                request.uri_added = True
        else:
            request.location_path = _whole(rules, name)


def _whole(rules: LocationRules, name: str) -> str:
    """Return the URI of a candidate: below an alias it may be named with the location's prefix or without."""
    prefix = rules.prefix or ""
    aliased = rules.content.place.replaces and not name.startswith(prefix)
    return prefix + name if aliased else name


def _path_of(request: StreamingRequest, rules: LocationRules, name: str) -> str:
    """Return the path of a candidate."""
    if rules.prefix is None and rules.content.place.replaces:
        path = document_root(request, rules) + name
        refuse_climbing(name)
        return path
    return map_path(request, rules, _whole(rules, name))


async def _mode(request: StreamingRequest, rules: LocationRules, path: str) -> int | None:
    """Return the mode of a file as stat(2) tells it, None when it is not there."""
    policy = rules.content.symlinks
    trusted = policy.trusted.replace("$document_root", document_root(request, rules))
    try:
        try:
            # Without a thread where the kernel has the path at hand.
            opened = request.shared.files.open(path, policy.mode, trusted)
            opened = await opened if isinstance(opened, Deferred) else opened
        except PermissionError:
            # It is there all the same: who asks for it is to hear of that.
            found: os.stat_result = await request.shared.threads.call(os.stat, path)
            return found.st_mode
    except (FileNotFoundError, NotADirectoryError):
        return None
    except (OSError, ValueError) as problem:
        if getattr(problem, "errno", None) != _TOO_LONG:
            request.report(f'stat() "{path}" failed ({problem})', level="critical")
        return None
    if isinstance(opened, LocalFile):
        opened.release()
        return stat.S_IFREG
    return opened.st_mode


_TOO_LONG = 36  # ENAMETOOLONG, which nginx takes for missing


def read_try_files(args: Sequence[str]) -> TryFiles:
    """Return what `file ... uri`, `file ... @name` or `file ... =code` means; raises ValueError."""
    if len(args) < 2:
        raise ValueError("invalid number of arguments")
    *names, last = args
    candidates = tuple(
        Candidate(compile_template(name[:-1] if name.endswith("/") else name), name.endswith("/")) for name in names
    )
    if not last.startswith("="):
        return TryFiles(candidates, compile_template(last))
    code = last[1:]
    if not (code.isascii() and code.isdigit() and 200 <= int(code[:4]) <= 999):
        raise ValueError(f'invalid code "{code}"')
    return TryFiles(candidates, status=int(code))


def _leads(args: Sequence[str]) -> tuple[str, ...]:
    return tuple(arg for arg in args[-1:] if arg.startswith("@") and "$" not in arg)


@dataclass(frozen=True, slots=True, kw_only=True)
class TryFilesSettings:
    """Which file answers."""

    files: TryFiles | None = directive(
        "try_files",
        SERVER | LOCATION,
        Parsed("file ... uri | file ... =code", read_try_files, leads=_leads),
        default=None,
        inherited=False,
        doc="The first of these files that is there answers, a slash at the end meaning a folder; else an internal"
        " redirect to the last argument, a URI or @location, or a status.",
    )
