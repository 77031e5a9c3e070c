"""Contacts and bank accounts of a customer (CUS-6, CUS-4)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, TypeVar

from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from dossier.core.access import Actor
from dossier.core.errors import NotFound, Refusal
from dossier.core.fields import FieldSpec, Surface
from dossier.core.services import command, once
from dossier.customers.fields import BANK_ACCOUNT_FIELDS, CONTACT_FIELDS
from dossier.customers.models import BankAccount, Contact, Customer
from dossier.customers.services._rows import (
    check_version,
    locked_customer,
    none_after,
    raise_questions,
    refuse_archived,
    save_changes,
    settle_questions,
    store_derived,
)
from dossier.customers.services._values import Given, missing, read
from dossier.customers.services.standing import standing_refresh

_CONTACT = tuple(spec for spec in CONTACT_FIELDS if spec.on(Surface.FORM))
_ACCOUNT = tuple(spec for spec in BANK_ACCOUNT_FIELDS if spec.on(Surface.FORM))
Part = TypeVar("Part", Contact, BankAccount)


def contact_add(
    *,
    actor: Actor,
    customer_id: int,
    data: Mapping[str, object],
    not_applicable: Sequence[str] = (),
    submission: str | None = None,
) -> Contact:
    """Add a person; the first one, or one marked so, is the primary contact (CUS-6)."""
    with command(actor):
        customer = _customer(actor, customer_id)
        claim = once(actor=actor, key=submission, what="contact_add") if submission else None
        if claim is not None and claim.result:
            return Contact.objects.get(pk=int(claim.result), customer=customer)
        given = read(actor, Contact, _CONTACT, data, not_applicable=not_applicable)
        if not given.text("name"):
            raise missing("name", _("Enter the contact's name. “None” is no answer here."))
        values = {**given.values, "is_active": given.values.get("is_active", True)}
        if not customer.contacts.filter(is_main=True).exists():
            values["is_main"] = True
        if values.get("is_main"):
            _demote(Contact, customer)
        contact = Contact.objects.create(
            customer=customer, **values, not_applicable=sorted(given.none)
        )
        _after(customer, given)
        if claim is not None:
            claim.result = str(contact.pk)
            claim.save(update_fields=["result"])
        return contact


def contact_update(
    *,
    actor: Actor,
    contact_id: int,
    expected_version: int | None,
    changes: Mapping[str, object],
    not_applicable: Sequence[str] | None = None,
    why: str = "",
) -> Contact:
    """Edit a person; a value not named in ``changes`` stays (a covered one the editor could not see)."""
    with command(actor, why=why):
        contact, customer = _part(actor, Contact, contact_id)
        given = read(actor, Contact, _CONTACT, changes, not_applicable=not_applicable or ())
        if "name" in given.values and not given.values["name"]:
            raise missing("name", _("Enter the contact's name. “None” is no answer here."))
        check_version(
            contact, expected_version, {name: getattr(contact, name) for name in given.values}
        )
        values = dict(given.values)
        if contact.is_main:
            values.pop("is_main", None)  # another one becomes the primary contact instead
            if values.get("is_active") is False:
                raise Refusal(
                    "main_contact",
                    _("Make somebody else the primary contact first."),
                    field="is_active",
                )
        elif values.get("is_main"):
            _demote(Contact, customer)
        none = none_after(contact, _CONTACT, given, not_applicable)
        stood = {name: getattr(contact, name) for name in values}
        save_changes(contact, {**values, "not_applicable": none})
        _settle(
            customer, _CONTACT, stood, values, is_first=contact.is_main,
            answer=gettext("Corrected on the contact"),
        )  # fmt: skip
        _after(customer, given)
        return contact


def contact_set_main(*, actor: Actor, contact_id: int) -> Contact:
    """Make a person the primary contact; repeating it changes nothing."""
    with command(actor):
        contact, customer = _part(actor, Contact, contact_id)
        if contact.is_main:
            return contact
        if not contact.is_active:
            raise Refusal(
                "not_there", _("This person is no longer there and cannot be the primary contact.")
            )
        _demote(Contact, customer)
        save_changes(contact, {"is_main": True})
        store_derived(customer)
        standing_refresh([customer.pk])
        return contact


def bank_account_add(
    *, actor: Actor, customer_id: int, data: Mapping[str, object], submission: str | None = None
) -> BankAccount:
    """Add an account; the first one, or one marked so, is the usual one."""
    with command(actor):
        customer = _customer(actor, customer_id)
        claim = once(actor=actor, key=submission, what="bank_account_add") if submission else None
        if claim is not None and claim.result:
            return BankAccount.objects.get(pk=int(claim.result), customer=customer)
        given = read(actor, BankAccount, _ACCOUNT, data)
        _not_empty(given.text("bank"), given.text("number"))
        values = {**given.values, "is_active": given.values.get("is_active", True)}
        if not customer.bank_accounts.filter(is_usual=True).exists():
            values["is_usual"] = True
        if values.get("is_usual"):
            _demote(BankAccount, customer)
        account = BankAccount.objects.create(customer=customer, **values)
        _touch(customer)
        if claim is not None:
            claim.result = str(account.pk)
            claim.save(update_fields=["result"])
        return account


def bank_account_update(
    *, actor: Actor, account_id: int, expected_version: int | None, changes: Mapping[str, object]
) -> BankAccount:
    """Edit an account; a number not named in ``changes`` stays."""
    with command(actor):
        account, customer = _part(actor, BankAccount, account_id)
        given = read(actor, BankAccount, _ACCOUNT, changes)
        check_version(
            account, expected_version, {name: getattr(account, name) for name in given.values}
        )
        values = dict(given.values)
        _not_empty(str(values.get("bank", account.bank)), str(values.get("number", account.number)))
        if account.is_usual:
            values.pop("is_usual", None)
            if values.get("is_active") is False:
                values["is_usual"] = False
        elif values.get("is_usual"):
            _demote(BankAccount, customer)
        stood = {name: getattr(account, name) for name in values}
        is_first = account.is_usual
        save_changes(account, values)
        _settle(
            customer, _ACCOUNT, stood, values, is_first=is_first,
            answer=gettext("Corrected on the account"),
        )  # fmt: skip
        _touch(customer)
        return account


def _settle(
    customer: Customer,
    specs: Sequence[FieldSpec],
    stood: Mapping[str, object],
    values: Mapping[str, object],
    *,
    is_first: bool,
    answer: str,
) -> None:
    """Questions on what was corrected here are answered by it.

    Several contacts or accounts may have such a question: one is about this record where it names the
    value that stood here. What an import could not keep stood nowhere; that concerns the first one.
    """
    changed = [name for name, value in values.items() if stood[name] != value]
    blank = [name for name in changed if stood[name] in (None, "")]
    kept = [name for name in changed if name not in blank]
    if kept:
        given = [str(stood[name]) for name in kept]
        settle_questions(customer, specs, kept, answer=answer, given=given)
    if blank and is_first:
        settle_questions(customer, specs, blank, answer=answer)


def bank_account_set_usual(*, actor: Actor, account_id: int) -> BankAccount:
    """Make an account the usual one; repeating it changes nothing."""
    with command(actor):
        account, customer = _part(actor, BankAccount, account_id)
        if not account.is_usual:
            _demote(BankAccount, customer)
            save_changes(account, {"is_usual": True, "is_active": True})
            _touch(customer)
        return account


def _customer(actor: Actor, customer_id: int) -> Customer:
    customer = locked_customer(actor, customer_id)
    refuse_archived(customer)
    return customer


def _part(actor: Actor, model: type[Part], pk: int) -> tuple[Part, Customer]:
    """A contact or account and its customer, both locked, if the actor may change the customer."""
    nothing = NotFound("not_found", _("There is no such record, or it is not yours to see."))
    known = model.objects.filter(pk=pk).values_list("customer_id", flat=True).first()
    if known is None:
        raise nothing
    customer = _customer(actor, known)
    row = model.objects.select_for_update().filter(pk=pk, customer=customer).first()
    if row is None:
        raise nothing
    return row, customer


def _demote(model: type[Part], customer: Customer) -> None:
    """Take the mark from the row that has it now."""
    mark = "is_main" if model is Contact else "is_usual"
    rows: Any = model.objects.select_for_update().filter(customer=customer, **{mark: True})
    for row in rows:
        save_changes(row, {mark: False})


def _after(customer: Customer, given: Given) -> None:
    store_derived(customer)
    raise_questions(customer, given.doubts)
    _touch(customer)


def _touch(customer: Customer) -> None:
    """The file counts as changed; its own version does not."""
    customer.save(update_fields=["updated_at"])
    standing_refresh([customer.pk])


def _not_empty(bank: str, number: str) -> None:
    if not bank and not number:
        raise missing("number", _("Enter the bank or the account number."))
