"""secure_link, secure_link_md5, secure_link_secret: links that only the site can make (ngx_http_secure_link_module).

They refuse nothing by themselves: `$secure_link` is empty for a link that is not right, and a script of `if` and
`return` says what becomes of it. With secure_link it is "1", or "0" when the link has expired; with secure_link_secret
it is the link without the hash.

`start=` and `end=` have to stay outside of the hash, so that a player seeks with the token it has. An expression of
secure_link_md5 does that by itself when it says $uri. The hash of secure_link_secret may be that of the link without
its arguments, besides nginx's own, which covers them.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass
from hmac import compare_digest
from typing import TYPE_CHECKING

from hls_mp4.directives import ANYWHERE, LOCATION, Parsed, directive, one
from hls_mp4.web.facts import RequestFacts
from hls_mp4.web.protecting.base64text import decoded
from hls_mp4.web.variables import Template, byte_text, compile_template

if TYPE_CHECKING:
    from hls_mp4.web.request import StreamingRequest

_LONGEST_HASH = 24  # base64 of 16 bytes
_EXPIRES = re.compile("0*[1-9][0-9]{0,17}")
_OLD_STYLE = re.compile("/[^/]*/([0-9A-Fa-f]{32})/([^?]+)(.*)", re.DOTALL)


def read_link(args: Sequence[str]) -> Template | str:
    """Return the expression of `secure_link`, or the word of `secure_link_secret`; raises ValueError."""
    name, *words = args
    text = one(words)
    return compile_template(text) if name == "secure_link" else byte_text(text)


@dataclass(frozen=True, slots=True, kw_only=True)
class SecureLinkSettings:
    """What makes a link right."""

    link: Template | str | None = directive(
        "secure_link",
        ANYWHERE,
        Parsed("expression | word", read_link),
        default=None,
        group={"secure_link": ANYWHERE, "secure_link_secret": LOCATION},
        doc="secure_link: where a request has the MD5 hash of secure_link_md5, base64url, and after a comma when it"
        " expires, in seconds of 1970. secure_link_secret: the word that was hashed with the link in /prefix/hash/link,"
        " in hexadecimal digits. $secure_link and $secure_link_expires say what came of it.",
        differs={
            "secure_link_secret": "a link without its arguments may be hashed, so that start= and end= can be added"
        },
    )
    expression: Template | None = directive(
        "secure_link_md5",
        ANYWHERE,
        Parsed("expression", lambda args: compile_template(one(args))),
        default=None,
        doc="What is hashed, a secret word included: with $uri a link holds for every start= and end=.",
    )


def secure_link(request: StreamingRequest) -> str | None:
    """Return `$secure_link` of a request."""
    return _of(request)[0]


def secure_link_expires(request: StreamingRequest) -> str | None:
    """Return `$secure_link_expires` of a request."""
    return _of(request)[1]


def _of(request: StreamingRequest) -> tuple[str | None, str | None]:
    """Return both variables; they are worked out once, where a location first says how."""
    settings = request.rules.of.get(SecureLinkSettings) if request.rules is not None else None
    if settings is None or settings.link is None:
        return None, None
    # What the expressions themselves find, that of secure_link_md5 usually with $secure_link_expires in it.
    request.set_value("secure_link", None)
    request.set_value("secure_link_expires", None)
    facts = RequestFacts(request)
    if isinstance(settings.link, str):
        link, expires = old_style(facts.request_uri, settings.link), None
    else:
        given, expires = split_link(settings.link.render(facts))
        request.set_value("secure_link_expires", expires)
        expression = settings.expression
        hashed = expression.render(facts) if expression is not None and given is not None else None
        link = new_style(given or "", hashed, expires, int(request.shared.wall_clock()))
    request.set_value("secure_link", link)
    return link, expires


def split_link(text: str) -> tuple[str | None, str | None]:
    """Return hash and end of "hash" or "hash,expires"; None for the end without one, and twice for one that is none."""
    token, comma, end = text.partition(",")
    if comma and not _EXPIRES.fullmatch(end):
        return None, None
    return token, end if comma else None


def new_style(token: str, hashed: str | None, expires: str | None, now: int) -> str | None:
    """Return `$secure_link` of a link with a hash and perhaps an end.

    Args:
        token: the hash.
        hashed: what `secure_link_md5` comes to, latin-1; None without it.
        expires: seconds since the epoch, None for never.
        now: seconds since the epoch.
    """
    if hashed is None or len(token) > _LONGEST_HASH:
        return None
    try:
        digest = decoded(token, of_urls=True)
    except ValueError:
        return None
    if not compare_digest(digest, _md5(hashed)):
        return None
    return "0" if expires is not None and int(expires) < now else "1"


def old_style(target: str, secret: str) -> str | None:
    """Return `$secure_link` of a target `/prefix/hash/link`, None when it is not right.

    Args:
        target: as the client wrote it, latin-1.
        secret: latin-1.
    """
    found = _OLD_STYLE.fullmatch(target)
    if not found:
        return None
    digest, (path, arguments) = bytes.fromhex(found[1]), found.groups()[1:]
    for link in dict.fromkeys((path, path + arguments)):
        if compare_digest(digest, _md5(link + secret)):
            return link
    return None


def _md5(text: str) -> bytes:
    return hashlib.md5(text.encode("latin-1"), usedforsecurity=False).digest()
