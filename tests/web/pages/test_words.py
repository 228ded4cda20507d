"""Sizes, times and languages as people say them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hls_mp4.web.pages.words import (
    clock_text,
    count_text,
    exact_clock_text,
    language_name,
    moment,
    rate_text,
    read_clock,
    seconds_text,
    size_text,
)


@pytest.mark.parametrize(
    ("size", "rounded"),
    [
        (0, "0 B"),
        (1023, "1023 B"),
        (1024, "1.0 KiB"),
        (10188, "9.9 KiB"),
        (10189, "10 KiB"),
        (1023 * 1024, "1023 KiB"),
        (1024 * 1024 - 1, "1.0 MiB"),
        (5 << 30, "5.0 GiB"),
        (700 << 40, "700 TiB"),
        (5000 << 40, "5000 TiB"),
    ],
)
def test_sizes(size: int, rounded: str) -> None:
    """Sizes have three digits or so and a unit, or every digit when exact ones are wanted."""
    assert size_text(size, exact=False) == rounded
    assert size_text(size, exact=True).replace(",", "") == str(size)


@pytest.mark.parametrize(
    ("ms", "clock", "exact"),
    [
        (0, "0:00", "0:00"),
        (999, "0:00", "0:00.999"),
        (90_500, "1:30", "1:30.5"),
        (3_599_999, "59:59", "59:59.999"),
        (3_600_000, "1:00:00", "1:00:00"),
        (360_000_000, "100:00:00", "100:00:00"),
    ],
)
def test_times_in_a_film(ms: int, clock: str, exact: str) -> None:
    """A time is hours, minutes and seconds, as players show it."""
    assert clock_text(ms) == clock
    assert exact_clock_text(ms) == exact


@given(st.integers(0, 10**12))
def test_a_time_is_read_as_it_is_written(ms: int) -> None:
    """What a form is filled with means the same when it comes back, to the millisecond, for any film below a year."""
    assert read_clock(exact_clock_text(ms % (9999 * 3_600_000))) == ms % (9999 * 3_600_000)


@pytest.mark.parametrize(
    ("text", "ms"),
    [
        ("90", 90_000),
        (" 1:30 ", 90_000),
        ("1:30,5", 90_500),
        ("0:75", 75_000),
        ("90:00", 5_400_000),
        ("1:02:03.0045", 3_723_004),
        ("", None),
        (":", None),
        ("1:", None),
        ("-1", None),
        ("1e3", None),
        ("1:2:3:4", None),
        ("\u0661", None),
        ("9" * 40, None),
    ],
)
def test_times_as_people_write_them(text: str, ms: int | None) -> None:
    """Seconds, minutes and seconds, hours; anything else is no time, and no error."""
    assert read_clock(text) == ms


@given(st.text(max_size=20))
def test_any_text_is_a_time_or_none(text: str) -> None:
    """Whatever stands in a field, the page comes."""
    found = read_clock(text)
    assert found is None or found >= 0


def test_seconds() -> None:
    """Seconds in addresses have the decimals they need."""
    assert [seconds_text(ms) for ms in (0, 1, 10_000, 12_345_678, 1500)] == ["0", "0.001", "10", "12345.678", "1.5"]


def test_rates() -> None:
    """A bitrate is in kilobits, from a megabit on in megabits."""
    assert [rate_text(bits) for bits in (0, 96_499, 999_499, 999_500, 4_250_000)] == [
        *("0 kbit/s", "96 kbit/s", "999 kbit/s", "1.0 Mbit/s", "4.2 Mbit/s")
    ]


def test_languages() -> None:
    """Both codes of a language are that language, a rare one its code, and an unknown one nothing."""
    assert [language_name(code) for code in ("eng", "deu", "ger", "tlh", "und", "")] == [
        *("English", "German", "German", "tlh", "", "")
    ]


def test_counts() -> None:
    """One file is not one files."""
    assert [count_text(count, "file") for count in (0, 1, 2, 10_000)] == [
        "0 files",
        "1 file",
        "2 files",
        "10,000 files",
    ]


@given(mtime=st.integers(-(2**63), 2**63 - 1), localtime=st.booleans())
def test_any_time_a_file_system_stores(mtime: int, localtime: bool) -> None:
    """A file from the far future or past has a date."""
    machine, people = moment(mtime, localtime=localtime)
    assert machine.rstrip("Z").replace("T", " ") == people
