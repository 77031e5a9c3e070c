"""Tryton at the work, through JSON-RPC as its web client and its users' scripts do.

Its packages come from the package index into an environment of its own; nothing of it is in this
repository. It runs as its documentation advises: a WSGI server (gunicorn) with two workers per core and
one more, on PostgreSQL with the settings Dossier has.
"""

from __future__ import annotations

import base64
import hashlib
import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property
from pathlib import Path
from typing import Any

import psycopg

from bench.client import AnswerError
from bench.measures import Skipped
from bench.peers.client import JsonConnection
from bench.peers.peer import ROWS, Memory
from bench.peers.records import Customer, NewOrder, Records
from bench.processes import CommandError, free_port, memory_of
from dossier.core.db.embedded import Cluster
from dossier.core.db.postmaster import server_of
from dossier.core.db.urls import with_database

_HERE = Path(__file__).resolve().parent

_DATABASE, _COPY = "tryton", "tryton_sheet"
_MODULES = ("party", "sale")
_BATCH = 500  # rows in a request: within the minute Tryton gives one
_PATIENCE = 180.0  # seconds for the first answer
_PASSWORD = "haichuan-2026"  # noqa: S105 - of a database that lives as long as the measure
_COLUMNS = ["name", "email", "phone", "addresses.city"]
_SHEET = ["name", "code", "phone", "email", "addresses/street", "addresses/city"]


class Tryton:
    """Tryton of the version that is locked."""

    name = "Tryton"
    lock = _HERE / "tryton.lock"
    page_rows = ROWS
    # confirming hands on at once: an order that counts is "processing" when the answer comes
    confirmed = frozenset({"confirmed", "processing", "done"})

    def __init__(self, folder: Path) -> None:
        self.folder = folder / "tryton"
        self.cluster = Cluster(self.folder / "home")
        self.python = self.folder / "venv" / "bin" / "python"
        self._company: dict[str, Any] = {}
        self._workers = 2 * (os.cpu_count() or 1) + 1

    def facts(self) -> dict[str, str]:
        """Versions of the lock, workers."""
        lines = self.lock.read_text(encoding="utf-8").splitlines()
        locked = dict(line.removesuffix(" \\").split("==") for line in lines if "==" in line)
        names = ("trytond", "trytond-party", "trytond-sale", "psycopg", "gunicorn")
        return {name: locked[name] for name in names} | {"workers": str(self._workers)}

    # -- set-up -------------------------------------------------------------------------------------

    def install(self) -> float:
        """Its own environment, from the lock; again when the lock has changed."""
        stamp = self.python.parents[1] / "installed"
        wanted = hashlib.sha256(self.lock.read_bytes()).hexdigest()
        if stamp.exists() and stamp.read_text(encoding="ascii") == wanted:
            raise Skipped(f"installed by an earlier run; remove {self.folder} to time it")
        shutil.rmtree(self.python.parents[1], ignore_errors=True)
        began = time.monotonic()
        _run([sys.executable, "-m", "venv", str(self.python.parents[1])])
        words = ["install", "--quiet", "--require-hashes", "-r", str(self.lock)]
        _run([str(self.python), "-m", "pip", *words])
        stamp.write_text(wanted, encoding="ascii")
        return time.monotonic() - began

    def prepare(self, records: Records) -> None:
        """A new server and database with Tryton's modules, then the company."""
        self.cluster.stop()
        shutil.rmtree(self.cluster.home, ignore_errors=True)
        with self._database():
            with self._sql("postgres") as connection:
                connection.execute(f"CREATE DATABASE {_DATABASE}")
            with self._sql(_DATABASE) as connection:
                # it speeds up Tryton's searches where there is an index for them
                connection.execute("CREATE EXTENSION pg_trgm")
            secret = self.folder / "password"
            secret.write_text(_PASSWORD, encoding="ascii")
            words = ["-d", _DATABASE, "-u", *_MODULES, "--activate-dependencies"]
            words += ["-l", "en", "--email", "admin@haichuan.example"]
            self._tryton("trytond-admin", *words, TRYTONPASSFILE=str(secret))
            self._company = self._step("company", records)

    def _step(self, word: str, records: Records, *more: str) -> dict[str, Any]:
        file, script = str(records.folder / "records.json"), str(_HERE / "tryton_steps.py")
        said = self._tryton("python", "-W", "ignore", script, word, file, *more)
        answer: dict[str, Any] = json.loads(said)
        return answer

    def _tryton(self, program: str, *words: str, **told: str) -> str:
        return _run([str(self.python.parent / program), *words], self._environment() | told)

    def _environment(self) -> dict[str, str]:
        """Nothing of this project, and the address of the database."""
        left_out = ("DOSSIER_", "DJANGO_", "PYTHON", "TRYTON")
        kept = {name: value for name, value in os.environ.items() if not name.startswith(left_out)}
        return kept | {"TRYTOND_DATABASE_URI": with_database(self.cluster.urls().superuser, "")}

    def _sql(self, database: str) -> psycopg.Connection[Any]:
        url = with_database(self.cluster.urls().superuser, database)
        return psycopg.connect(url, autocommit=True)

    @contextmanager
    def _database(self) -> Iterator[None]:
        self.cluster.start(bound_to_us=True)
        try:
            yield
        finally:
            self.cluster.stop()

    # -- imports --------------------------------------------------------------------------------------

    def import_sheet(self, records: Records) -> float:
        """`import_data`, as its client brings a sheet in; into a copy of the database, dropped afterwards."""
        with self._database(), self._sql("postgres") as connection:
            connection.execute(f"CREATE DATABASE {_COPY} TEMPLATE {_DATABASE}")
        sheet = [
            [one.name, one.code, one.phone, one.email, one.street, one.city]
            for one in records.customers
        ]
        rate = self._brought_in(_COPY, "import_data", sheet, lambda batch: (_SHEET, batch))
        with self._database(), self._sql("postgres") as connection:
            connection.execute(f"DROP DATABASE {_COPY}")
        return rate

    def import_fast(self, records: Records) -> float:
        """`create` of 500 at a time."""
        rows = [party_of(one) for one in records.customers]
        return self._brought_in(_DATABASE, "create", rows, lambda batch: (batch,))

    def _brought_in(self, database: str, method: str, rows: list[Any], words: Any) -> float:
        with self._serving(database) as serving:
            client = serving.client()
            before = client.count()
            began = time.monotonic()
            for start in range(0, len(rows), _BATCH):
                client.party(method, *words(rows[start : start + _BATCH]))
            seconds = time.monotonic() - began
            made = client.count() - before
            client.close()
        if made != len(rows):
            raise AnswerError(f"{method} made {made} parties instead of {len(rows)}")
        return made / seconds

    def import_orders(self, records: Records) -> None:
        """Straight through its models: see `tryton_steps.orders`."""
        with self._database():
            made = self._step("orders", records, json.dumps(self._company))["orders"]
        if made != len(records.orders()):
            raise AnswerError(f"{made} orders came in instead of {len(records.orders())}")

    # -- running --------------------------------------------------------------------------------------

    @contextmanager
    def serving(self) -> Iterator[TrytonServing]:
        """Database and web workers."""
        with self._serving(_DATABASE) as serving:
            yield serving

    @contextmanager
    def _serving(self, database: str) -> Iterator[TrytonServing]:
        port = free_port()
        words = ["--preload", "--workers", str(self._workers), "--timeout", "900"]
        words += ["--no-control-socket", "--bind", f"127.0.0.1:{port}", "trytond.application:app"]
        with self._database(), (self.folder / "gunicorn.log").open("wb") as log:
            process = subprocess.Popen(  # noqa: S603 - the program of its own environment
                [str(self.python.parent / "gunicorn"), *words],
                env=self._environment() | {"TRYTOND_DATABASE_NAMES": database},
                cwd=self.folder,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
            serving = TrytonServing(self, port, process.pid, database, self._company)
            try:
                _wait_for(serving, process)
                yield serving
            finally:
                process.send_signal(signal.SIGTERM)
                process.wait(timeout=60)


@dataclass(frozen=True)
class TrytonServing:
    """The running program."""

    tryton: Tryton
    port: int
    pid: int
    database: str
    company: dict[str, Any]

    def client(self) -> TrytonClient:
        """Another session of the administrator."""
        return TrytonClient(self)

    def memory(self) -> Memory:
        """Gunicorn with its workers; PostgreSQL."""
        postmaster, _state = server_of(self.tryton.cluster.data)
        assert postmaster is not None
        weights = memory_of([self.pid, postmaster])
        return Memory(weights[self.pid], weights[postmaster])

    @cached_property
    def customers(self) -> dict[str, dict[str, Any]]:
        """Key and address by code, of those that orders are made for."""
        client = self.client()
        words = ([["code", "!=", None]], 0, 200, [["code", "ASC"]], ["code", "addresses"])
        found = client.party("search_read", *words)
        client.close()
        return {one["code"]: one for one in found}


class TrytonClient:
    """One session on one connection."""

    def __init__(self, serving: TrytonServing) -> None:
        self._serving = serving
        self._connection = JsonConnection(serving.port)
        words = ("admin", {"password": _PASSWORD}, "en")
        user, token, *_rest = self._call("common.db.login", *words)
        session = base64.b64encode(f"admin:{user}:{token}".encode()).decode()
        self._connection.headers["Authorization"] = f"Session {session}"
        self._context = {"company": serving.company["company"], "language": "en"}

    def party(self, method: str, *words: Any, context: dict[str, Any] | None = None) -> Any:
        """A method of the model of customers."""
        return self._model("party.party", method, *words, context=context)

    def count(self) -> int:
        """How many parties there are."""
        return int(self.party("search_count", []))

    def page(self) -> int:
        """Its web client asks for keys, then for the values; it draws them itself."""
        return self._read([], _COLUMNS)

    def rows(self) -> int:
        """One request."""
        return self._search([], _COLUMNS)

    def found(self, text: str) -> int:
        """By the name alone, in one request."""
        return self._search([["name", "ilike", f"%{text}%"]], ["name"])

    def box(self, text: str) -> int:
        """Its box looks into names, codes, identifiers and means of contact; keys, then the values."""
        return self._read([["rec_name", "ilike", f"%{text}%"]], _COLUMNS)

    def order(self, order: NewOrder) -> str:
        """Three requests, as the buttons of its form: create, quote, confirm."""
        return self._ordered(order, {})

    def whole_order(self, order: NewOrder) -> str:
        """Confirming prepares the draft invoice and the delivery."""
        return self._ordered(order, {"invoice_method": "order", "shipment_method": "order"})

    def report(self, by: tuple[str, ...]) -> Decimal:
        """Its own reporting on sales."""
        if by != ("month",):
            raise Skipped("its reporting on sales (trytond_sale) knows no salesperson")
        cells = self._model(
            "sale.reporting.main.time_series", "search_read",
            [], 0, 10_000, None, ["date", "number", "revenue"], context={"period": "month"},
        )  # fmt: skip
        return sum((Decimal(one["revenue"]["decimal"]) for one in cells), Decimal(0))

    def close(self) -> None:
        """Hang up."""
        self._connection.close()

    def _search(self, domain: list[Any], fields: list[str]) -> int:
        found = self.party("search_read", domain, 0, ROWS, [["name", "ASC"]], fields)
        return len(found)

    def _read(self, domain: list[Any], fields: list[str]) -> int:
        keys = self.party("search", domain, 0, ROWS, [["name", "ASC"]])
        return len(self.party("read", keys, fields))

    def _ordered(self, order: NewOrder, methods: dict[str, str]) -> str:
        company, customer = self._serving.company, self._serving.customers[order.customer]
        address = next(iter(customer["addresses"]), None)
        lines = [
            {
                "type": "line",
                "product": company["products"][code],
                "unit": company["units"][code],
                "quantity": count,
                "unit_price": {"__class__": "Decimal", "decimal": price},
            }
            for code, count, price in order.lines
        ]
        head = {
            "party": customer["id"],
            "invoice_address": address,
            "shipment_address": address,
            "company": company["company"],
            "currency": company["currency"],
            "payment_term": company["payment_term"],
            "lines": [["create", lines]],
        }
        keys = self._model("sale.sale", "create", [head | methods])
        self._model("sale.sale", "quote", keys)
        self._model("sale.sale", "confirm", keys)
        [made] = self._model("sale.sale", "read", keys, ["state", "lines", "invoices", "shipments"])
        if len(made["lines"]) != len(lines):
            raise AnswerError(f"an order of {len(made['lines'])} lines")
        if methods and not (made["invoices"] and made["shipments"]):
            raise AnswerError("the order has no invoice or no delivery")
        return str(made["state"])

    def _model(
        self, model: str, method: str, *words: Any, context: dict[str, Any] | None = None
    ) -> Any:
        return self._call(f"model.{model}.{method}", *words, self._context | (context or {}))

    def _call(self, method: str, *words: Any) -> Any:
        body = {"id": 0, "method": method, "params": words}
        answer = self._connection.ask("POST", f"/{self._serving.database}/rpc/", body)
        if "error" in answer:
            raise AnswerError(f"{method}: {str(answer['error'])[:500]}")
        return answer["result"]


def party_of(customer: Customer) -> dict[str, Any]:
    """A customer as the values `create` of Tryton's parties takes."""
    made: dict[str, Any] = {"name": customer.name, "code": customer.code}
    means = [("phone", customer.phone), ("email", customer.email)]
    contacts = [{"type": kind, "value": value} for kind, value in means if value]
    if contacts:
        made["contact_mechanisms"] = [["create", contacts]]
    # as its form does: always an address, for an order needs one
    place = {"street": customer.street, "city": customer.city}
    made["addresses"] = [["create", [place]]]
    return made


def _wait_for(serving: TrytonServing, process: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + _PATIENCE
    while time.monotonic() < deadline:
        if process.poll() is not None:
            raise CommandError(
                "gunicorn ended at once; see gunicorn.log beside Tryton's environment"
            )
        try:
            serving.client().close()
        except OSError:  # not yet
            time.sleep(0.1)
        else:
            return
    raise CommandError(f"Tryton did not answer within {_PATIENCE:.0f} s")


def _run(words: list[str], environment: dict[str, str] | None = None) -> str:
    """What a command said; ``CommandError`` with its last words where it does not end well."""
    ended = subprocess.run(  # noqa: S603 - programs of Tryton's environment
        words, env=environment, capture_output=True, text=True, check=False
    )
    if ended.returncode:
        raise CommandError(f"{' '.join(words[:4])} …: {ended.stderr.strip()[-800:]}")
    return ended.stdout
