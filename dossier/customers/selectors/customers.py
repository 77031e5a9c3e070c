"""Customers as lists and look-ups need them: scoped, joined once, searched by any fragment (CUS-4)."""

from __future__ import annotations

from typing import Any

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils.translation import gettext_lazy as _

from dossier.core.access import Actor
from dossier.core.errors import NotFound
from dossier.core.kept import Kept
from dossier.core.search import condition, fragments, narrowed, one_of
from dossier.core.values import parse_phones
from dossier.customers.access import CUSTOMER
from dossier.customers.derived import LEAST_GUARDED
from dossier.customers.models import BankAccount, Contact, Customer, ProfileRules, Question
from dossier.customers.rules.names import simplified
from dossier.customers.states import CustomerStatus, QuestionStatus

_NOT_SHOWN = ("search_text", "search_terms", "guarded_numbers", "pinyin", "business_scope")
MOST_OF_ONE_NUMBER = 200
_JOINED = ("owner", "region", "industry", "category_node", "head_office", "standing")


_RULES = Kept(lambda pk: ProfileRules.objects.filter(pk=pk), pk=int)
_DETAIL = Kept(
    lambda pk: Customer.objects.filter(pk=pk),
    ["owner", "region", "industry", "category_node", "standing"],
    pk=int,
)
_CONTACTS = Kept(
    lambda customer: Contact.objects.filter(customer=customer).order_by(
        "-is_main", "-is_active", "id"
    ),
    customer=int,
)
_ACCOUNTS = Kept(
    lambda customer: BankAccount.objects.filter(customer=customer).order_by(
        "-is_usual", "-is_active", "id"
    ),
    customer=int,
)
_QUESTIONS = Kept(
    lambda customer: Question.objects.filter(
        customer=customer, status=QuestionStatus.OPEN
    ).order_by("id"),
    ["asked_of"],
    customer=int,
)


def customer_rows(actor: Actor) -> QuerySet[Customer]:
    """The customers an actor may see, with what a list shows of other tables."""
    rows: QuerySet[Customer] = Customer.objects.for_user(actor).select_related(*_JOINED)
    return rows.defer(*_NOT_SHOWN)


def search(actor: Actor, rows: QuerySet[Any], text: str) -> QuerySet[Any]:
    """Rows that hold every fragment, in any order, in code, alias, names, sounds, contacts or telephone.

    A contact's telephone is masked from some readers. Typed whole it finds the customer only within the
    rows on which the actor sees it: his or her own, and those of the right to unmask (ORG-4). For others
    the question is not even asked.
    """
    seen = Customer.objects.for_user(actor)
    also = _by_guarded_number(actor, text)
    if not also:
        return narrowed(rows, simplified(text), seen)
    found = seen.filter(condition(fragments(text)) | Q(pk__in=also))
    return rows.filter(one_of(found.order_by()))


def _by_guarded_number(actor: Actor, text: str) -> list[int]:
    """Keys of customers with a contact of this telephone which the actor may read."""
    number = _whole_number(text)
    readable = _readable(actor) if number else None
    if readable is None:
        return []
    holding = readable.filter(guarded_numbers__contains=[number]).order_by("pk")
    return list(holding.values_list("pk", flat=True)[:MOST_OF_ONE_NUMBER])


def _whole_number(text: str) -> str | None:
    """The digits of what was typed, where it is one telephone number and nothing else."""
    if sum(char.isdigit() for char in text) < LEAST_GUARDED:
        return None
    numbers = parse_phones(text)
    return numbers[0].digits if len(numbers) == 1 and numbers[0].digits.isdigit() else None


def _readable(actor: Actor) -> QuerySet[Any] | None:
    """The customers whose contacts' telephones the actor may read; None where there are none."""
    reach = Q()
    if actor.employee_id is not None:
        reach |= Q(owner_id=actor.employee_id)
    if actor.can("customers.customer", "unmask"):
        reach |= Q(pk__in=Customer.objects.for_user(actor, "unmask").order_by().values("pk"))
    return Customer.objects.for_user(actor).order_by().filter(reach) if reach else None


def customers_named(actor: Actor, text: str) -> QuerySet[Customer]:
    """For look-ups: customers in use that match, an exact code first."""
    rows = Customer.objects.for_user(actor).exclude(status=CustomerStatus.ARCHIVED)
    return (
        search(actor, rows, text)
        .only("id", "code", "name", "short_name", "sort_key")
        .order_by("sort_key", "pk")
    )


def customer_detail(actor: Actor, customer_id: int) -> Customer:
    """One customer with what its page shows of other tables; NotFound outside the scope.

    Not its head office, which is a customer with a reach of its own.
    """
    found: Customer | None = None
    if Customer.objects.holds(actor, customer_id):
        found = _DETAIL.one(pk=customer_id)
    if found is None:
        raise NotFound("not_found", _("There is no such record, or it is not yours to see."))
    return found


def may(actor: Actor, action: str, customer: Customer) -> bool:
    """Whether the actor may do this with this customer; the database is asked only where the reach has an end."""
    if not actor.can("customers.customer", action):
        return False
    if all(
        CUSTOMER.condition(actor, actor.scopes(CUSTOMER.key, one), one) is None
        for one in (action, "view")
    ):
        return True
    return bool(Customer.objects.for_user(actor, action).filter(pk=customer.pk).exists())


def has_open_question(rows: QuerySet[Any], wanted: bool) -> QuerySet[Any]:
    """Rows with, or without, an open question."""
    open_ones = Question.objects.filter(customer_id=OuterRef("pk"), status=QuestionStatus.OPEN)
    return rows.filter(Exists(open_ones) if wanted else ~Exists(open_ones))


def profile_rules() -> ProfileRules:
    """The thresholds of classes and questions: one row, of which there is always one."""
    rules: ProfileRules = _RULES.one(pk=1)
    return rules


def contacts_of(customer: Customer) -> list[Contact]:
    """The customer's contacts: the primary one first, those who left last."""
    return _parts(_CONTACTS, customer)


def accounts_of(customer: Customer) -> list[BankAccount]:
    """The customer's bank accounts: the usual one first, those closed last."""
    return _parts(_ACCOUNTS, customer)


def open_questions_of(customer: Customer) -> list[Question]:
    """What is asked about the customer and not answered yet, with who is asked."""
    return _parts(_QUESTIONS, customer)


def _parts(kept: Kept, customer: Customer) -> list[Any]:
    """Parts of the customer's file, each with the customer at hand."""
    found = kept.all(customer=customer.pk)
    for one in found:
        one.customer = customer
    return found


def branches_of(actor: Actor, customer: Customer) -> QuerySet[Customer]:
    """The branches of a head office that the actor may see."""
    rows: QuerySet[Customer] = Customer.objects.for_user(actor).filter(head_office=customer)
    rows = rows.select_related("owner", "region").order_by("sort_key", "pk")
    return rows.only("code", "name", "owner__name", "region__full_name")


def same_region(rows: QuerySet[Any], code: str) -> QuerySet[Any]:
    """Rows in a division or anywhere below it."""
    stem = code[:2] if code.endswith("0000") else code[:4] if code.endswith("00") else code
    return (
        rows.filter(region__code__startswith=stem) if len(stem) < 6 else rows.filter(region_id=stem)
    )


def same_industry(rows: QuerySet[Any], code: str) -> QuerySet[Any]:
    """Rows in an industry or anywhere below it."""
    return rows.filter(Q(industry_id=code) | Q(industry__code__startswith=code))
