"""The company the people work in: its home, its people with their tokens, the customers several share."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psycopg

from bench.processes import CommandError, Home
from dossier.core.db.embedded import Cluster

_PATIENCE = 60.0  # seconds for the database to come up
_ROOT = Path(__file__).resolve().parents[2]
_SELL = {
    "salesperson", "telephone_sales", "key_account", "sales_clerk", "team_leader", "sales_manager",
    "general_manager", "customer_information_administrator",
}  # fmt: skip
_KEEP = {"customer_information_administrator"}
_TAKE_OUT = _SELL - {"salesperson", "telephone_sales", "key_account"}
_EVERYTHING = _KEEP | {"sales_manager", "general_manager"}
_TEAM = {"team_leader", "sales_clerk"}


@dataclass(frozen=True)
class Person:
    """Somebody who may sign in, what the roles allow, the shared customers within reach."""

    login: str
    roles: frozenset[str]
    token: str = ""
    shared: tuple[int, ...] = ()

    @property
    def sells(self) -> bool:
        """Enters and edits customers and orders."""
        return bool(self.roles & _SELL)

    @property
    def keeps(self) -> bool:
        """Brings files in."""
        return bool(self.roles & _KEEP)

    @property
    def takes_out(self) -> bool:
        """Takes lists out as files."""
        return bool(self.roles & _TAKE_OUT)


@dataclass(frozen=True)
class World:
    """Who works with what. ``shared`` are the customers several people count up at once."""

    people: Sequence[Person]
    shared: Sequence[int]
    products: Sequence[tuple[str, int]]  # code, key
    names: Sequence[str] = field(default=())  # what people type into the search


def home_of(folder: Path, customers: int, lines: int, say: Callable[[str], None]) -> Home:
    """The home with a demonstration company of this size; kept for the next run."""
    home = Home(folder / f"load-{customers}-{lines}")
    home.path.mkdir(parents=True, exist_ok=True)
    say(f"the company of {customers:,} customers and {lines:,} lines in {home.path}")
    home.command("demo", "--scale", "large", "--customers", str(customers), "--lines", str(lines))
    return home


def prepare(home: Home, people: int, programs: int) -> World:
    """Sign-ins for so many people, tokens for some of them; needs the program or its database running."""
    found: list[dict[str, Any]] = json.loads(inside(home, "people", str(people)))
    sellers = [one["login"] for one in found if _SELL & set(one["roles"])]
    step = max(1, len(sellers) // max(1, programs))
    tokens = json.loads(inside(home, "tokens", *sellers[::step][:programs])) if programs else {}
    with connected(home) as database:
        shared = _shared(database)
        products = database.execute(
            "SELECT code, id FROM catalog_product WHERE status = 'on_sale' ORDER BY id LIMIT 40"
        ).fetchall()
        names = database.execute(
            "SELECT short_name FROM customers_customer WHERE short_name <> '' ORDER BY md5(code) LIMIT 500"
        ).fetchall()
    made = [_person(one, tokens.get(one["login"], ""), shared) for one in found]
    return World(made, [pk for pk, _owner, _team in shared], products, [name for (name,) in names])


def _shared(database: psycopg.Connection[Any]) -> list[tuple[int, int, int]]:
    """(customer, its owner, the owner's team): the first of each team."""
    return database.execute(
        "SELECT DISTINCT ON (e.team_id) c.id, c.owner_id, e.team_id FROM customers_customer c"
        " JOIN people_employee e ON e.id = c.owner_id JOIN people_account a ON a.employee_id = e.id"
        " WHERE c.status = 'active' ORDER BY e.team_id, c.id"
    ).fetchall()


def _person(one: dict[str, Any], token: str, shared: list[tuple[int, int, int]]) -> Person:
    roles = frozenset(one["roles"])
    within = tuple(
        pk
        for pk, owner, team in shared
        if roles & _EVERYTHING
        or (roles & _TEAM and team == one["team"])
        or (roles & _SELL and owner == one["employee"])
    )
    return Person(one["login"], roles, token, within)


def connected(home: Home) -> psycopg.Connection[Any]:
    """The home's database as its owner: the test looks into tables itself, not through the program.

    Waits while the database is starting, which the test may just have made it do.
    """
    address = Cluster(home.path).urls().owner
    deadline = time.monotonic() + _PATIENCE
    while True:
        try:
            return psycopg.connect(address, connect_timeout=5)
        except psycopg.OperationalError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.2)


def inside(home: Home, *words: str) -> str:
    """Run a step of `bench.load.inside` with this home; what it printed."""
    ended = subprocess.run(  # noqa: S603 - our own module
        [sys.executable, "-m", "bench.load.inside", *words],
        env=home.environment(),
        cwd=_ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    if ended.returncode:
        raise CommandError(f"bench.load.inside {words[0]}: {ended.stderr.strip()[-800:]}")
    return ended.stdout
