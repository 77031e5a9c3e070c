"""What a person's program does beside: reads by key, writes with Idempotency-Key."""

from __future__ import annotations

import re
from typing import Any

from bench.load.journal import What, Write
from bench.load.worker import Worker
from bench.load.writing import company_name, telephone

_COUNTED = re.compile(r"count (\d+) ")
_API = "/api/v1"


def read(worker: Worker) -> None:
    """A page of customers, the next one, one customer."""
    path = f"{_API}/customers?fields=name,email,phone,city&limit=80"
    page = worker.read("API list", path, by=worker.program)
    if page.status != 200:
        return
    found = page.json()
    if found["next"]:
        worker.read("API list", f"{path}&after={found['next']}", by=worker.program)
    if found["items"]:
        one = worker.draw.choice(found["items"])["id"]
        worker.read("API customer", f"{_API}/customers/{one}", by=worker.program)


def write(worker: Worker) -> None:
    """One of: a shared customer counted up, a customer, an order."""
    worker.draw.choice((_count, _customer, _order))(worker)


def _count(worker: Worker) -> None:
    customer = worker.draw.choice(worker.person.shared) if worker.person.shared else None
    if customer is None:
        return
    path = f"{_API}/customers/{customer}"
    found = worker.read("API customer", path, by=worker.program)
    if found.status != 200:
        return
    record = found.json()
    seen = _COUNTED.search(record["remark"] or "")
    count = int(seen[1]) + 1 if seen else 1
    write = worker.journal.begin(
        What.COUNT, worker.person.login, row=customer, saw=(record["remark"] or "").strip(),
        expected={"count": count},
    )  # fmt: skip
    worker.wait(worker.draw.uniform(0.05, 0.5))
    sent = {
        "version": record["version"], "remark": f"count {count} {write.token}", "why": "load",
    }  # fmt: skip
    answer = worker.call("API change", "PATCH", path, sent, write, fine=(200, 409))
    worker.settle(write, answer, done=(200,))


def _customer(worker: Worker) -> None:
    write = worker.journal.begin(
        What.CUSTOMER, worker.person.login, again=worker.draw.random() < 5 * worker.pace.again
    )
    sent = {
        "name": company_name(worker.draw),
        "phone": telephone(worker.draw),
        "contacts": [{"name": "张工"}],
        "remark": f"{write.token} by program",
    }
    write.expected = {"name": sent["name"], "contacts": 1}
    _made(worker, write, f"{_API}/customers", sent)


def _order(worker: Worker) -> None:
    customer = worker.some_customer()
    if customer is None:
        return
    write = worker.journal.begin(
        What.ORDER, worker.person.login, again=worker.draw.random() < 5 * worker.pace.again
    )
    _code, product = worker.draw.choice(worker.world.products)
    sent = {
        "customer": customer,
        "ordered_on": "2026-01-05",
        "remark": f"{write.token} by program",
        "lines": [{"product": product, "quantity": "3", "unit_price": "10.00"}],
    }
    write.expected = {"lines": 1, "total": 3000}
    _made(worker, write, f"{_API}/orders", sent)


def _made(worker: Worker, write: Write, path: str, sent: dict[str, Any]) -> None:
    """Made, and with ``again`` the same request once more: answered alike, by the same record."""
    key = write.token
    first = worker.call("API new", "POST", path, sent, write, key=key, fine=(201,))
    if not worker.settle(write, first, done=(201,)) or not write.again:
        return
    again = worker.call("API new, again", "POST", path, sent, write, key=key, fine=(201,))
    if again.status == 201 and again.json()["id"] != first.json()["id"]:
        raise AssertionError(f"{key}: the same Idempotency-Key gave another record")
