"""auth_basic and auth_basic_user_file: a name and a password before anything is sent (RFC 7617).

nginx's ngx_http_auth_basic_module, with two differences: a location that has auth_basic and no user file lets nobody
in, where nginx lets in everybody; and quotes in a realm are escaped.
"""

from __future__ import annotations

import os
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from twisted.internet.defer import Deferred

from hls_mp4.directives import ANYWHERE, LIMIT_EXCEPT, Parsed, directive, one
from hls_mp4.web.bytetext import byte_text, native_text
from hls_mp4.web.facts import RequestFacts
from hls_mp4.web.protecting.base64text import decoded
from hls_mp4.web.protecting.checking import PasswordChecks, TooMany
from hls_mp4.web.protecting.passwords import MOST_BCRYPT_COST, MOST_ROUNDS
from hls_mp4.web.protecting.userfile import TooLarge, UserFile, UserFiles
from hls_mp4.web.refusal import Refusal
from hls_mp4.web.variables import Template, compile_template

if TYPE_CHECKING:
    from hls_mp4.web.request import StreamingRequest


@dataclass(frozen=True, slots=True, kw_only=True)
class AuthBasicSettings:
    """Names and passwords."""

    realm: Template = directive(
        "auth_basic",
        ANYWHERE | LIMIT_EXCEPT,
        Parsed("string | off", lambda args: compile_template(one(args))),
        default="off",
        doc="Asks for a name and a password of auth_basic_user_file (401); the string is what a browser shows.",
        differs="without a user file nobody comes in; with nginx everybody does",
    )
    user_file: Template | None = directive(
        "auth_basic_user_file",
        ANYWHERE | LIMIT_EXCEPT,
        Parsed("file", lambda args: compile_template(one(args)), paths=lambda _args: (0,)),
        default=None,
        doc="Who may come in: name:password on each line, as htpasswd writes them. bcrypt, apr1, the SHA and MD5"
        " schemes of crypt(3), {SHA}, {SSHA} and {PLAIN} are understood. A change is seen at once.",
        differs=f"yescrypt ($y$), bcrypt above a cost of {MOST_BCRYPT_COST} and SHA of more than {MOST_ROUNDS} rounds"
        " let nobody in",
    )


def credentials(header: str) -> tuple[str, bytes] | None:
    """Return the name and the password of an Authorization header; None when it has none.

    Args:
        header: latin-1.
    """
    if header[:6].lower() != "basic ":
        return None
    try:
        text = decoded(header[6:].lstrip(" "))
    except ValueError:
        return None
    user, colon, password = text.partition(b":")
    return (user.decode("latin-1"), password) if user and colon else None


def challenge(realm: str) -> Refusal:
    """Return what asks a client for its name."""
    quoted = realm.replace("\\", "\\\\").replace('"', '\\"')
    return Refusal(401, headers=[("WWW-Authenticate", f'Basic realm="{quoted}"')])


def prepare(
    settings: AuthBasicSettings, shared: Any
) -> Callable[[StreamingRequest], Awaitable[bool | None] | bool | None] | None:
    """Return the vote of a location, None where it is off; see `phases`."""
    if settings.realm.constant == "off":
        return None
    gate = _Gate(
        settings,
        shared.once("user files", lambda: UserFiles(shared.threads)),
        shared.once("password checks", lambda: PasswordChecks(shared.reactor)),
    )
    return gate.vote


class _Gate:
    """A location's."""

    def __init__(self, settings: AuthBasicSettings, files: UserFiles, checks: PasswordChecks) -> None:
        self._realm = settings.realm
        self._path = settings.user_file
        self._files = files
        self._checks = checks

    def vote(self, request: StreamingRequest) -> Awaitable[bool | None] | bool | None:
        facts = RequestFacts(request)
        realm = self._realm.render(facts)
        if realm == "off":
            return None
        if self._path is None:
            raise Refusal(403, "auth_basic without auth_basic_user_file lets nobody in")
        headers = request.requestHeaders.getRawHeaders(b"authorization") or []
        if len(headers) > 1:
            raise Refusal(400, 'client sent duplicate header line: "Authorization"', level="info")
        given = credentials(headers[0].decode("latin-1")) if headers else None
        if given is None:
            refusal = challenge(realm)
            refusal.reason, refusal.level = "no user/password was provided for basic authentication", "info"
            raise refusal
        path = self._path.render(facts)
        if not path.startswith("/"):  # it begins with a variable
            path = f"{byte_text(self._base(request))}/{path}"
        try:
            found = self._files.find(native_text(path), request.report)
        except OSError as problem:
            raise _unreadable(path, problem) from None
        if isinstance(found, Deferred):
            return self._enter_later(found, path, realm, given)
        return self._enter(found, path, realm, given)

    @staticmethod
    def _base(request: StreamingRequest) -> str:
        """Return the folder of the configuration."""
        rules = request.rules
        return rules.base.rstrip("/") if rules is not None else ""

    async def _enter_later(
        self, finding: Deferred[UserFile], path: str, realm: str, given: tuple[str, bytes]
    ) -> bool | None:
        try:
            found = await finding
        except OSError as problem:
            raise _unreadable(path, problem) from None
        except TooLarge as problem:
            raise Refusal(500, f'"{path}" {problem}', level="crit") from None
        passed = self._enter(found, path, realm, given)
        return passed if isinstance(passed, bool) else await passed

    def _enter(self, file: UserFile, path: str, realm: str, given: tuple[str, bytes]) -> Awaitable[bool] | bool:
        """Let a user in, at once or later; raises Refusal."""
        user, password = given
        stored = file.password(user)
        reason = f'user "{user}": password mismatch'
        nobody = stored is None
        if nobody:
            stored, reason = file.somebodys(), f'user "{user}" was not found in "{path}"'
        try:
            outcome = stored is not None and self._checks.check(user, password, stored, nobody=nobody)
        except TooMany:
            raise Refusal(503, "too many passwords are being checked") from None
        if isinstance(outcome, Deferred):
            return _awaited(outcome, realm, reason)
        if not outcome:
            raise _stranger(realm, reason)
        return True


async def _awaited(outcome: Deferred[bool], realm: str, reason: str) -> bool:
    if not await outcome:
        raise _stranger(realm, reason)
    return True


def _stranger(realm: str, reason: str) -> Refusal:
    refusal = challenge(realm)
    refusal.reason = reason
    return refusal


def _unreadable(path: str, problem: OSError) -> Refusal:
    """Return the refusal for a user file that cannot be opened, with nginx's statuses."""
    code = problem.errno or 0
    reason = f'open() "{path}" failed ({code}: {os.strerror(code)})'
    return Refusal(403, reason) if isinstance(problem, FileNotFoundError) else Refusal(500, reason, level="crit")
