"""The result for people: what each page took, what was written, what the kills cost."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any

from bench.load.run import TARGET_MS, Plan, Result

if TYPE_CHECKING:
    from bench.load.samples import Row

_SHOWN = 12  # errors and problems in full; the file has them all


def table(facts: dict[str, Any], plan: Plan, result: Result) -> str:
    """Markdown, so that it can be pasted where figures are published."""
    every = next((row for row in result.rows if row.kind == "all"), None)
    rate = every.count / result.seconds if every else 0
    lines = [
        f"{facts['cores']} cores ({facts['processor']}), {facts['ram_gib']} GiB, commit {facts['commit']},"
        f" load average before {facts['load_average'][0]}; the people's side runs on the same cores.",
        "",
        f"{plan.people} people, {plan.pace.shortest:g} to {plan.pace.longest:g} s between two pages, evenly spread;"
        f" {plan.customers:,} customers, {plan.lines:,} lines; {result.seconds:.0f} s, {rate:.1f} requests a second.",
        "",
        "| page | count | median ms | p95 ms | longest ms | errors by status | |",
        "|---|---:|---:|---:|---:|---|---|",
        *(_page(row) for row in result.rows),
        "",
        "| written | acknowledged | refused (409) | without answer | sent again |",
        "|---|---:|---:|---:|---:|",
        *(_written(what, counts) for what, counts in sorted(result.writes.items())),
        "",
        *_memory(result),
        *(_cpu(facts, every.count, result) if every else []),
        f"History verified: {result.verified}.",
    ]
    if result.outages:
        lines += _outages(result)
    lines += _listed("Errors", [f"{one.kind}: {one.said}" for one in result.errors])
    lines += _listed("Not held", result.problems)
    lines += _listed("Faults in the program's log under steady load", result.logged)
    verdict = "held" if result.held else "NOT HELD"
    speed = "kept" if result.fast else "missed by the pages marked"
    lines += ["", f"**{verdict}**; p95 of {TARGET_MS:.0f} ms {speed}."]
    return "\n".join(lines) + "\n"


def _page(row: Row) -> str:
    faults = ", ".join(f"{status or 'none'}: {count}" for status, count in row.faults.items())
    mark = "" if row.p95 <= TARGET_MS else "SLOW"
    return (
        f"| {row.kind} | {row.count:,} | {row.median:.0f} | {row.p95:.0f} | {row.most:.0f}"
        f" | {faults} | {mark} |"
    )


def _written(what: str, counts: Counter[str]) -> str:
    return (
        f"| {what} | {counts['acknowledged']} | {counts['refused']} | {counts['open']}"
        f" | {counts['again']} |"
    )


def _memory(result: Result) -> list[str]:
    found = result.growth()
    if found is None:
        return []
    first, last, hourly = found
    database = [mb for _at, _own, mb in result.memory if mb]
    return [
        f"Memory of the program (PSS): {first:.0f} MB after a third of the time, {last:.0f} MB at the end;"
        f" a line through it rises {hourly:+.1f} % in an hour ({result.seconds / 60:.0f} minutes seen, the rest"
        f" extrapolated). PostgreSQL: {database[0]:.0f} → {database[-1]:.0f} MB.",
        "",
    ]


def _cpu(facts: dict[str, Any], requests: int, result: Result) -> list[str]:
    """What a request costs, whatever else the machine has to do."""
    own, database = (seconds * 1000 / requests for seconds in result.cpu)
    share = sum(result.cpu) / result.seconds / facts["cores"] * 100
    return [
        f"A request took {own:.0f} ms of a core in the program and {database:.0f} ms in PostgreSQL, jobs included:"
        f" {share:.0f} % of the {facts['cores']} cores.",
        "",
    ]


def _outages(result: Result) -> list[str]:
    lines = [
        "",
        "| killed with -9 | serves again s | all processes again s | acknowledged and missing | sessions | |",
        "|---|---:|---:|---:|---|---|",
    ]
    for one in result.outages:
        mark = "" if one.held(result.serves_within) else "NOT HELD"
        started = f" ({one.restarts} starts)" if one.restarts > 1 else ""
        lines.append(
            f"| {one.name}{started} | {one.serves:.1f} | {one.whole:.1f} | {len(one.missing)}"
            f" | {'kept' if one.signed_in else 'LOST'} | {mark} |"
        )
    during = Counter(one.status for one in result.during)
    said = ", ".join(f"{status or 'none'}: {count}" for status, count in during.items())
    return [
        *lines,
        "",
        f"Answers nobody wanted in the {result.serves_within:.0f} s after a kill: {said or 'none'}.",
    ]


def _listed(title: str, found: list[str]) -> list[str]:
    if not found:
        return []
    shown = [f"- {text}" for text in found[:_SHOWN]]
    return ["", f"{title} ({len(found)}):", *shown]
