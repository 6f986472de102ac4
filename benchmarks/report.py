"""Outcomes as tables for people and as JSON for machines. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from .goals import Goal
from .samples import NOTICEABLE_FOREIGN_SHARE, Figure, Outcome
from .servers import OURS


def text(outcome: Outcome, goals: Sequence[Goal]) -> str:
    """Return a table of medians (least to greatest), then the ratios, then the goals."""
    parts = [f"## {outcome.title}"]
    if outcome.samples:
        parts.append(_table(_figure_rows(outcome)))
    if ratios := _ratio_rows(outcome):
        parts += [f"{_reference(outcome)} as a multiple of:", _table(ratios)]
    if judged := [_verdict(goal, outcome) for goal in goals if goal.reached(outcome) is not None]:
        parts.append("\n".join(judged))
    parts += [f"{server}: not measured: {why}" for server, why in outcome.failures.items()]
    parts += _warnings(outcome)
    return "\n\n".join(parts) + "\n"


def for_machines(outcome: Outcome, goals: Sequence[Goal]) -> dict[str, Any]:
    """Return everything as JSON values."""
    return {
        "title": outcome.title,
        "units": {figure.name: figure.unit for figure in outcome.figures},
        "samples": outcome.samples,
        "failures": outcome.failures,
        "median": {
            server: {figure.name: spread[0] for figure, spread in _spreads(outcome, server)}
            for server in outcome.samples
        },
        "goals": [
            {"goal": goal.words(), "reached": goal.reached(outcome), "met": goal.is_met(outcome)} for goal in goals
        ],
    }


def _spreads(outcome: Outcome, server: str) -> list[tuple[Figure, tuple[float, float, float]]]:
    spreads = [(figure, outcome.spread(server, figure.name)) for figure in outcome.figures]
    return [(figure, spread) for figure, spread in spreads if spread is not None]


def _figure_rows(outcome: Outcome) -> list[list[str]]:
    heads = ["", *(_head(figure) for figure in outcome.figures)]
    rows = [[server, *(_shown(outcome, server, figure) for figure in outcome.figures)] for server in outcome.samples]
    return [heads, *rows]


def _head(figure: Figure) -> str:
    return f"{figure.name} ({figure.unit})" if figure.unit else figure.name


def _shown(outcome: Outcome, server: str, figure: Figure) -> str:
    spread = outcome.spread(server, figure.name)
    if spread is None:
        return "-"
    median, least, greatest = (_number(value, figure.digits) for value in spread)
    return median if least == greatest else f"{median} ({least} to {greatest})"


def _number(value: float, digits: int) -> str:
    return f"{value:,.{digits}f}".replace(",", " ")


def _reference(outcome: Outcome) -> str:
    """Return the server whose ratios are shown: ours, or the last one if ours was not measured."""
    return OURS.name if OURS.name in outcome.samples else list(outcome.samples)[-1]


def _ratio_rows(outcome: Outcome) -> list[list[str]]:
    compared = [figure for figure in outcome.figures if figure.compared]
    if len(outcome.samples) < 2 or not compared:
        return []
    one = _reference(outcome)
    rows = [
        [other, *(_ratio(outcome.ratio(figure.name, one, other)) for figure in compared)]
        for other in outcome.samples
        if other != one
    ]
    return [["", *(figure.name for figure in compared)], *rows]


def _ratio(value: float | None) -> str:
    return "-" if value is None else f"{value:.3g}"


def _verdict(goal: Goal, outcome: Outcome) -> str:
    reached = goal.reached(outcome)
    mark = "met    " if goal.is_met(outcome) else "NOT MET"
    return f"{mark} {goal.words()}: {_ratio(reached)}"


def _warnings(outcome: Outcome) -> list[str]:
    disturbed = [
        server
        for server in outcome.samples
        if (spread := outcome.spread(server, "foreign share")) and spread[0] > NOTICEABLE_FOREIGN_SHARE
    ]
    words = "strangers used more than a twentieth of a core; do not trust these figures"
    return [f"Disturbed: {', '.join(disturbed)}: {words}."] if disturbed else []


def _table(rows: list[list[str]]) -> str:
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    lines = ["| " + " | ".join(cell.ljust(w) for cell, w in zip(row, widths, strict=True)) + " |" for row in rows]
    rule = "|" + "|".join("-" * (width + 2) for width in widths) + "|"
    return "\n".join([lines[0], rule, *lines[1:]])
