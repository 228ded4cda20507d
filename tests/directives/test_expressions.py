"""Regular expressions of a configuration."""

from __future__ import annotations

import pytest

from hls_mp4.directives import compile_regex


@pytest.mark.parametrize(
    ("pattern", "text", "groups"),
    [
        (r"^/(?<user>\w+)/(?P<film>.+)$", "/ann/b.mp4", {"user": "ann", "film": "b.mp4"}),
        (r"(?<!x)(?<=/)(?<a>b)\z", "/b", {"a": "b"}),
        (r"((?<a>b))", "b", {"a": "b"}),
        (r"\\(?<a>b)", r"\b", {"a": "b"}),
        (r"^/[[:alpha:]_]+[[:digit:]]$", "/a_b1", {}),
    ],
)
def test_expressions_of_nginx_work(pattern: str, text: str, groups: dict[str, str]) -> None:
    """PCRE's named groups, classes and ends mean what they did."""
    found = compile_regex(pattern).search(text)
    assert found and found.groupdict() == groups


def test_letters_are_those_of_ascii() -> None:
    """As PCRE without its UTF mode: a word is made of ASCII, and so is the other case of a letter."""
    assert not compile_regex(r"^\w$").search("é")
    assert compile_regex("mp4$", ignore_case=True).search("A.MP4")
    assert not compile_regex("mp4$").search("A.MP4")
    assert compile_regex(r"\(?<a>").search("<a>")


@pytest.mark.parametrize("pattern", ["(", "a**", "[", "(?<a>b)(?<a>c)", "a{2}{99999999999999}", "(" * 5000, "\\"])
def test_a_wrong_expression_is_refused(pattern: str) -> None:
    """The reason has the expression and, where there is one, the position."""
    with pytest.raises(ValueError, match="invalid regular expression"):
        compile_regex(pattern)
