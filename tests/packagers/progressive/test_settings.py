"""The directives of the mp4 module."""

from __future__ import annotations

import pytest

from hls_mp4.directives import directives_of
from hls_mp4.packagers.progressive.settings import Mp4Settings, parse_rate


@pytest.mark.parametrize(
    ("text", "factor"),
    [("off", 0), ("on", 1100), ("1", 1000), ("1.5", 1500), ("0.125", 125), (".5", 500), ("12.", 12000)],
)
def test_a_pace_is_on_off_or_a_factor(text: str, factor: int) -> None:
    """mp4_limit_rate takes three decimals; `on` is 1.1."""
    assert parse_rate([text]) == factor


@pytest.mark.parametrize("text", ["0", "0.000", "-1", "1.2345", "fast", "", ".", "1.1.1", "1e3"])
def test_a_pace_that_is_none_is_refused(text: str) -> None:
    """A factor of zero would send nothing, and what is no number is a mistake to be told of."""
    with pytest.raises(ValueError, match="invalid value"):
        parse_rate([text])


def test_nginx_names_and_defaults() -> None:
    """An nginx configuration means the same here, apart from the larger limit of metadata."""
    settings = Mp4Settings()
    names = {declared.name for declared in directives_of(Mp4Settings).values()}
    assert names == {
        "mp4",
        "mp4_buffer_size",
        "mp4_max_buffer_size",
        "mp4_start_key_frame",
        "mp4_limit_rate",
        "mp4_limit_rate_after",
        "mp4_start_arg",
        "mp4_end_arg",
        "mp4_past_end",
    }
    assert (settings.enabled, settings.start_key_frame, settings.limit_rate) == (False, False, 0)
    assert (settings.buffer_size, settings.max_buffer_size) == (512 << 10, 128 << 20)
    assert (settings.limit_rate_after_ms, settings.past_end) == (60_000, "error")
