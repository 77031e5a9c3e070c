"""The records the measures work on: the demonstration company grown to a size, in a home kept for the next run."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from collections.abc import Callable
from datetime import date
from pathlib import Path
from urllib.parse import quote

from bench.processes import CommandError, Home

BUSY = 1  # key of the customer with the long time line


def prepared(folder: Path, size: int, lines: int, entries: int, say: Callable[[str], None]) -> Home:
    """A home with so many customers and lines. One of an earlier run is taken where it is whole."""
    home = Home(folder / f"home-{size}-{lines}")
    whole = home.path / "bench-ready"
    if whole.exists():
        return home
    say(f"loading {size:,} customers and {lines:,} lines")
    words = ["--scale", "large", "--customers", str(size), "--lines", str(lines)]
    home.command("demo", *words)
    inside(home, "entries", str(entries))
    whole.touch()
    return home


def empty_home(folder: Path, today: date) -> Home:
    """A home with the company's people alone, for imports; anew each time."""
    home = Home(folder / "home-import")
    shutil.rmtree(home.path, ignore_errors=True)
    sheet = folder / "employees.csv"
    inside(home, "people", str(sheet), today.isoformat())
    home.command("import", "employees", str(sheet))
    return home


def customer_sheet(file: Path, rows: int, today: date) -> int:
    """Write a sheet of customers of 22 columns; how many rows."""
    inside(Home(file.parent / "home-import"), "sheet", str(file), str(rows), today.isoformat())
    return rows


def sample_names(home: Home, count: int) -> dict[str, list[str]]:
    """What people type for customers that are there, ready for an address; by kind of fragment."""
    found: dict[str, list[str]] = json.loads(inside(home, "fragments", str(count)))
    return {kind: [quote(text) for text in texts] for kind, texts in found.items()}


def inside(home: Home, *words: str) -> str:
    """Run a step of `bench.inside` in a process that has this home; what it printed."""
    ended = subprocess.run(  # noqa: S603 - our own module
        [sys.executable, "-m", "bench.inside", *words],
        env=home.environment(),
        cwd=Path(__file__).resolve().parents[1],
        capture_output=True,
        text=True,
        check=False,
    )
    if ended.returncode:
        raise CommandError(f"bench.inside {' '.join(words)}: {ended.stderr.strip()[-800:]}")
    return ended.stdout
