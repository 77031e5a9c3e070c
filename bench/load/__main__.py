"""`make load`: many signed-in people at once, then everything they were told is saved is looked for."""

from __future__ import annotations

import argparse
import json
import sys
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path

from bench.__main__ import customers_of
from bench.load.faults import FAULTS
from bench.load.run import Plan, run
from bench.load.table import table
from bench.load.worker import Pace
from bench.machine import machine

_BENCH = Path(__file__).resolve().parents[1]
_MOST_LINES = 1_000_000


def main(words: list[str] | None = None) -> int:
    """Exit status 0: no error, no lost update, everything served again in time; with ``--strict`` also p95."""
    parser = argparse.ArgumentParser(prog="make load", description=__doc__)
    parser.add_argument("--minutes", type=float, default=10.0, help="of steady load")
    parser.add_argument("--people", type=int, default=100, help="signed in and at work")
    parser.add_argument("--customers", default="100k", help="size of the company, for example 100k")
    parser.add_argument("--think", default="2-10", help="seconds of thought between two pages")
    parser.add_argument("--faults", action="store_true", help="then kill -9 each process in turn")
    parser.add_argument(
        "--strict", action="store_true", help="a p95 above the target fails the run"
    )
    parser.add_argument("--seed", type=int, default=1, help="of what people choose")
    parser.add_argument(
        "--folder", type=Path, default=_BENCH / ".homes", help="where homes are kept"
    )
    parser.add_argument(
        "--results", type=Path, default=_BENCH / "results", help="where JSON is put"
    )
    given = parser.parse_args(words)
    customers = customers_of(given.customers)
    shortest, _dash, longest = given.think.partition("-")
    plan = Plan(
        folder=given.folder.resolve(),
        customers=customers,
        lines=max(1_000, min(10 * customers, _MOST_LINES)),
        people=given.people,
        seconds=given.minutes * 60,
        pace=Pace(float(shortest), float(longest or shortest)),
        faults=FAULTS if given.faults else (),
        seed=given.seed,
    )
    began = datetime.now(UTC)
    facts = machine()
    result = run(plan, _say)
    given.results.mkdir(parents=True, exist_ok=True)
    file = given.results / f"load-{began:%Y%m%d-%H%M%S}.json"
    kept = {"machine": facts, "plan": asdict(plan), "result": result.as_json()}
    file.write_text(
        json.dumps(kept, ensure_ascii=False, indent=2, default=str) + "\n", encoding="utf-8"
    )
    sys.stdout.write(table(facts, plan, result))
    sys.stdout.write(f"\n{file}\n")
    return 0 if result.held and (result.fast or not given.strict) else 1


def _say(text: str) -> None:
    sys.stderr.write(f"· {datetime.now(UTC):%H:%M:%S} {text}\n")
    sys.stderr.flush()


if __name__ == "__main__":
    sys.exit(main())
