"""Words of a configuration: crossplane's lexer as we correct it."""

from __future__ import annotations

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from hls_mp4.config.words import BrokenText, Word, quote, words

TROUBLE = st.text(st.sampled_from("ab\\\"'{};#$ \n\t\r\0\x85\udc80}") | st.characters(), max_size=20)


def texts(text: str) -> list[str]:
    """Return the words without their lines."""
    return [word.text for word in words(text)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a b;", ["a", "b", ";"]),
        ("a{b c;}", ["a", "{", "b", "c", ";", "}"]),
        ("a # b\n c;", ["a", "c", ";"]),
        ("a b#c;", ["a", "b#c", ";"]),
        ('a "b c" \'d "e"\';', ["a", "b c", 'd "e"', ";"]),
        ('a "";', ["a", "", ";"]),
        (r'a "\"\\\'\t\n\r" b\;c;', ["a", "\"\\'\t\n\r", r"b\;c", ";"]),
        (r"a \.mp4$ \d;", ["a", r"\.mp4$", r"\d", ";"]),
        ("a ${b}c;", ["a", "${b}c", ";"]),
        ("\r\na\r\n;\r\n", ["a", ";"]),
        ("# only a comment", []),
        ("", []),
    ],
)
def test_words_are_what_nginx_reads(text: str, expected: list[str]) -> None:
    """Quotes, escapes and comments mean what a person knows from nginx."""
    assert texts(text) == expected


def test_words_know_their_lines_and_whether_they_are_punctuation() -> None:
    """A message can point to the line; a quoted brace is no brace."""
    assert list(words('a\n"{"\n{')) == [Word("a", 1), Word("{", 2), Word("{", 3, special=True)]


@pytest.mark.parametrize("text", ['a "b', "a 'b;\n}", 'a "b\\', "content_by_lua_block { x", "content_by_lua_block x"])
def test_an_open_end_is_seen(text: str) -> None:
    """A forgotten quote does not make the rest of the file disappear."""
    with pytest.raises(BrokenText):
        list(words(text))


def test_what_precedes_an_open_end_comes_out() -> None:
    """Mistakes before a forgotten quote can be shown together with it."""
    seen = []
    with pytest.raises(BrokenText):
        for word in words('a; b "c'):
            seen.append(word.text)
    assert seen == ["a", ";", "b"]


@pytest.mark.parametrize(("text", "line"), [('a "b"c;', 1), ("a 'b\n'\"c\";", 2), ('a "b"#c', 1), ('a "b"}', 1)])
def test_nothing_sticks_to_the_end_of_a_quotation(text: str, line: int) -> None:
    """As in nginx, a quotation is a whole word; what follows without a blank is a slip of the pen."""
    with pytest.raises(BrokenText, match='unexpected "') as raised:
        list(words(text))
    assert raised.value.line == line


def test_what_may_follow_a_quotation_may() -> None:
    """Punctuation needs no blank, and a parenthesis closes a condition."""
    assert texts("a \"b\"{if ('c') ;}") == ["a", "b", "{", "if", "('c')", ";", "}"]
    assert texts('if ( "c") { }') == ["if", "(", "c", ")", "{", "}"]


def test_code_of_lua_ends_where_it_ends() -> None:
    """What follows a block of another language is read as ever."""
    assert texts('a {content_by_lua_block { b("}") }}')[-2:] == [";", "}"]


@pytest.mark.parametrize("text", ["a", "a\\", "a;\\", "\\", "# a\\", "a ${b"])
def test_the_last_character_may_be_anything(text: str) -> None:
    """A file that ends without a newline, or with a backslash, is read to its end."""
    assert not any("\0" in word for word in texts(text))


@given(st.lists(TROUBLE, min_size=1, max_size=5))
@example(["#a", "a#"])
@example(["${a}", "\\", '\\"', "\\n", "\n"])
def test_a_quoted_word_is_read_back(given_words: list[str]) -> None:
    """Whatever a folder is called, its name can stand in a configuration."""
    assert texts(" ".join(map(quote, given_words)) + ";") == [*given_words, ";"]


@pytest.mark.parametrize("text", ["a", "/a/b.mp4", r"\.mp4$", "$uri", "a=b", "*:80", "[::1]:80", "~"])
def test_plain_words_are_not_quoted(text: str) -> None:
    """A dump is as readable as what a person wrote."""
    assert quote(text) == text


@given(TROUBLE)
def test_any_text_has_words_or_an_open_end(text: str) -> None:
    """No text makes the lexer fail in another way."""
    try:
        list(words(text))
    except BrokenText:
        pass
