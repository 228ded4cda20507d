"""What a run tells."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from benchmarks.report import remarks, rows, table, write_json
from benchmarks.scenarios import SCENARIOS

BY_NAME = {scenario.name: scenario for scenario in SCENARIOS}


def _measured(cpu: float, p99: float, *rates: float) -> list[dict[str, float]]:
    return [{"requests_per_second": rate, "cpu_per_request": cpu, "p99_ms": p99} for rate in rates]


WINDOWS = {"nginx": _measured(8e-4, 10, 900, 1000, 1100), "mp4stream": _measured(4e-4, 5, 1400, 1490, 1900)}


def test_a_goal_is_judged_by_the_ratio_of_the_medians() -> None:
    """1.49 x is not 1.5 x, however good the best round was."""
    first, *others = rows(BY_NAME["windows-2h"], WINDOWS)
    assert first.ratio == pytest.approx(1.49)
    assert first.reached is False
    assert [row.reached for row in others] == [None, None]
    better = {**WINDOWS, "mp4stream": [{**row, "requests_per_second": 1500.0} for row in WINDOWS["mp4stream"]]}
    assert rows(BY_NAME["windows-2h"], better)[0].reached is True


def test_no_verdict_is_given_on_a_busy_machine() -> None:
    """A rate that was measured beside other work neither reaches a goal nor misses it."""
    noisy = {name: [{**row, "others": 0.5} for row in measured] for name, measured in WINDOWS.items()}
    first = rows(BY_NAME["windows-2h"], noisy)[0]
    assert first.reached is None
    assert "too noisy" in table([first])


def test_memory_of_idle_connections_is_judged_by_itself() -> None:
    """300 MB is the bound, whatever nginx needs."""
    sizes = {"nginx": 40e6, "mp4stream": 300e6}
    measured = {name: [{"idle_bytes": size, "bytes_per_connection": 1.0}] for name, size in sizes.items()}
    assert rows(BY_NAME["idle"], measured)[0].reached is True
    measured["mp4stream"][0]["idle_bytes"] += 1
    assert rows(BY_NAME["idle"], measured)[0].reached is False


def test_the_table_shows_ratios_and_what_was_missed() -> None:
    """A reader sees both figures, their spread, the ratio and the verdict in one line."""
    text = table(rows(BY_NAME["windows-2h"], WINDOWS)).splitlines()
    assert [len(line) for line in text] == [len(text[0])] * len(text)
    words = [cell.strip() for cell in text[2].split("|")][1:-1]
    assert words == [
        "start=&end= 10 s, 2 h", "requests/s", "1,000 (+-10%)", "1,490 (+-17%)", "1.49", ">= 1.5 x", "MISSED",
    ]  # fmt: skip


def test_doubtful_figures_are_pointed_out() -> None:
    """A client at its limit hides what the server can do; a busy machine hides everything."""
    calm = {"client_busy": 0.6, "server_busy": 0.99, "others": 0.01}
    assert remarks({"a": {"nginx": [calm], "mp4stream": [calm]}}) == []
    limited = {**calm, "client_busy": 0.99, "server_busy": 0.6}
    assert "lower bound" in remarks({"a": {"nginx": [calm], "mp4stream": [limited]}})[0]
    noisy = {**calm, "others": 0.4}
    assert "other programs" in remarks({"a": {"nginx": [noisy], "mp4stream": [calm]}})[0]


def test_programs_can_read_every_round(tmp_path: Path) -> None:
    """The JSON holds the summary and all it was made of."""
    path = tmp_path / "results.json"
    write_json(path, {"took_seconds": 3}, {"windows-2h": WINDOWS}, rows(BY_NAME["windows-2h"], WINDOWS))
    found = json.loads(path.read_text())
    assert found["rounds"]["windows-2h"]["nginx"][2]["requests_per_second"] == 1100
    assert found["summary"][0]["mp4stream"]["median"] == 1490
    assert found["took_seconds"] == 3


def test_names_are_unique_and_goals_are_of_measures_that_exist() -> None:
    """--only means one scenario, and no goal is silently never judged."""
    assert len(BY_NAME) == len(SCENARIOS)
    for scenario in SCENARIOS:
        assert {goal.measure for goal in scenario.goals} <= {measure.key for measure in scenario.measures}
