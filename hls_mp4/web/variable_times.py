"""$time_local and $time_iso8601: when a request ended, in the local zone and in English."""

from __future__ import annotations

import time
from collections.abc import Callable

from hls_mp4.web.facts import Facts

_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


def _each_second(form: Callable[[time.struct_time, str], str]) -> Callable[[Facts], str]:
    """Return the reader of the time at which a request ended, which makes its text anew when the second has changed.

    Args:
        form: returns the text of a local time and its offset from UTC, as `+0100`.
    """
    known, text = -1, ""

    def read(facts: Facts) -> str:
        nonlocal known, text
        second = int(facts.started + facts.elapsed())
        if second != known:
            local = time.localtime(second)
            minutes = abs(local.tm_gmtoff) // 60
            sign = "-" if local.tm_gmtoff < 0 else "+"
            text = form(local, f"{sign}{minutes // 60:02d}{minutes % 60:02d}")
            known = second
        return text

    return read


def _common_log_time(at: time.struct_time, offset: str) -> str:
    """Return `28/Jul/2026:09:05:01 +0100`; months are English in every locale."""
    day = f"{at.tm_mday:02d}/{_MONTHS[at.tm_mon - 1]}/{at.tm_year:04d}"
    return f"{day}:{at.tm_hour:02d}:{at.tm_min:02d}:{at.tm_sec:02d} {offset}"


def _iso_time(at: time.struct_time, offset: str) -> str:
    """Return `2026-07-28T09:05:01+01:00`."""
    day = f"{at.tm_year:04d}-{at.tm_mon:02d}-{at.tm_mday:02d}"
    return f"{day}T{at.tm_hour:02d}:{at.tm_min:02d}:{at.tm_sec:02d}{offset[:3]}:{offset[3:]}"


time_local = _each_second(_common_log_time)
time_iso8601 = _each_second(_iso_time)
