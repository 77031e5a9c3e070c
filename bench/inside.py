"""Steps that need the program's own code and database: run as processes with the home they work on."""

from __future__ import annotations

import csv
import json
import random
import sys
from collections.abc import Callable, Iterable
from datetime import date
from typing import Any

from dossier.config.environment import command_environment

_SEED = 7  # another company than the one that is loaded


def people(file: str, today: str) -> None:
    """The employees of a grown company as a sheet."""
    with command_environment():
        from dossier.demo.load import HEADINGS, company_of, large  # needs Django set up

        company = company_of(large(50, 1_000), today=date.fromisoformat(today), seed=_SEED)
        _write(file, HEADINGS["employees"], company.employees())


def sheet(file: str, rows: str, today: str) -> None:
    """Customers as a sheet of 22 columns."""
    with command_environment():
        from dossier.demo.load import HEADINGS, company_of, large  # needs Django set up

        company = company_of(large(int(rows), 1_000), today=date.fromisoformat(today), seed=_SEED)
        headings = HEADINGS["customers"] | {"website": "公司网址"}
        customers = (row | {"website": f"www.{row['code']}.example"} for row in company.customers())
        _write(file, headings, customers)


def _write(file: str, headings: dict[str, str], rows: Iterable[dict[str, Any]]) -> None:
    with open(file, "w", encoding="utf-8", newline="") as out:  # noqa: PTH123 - a path we were given
        writer = csv.writer(out)
        writer.writerow(headings.values())
        writer.writerows([row[name] for name in headings] for row in rows)


def company(today: str) -> None:
    """The ordinary demonstration company as of a day."""
    with command_environment() as actor:
        from dossier.demo.load import load  # needs Django set up

        load(actor=actor, today=date.fromisoformat(today))


def entries(count: str) -> None:
    """So many changes of one customer, each in a transaction of its own."""
    from bench.data import BUSY

    with command_environment() as actor:
        from django.db import connection

        from dossier.core.services import command

        for turn in range(int(count)):
            with command(actor, why="bench"), connection.cursor() as cursor:
                cursor.execute(
                    "UPDATE customers_customer SET remark = %s, version = version + 1 WHERE id = %s",
                    [f"bench {turn}", BUSY],
                )


def fragments(count: str) -> None:
    """What people type for customers that are there."""
    with command_environment():
        from dossier.customers.models import Customer
        from dossier.customers.rules import pinyin_keys

        last = Customer.objects.order_by("-pk").values_list("pk", flat=True)[0]
        draw = random.Random(_SEED)  # noqa: S311 - a sample, not a secret
        keys = [draw.randrange(1, last + 1) for _turn in range(int(count) * 2)]
        chosen = list(Customer.objects.filter(pk__in=keys).exclude(phone="")[: int(count)])
        found = {
            "two characters": [one.short_name[:2] for one in chosen],
            "initials": [pinyin_keys(one.short_name)[1] for one in chosen],
            "telephone tail": [one.phone[-5:] for one in chosen],
        }
    sys.stdout.write(json.dumps(found, ensure_ascii=False))


_STEPS: dict[str, Callable[..., None]] = {
    "company": company, "people": people, "sheet": sheet, "entries": entries, "fragments": fragments,
}  # fmt: skip

if __name__ == "__main__":
    _STEPS[sys.argv[1]](*sys.argv[2:])
