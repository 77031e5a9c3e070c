"""What is measured: each measure is one declaration, its figures and their targets beside it.

A measure raises ``Skipped`` with its reason where this machine or this version cannot do the work.
"""

from __future__ import annotations

import json
import shutil
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Literal

from bench.client import Session, form_of, median, p95, rate, timed
from bench.data import BUSY, customer_sheet, sample_names
from bench.processes import CALM_FOR, Home, Serving

LEADER = "liming"
EVERYTHING = "zhoujianguo"
_CLIENTS = 8
_RETAIL = Path(__file__).resolve().parents[2] / "shared" / "data" / "online-retail-2009"
_MAP = Path(__file__).resolve().parents[1] / "docs" / "howto" / "maps" / "online-retail-sales.toml"


class Skipped(Exception):  # noqa: N818 - not an error: the reason is shown in the table
    """The measure was not made, and why."""


@dataclass(frozen=True)
class Setup:
    """How much is measured. ``requests`` per page, ``seconds`` of load, ``rows`` of the import.

    The program is measured when its jobs have had nothing to do for ``calm`` seconds.
    """

    folder: Path
    today: date
    requests: int = 60
    seconds: float = 5.0
    rows: int = 100_000
    entries: int = 10_000
    calm: float = CALM_FOR


@dataclass(frozen=True)
class Place:
    """Where a measure is made: a home of ``size`` customers, and the program running on it."""

    setup: Setup
    home: Home
    size: int
    lines: int
    serving: Serving | None = None
    connections: list[Session] = field(default_factory=list)

    def session(self, login: str = LEADER, token: str = "") -> Session:
        """A signed-in person, or a program with a token; the connection is closed after the measure."""
        assert self.serving is not None
        found = Session(self.serving.port, login, token)
        self.connections.append(found)
        return found

    def close(self) -> None:
        """Close what the measure opened."""
        while self.connections:
            self.connections.pop().close()


@dataclass(frozen=True)
class Figure:
    """One number of a measure and what is wanted of it.

    ``growth``: the number at the largest size is at most so many times that at the smallest.
    ``least_size``, ``most_size``: the target counts from so many customers (or import rows) on, and up to so many.
    """

    key: str
    unit: str
    target: float | None = None
    better: Literal["less", "more"] = "less"
    growth: float | None = None
    least_size: int = 0
    most_size: int = 1_000_000

    def counts(self, size: int) -> bool:
        """Whether the target is meant for so many customers."""
        return self.least_size <= size <= self.most_size

    def met(self, value: float) -> bool | None:
        """Whether the target is met; None where there is none."""
        if self.target is None:
            return None
        return value <= self.target if self.better == "less" else value >= self.target


@dataclass(frozen=True)
class Measure:
    """Something measured. ``where``: ``served`` at each size with the program running, ``home`` at each
    size by commands alone, ``once`` in a home of its own."""

    key: str
    title: str
    where: Literal["served", "home", "once"]
    run: Callable[[Place], dict[str, float]]
    figures: tuple[Figure, ...]


def _page(
    place: Place, path: str, login: str = LEADER, holds: str = "", token: str = ""
) -> dict[str, float]:
    times = place.session(login, token).times([path] * place.setup.requests, holds)
    return {"median": median(times), "p95": p95(times)}


def _loaded(place: Place, path: str, login: str = LEADER, token: str = "") -> dict[str, float]:
    sessions = [place.session(login, token) for _client in range(_CLIENTS)]
    return {"rate": rate(sessions, path, place.setup.seconds)}


def customer_list(place: Place) -> dict[str, float]:
    """The list as a team's leader opens it: 50 rows of finished HTML within the team's scope."""
    path = "/customers/"
    return _page(place, path, holds="</html>") | _loaded(place, path)


def api_list(place: Place) -> dict[str, float]:
    """80 rows of four columns as JSON."""
    path = "/api/v1/customers?fields=name,email,phone,city&limit=80"
    token = place.home.command("token", LEADER, "--days", "1").strip()
    return _page(place, path, token=token) | _loaded(place, path, token=token)


def search(place: Place) -> dict[str, float]:
    """What the search box shows while typing: two characters, initials, the tail of a telephone."""
    found: dict[str, float] = {}
    session = place.session(EVERYTHING)
    for kind, texts in sample_names(place.home, place.setup.requests).items():
        paths = [f"/search/suggest?q={text}" for text in texts]
        times = session.times(paths)
        found |= {kind: median(times), f"{kind} p95": p95(times)}
    return found


def detail(place: Place) -> dict[str, float]:
    """The page of the customer whose time line is the longest."""
    return _page(place, f"/customers/{BUSY}/", EVERYTHING, holds="</html>")


def save(place: Place) -> dict[str, float]:
    """The form of a profile saved with another remark, up to the answer."""
    session = place.session(EVERYTHING)
    times = []
    for turn in range(place.setup.requests):
        path = f"/customers/{turn % place.size + 1}/edit"
        fields = form_of(session.get(path), "remark") | {"remark": f"bench {time.time_ns()}"}
        answers: list[int] = []
        times.append(timed(lambda: answers.append(session.ask("POST", path, fields)[0])))  # noqa: B023 - called at once
        if answers != [302]:
            raise Skipped(f"the form of {path} was answered by {answers[0]}")
    return {"median": median(times), "p95": p95(times)}


def report(place: Place) -> dict[str, float]:
    """The sales report by month and salesperson, over every line."""
    path = "/reports/sales/?by=month,salesperson&measures=revenue"
    times = place.session(EVERYTHING).times([path] * max(3, place.setup.requests // 4))
    return {"median": median(times), "p95": p95(times)}


def idle(place: Place) -> dict[str, float]:
    """Memory of everything that runs, a while after the start."""
    assert place.serving is not None
    time.sleep(min(5.0, place.setup.seconds))
    program, database = place.serving.memory()
    return {"all": program + database, "program": program, "postgresql": database}


def verify(place: Place) -> dict[str, float]:
    """The whole history checked, after sealing what was waiting."""
    place.home.command("history", "seal")
    answer = place.setup.folder / "verify.json"
    ended = place.home.watched("history", "verify", "--json", str(answer))
    entries = json.loads(answer.read_text(encoding="utf-8"))["entries"]
    return {"rate": entries / ended.seconds, "memory": ended.own_mb}


def backup(place: Place) -> dict[str, float]:
    """A backup by one command, and its restore into an empty home."""
    file, there = place.setup.folder / "backup", Home(place.setup.folder / "restored")
    file.unlink(missing_ok=True)
    shutil.rmtree(there.path, ignore_errors=True)
    made = place.home.watched("backup", str(file))
    back = there.watched("restore", "--without-key", str(file))
    return {"backup": made.seconds, "restore": back.seconds}


def import_customers(place: Place) -> dict[str, float]:
    """A sheet of 22 columns from the command to its end: checked, compared, indexed, with history."""
    sheet = place.setup.folder / "customers.csv"
    rows = customer_sheet(sheet, place.setup.rows, place.setup.today)
    ended = place.home.watched("import", "customers", str(sheet), done=(0,))
    return {"rate": rows / ended.seconds, "memory": ended.own_mb, "with PostgreSQL": ended.all_mb}


def import_sales(place: Place) -> dict[str, float]:
    """A wholesaler's lines with customers and products they create."""
    sheet = _RETAIL / "online_retail_II_2009_2010.csv.gz"
    if not sheet.exists():
        raise Skipped(f"{sheet.name} is not in {_RETAIL.parent}")
    answer = place.setup.folder / "sales.json"
    words = [
        "--map",
        str(_MAP),
        "--create-missing",
        "products,customers",
        "--unassigned",
        "Walk-in",
    ]
    ended = place.home.watched("import", "sales", str(sheet), *words, "--json", str(answer))
    lines = json.loads(answer.read_text(encoding="utf-8"))["created"]
    return {"rate": lines / ended.seconds, "memory": ended.own_mb, "with PostgreSQL": ended.all_mb}


_IMPORT = (
    Figure("memory", "MB", 600),
    Figure("with PostgreSQL", "MB"),
)
_LARGE = 100_000
MEASURES: tuple[Measure, ...] = (
    Measure(
        "import-customers", "Import of customers, 22 columns", "once", import_customers,
        (Figure("rate", "rows/s", 5_000, "more", least_size=_LARGE), *_IMPORT),
    ),
    Measure(
        "import-sales", "Import of 525,461 sales lines", "once", import_sales,
        (Figure("rate", "lines/s", 15_000, "more"), *_IMPORT),
    ),
    Measure(
        "list", "Customer list, 50 rows as HTML, team scope", "served", customer_list,
        (
            Figure("median", "ms", 20, growth=1.3, most_size=_LARGE),  # beyond: the growth counts
            Figure("p95", "ms", 40, most_size=_LARGE),
            Figure("rate", f"/s, {_CLIENTS} clients", 100, "more", most_size=_LARGE),
        ),
    ),
    Measure(
        "api", "API list, 80 rows of 4 columns", "served", api_list,
        (
            Figure("median", "ms", 8),
            Figure("p95", "ms"),
            Figure("rate", f"/s, {_CLIENTS} clients", 250, "more"),
        ),
    ),
    Measure(
        "search", "Search while typing", "served", search,
        tuple(
            figure
            for kind in ("two characters", "initials", "telephone tail")
            for figure in (Figure(kind, "ms", 15), Figure(f"{kind} p95", "ms"))
        ),
    ),
    Measure(
        "detail", "Customer with 10,000 entries in the time line", "served", detail,
        (Figure("median", "ms", 25), Figure("p95", "ms")),
    ),
    Measure(
        "save", "Profile saved through its form", "served", save,
        (Figure("median", "ms", 25), Figure("p95", "ms")),
    ),
    Measure(
        "report", "Report by month and salesperson, every line", "served", report,
        (Figure("median", "ms", 500), Figure("p95", "ms")),
    ),
    Measure(
        "idle", "Memory of the whole program, idle", "served", idle,
        (Figure("all", "MB", 400), Figure("program", "MB"), Figure("postgresql", "MB")),
    ),
    Measure(
        "verify", "History verified", "home", verify,
        (Figure("rate", "entries/s", 100_000, "more", least_size=_LARGE), Figure("memory", "MB")),
    ),
    Measure(
        "backup", "Backup and restore", "home", backup,
        (Figure("backup", "s", 60), Figure("restore", "s", 180)),
    ),
)  # fmt: skip


def by_key(keys: list[str]) -> list[Measure]:
    """The measures of these keys, or all of them."""
    unknown = set(keys) - {measure.key for measure in MEASURES}
    if unknown:
        known = ", ".join(measure.key for measure in MEASURES)
        raise SystemExit(f"There is no measure {', '.join(sorted(unknown))}. There are: {known}.")
    return [measure for measure in MEASURES if not keys or measure.key in keys]


__all__ = ["MEASURES", "Figure", "Measure", "Place", "Setup", "Skipped", "by_key"]
