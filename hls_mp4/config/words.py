"""Text of a configuration to words and back, in nginx's quoting.

The lexer is crossplane's, corrected in three places where it and nginx differ: what it swallows at the end of a file
(an unterminated quote) is an error, backslash escapes are resolved as nginx resolves them, and comments never come
out. crossplane's parser and its analysis of directives are not used: what is valid is for our registry to say.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from crossplane.errors import NgxParserBaseException
from crossplane.lexer import _lex_file_object as crossplane_words

_END = "\0"
_ESCAPE = re.compile(r"\\(.)", re.DOTALL)
_ESCAPED = {'"': '"', "'": "'", "\\": "\\", "t": "\t", "r": "\r", "n": "\n"}
_BARE = re.compile(r"(?!#)(?:[^\s{};\"'\\]|\\[^\s{};\"'\\trn])+")


class UnfinishedText(Exception):
    """The text ends inside a quotation or a block of foreign language."""


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


def words(text: str) -> Iterator[Word]:
    """Yield the words of a configuration without its comments.

    Raises:
        UnfinishedText: after the last whole word, when something is open at the end.
    """
    # crossplane drops what is unfinished at the end in silence. A last word of ours that comes out on its own line
    # proves that nothing was; the blank line before it shields it from a backslash that ends the text.
    last_line = text.count("\n") + 3
    finished = False
    try:
        for token, line, quoted in crossplane_words([text, "\n\n", _END, "\n"]):
            if line == last_line and token == _END:
                finished = True
            elif quoted or not token.startswith("#"):
                yield Word(_unescape(token), line, special=not quoted and token in ("{", "}", ";"))
    except NgxParserBaseException:
        pass  # a block of Lua that has no end
    if not finished:
        raise UnfinishedText


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
