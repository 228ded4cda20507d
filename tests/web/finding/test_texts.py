"""What a client escaped once is not taken for syntax afterwards."""

from hypothesis import given
from hypothesis import strategies as st

from hls_mp4.web.finding.texts import compile_value, escape_arguments, escape_path, is_capture, unescape_redirect
from hls_mp4.web.variables import compile_template

LATIN = st.text(st.characters(max_codepoint=255))


def test_arguments_keep_their_borders() -> None:
    """An ampersand or a plus that was part of a name stays part of it."""
    assert escape_arguments("a b&c+d;e?f#g%h/i=j\xe9") == "a%20b%26c%2Bd%3Be%3Ff%23g%25h/i=j%E9"


def test_a_path_keeps_what_may_stand_in_a_path() -> None:
    """Only what would end the path, or is no URL at all, is escaped."""
    assert escape_path("/a b&c+d;e?f#g%h:\xe9") == "/a%20b&c+d;e%3Ff%23g%25h:%E9"


def test_a_redirect_is_not_escaped_more_than_needed() -> None:
    """Letters and slashes come out readable; blanks, percent signs and question marks stay escaped."""
    assert unescape_redirect("/%41%2f%20%25%3f%zz?%41") == "/A/%20%25%3f%zz?%41"


@given(LATIN)
def test_escaping_leaves_no_doubt(text: str) -> None:
    """Nothing that has a meaning in arguments, and nothing outside of printable ASCII, is left."""
    escaped = escape_arguments(text)
    assert escaped.isascii()
    assert not set(escaped) & set(' "#&+;<>?\\^`{|}\r\n\0')


@given(LATIN)
def test_a_redirect_stays_on_one_line(text: str) -> None:
    """No escape is decoded into something that a header or a URL cannot hold."""
    assert set(unescape_redirect(escape_path(text))) <= set(map(chr, range(33, 127)))


def test_captures_are_the_nine_digits() -> None:
    """Other variables are taken as they are."""
    assert is_capture("1")
    assert not is_capture("args") and not is_capture("10")


def test_a_text_without_variables_costs_nothing() -> None:
    """The same value is given without looking at the request."""
    assert compile_value(compile_template("/plain"))(None) == "/plain"  # type: ignore[arg-type]
