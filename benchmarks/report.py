"""What a run found: a table for people, JSON for programs, a chart for both."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from benchmarks.scenarios import Measure, Scenario
from benchmarks.stats import Figure, figures, ratio

BUSY_CLIENT = 0.9
BUSY_OTHERS = 0.15


@dataclass(frozen=True, slots=True)
class Row:
    """One measure of one scenario.

    Args:
        scenario: what was asked.
        measure: what was measured.
        theirs: nginx.
        ours: this daemon.
        ratio: ours / theirs, of the medians.
        goal: as text; empty when there is none.
        reached: whether; None without a goal, and when other programs had too much of the machine to tell.
    """

    scenario: Scenario
    measure: Measure
    theirs: Figure
    ours: Figure
    ratio: float
    goal: str
    reached: bool | None


Rounds = Mapping[str, Sequence[Mapping[str, float]]]
"""Rounds of one scenario by server: "nginx" and "mp4stream"."""


def rows(scenario: Scenario, rounds: Rounds) -> list[Row]:
    """Return the rows of a scenario that was run on both servers."""
    theirs, ours = figures(rounds["nginx"]), figures(rounds["mp4stream"])
    noisy = any("others" in summary and summary["others"].median > BUSY_OTHERS for summary in (theirs, ours))
    found = []
    for measure in scenario.measures:
        compared = ratio(ours[measure.key].median, theirs[measure.key].median)
        goal, reached = "", None
        for wanted in scenario.goals:
            if wanted.measure == measure.key:
                value = ours[measure.key].median if wanted.absolute else compared
                reached = value >= wanted.bound if measure.more_is_better else value <= wanted.bound
                # Memory is what it is, however busy the machine; a rate is not.
                reached = None if noisy and not wanted.absolute else reached
                shown = f"{wanted.bound * measure.scale:g}" if wanted.absolute else f"{wanted.bound:g} x"
                goal = f"{'>=' if measure.more_is_better else '<='} {shown}"
        found.append(Row(scenario, measure, theirs[measure.key], ours[measure.key], compared, goal, reached))
    return found


def _shown(figure: Figure, measure: Measure) -> str:
    value = f"{figure.median * measure.scale:,.{measure.digits}f}"
    return f"{value} (+-{figure.spread / 2:.0%})" if figure.spread else value


def table(all_rows: Sequence[Row], ours: str = "mp4stream") -> str:
    """Return the rows as a Markdown table; "+-" is half the distance between the extreme rounds, of the median."""
    cells = [("scenario", "measure", "nginx", ours, "ratio", "goal", "")]
    previous = None
    for row in all_rows:
        verdict = {None: "too noisy" if row.goal else "", True: "reached", False: "MISSED"}[row.reached]
        cells.append(
            (
                row.scenario.title if row.scenario is not previous else "",
                row.measure.label,
                _shown(row.theirs, row.measure),
                _shown(row.ours, row.measure),
                f"{row.ratio:.2f}",
                row.goal,
                verdict,
            )
        )
        previous = row.scenario
    widths = [max(len(line[column]) for line in cells) for column in range(len(cells[0]))]
    lines = [
        "| " + " | ".join(text.ljust(width) for text, width in zip(line, widths, strict=True)) + " |" for line in cells
    ]
    lines.insert(1, "|" + "|".join("-" * (width + 2) for width in widths) + "|")
    return "\n".join(lines)


def remarks(results: Mapping[str, Rounds]) -> list[str]:
    """Return what makes figures doubtful: a client at its limit, a machine with other work."""
    found = []
    for name, rounds in results.items():
        for server, measured in rounds.items():
            summary = figures(measured)
            busy, served, others = (summary.get(key) for key in ("client_busy", "server_busy", "others"))
            if busy and served and busy.median > BUSY_CLIENT and served.median < BUSY_CLIENT:
                found.append(
                    f"{name}: the client was the limit for {server} (busy {busy.median:.0%}, "
                    f"the server {served.median:.0%}): its rate is a lower bound"
                )
            if others and others.median > BUSY_OTHERS:
                found.append(f"{name}: other programs used {others.median:.2f} cores while {server} was measured")
    return found


def write_json(path: Path, about: Mapping[str, Any], results: Mapping[str, Rounds], all_rows: Sequence[Row]) -> None:
    """Write all rounds and the summary."""
    summary = [
        {
            "scenario": row.scenario.name,
            "measure": row.measure.key,
            "nginx": asdict(row.theirs),
            "mp4stream": asdict(row.ours),
            "ratio": None if math.isnan(row.ratio) else row.ratio,
            "goal": row.goal or None,
            "reached": row.reached,
        }
        for row in all_rows
    ]
    path.write_text(json.dumps({**about, "summary": summary, "rounds": results}, indent=1) + "\n")


def chart(path: Path, all_rows: Sequence[Row], caption: str) -> None:
    """Draw how many times better than nginx each scenario's first measure is, with the goals for it."""
    import matplotlib

    matplotlib.use("Agg")
    from matplotlib import pyplot

    first: dict[str, Row] = {}
    for row in all_rows:
        first.setdefault(row.scenario.name, row)
    drawn = [row for row in first.values() if row.ratio > 0]
    advantages = [row.ratio if row.measure.more_is_better else 1 / row.ratio for row in drawn]
    figure, axes = pyplot.subplots(figsize=(9, 0.42 * len(drawn) + 1.6))
    places = range(len(drawn))
    colours = ["#2a7f62" if advantage >= 1 else "#b5543c" for advantage in advantages]
    axes.barh(places, [advantage - 1 for advantage in advantages], left=1, color=colours, height=0.6)
    axes.set_xscale("log", base=2)
    axes.axvline(1, color="black", linewidth=1)
    for place, row, advantage in zip(places, drawn, advantages, strict=True):
        axes.annotate(
            f" {advantage:.2f} ",
            (advantage, place),
            va="center",
            ha="left" if advantage >= 1 else "right",
            fontsize=8,
        )
        for goal in row.scenario.goals:
            if goal.measure == row.measure.key and not goal.absolute:
                axes.plot([goal.bound] * 2, [place - 0.4, place + 0.4], color="#1f4e9c", linewidth=2)
    axes.set_yticks(places, [f"{row.scenario.title}: {row.measure.label}" for row in drawn], fontsize=8)
    axes.invert_yaxis()
    low, high = min(0.5, *advantages), max(2, *advantages)
    axes.set_xlim(low / 1.4, high * 1.4)
    ticks = [
        t for t in (1 / 64, 1 / 32, 1 / 16, 1 / 8, 0.25, 0.5, 1, 2, 4, 8, 16, 32, 64) if low / 1.4 <= t <= high * 1.4
    ]
    axes.set_xticks(ticks, [f"{tick:g}" for tick in ticks])
    axes.minorticks_off()
    axes.set_xlabel("times better than nginx (blue: goal)")
    axes.set_title(caption, fontsize=9)
    figure.tight_layout()
    figure.savefig(path, dpi=130)
    pyplot.close(figure)
