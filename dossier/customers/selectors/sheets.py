"""What imported sheets said of a customer in columns the file has no field for (AUD-4).

An import keeps every row as it was typed. Columns that fill a field stand on the profile; the others
are shown beside it, the newest first, what looks sensitive covered (ORG-4).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final

from django.db.models import QuerySet

from dossier.core.errors import Refusal
from dossier.core.fields import Mask, masked
from dossier.core.imports.cells import cell_text, column_letters
from dossier.core.imports.columns import is_problem_column, is_row_key
from dossier.core.imports.compile import compile_map
from dossier.core.imports.limits import DEFAULT
from dossier.core.imports.mapping import parse_map
from dossier.core.imports.registry import kind_of
from dossier.core.models import ImportRow, ImportRun
from dossier.customers.models import Customer
from dossier.customers.rules.sensitive import looks_sensitive

_KIND: Final = "customers"
_TABLE: Final = "customers_customer"
MOST_ROWS, MOST_VALUES = 12, 60
_LONGEST = 500
_MIDNIGHT = re.compile(r"(\d{4}-\d\d-\d\d)T00:00:00")


@dataclass(frozen=True)
class SheetValue:
    """A cell of an imported row: what its column was called, and where it stood."""

    row_id: int
    column: int
    title: str
    text: str
    mask: Mask | None
    file: str
    row: int
    at: datetime

    def shown(self, *, plainly: bool) -> str:
        """The text, covered if it looks sensitive and is not to be seen plainly."""
        return self.text if plainly or self.mask is None else masked(self.text, self.mask)


def also_in_sheets(customer: Customer) -> list[SheetValue]:
    """What the newest rows about a customer said besides; each value once. The reader sees the customer."""
    rows = _rows(customer).order_by("-id")[:MOST_ROWS]
    told: set[tuple[str, str]] = set()
    found: list[SheetValue] = []
    for row in rows:
        for value in _values(row):
            if (value.title, value.text) not in told and len(found) < MOST_VALUES:
                told.add((value.title, value.text))
                found.append(value)
    return found


def sheet_value(row_id: int, column: int) -> tuple[Customer, SheetValue] | None:
    """One such value and the customer it is about, whoever may see it; None where there is none."""
    row = (
        ImportRow.objects.filter(pk=row_id, target_table=_TABLE)
        .select_related("run")
        .defer("run__result")
        .first()
    )
    customer = Customer.objects.filter(pk=row.target_id).first() if row is not None else None
    if row is None or customer is None or not _rows(customer).filter(pk=row_id).exists():
        return None
    value = next((one for one in _values(row) if one.column == column), None)
    return (customer, value) if value is not None else None


def _rows(customer: Customer) -> QuerySet[ImportRow]:
    return (
        ImportRow.objects.filter(
            target_table=_TABLE,
            target_id=customer.pk,
            run__kind=_KIND,
            run__status=ImportRun.Status.DONE,
        )
        .exclude(outcome=ImportRow.Outcome.REJECTED)
        .select_related("run")
        .defer("run__result")
    )


def _values(row: ImportRow) -> Iterator[SheetValue]:
    names = [str(name) for name in row.run.options.get("header") or ()]
    taken = _taken(row.run, names)
    for column, cell in enumerate(row.cells):
        title = names[column] if column < len(names) else column_letters(column)
        if column in taken or is_row_key(title) or is_problem_column(title) or cell is None:
            continue
        text = _MIDNIGHT.sub(r"\1", cell_text(cell))
        if text:
            yield SheetValue(
                row_id=row.pk,
                column=column,
                title=title,
                text=text if len(text) <= _LONGEST else f"{text[:_LONGEST]}…",
                mask=looks_sensitive(title, text),
                file=row.run.file_name,
                row=row.row,
                at=row.run.created_at,
            )


def _taken(run: ImportRun, names: list[str]) -> set[int]:
    """Columns whose values stand on the file; all of them where the run does not say how it was read."""
    try:
        used = parse_map(str(run.options["map"]))
        own = compile_map(
            replace(used, lookups=()), names, fields=used.fields(), limits=DEFAULT
        ).own
    except (KeyError, Refusal):
        return set(range(len(names)))
    kept = kind_of(_KIND).columns.kept
    return {index for name, indices in own.items() if name not in kept for index in indices}
