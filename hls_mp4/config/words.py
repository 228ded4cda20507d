"""Text of a configuration to words and back, in nginx's quoting.

The lexer is crossplane's, corrected where it and nginx differ: what it swallows at the end of a file (an unterminated
quote) is an error, and so is what sticks to the end of a quotation; backslash escapes are resolved as nginx resolves
them, and comments never come out. crossplane's parser and its analysis of directives are not used: what is valid is for
our registry to say.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from crossplane.errors import NgxParserBaseException
from crossplane.lexer import EXTERNAL_LEXERS
from crossplane.lexer import _lex_file_object as crossplane_words

_END = "\0"
_AFTER_QUOTE = " \t\r\n;{)"
_ESCAPE = re.compile(r"\\(.)", re.DOTALL)
_ESCAPED = {'"': '"', "'": "'", "\\": "\\", "t": "\t", "r": "\r", "n": "\n"}
_BARE = re.compile(r"(?!#)(?:[^\s{};\"'\\]|\\[^\s{};\"'\\trn])+")


class BrokenText(Exception):
    """The text cannot be split into words.

    Args:
        message: why, in nginx's words.
        line: where, counted from one.
    """

    def __init__(self, message: str, line: int) -> None:
        super().__init__(message)
        self.line = line


@dataclass(frozen=True, slots=True)
class Word:
    """A word of a configuration.

    Args:
        text: what it means, quotes and escapes resolved.
        line: where it begins, counted from one.
        special: it is one of the unquoted characters `{`, `}` and `;`.
    """

    text: str
    line: int
    special: bool = False


class _Characters:
    """Gives a text away character by character and knows how far that went."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.given = 0

    def __iter__(self) -> Iterator[str]:
        for character in self.text:
            self.given += 1
            yield character


def words(text: str) -> Iterator[Word]:
    """Yield the words of a configuration without its comments.

    Raises:
        BrokenText: after the last word before the mistake.
    """
    # crossplane drops what is unfinished at the end in silence. A last word of ours that comes out on its own line
    # proves that nothing was; the blank line before it shields it from a backslash that ends the text.
    last_line = text.count("\n") + 3
    characters = _Characters(f"{text}\n\n{_END}\n")
    foreign = False
    try:
        for token, line, quoted in crossplane_words([characters]):
            if line == last_line and token == _END:
                return
            if quoted or not token.startswith("#"):
                yield Word(_unescape(token), line, special=not quoted and token in ("{", "}", ";"))
            following = characters.text[characters.given]
            if quoted and not foreign and following not in _AFTER_QUOTE:
                raise BrokenText(f'unexpected "{following}"', text.count("\n", 0, characters.given) + 1)
            foreign = token in EXTERNAL_LEXERS or (foreign and token != ";")
    except NgxParserBaseException:
        pass  # a block of Lua that has no end
    raise BrokenText('unexpected end of file, expecting ";" or "}"; is a quote not closed?', end_of(text))


def end_of(text: str) -> int:
    """Return the number of the last line that has something on it."""
    return text.rstrip().count("\n") + 1


def _unescape(token: str) -> str:
    """Return a token with the escapes that nginx knows resolved; others stand for themselves."""
    return _ESCAPE.sub(lambda found: _ESCAPED.get(found[1], found[0]), token) if "\\" in token else token


def quote(text: str) -> str:
    """Return a word so that `words` reads it as it is."""
    if _BARE.fullmatch(text):  # `${` has a brace and is quoted
        return text
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    for plain, letter in (("\n", "\\n"), ("\r", "\\r"), ("\t", "\\t")):
        escaped = escaped.replace(plain, letter)
    return f'"{escaped}"'
