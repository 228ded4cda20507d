"""Base64 of clients is read as nginx reads it."""

from base64 import b64encode, urlsafe_b64encode

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hls_mp4.web.protecting.base64text import decoded


@given(st.binary(max_size=60), st.booleans(), st.booleans())
def test_what_was_encoded_is_read(data: bytes, padded: bool, of_urls: bool) -> None:
    """Any bytes come back, with and without the padding."""
    text = (urlsafe_b64encode if of_urls else b64encode)(data).decode()
    assert decoded(text if padded else text.rstrip("="), of_urls=of_urls) == data


@pytest.mark.parametrize(
    ("text", "of_urls"), [("a", False), ("ab d", False), ("a\0bc", True), ("é===", False), ("+/", True), ("-_", False)]
)
def test_what_is_no_base64(text: str, of_urls: bool) -> None:
    """A character of no alphabet, of the other one, or one too many is refused."""
    with pytest.raises(ValueError, match="invalid base64"):
        decoded(text, of_urls=of_urls)


@given(st.text(max_size=200), st.booleans())
def test_nothing_else_happens(text: str, of_urls: bool) -> None:
    """Whatever a client sends is bytes or a ValueError."""
    try:
        assert isinstance(decoded(text, of_urls=of_urls), bytes)
    except ValueError:
        pass
