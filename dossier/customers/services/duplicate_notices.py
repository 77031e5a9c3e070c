"""Asking for customers like the one entered: outside the reach only that there is one, on record, and not often (CUS-3)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final, Literal

from django.db import connection
from django.utils.translation import gettext_lazy as _

from dossier.core.access import Actor
from dossier.core.errors import Refusal
from dossier.core.imports.stages import fetch
from dossier.core.services import command
from dossier.customers.duplicate_models import DuplicateNotice
from dossier.customers.models import Customer
from dossier.customers.rules.companies_alike import DuplicateRow, is_valid_tax
from dossier.customers.selectors.duplicates import (
    DuplicateHint,
    duplicates_of,
    reaches_everything,
    same_tax_number,
)

Via = Literal["typing", "save", "import"]
MOST_TOLD: Final = 20
"""Customers outside the reach of whose existence a person is told within an hour."""
MOST_ASKED: Final = 600
"""Questions about them within an hour; entering a customer by hand asks about six times."""


@dataclass(frozen=True)
class DuplicatesFound:
    """What may be shown: customers of the reach; that there is one outside it; that such questions rest now."""

    hints: tuple[DuplicateHint, ...] = ()
    elsewhere: bool = False
    paused: bool = False

    @property
    def strong(self) -> bool:
        """Whether saving has to be confirmed."""
        return self.elsewhere or any(hint.strong for hint in self.hints)

    def __bool__(self) -> bool:
        return bool(self.hints) or self.elsewhere or self.paused


def duplicates_asked(
    *, actor: Actor, row: DuplicateRow, via: Via, exclude: int | None = None
) -> DuplicatesFound:
    """Customers like the one entered, as the actor may know of them.

    Only who enters or changes customers may ask. Each question that could touch others' is counted before it is answered, and the answer
    after too many is the same whether there is such a customer or not.
    """
    if not (row.name or row.tax_number or row.phones or row.address or any(row.emails)):
        return DuplicatesFound()
    if not actor.can("customers.customer", "change"):
        actor.require("customers.customer", "add")
    if exclude is not None:
        Customer.objects.reachable(actor, exclude)  # or leaving out would tell which one it is
    if reaches_everything(actor):
        return DuplicatesFound(duplicates_of(actor, row, exclude=exclude).hints)
    if remaining(actor, ask=True) <= 0:
        inside = duplicates_of(actor, row, exclude=exclude, everywhere=False)
        return DuplicatesFound(inside.hints, paused=True)
    answer = duplicates_of(actor, row, exclude=exclude)
    tell(actor, via, answer.elsewhere[:1])
    return DuplicatesFound(answer.hints, elsewhere=bool(answer.elsewhere))


def remaining(actor: Actor, *, ask: bool = False) -> int:
    """How many customers outside the reach the actor may still be told of; ``ask`` counts a question."""
    with command(actor), connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO customers_duplicateasking AS kept (login, hour, asked)"
            " VALUES (%s, date_trunc('hour', now()), %s)"
            " ON CONFLICT (login, hour) DO UPDATE SET asked = kept.asked + excluded.asked RETURNING asked",
            [actor.login, int(ask)],
        )
        (asked,) = cursor.fetchone()
    if asked > MOST_ASKED:
        return 0
    ((told,),) = fetch(
        "SELECT count(DISTINCT customer_id) FROM customers_duplicatenotice"
        " WHERE login = %s AND at > now() - interval '1 hour'",
        [actor.login],
    )
    return max(MOST_TOLD - int(told), 0)


def tell(actor: Actor, via: Via, customers: Iterable[int]) -> None:
    """Put on record that the actor is told of these; typing on does not repeat it."""
    for customer_id in customers:
        known = fetch(
            "SELECT 1 FROM customers_duplicatenotice WHERE login = %s AND customer_id = %s AND via = %s"
            " AND at > now() - interval '1 hour' LIMIT 1",
            [actor.login, customer_id, via],
        )
        if not known:
            with command(actor):
                DuplicateNotice.objects.create(
                    account_id=actor.account_id,
                    login=actor.login,
                    ip=actor.ip,
                    via=via,
                    customer_id=customer_id,
                )


def refuse_same_tax_number(
    actor: Actor, number: str, *, exclude: int | None = None, head_office: int | None = None
) -> None:
    """Refuse a valid tax number another customer carries, naming that one where the actor sees it.

    A branch may carry its head office's number. Called before the write, so that the record of what
    was told stays although nothing is written.
    """
    if not is_valid_tax(number):
        return
    mine = Customer.objects.for_user(actor)
    holders = [one for one in same_tax_number(number, exclude=exclude) if one.pk != head_office]
    seen = [one for one in holders if mine.filter(pk=one.pk).exists()]
    if seen:
        raise Refusal(
            "duplicate_tax_number",
            _(
                "%(name)s (%(code)s) has this tax number. Open that file instead, or correct the number."
            ),
            field="tax_number",
            params={"name": seen[0].name, "code": seen[0].code},
        )
    if reaches_everything(actor):
        return
    if remaining(actor, ask=True) <= 0:
        raise Refusal(
            "too_many_questions",
            _(
                "You have asked about many customers this hour. Save without the tax number, or ask the customer-information administrator."
            ),
            field="tax_number",
        )
    if holders:
        tell(actor, "save", [holders[0].pk])
        raise Refusal(
            "duplicate_tax_number",
            _(
                "A customer with this tax number is on file, outside your reach. Ask the customer-information administrator."
            ),
            field="tax_number",
        )


def still_no_same_tax_number(
    number: str, *, exclude: int | None = None, head_office: int | None = None
) -> None:
    """The same inside the write, against somebody who enters the number at the same moment."""
    if not is_valid_tax(number):
        return
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 3))", [number])
    if any(one.pk != head_office for one in same_tax_number(number, exclude=exclude)):
        raise Refusal(
            "duplicate_tax_number",
            _("Somebody has just entered a customer with this tax number. Look before you save."),
            field="tax_number",
        )
