"""`make bench`: prepares the sizes, makes every measure, prints a table, writes JSON."""

from __future__ import annotations

import argparse
import json
import os
import re
import sys
from collections.abc import Iterator
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from bench.data import empty_home, prepared
from bench.machine import machine
from bench.measures import Measure, Place, Setup, Skipped, by_key
from bench.processes import CALM_FOR, CommandError
from bench.table import table

_HERE = Path(__file__).resolve().parent
_MOST_LINES = 1_000_000


def main(words: list[str] | None = None) -> int:
    """Exit status 0: measured (whether or not every target is met); anything else: it could not be."""
    parser = argparse.ArgumentParser(prog="make bench", description=__doc__)
    parser.add_argument("--sizes", default="10k,100k", help="customers, for example 10k,100k,1m")
    parser.add_argument("--only", default="", help="keys of measures, with commas")
    parser.add_argument("--rows", type=int, default=100_000, help="rows of the customer import")
    parser.add_argument("--requests", type=int, default=60, help="requests per page")
    parser.add_argument("--seconds", type=float, default=5.0, help="seconds of load by 8 clients")
    parser.add_argument("--entries", type=int, default=10_000, help="entries of the long time line")
    parser.add_argument("--calm", type=float, default=CALM_FOR, help="seconds without work before")
    parser.add_argument(
        "--folder", type=Path, default=_HERE / ".homes", help="where homes are kept"
    )
    parser.add_argument("--results", type=Path, default=_HERE / "results", help="where JSON is put")
    given = parser.parse_args(words)
    sizes = [customers_of(word) for word in given.sizes.split(",")]
    chosen = by_key([key for key in given.only.split(",") if key])
    given.folder.mkdir(parents=True, exist_ok=True)
    began = datetime.now(UTC)
    setup = Setup(
        folder=given.folder.resolve(), today=began.date(), requests=given.requests,
        seconds=given.seconds, rows=given.rows, entries=given.entries, calm=given.calm,
    )  # fmt: skip
    facts = machine()  # before the work: the load it shows is others'
    measured = list(_measured(setup, chosen, sizes))
    given.results.mkdir(parents=True, exist_ok=True)
    file = given.results / f"{began:%Y%m%d-%H%M%S}.json"
    result = {"machine": facts, "sizes": sizes, "measured": measured}
    file.write_text(json.dumps(result, ensure_ascii=False, indent=2) + "\n", encoding="utf-8")
    sys.stdout.write(table(facts, chosen, sizes, measured))
    sys.stdout.write(f"\n{file}\n")
    return 0


def customers_of(word: str) -> int:
    """10k, 100K, 1m or a plain number."""
    found = re.fullmatch(r"\s*(\d+)\s*([km]?)\s*", word, re.IGNORECASE)
    if not found:
        raise SystemExit(f"“{word}” is no size. Write 10k, 100k, 1m or a number.")
    size = int(found[1]) * {"": 1, "k": 1_000, "m": 1_000_000}[found[2].lower()]
    if not 50 <= size <= 1_000_000:
        raise SystemExit(f"“{word}”: a size is from 50 to 1,000,000 customers.")
    return size


def _measured(setup: Setup, chosen: list[Measure], sizes: list[int]) -> Iterator[dict[str, Any]]:
    for measure in chosen:
        if measure.where == "once":
            home = empty_home(setup.folder, setup.today)
            yield _one(measure, Place(setup, home, setup.rows, 0))
    chosen = [measure for measure in chosen if measure.where != "once"]
    for size in sizes if chosen else []:
        lines = max(1_000, min(10 * size, _MOST_LINES))
        home = prepared(setup.folder, size, lines, setup.entries, _say)
        served = [measure for measure in chosen if measure.where == "served"]
        if served:
            with home.serving(setup.calm) as serving:
                place = Place(setup, home, size, lines, serving)
                # the memory of the idle program first: afterwards it has worked
                for measure in sorted(served, key=lambda one: one.key != "idle"):
                    yield _one(measure, place)
        for measure in chosen:
            if measure.where == "home":
                yield _one(measure, Place(setup, home, size, lines))


def _one(measure: Measure, place: Place) -> dict[str, Any]:
    _say(f"{measure.key} at {place.size:,}")
    found: dict[str, Any] = {
        "measure": measure.key,
        "size": place.size,
        "load_before": round(os.getloadavg()[0], 2),
    }
    try:
        values = measure.run(place)
    except Skipped as reason:
        return found | {"skipped": str(reason)}
    except CommandError as error:  # the other measures still count
        return found | {"skipped": f"FAILED: {error}"}
    finally:
        place.close()
    figures = {figure.key: figure for figure in measure.figures}
    assert values.keys() <= figures.keys(), f"{measure.key} measures what it does not declare"
    return found | {
        "values": {key: round(value, 2) for key, value in values.items()},
        "met": {
            key: figures[key].met(value)
            for key, value in values.items()
            if figures[key].counts(place.size)
        },
        "declared": {key: asdict(figures[key]) for key in values},
    }


def _say(text: str) -> None:
    sys.stderr.write(f"· {text}\n")
    sys.stderr.flush()


if __name__ == "__main__":
    sys.exit(main())
