"""Writing a customer's profile: open, edit, give to an owner."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django.db.models import F
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from dossier.core.access import Actor
from dossier.core.errors import Refusal, Refusals
from dossier.core.fields import Surface
from dossier.core.models import NumberScheme, Region
from dossier.core.numbering import next_number, note_issued
from dossier.core.reasons import reason_text
from dossier.core.services import command, done_before, once
from dossier.core.values import ValueProblem, parse_code
from dossier.customers.derived import ContactFacts, derive, main_of
from dossier.customers.fields import BANK_ACCOUNT_FIELDS, CONTACT_FIELDS, CUSTOMER_FIELDS
from dossier.customers.models import BankAccount, Contact, Customer, CustomerAlias
from dossier.customers.rules import normalise_tax_number
from dossier.customers.seeds import CODE_SCHEME
from dossier.customers.selectors import region_of_address
from dossier.customers.services._rows import (
    KIND,
    check_version,
    demand_contact_and_phone,
    follow_profile,
    lock_reached,
    locked_customer,
    locked_owner,
    none_after,
    raise_questions,
    refuse_archived,
    save_changes,
    settle_questions,
    still_reached,
)
from dossier.customers.services._values import Given, missing, read
from dossier.customers.services.categories import open_category
from dossier.customers.services.duplicate_notices import (
    refuse_same_tax_number,
    still_no_same_tax_number,
)
from dossier.customers.services.duplicate_pairs import keep_alike
from dossier.customers.services.head_offices import check_head_office, locked_head_office
from dossier.customers.services.standing import STANDS_ON, standing_refresh
from dossier.people.models import Employee

_WRITTEN = tuple(spec for spec in CUSTOMER_FIELDS if spec.on(Surface.FORM))
_CONTACT = tuple(spec for spec in CONTACT_FIELDS if spec.on(Surface.FORM))
_ACCOUNT = tuple(spec for spec in BANK_ACCOUNT_FIELDS if spec.on(Surface.FORM))


def customer_create(
    *,
    actor: Actor,
    data: Mapping[str, object],
    contacts: Sequence[Mapping[str, object]],
    bank_accounts: Sequence[Mapping[str, object]] = (),
    not_applicable: Sequence[str] = (),
    submission: str | None = None,
    why: str = "",
) -> Customer:
    """Open a customer's file with its contacts and accounts (CUS-1, CUS-2, CUS-4, CUS-6).

    Without a code the next one is given; without an owner it is the actor's own. A contact may name
    what does not apply to it under ``not_applicable`` (CUS-7). A repeated ``submission`` gives the file
    that the first one made.
    """
    actor.require(KIND, "add")
    if not done_before(submission):
        _refuse_same_tax_number(actor, data)
    with command(actor, why=why):
        claim = once(actor=actor, key=submission, what="customer_create") if submission else None
        if claim is not None and claim.result:
            made_before: Customer = Customer.objects.reachable(actor, int(claim.result))
            return made_before
        given, people, accounts = _read_all(actor, data, contacts, bank_accounts, not_applicable)
        if "owner" not in given.values or (
            given.values["owner"] is None and not actor.can(KIND, "unassigned")
        ):
            given.values["owner"] = _self(actor)
        if given.values["owner"] is not None:
            given.values["owner"] = locked_owner(actor, given.values["owner"], "add")
        open_category(given.values.get("category_node"))
        if given.values.get("head_office") is not None:
            given.values["head_office"] = locked_head_office(given.values["head_office"])
        _fill_in(given)
        still_no_same_tax_number(
            given.text("tax_number"), head_office=_pk(given.values.get("head_office"))
        )
        code = _claim_code(actor, given.text("code"))
        customer = Customer(**{**given.values, "code": code}, not_applicable=sorted(given.none))
        customer.filed_on = customer.filed_on or timezone.localdate()
        made = _first_derived(customer, people)
        for name, value in made.items():
            setattr(customer, name, value)
        demand_contact_and_phone(customer, customer.main_contact, customer.main_phone)
        customer.save(force_insert=True)
        _insert_parts(customer, people, accounts)
        raise_questions(
            customer, [*given.doubts, *(d for p in (*people, *accounts) for d in p.doubts)]
        )
        keep_alike(customer)
        still_reached(actor, customer, "view")
        standing_refresh([customer.pk])
        if claim is not None:
            claim.result = str(customer.pk)
            claim.save(update_fields=["result"])
        return customer


def _refuse_same_tax_number(
    actor: Actor, data: Mapping[str, object], customer: Customer | None = None
) -> None:
    """Look for the tax number given before anything is written (CUS-3)."""
    number = normalise_tax_number(data.get("tax_number") or "")
    if customer is not None and (number == customer.tax_number or "tax_number" not in data):
        return
    head = data.get("head_office", customer.head_office_id if customer else None)
    refuse_same_tax_number(
        actor,
        number,
        exclude=customer.pk if customer is not None else None,
        head_office=_pk(head),
    )


def _pk(head: object) -> int | None:
    """The key of a head office as callers give it: the customer, its key or its code."""
    if isinstance(head, Customer):
        return int(head.pk)
    if isinstance(head, int):
        return head
    return (
        Customer.objects.filter(code=str(head)).values_list("pk", flat=True).first()
        if head
        else None
    )


def _read_all(
    actor: Actor,
    data: Mapping[str, object],
    contacts: Sequence[Mapping[str, object]],
    bank_accounts: Sequence[Mapping[str, object]],
    not_applicable: Sequence[str],
) -> tuple[Given, list[Given], list[Given]]:
    """Everything of a new file read, all that is wrong with it said at once."""
    refusals: list[Refusal] = []
    given = Given()
    people: list[Given] = []
    accounts: list[Given] = []
    try:
        given = read(actor, Customer, _WRITTEN, data, not_applicable=not_applicable)
    except Refusal as refusal:
        refusals.extend(refusal.refusals if isinstance(refusal, Refusals) else [refusal])
    for kind, specs, rows, found in (
        ("contacts", _CONTACT, contacts, people),
        ("bank_accounts", _ACCOUNT, bank_accounts, accounts),
    ):
        model = Contact if kind == "contacts" else BankAccount
        for position, row in enumerate(rows):
            try:
                none: Any = row.get("not_applicable", ())
                values = {name: value for name, value in row.items() if name != "not_applicable"}
                prefix = f"{kind}.{position}."
                found.append(read(actor, model, specs, values, not_applicable=none, prefix=prefix))
            except Refusal as refusal:
                refusals.extend(refusal.refusals if isinstance(refusal, Refusals) else [refusal])
    named = {refusal.field for refusal in refusals}
    if "name" not in named and not given.text("name"):
        refusals.append(missing("name", _("Enter the customer's name. “None” is no answer here.")))
    if not any(f"{name}".startswith("contacts.") for name in named if name) and not any(
        p.text("name") for p in people
    ):
        refusals.append(
            missing(
                "contact", _("A customer needs at least one contact. “None” is no answer here.")
            )
        )
    numbers = [given.text("phone"), *(p.text(n) for p in people for n in ("phone", "mobile"))]
    if not any(numbers) and not any(
        (name or "").rpartition(".")[2] in ("phone", "mobile") for name in named
    ):
        refusals.append(
            missing(
                "phone",
                _(
                    "A customer needs at least one telephone number, its own or a contact's. “None” is no answer here."
                ),
            )
        )
    for position, person in enumerate(people):
        if not person.text("name") and any(person.values.values()):
            refusals.append(
                missing(
                    f"contacts.{position}.name",
                    _("Enter the contact's name. “None” is no answer here."),
                )
            )
    if refusals:
        raise refusals[0] if len(refusals) == 1 else Refusals(refusals)
    people = [person for person in people if person.text("name")]
    accounts = [account for account in accounts if account.text("bank") or account.text("number")]
    return given, people, accounts


def _self(actor: Actor) -> Employee | None:
    return Employee.objects.filter(pk=actor.employee_id).first() if actor.employee_id else None


def _fill_in(given: Given) -> None:
    """Defaults that follow from what was given: name on invoices, region of the address."""
    given.values["invoice_name"] = given.text("invoice_name") or given.text("name")
    if given.values.get("region") is None and given.text("address"):
        code = region_of_address(given.text("address"))
        given.values["region"] = Region.objects.filter(code=code).first() if code else None


def _first_derived(customer: Customer, people: Sequence[Given]) -> dict[str, Any]:
    """The derived columns of a customer that is not stored yet."""
    facts = [
        ContactFacts(
            p.text("name"), p.text("phone"), p.text("mobile"), bool(p.values.get("is_main"))
        )
        for p in people
    ]
    main_contact, main_phone = main_of(facts, customer.phone)
    made = derive(
        name=customer.name,
        short_name=customer.short_name,
        code=customer.code,
        phone=customer.phone,
        contacts=facts,
    )
    return {**made._asdict(), "main_contact": main_contact, "main_phone": main_phone}


def _insert_parts(customer: Customer, people: Sequence[Given], accounts: Sequence[Given]) -> None:
    """Contacts and accounts of a new file; the first is the primary one unless another is marked."""
    main = next((i for i, p in enumerate(people) if p.values.get("is_main")), 0)
    for position, person in enumerate(people):
        values = {
            **person.values,
            "is_main": position == main,
            "is_active": person.values.get("is_active", True),
        }
        Contact.objects.create(customer=customer, **values, not_applicable=sorted(person.none))
    usual = next((i for i, a in enumerate(accounts) if a.values.get("is_usual")), 0)
    for position, account in enumerate(accounts):
        values = {
            **account.values,
            "is_usual": position == usual,
            "is_active": account.values.get("is_active", True),
        }
        BankAccount.objects.create(customer=customer, **values)


# Codes ---------------------------------------------------------------------------------------------


def _claim_code(actor: Actor, typed: str, *, mine: Customer | None = None) -> str:
    """A code nobody has or had: the typed one, or the next of the scheme. Locks the scheme (CUS-2)."""
    NumberScheme.objects.select_for_update().get(key=CODE_SCHEME)
    if not typed:
        code = next_number(CODE_SCHEME)
        while _holder(code) is not None:
            code = next_number(CODE_SCHEME)
        return code
    try:
        code = parse_code(typed)
    except ValueProblem as problem:
        raise Refusal(
            "bad_code",
            _("“%(value)s” is not a valid code. Use at most 20 letters or digits without spaces."),
            field="code",
            params={"value": typed[:60]},
        ) from problem
    holder = _holder(code)
    if holder is not None and (mine is None or holder.pk != mine.pk):
        raise _code_taken(actor, code, holder)
    note_issued(CODE_SCHEME, [code])
    return code


def _holder(code: str) -> Customer | None:
    """The customer that has this code or had it once."""
    found = Customer.objects.filter(code=code).first()
    if found is None:
        alias = CustomerAlias.objects.select_related("customer").filter(code=code).first()
        found = alias.customer if alias is not None else None
    return found


def _code_taken(actor: Actor, code: str, holder: Customer) -> Refusal:
    if Customer.objects.for_user(actor).filter(pk=holder.pk).exists():
        return Refusal(
            "duplicate_code",
            _(
                "The code %(code)s belongs to %(name)s. Type another, or leave it blank to be given the next."
            ),
            field="code",
            params={"code": code, "name": holder.name},
        )
    return Refusal(
        "duplicate_code",
        _(
            "The code %(code)s is already in use. Type another, or leave it blank to be given the next."
        ),
        field="code",
        params={"code": code},
    )


# Editing -------------------------------------------------------------------------------------------


def customer_update(
    *,
    actor: Actor,
    customer_id: int,
    expected_version: int | None,
    changes: Mapping[str, object],
    not_applicable: Sequence[str] | None = None,
    why: str = "",
) -> Customer:
    """Edit a profile (CUS-4, CUS-7). ``not_applicable`` is the whole new list, None leaves it.

    Raises Stale with the present values where the file was changed since ``expected_version``.
    """
    if "tax_number" in changes:
        stored = Customer.objects.reachable(actor, customer_id, "change")
        _refuse_same_tax_number(actor, changes, stored)
    with command(actor, why=why):
        current: Customer = Customer.objects.reachable(actor, customer_id, "change")
        given = read(actor, Customer, _WRITTEN, changes, not_applicable=not_applicable or ())
        if "name" in given.values and not given.values["name"]:
            raise missing("name", _("Enter the customer's name. “None” is no answer here."))
        owner = given.values.get("owner")
        if "owner" in given.values and current.owner_id != (owner.pk if owner else None):
            _check_giving(actor, customer_id)
            if owner is not None:
                given.values["owner"] = locked_owner(actor, owner, "assign")
        category = given.values.get("category_node")
        if category is not None and category.pk != current.category_node_id:
            open_category(category)
        head = given.values.get("head_office")
        customer = lock_reached(actor, customer_id, also=[head.pk] if head is not None else [])
        refuse_archived(customer)
        check_version(
            customer, expected_version, {name: getattr(customer, name) for name in given.values}
        )
        different = {n: v for n, v in given.values.items() if getattr(customer, n) != v}
        none = none_after(customer, _WRITTEN, given, not_applicable)
        if not different and none == customer.not_applicable:
            return customer
        if "head_office" in different:
            check_head_office(customer, head)
        if "code" in different:
            _change_code(actor, customer, different)
        if "tax_number" in different:
            still_no_same_tax_number(
                str(different["tax_number"]),
                exclude=customer_id,
                head_office=_pk(different.get("head_office", customer.head_office_id)),
            )
        _follow(customer, different)
        changed = {*different, *(() if none == customer.not_applicable else ("not_applicable",))}
        save_changes(customer, {**different, "not_applicable": none})
        follow_profile(customer, changed)
        settle_questions(customer, _WRITTEN, different, answer=gettext("Corrected on the profile"))
        raise_questions(customer, [doubt for doubt in given.doubts if doubt.field in different])
        still_reached(actor, customer, "view")
        if not STANDS_ON.isdisjoint(changed):
            standing_refresh([customer.pk])
        return customer


def _check_giving(actor: Actor, customer_id: int) -> None:
    """Changing the owner is giving the customer away, a right of its own."""
    if (
        not actor.can(KIND, "assign")
        or not Customer.objects.for_user(actor, "assign").filter(pk=customer_id).exists()
    ):
        raise Refusal(
            "not_allowed",
            _("You cannot give this customer to another owner. Ask your team leader."),
            field="owner",
        )


def _change_code(actor: Actor, customer: Customer, different: dict[str, Any]) -> None:
    """The old code goes on finding the customer (CUS-2)."""
    if not different["code"]:
        del different["code"]
        return
    code = _claim_code(actor, str(different["code"]), mine=customer)
    if code == customer.code:
        del different["code"]
        return
    CustomerAlias.objects.filter(code=code, customer=customer).delete()
    CustomerAlias.objects.get_or_create(code=customer.code, customer=customer)
    different["code"] = code


def _follow(customer: Customer, different: dict[str, Any]) -> None:
    """Values that follow others while they were never set apart: name on invoices, region."""
    name = different.get("name")
    if name and "invoice_name" not in different and customer.invoice_name in ("", customer.name):
        different["invoice_name"] = name
    if different.get("invoice_name") == "":
        different["invoice_name"] = name or customer.name
    if "address" in different and different.get("region", customer.region) is None:
        code = region_of_address(different["address"])
        region = Region.objects.filter(code=code).first() if code else None
        if region is not None:
            different["region"] = region


def customer_assign(
    *,
    actor: Actor,
    customer_id: int,
    owner: Employee | int | str,
    reason: str = "",
    expected_version: int | None = None,
) -> Customer:
    """Give a customer to an owner in post to whom the actor may give (CUS-12, ORG-1)."""
    with command(actor, why=reason_text(reason, needed=False)):
        Customer.objects.reachable(actor, customer_id, "assign")
        spec = [s for s in CUSTOMER_FIELDS if s.name == "owner"]
        chosen = read(actor, Customer, spec, {"owner": owner}).values["owner"]
        if chosen is None:
            raise missing("owner", _("Choose the new owner."))
        row = locked_owner(actor, chosen, "assign")
        customer = locked_customer(actor, customer_id, "assign")
        refuse_archived(customer)
        check_version(customer, expected_version, {"owner": customer.owner})
        if save_changes(customer, {"owner": row}):
            settle_questions(customer, _WRITTEN, ["owner"], answer=row.name)
        still_reached(actor, customer, "view")
        return customer


def customers_hand_over(*, actor: Actor, from_employee: Employee, to_employee: Employee) -> int:
    """All customers of one employee go to another (a leaver's handover, ORG-1); how many moved.

    Runs inside the command that lets the employee leave; the right to that is checked there.
    """
    with command(actor, why=gettext("Handover of %(name)s") % {"name": from_employee.name}):
        rows = Customer.objects.filter(owner=from_employee).order_by("pk")
        keys = list(rows.select_for_update().values_list("pk", flat=True))
        return Customer.objects.filter(pk__in=keys).update(
            owner=to_employee, version=F("version") + 1, updated_at=timezone.now()
        )
