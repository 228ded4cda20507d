"""Passwords as user files have them: bcrypt, Apache's apr1, those of crypt(3), and {SHA}, {SSHA}, {PLAIN} (RFC 2307).

What a password costs to check is written beside it, by whoever may write the file: what would keep a thread busy for
seconds (bcrypt above a cost of 15, the SHA schemes of crypt(3) above a million rounds) is refused like what no library
knows (yescrypt, `$y$`). A password that is longer than crypt(3) takes, or has a NUL, fits no hash.
"""

from __future__ import annotations

import hashlib
import re
from base64 import b64decode
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import lru_cache
from hmac import compare_digest
from typing import Any

import bcrypt
from passlib.handlers.des_crypt import des_crypt
from passlib.handlers.md5_crypt import apr_md5_crypt, md5_crypt
from passlib.handlers.sha2_crypt import sha256_crypt, sha512_crypt

LONGEST_PASSWORD = 511
"""Bytes that crypt(3) takes (libxcrypt: CRYPT_MAX_PASSPHRASE_SIZE)."""

MOST_BCRYPT_COST = 15
"""About two seconds of a thread; htpasswd takes up to 17, and bcrypt itself 31, which is a day."""

MOST_ROUNDS = 1_000_000
"""About half a second of a thread; crypt(3) takes a thousand times as many."""

_BCRYPT_BYTES = 72  # bcrypt looks at no more, and its library refuses them
_SHA1_BYTES = 20

_SCHEME = re.compile(r"\{([A-Z][A-Z0-9.-]*)\}(.*)", re.DOTALL)
_BCRYPT = re.compile(r"\$2[aby]\$([0-9]{2})\$[./A-Za-z0-9]{53}")
_CRYPT = (
    (re.compile(r"\$apr1\$[./0-9A-Za-z]{0,8}\$[./0-9A-Za-z]{22}"), apr_md5_crypt),
    (re.compile(r"\$1\$[./0-9A-Za-z]{0,8}\$[./0-9A-Za-z]{22}"), md5_crypt),
    (re.compile(r"\$5\$(?:rounds=([0-9]{1,10})\$)?[./0-9A-Za-z]{0,16}\$[./0-9A-Za-z]{43}"), sha256_crypt),
    (re.compile(r"\$6\$(?:rounds=([0-9]{1,10})\$)?[./0-9A-Za-z]{0,16}\$[./0-9A-Za-z]{86}"), sha512_crypt),
    (re.compile(r"[./0-9A-Za-z]{13}"), des_crypt),
)


@dataclass(frozen=True, slots=True)
class Stored:
    """A password of a user file.

    Args:
        text: as it is written there.
        slow: checking takes so long that a thread has to do it.
        compare: tells whether a password of the client is this one; it takes the same time for all of one length.
        alone: other threads run slowly meanwhile, for the interpreter is kept busy (not so by bcrypt, which is C).
    """

    text: str
    slow: bool
    compare: Callable[[bytes], bool] = field(compare=False)
    alone: bool = False

    def matches(self, password: bytes) -> bool:
        """Tell whether a password is this one; for threads when `slow`."""
        return len(password) <= LONGEST_PASSWORD and b"\0" not in password and self.compare(password)


@lru_cache(maxsize=1024)
def read_stored(text: str) -> Stored:
    """Return the password that a line of a user file has.

    Args:
        text: latin-1.

    Raises:
        ValueError: with the reason.
    """
    scheme = _SCHEME.fullmatch(text)
    if scheme:
        return _of_scheme(text, scheme[1], scheme[2])
    found = _BCRYPT.fullmatch(text)
    if found:
        if not 4 <= int(found[1]) <= MOST_BCRYPT_COST:
            raise ValueError(f"its bcrypt cost {int(found[1])} is not between 4 and {MOST_BCRYPT_COST}")
        wanted = text.encode("ascii")
        return Stored(text, True, lambda password: bcrypt.checkpw(password[:_BCRYPT_BYTES], wanted))
    for pattern, known in _CRYPT:
        found = pattern.fullmatch(text)
        if found:
            return _of_crypt(text, known, found)
    raise ValueError("it is in a format that is not known")


def _of_crypt(text: str, known: Any, found: re.Match[str]) -> Stored:
    rounds = found[1] if found.re.groups else None
    if rounds is not None and int(rounds) > MOST_ROUNDS:
        raise ValueError(f"its {rounds} rounds are more than {MOST_ROUNDS}")
    try:
        known.from_string(text)
    except ValueError:
        raise ValueError(f"it is no {known.name.replace('_', ' ')} hash") from None
    return Stored(text, True, lambda password: bool(known.verify(password, text)), alone=True)


def _of_scheme(text: str, scheme: str, data: str) -> Stored:
    """Return a password after a scheme in braces."""
    if scheme == "PLAIN":
        plain = data.encode("latin-1")
        return Stored(text, False, lambda password: compare_digest(password, plain))
    if scheme not in ("SHA", "SSHA"):
        raise ValueError(f"its scheme {{{scheme}}} is not known")
    try:
        hashed = b64decode(data, validate=True)
    except ValueError:
        raise ValueError("its base64 is broken") from None
    if len(hashed) < _SHA1_BYTES or (scheme == "SHA" and len(hashed) > _SHA1_BYTES):
        raise ValueError(f"{len(hashed)} bytes are no {scheme} hash")
    digest, salt = hashed[:_SHA1_BYTES], hashed[_SHA1_BYTES:]

    def compare(password: bytes) -> bool:
        return compare_digest(hashlib.sha1(password + salt, usedforsecurity=False).digest(), digest)

    return Stored(text, False, compare)
