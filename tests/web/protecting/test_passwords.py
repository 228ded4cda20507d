"""Passwords as htpasswd, openssl passwd and crypt(3) write them."""

from __future__ import annotations

import base64
import hashlib

import bcrypt
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hls_mp4.web.protecting.passwords import LONGEST_PASSWORD, MOST_BCRYPT_COST, MOST_ROUNDS, read_stored

PASSWORD = "sésame, öffne dich".encode()

# Made by openssl passwd and by the crypt(3) of libxcrypt, not by the libraries that are tested here.
WRITTEN = {
    "apr1": "$apr1$saltsalt$wxvYKCQvlzo868d5FpsSv0",
    "md5": "$1$saltsalt$JoO9mqhKUQBKppRrYlp7A.",
    "sha256": "$5$saltsalt$YMAQhlNa9BarFuvIybmqRh4r8639hV14ktVtT5D.1M.",
    "sha512": "$6$saltsalt$EbnDZt86rAsuGPzWepG1EgphGjaNRkCUzscy/0PQ6/k7k4dxmOGnO91wn4S3UvvZRu7cskclBen8/p394qCV31",
    "bcrypt 2y": "$2y$05$abcdefghijklmnopqrstuuNy00VCtJCmw8dHBVy1GV.xFRLJS06m2",
    "bcrypt 2a": "$2a$05$abcdefghijklmnopqrstuuNy00VCtJCmw8dHBVy1GV.xFRLJS06m2",
    "sha1": "{SHA}okREY851UwWmTEV8LoVW5hRqWO4=",
    "salted sha1": "{SSHA}HFKkb1KJYh+lQGYt5vUNdFp7iKlzYWx0",
    "plain": "{PLAIN}" + PASSWORD.decode("latin-1"),
}


@pytest.mark.parametrize("text", WRITTEN.values(), ids=WRITTEN)
def test_every_format_lets_in_its_password_and_no_other(text: str) -> None:
    """A file that nginx reads lets in the same people here."""
    stored = read_stored(text)
    assert stored.matches(PASSWORD)
    for other in (b"", PASSWORD[:-1], PASSWORD + b"x", PASSWORD.upper(), PASSWORD + b"\0", b"\0" + PASSWORD):
        assert not stored.matches(other)


def test_the_oldest_and_the_dearest_scheme() -> None:
    """crypt(3) without a prefix is DES, and rounds may be written."""
    assert read_stored("abNANd1rDfiNc").matches(b"secret")
    many = "$6$rounds=20000$longersalt$" + (
        "HJxpUCekd3Kcdv6ICQ2R2kObiKiTNoa0pF9slI.I4oTGZHOuVEFhgmUiUWQxocwAGk3JuOMGIobROA2Zivaw81"
    )
    assert read_stored(many).matches(b"secret")
    assert not read_stored(many).matches(b"Secret")


def test_bcrypt_looks_at_72_bytes() -> None:
    """A long password is cut as crypt(3) cuts it, and is no error."""
    stored = read_stored("$2b$04$abcdefghijklmnopqrstuubzadhGtS2zEF.gu0yd0opP6cVzb.e0i")
    assert stored.matches(b"x" * 100)
    assert stored.matches(b"x" * 72)
    assert not stored.matches(b"x" * 71)


@pytest.mark.parametrize("text", WRITTEN.values(), ids=WRITTEN)
@pytest.mark.parametrize("password", [b"x" * (LONGEST_PASSWORD + 1), b"\xff" * 65536, b"a\0b", b"\0" * 100])
def test_passwords_that_fit_no_hash(text: str, password: bytes) -> None:
    """What is too long for crypt(3), or has a NUL, is wrong without any work."""
    assert read_stored(text).matches(password) is False


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "format"),
        ("secret", "format"),
        ("$y$j9T$F5Jx5fExrKuPp53xLKQ..1$8isF2PgHNw5nijqMuFXFxQ/0G8qCzbzAz/5dZJTxM48", "format"),
        ("$2y$31$abcdefghijklmnopqrstuuNy00VCtJCmw8dHBVy1GV.xFRLJS06m2", "cost 31"),
        (f"$2y${MOST_BCRYPT_COST + 1}$abcdefghijklmnopqrstuuNy00VCtJCmw8dHBVy1GV.xFRLJS06m2", "cost 16"),
        ("$2y$03$abcdefghijklmnopqrstuuNy00VCtJCmw8dHBVy1GV.xFRLJS06m2", "cost 3"),
        ("$2y$05$tooshort", "format"),
        ("$6$rounds=999999999$saltsalt$" + "a" * 86, "999999999 rounds"),
        (f"$5$rounds={MOST_ROUNDS + 1}$saltsalt$" + "a" * 43, "rounds"),
        ("$6$rounds=1$saltsalt$" + "a" * 86, "sha512"),
        ("$apr1$saltsalt$" + "é" * 22, "format"),
        ("{SHA}not base64", "base64"),
        ("{SHA}YWJj", "3 bytes"),
        ("{SSHA}YWJj", "3 bytes"),
        ("{SHA512}" + "a" * 88, "SHA512"),
        ("{sha}okREY851UwWmTEV8LoVW5hRqWO4=", "format"),
    ],
)
def test_what_cannot_be_checked_is_refused_with_its_reason(text: str, reason: str) -> None:
    """A format that no library knows, and one that would take minutes, are told apart and never tried."""
    with pytest.raises(ValueError, match=reason):
        read_stored(text)


def test_cheap_ones_need_no_thread() -> None:
    """Only what is slow by design is sent to a thread."""
    assert {name for name, text in WRITTEN.items() if not read_stored(text).slow} == {"sha1", "salted sha1", "plain"}


passwords = st.binary(max_size=80).filter(lambda text: b"\0" not in text)


@settings(max_examples=20, deadline=None)
@given(passwords, st.binary(min_size=16, max_size=16))
def test_every_password_can_be_stored(password: bytes, salt: bytes) -> None:
    """Whatever bytes a password has, its own hash lets it in."""
    salted = base64.b64encode(hashlib.sha1(password + salt).digest() + salt).decode()
    assert read_stored("{SSHA}" + salted).matches(password)
    assert read_stored(bcrypt.hashpw(password[:72], bcrypt.gensalt(4)).decode()).matches(password)


@given(st.text(st.characters(max_codepoint=255), max_size=120))
def test_garbage_is_a_reason_and_nothing_else(text: str) -> None:
    """A user file may hold anything: a line is a password or has a reason."""
    try:
        read_stored(text)
    except ValueError as reason:
        assert str(reason)
