"""Times of a log are those of nginx's."""

from __future__ import annotations

import time
from collections.abc import Iterator

import pytest

from hls_mp4.web.variables import compile_template
from tests.web.facts import MadeUpFacts


@pytest.fixture
def paris(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv("TZ", "Europe/Paris")
    time.tzset()
    yield
    monkeypatch.undo()
    time.tzset()


def rendered(text: str, **facts: object) -> str:
    return compile_template(text).render(MadeUpFacts(**facts))  # type: ignore[arg-type]


@pytest.mark.usefixtures("paris")
def test_local_times() -> None:
    """Times are those of the end of the request, in the local zone, in English."""
    text = "$time_local $time_iso8601"
    assert rendered(text, started=1753693501.25) == "28/Jul/2025:11:05:01 +0200 2025-07-28T11:05:01+02:00"
    assert rendered(text, started=1753693501.25, took=0.8) == "28/Jul/2025:11:05:02 +0200 2025-07-28T11:05:02+02:00"
    assert rendered("$time_local", started=1735693200) == "01/Jan/2025:02:00:00 +0100"
