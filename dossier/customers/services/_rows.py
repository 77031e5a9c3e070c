"""Locks, checks after the write, and derived columns that all services of this department share.

Order of locks: employees, categories, customers (by key), contacts and accounts, the number scheme.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from datetime import date, timedelta
from typing import Any

from django.db.models import F
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from dossier.core.access import Actor
from dossier.core.errors import NotAllowed, Refusal, Stale
from dossier.core.fields import FieldSpec
from dossier.core.models import Record
from dossier.customers.derived import ContactFacts, Derived, derive, main_of
from dossier.customers.models import Contact, Customer, ProfileRules, Question
from dossier.customers.selectors.duplicates import COMPARED
from dossier.customers.services._values import Doubt, Given, is_blank, missing
from dossier.customers.services.duplicate_pairs import keep_alike
from dossier.customers.states import CustomerKind, CustomerStatus, QuestionOrigin, QuestionStatus
from dossier.people.models import Employee
from dossier.people.selectors import employee_in_post_locked, may_own

KIND = "customers.customer"
DERIVED = (*Derived._fields, "main_contact", "main_phone")
DERIVED_FROM = frozenset({"name", "short_name", "code", "phone"})
"""Columns of the customer that the derived ones are made of, beside contacts and former codes."""


def locked_customer(
    actor: Actor, customer_id: int, action: str = "change", *, also: Iterable[int] = ()
) -> Customer:
    """The customer, locked together with others in the order of their keys; checked before and after."""
    Customer.objects.reachable(actor, customer_id, action)
    return lock_reached(actor, customer_id, action, also=also)


def lock_reached(
    actor: Actor, customer_id: int, action: str = "change", *, also: Iterable[int] = ()
) -> Customer:
    """The same for who has just found the customer within reach: what is left is the check after the lock."""
    keys = sorted({customer_id, *also})
    rows = {
        row.pk: row
        for row in Customer.objects.select_for_update().filter(pk__in=keys).order_by("pk")
    }
    if customer_id not in rows or not Customer.objects.holds(actor, customer_id, action):
        Customer.objects.reachable(actor, customer_id, action)  # given away meanwhile: says so
    found: Customer = rows[customer_id]
    return found


def refuse_archived(customer: Customer) -> None:
    """An archived file is taken up again before it is changed (CUS-18)."""
    if customer.status == CustomerStatus.ARCHIVED:
        raise Refusal(
            "archived", _("This file is archived. Take it up again before you change it.")
        )


def check_version(row: Record, expected: int | None, theirs: Mapping[str, Any]) -> None:
    """Refuse an edit of a version that is no longer the present one."""
    if expected is not None and row.version != expected:
        raise Stale(
            "stale",
            _(
                "Someone else saved this record while you were editing. Nothing of yours is saved yet."
            ),
            params={"theirs": dict(theirs), "version": row.version},
        )


def save_changes(row: Record, changes: Mapping[str, Any], *, quietly: Iterable[str] = ()) -> bool:
    """Write changed columns of a locked row and count its version; whether anything changed.

    ``quietly`` names derived columns: written when they differ, but no new version by themselves.
    """
    different = {name: value for name, value in changes.items() if getattr(row, name) != value}
    counted = [name for name in different if name not in set(quietly)]
    if not different:
        return False
    for name, value in different.items():
        setattr(row, name, value)
    row.updated_at = timezone.now()
    before = row.version
    if counted:
        row.version = F("version") + 1
    row.save(update_fields=[*different, "updated_at", *(["version"] if counted else [])])
    row.version = before + bool(counted)  # the row is locked: nobody else counts
    return bool(counted)


def none_after(
    row: Customer | Contact, specs: Iterable[FieldSpec], given: Given, asked: Iterable[str] | None
) -> list[str]:
    """The fields answered 'not applicable' after an edit; a value given wins over the answer (CUS-7).

    ``asked`` is the whole new list of the fields of ``specs`` that can be answered so; answers on
    others, brought in by an import, stay.
    """
    kept = set(row.not_applicable)
    if asked is not None:
        kept -= {spec.name for spec in specs if spec.na}
    kept |= given.none
    return sorted(
        name
        for name in kept
        if name in given.none
        or is_blank(given.values[name] if name in given.values else getattr(row, name, None))
    )


def still_reached(actor: Actor, customer: Customer, action: str) -> None:
    """Nobody saves a file into a place they could not reach (law 2 of the house)."""
    if not Customer.objects.holds(actor, customer.pk, action):
        raise NotAllowed(
            "out_of_reach",
            _(
                "Saved like this, the file would lie outside your reach. Choose an owner or region within it."
            ),
        )


def locked_owner(actor: Actor, owner: Employee, action: str) -> Employee:
    """The new owner: one to whom the actor may give customers, in post until this is committed (ORG-1).

    Called before the customers are locked; who leaves locks in the same order.
    """
    row = employee_in_post_locked(owner.pk)
    allowed = may_own(actor, kind=KIND, action=action)
    if allowed is not None and row.pk not in allowed:
        raise Refusal(
            "not_allowed",
            _("You cannot give customers to %(name)s. Ask your team leader."),
            field="owner",
            params={"name": row.name},
        )
    return row


def refresh_derived(customer: Customer) -> dict[str, Any]:
    """The derived columns as they must be now; refused where CUS-1 would no longer hold."""
    contacts = list(
        Contact.objects.filter(customer=customer, is_active=True).order_by("-is_main", "id")
    )
    facts = [ContactFacts(c.name, c.phone, c.mobile, c.is_main) for c in contacts]
    main_contact, main_phone = main_of(facts, customer.phone)
    made = derive(
        name=customer.name,
        short_name=customer.short_name,
        code=customer.code,
        phone=customer.phone,
        contacts=facts,
        alias_codes=list(customer.aliases.order_by("id").values_list("code", flat=True)),
    )
    return {**made._asdict(), "main_contact": main_contact, "main_phone": main_phone}


def demand_contact_and_phone(customer: Customer, main_contact: str, main_phone: str) -> None:
    """CUS-1 for customers in use; drafts and the walk-in customer are exempt."""
    if customer.kind != CustomerKind.CUSTOMER or customer.status == CustomerStatus.DRAFT:
        return
    if not main_contact:
        raise missing(
            "contact", _("A customer needs at least one contact. “None” is no answer here.")
        )
    if not main_phone:
        raise missing(
            "phone",
            _(
                "A customer needs at least one telephone number, its own or a contact's. “None” is no answer here."
            ),
        )


def store_derived(customer: Customer) -> None:
    """Bring the derived columns up to date after a contact or the profile changed.

    A draft that now has all of CUS-1 is complete and becomes active.
    """
    made = refresh_derived(customer)
    demand_contact_and_phone(customer, made["main_contact"], made["main_phone"])
    changes: dict[str, Any] = dict(made)
    if (
        customer.status == CustomerStatus.DRAFT
        and customer.kind == CustomerKind.CUSTOMER
        and made["main_contact"]
        and made["main_phone"]
    ):
        changes["status"] = CustomerStatus.ACTIVE
    save_changes(customer, changes, quietly=DERIVED)
    keep_alike(customer)


def follow_profile(customer: Customer, changed: Collection[str]) -> None:
    """Bring up to date what follows from these changed columns, and only that; CUS-1 is asked all the same."""
    if not DERIVED_FROM.isdisjoint(changed) or customer.status == CustomerStatus.DRAFT:
        store_derived(customer)
        return
    demand_contact_and_phone(customer, customer.main_contact, customer.main_phone)
    if not COMPARED.isdisjoint(changed):
        keep_alike(customer)


def raise_questions(customer: Customer, doubts: Iterable[Doubt]) -> None:
    """Keep each doubtful value as an open question on the profile; none is asked twice (CUS-13)."""
    found = list(doubts)
    if not found:
        return
    due = due_day()
    Question.objects.bulk_create(
        [
            Question(
                customer=customer,
                field=doubt.word,
                code=doubt.code,
                given=doubt.given[:300],
                params={},
                origin=QuestionOrigin.EDIT,
                due_on=due,
            )
            for doubt in found
        ],
        ignore_conflicts=True,
    )


def due_day() -> date:
    """By when a question asked today is to be answered."""
    days: int = ProfileRules.objects.values_list("answer_days", flat=True).get(pk=1)
    return timezone.localdate() + timedelta(days=days)


def settle_questions(
    customer: Customer,
    specs: Iterable[FieldSpec],
    names: Iterable[str],
    *,
    answer: str,
    given: Iterable[str] | None = None,
) -> None:
    """Questions on corrected fields are answered by the correction.

    ``given`` narrows them to those about these values, where several records have such a field.
    """
    corrected = set(names)
    words = [spec.sheet_key for spec in specs if spec.name in corrected]
    open_ones = Question.objects.filter(
        customer=customer, field__in=words, status=QuestionStatus.OPEN
    )
    if given is not None:
        open_ones = open_ones.filter(given__in=list(given))
    open_ones.update(
        status=QuestionStatus.ANSWERED,
        answer=answer[:300],
        closed_at=timezone.now(),
        version=F("version") + 1,
        updated_at=timezone.now(),
    )
