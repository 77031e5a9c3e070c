"""Dossier at the work, through its commands, its pages and its API."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import cached_property
from importlib.metadata import version
from pathlib import Path
from typing import Any
from urllib.parse import quote

from bench.client import AnswerError, Session
from bench.measures import Skipped
from bench.peers.client import JsonConnection
from bench.peers.peer import ROWS, Memory
from bench.peers.records import NewOrder, Records
from bench.processes import CommandError, Home
from bench.processes import Serving as Running

LOGIN = "zhoujianguo"  # the general manager, who sees everything
_API = "/api/v1"


class Dossier:
    """This program, as `dossier run` starts it."""

    name = "Dossier"
    page_rows = 50
    confirmed = frozenset({"recorded"})

    def __init__(self, folder: Path, today: date) -> None:
        self.home = Home(folder / "dossier")
        self.today = today
        self._rate = 0.0
        self._token = ""

    def facts(self) -> dict[str, str]:
        """Versions."""
        return {name: version(name) for name in ("Django", "granian", "psycopg")}

    def install(self) -> float:
        """`make setup` has done it."""
        raise Skipped("`make setup` has installed it")

    def records(self, size: int, lines: int, folder: Path) -> Records:
        """The made-up records for all programs; a home is made for it on the way."""
        shutil.rmtree(self.home.path, ignore_errors=True)
        folder.mkdir(parents=True, exist_ok=True)
        self._step("records", str(folder), str(size), str(lines), self.today.isoformat())
        return Records.read(folder)

    def prepare(self, records: Records) -> None:
        """A new home with the company's own people and products, and a token of the API."""
        shutil.rmtree(self.home.path, ignore_errors=True)
        for kind in ("employees", "products"):
            self.home.command("import", kind, str(records.folder / f"{kind}.csv"))
        self._step("account")
        words = ["--scope", "*:write", "--days", "1", "--name", "bench"]
        self._token = self.home.command("token", LOGIN, *words).strip()

    def import_sheet(self, records: Records) -> float:
        """`dossier import`: checked, compared with each other, indexed, with history."""
        answer = records.folder / "import.json"
        sheet = str(records.folder / "customers.csv")
        ended = self.home.watched("import", "customers", sheet, "--json", str(answer))
        made = json.loads(answer.read_text(encoding="utf-8"))["created"]
        if made != len(records.customers):
            raise AnswerError(f"{made} customers came in instead of {len(records.customers)}")
        self._rate = made / ended.seconds
        return self._rate

    def import_fast(self, records: Records) -> float:
        """There is no faster way than the sheet: it is not done twice."""
        return self._rate

    def import_orders(self, records: Records) -> None:
        """A sheet of lines."""
        answer = records.folder / "import.json"
        sheet = str(records.folder / "sales.csv")
        self.home.command("import", "sales", sheet, "--json", str(answer))
        made = json.loads(answer.read_text(encoding="utf-8"))["created"]
        if made != len(records.lines):
            raise AnswerError(f"{made} lines came in instead of {len(records.lines)}")

    @contextmanager
    def serving(self) -> Iterator[DossierServing]:
        """The whole program."""
        with self.home.serving() as running:
            yield DossierServing(running, self._token, self.today)

    def _step(self, *words: str) -> None:
        ended = subprocess.run(  # noqa: S603 - our own module
            [sys.executable, "-m", "bench.peers.steps", *words],
            env=self.home.environment(),
            cwd=Path(__file__).resolve().parents[2],
            capture_output=True,
            text=True,
            check=False,
        )
        if ended.returncode:
            raise CommandError(f"bench.peers.steps {words[0]}: {ended.stderr.strip()[-800:]}")


@dataclass(frozen=True)
class DossierServing:
    """The running program."""

    running: Running
    token: str
    today: date

    def client(self) -> DossierClient:
        """A person at the pages and a program at the API."""
        return DossierClient(self)

    def memory(self) -> Memory:
        """Web workers, jobs and their parent; PostgreSQL."""
        return Memory(*self.running.memory())

    def api(self) -> JsonConnection:
        """A connection that bears the token."""
        return JsonConnection(self.running.port, {"Authorization": f"Bearer {self.token}"})

    @cached_property
    def customers(self) -> dict[str, int]:
        """Keys by code, of those that orders are made for."""
        return self._keys("customers", "sort=code")

    @cached_property
    def products(self) -> dict[str, int]:
        """Keys by code."""
        return self._keys("products", "sort=code")

    def _keys(self, kind: str, words: str) -> dict[str, int]:
        connection = self.api()
        items = connection.ask("GET", f"{_API}/{kind}?fields=id,code&limit=200&{words}")["items"]
        connection.close()
        return {one["code"]: one["id"] for one in items}


class DossierClient:
    """One person."""

    def __init__(self, serving: DossierServing) -> None:
        self._serving = serving
        self._api = serving.api()
        self._opened: Session | None = None

    @property
    def _session(self) -> Session:
        """Signed in at the first page: who only asks the API has no need of it."""
        if self._opened is None:
            self._opened = Session(self._serving.running.port, LOGIN)
        return self._opened

    def page(self) -> int:
        """Finished HTML."""
        return self._session.get("/customers/?sort=name", "</html>").count(" data-href=")

    def rows(self) -> int:
        """One request of the API."""
        return self._list(f"fields=name,email,phone,city&sort=name&limit={ROWS}")

    def found(self, text: str) -> int:
        """Names, codes, telephones and initials are searched, as always."""
        return self._list(f"fields=name&limit={ROWS}&q={quote(text)}")

    def box(self, text: str) -> int:
        """What is offered while typing."""
        return self._session.get(f"/search/suggest?q={quote(text)}").count('class="find-item"')

    def order(self, order: NewOrder) -> str:
        """Recorded in one request; it counts from then on."""
        serving = self._serving
        body: dict[str, Any] = {
            "customer": serving.customers[order.customer],
            "ordered_on": serving.today.isoformat(),
            "lines": [
                {"product": serving.products[code], "quantity": str(count), "unit_price": price}
                for code, count, price in order.lines
            ],
        }
        made = self._api.ask("POST", f"{_API}/orders", body)
        if len(made["lines"]) != len(order.lines):
            raise AnswerError(f"an order of {len(made['lines'])} lines")
        return str(made["status"])

    def whole_order(self, order: NewOrder) -> str:
        """Not in this version."""
        raise Skipped("this version makes neither invoice nor delivery of an order")

    def report(self, by: tuple[str, ...]) -> Decimal:
        """The figures of the report's page."""
        words = f"by={','.join(by)}&measures=revenue&currency=CNY"
        answer = self._api.ask("GET", f"{_API}/reports/sales?{words}")
        return sum((Decimal(row["values"]["revenue"]) for row in answer["rows"]), Decimal(0))

    def close(self) -> None:
        """Hang up."""
        self._api.close()
        if self._opened is not None:
            self._opened.close()

    def _list(self, words: str) -> int:
        return len(self._api.ask("GET", f"{_API}/customers?{words}")["items"])
