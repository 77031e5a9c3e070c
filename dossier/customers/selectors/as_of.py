"""A customer's file as it stood at a past moment, folded from the history (CUS-15)."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any, TypeVar

from django.db import connection, models
from django.utils.translation import gettext_lazy as _

from dossier.core.access import Actor
from dossier.core.errors import NotFound
from dossier.core.history.marks import redacted
from dossier.customers.models import BankAccount, Contact, Customer

_FOLD = """
SELECT e.row_id, public.history_fold(coalesce(e.after, '{}'::jsonb) ORDER BY e.id),
       (array_agg(e.op ORDER BY e.id DESC))[1]
FROM history_entry e JOIN history_transaction t ON t.xid = e.xid
WHERE e.table_name = %s AND e.row_id = ANY(%s) AND t.at <= %s
GROUP BY e.row_id
"""

Row = TypeVar("Row", bound=models.Model)


@dataclass(frozen=True)
class PastFile:
    """The profile, contacts and bank accounts at a moment; the rows are copies, never to be saved."""

    customer: Customer
    contacts: list[Contact]
    bank_accounts: list[BankAccount]


def customer_as_of(actor: Actor, customer_id: int, moment: datetime) -> PastFile:
    """The file as it stood; the actor must see the customer today. NotFound before it was opened."""
    Customer.objects.reachable(actor, customer_id)
    found = _rows_at(Customer, [customer_id], moment)
    if not found:
        raise NotFound("not_yet", _("At that time this file did not exist yet."), field="at")
    contacts = _rows_at(
        Contact,
        list(Contact.objects.filter(customer=customer_id).values_list("pk", flat=True)),
        moment,
    )
    accounts = _rows_at(
        BankAccount,
        list(BankAccount.objects.filter(customer=customer_id).values_list("pk", flat=True)),
        moment,
    )
    contacts.sort(key=lambda one: (not one.is_main, not one.is_active, one.pk))
    accounts.sort(key=lambda one: (not one.is_usual, one.pk))
    return PastFile(found[0], contacts, accounts)


def _rows_at(model: type[Row], keys: list[int], moment: datetime) -> list[Row]:
    if not keys:
        return []
    with connection.cursor() as cursor:
        cursor.execute(_FOLD, [model._meta.db_table, [str(key) for key in keys], moment])
        rows = cursor.fetchall()
    return [_row(model, image) for _row_id, image, last in rows if last != "D"]


def _row(model: type[Row], image: dict[str, Any] | str) -> Row:
    facts = (
        json.loads(image, parse_float=Decimal) if isinstance(image, str) else image
    )  # the driver leaves jsonb as text in plain SQL
    values = {
        column.attname: column.to_python(facts[str(column.column)])
        for column in model._meta.concrete_fields
        if facts.get(str(column.column)) is not None and redacted(facts[str(column.column)]) is None
    }
    row = model(**values)
    for column in model._meta.concrete_fields:
        gone = redacted(facts.get(str(column.column)))
        if gone is not None and not column.is_relation:
            setattr(row, column.attname, gone)  # words in the value's place; the row is never saved
    return row
