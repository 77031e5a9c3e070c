"""Customers as lists and look-ups need them: scoped, joined once, searched by any fragment (CUS-4)."""

from __future__ import annotations

import re
from typing import Any

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils.translation import gettext_lazy as _

from dossier.core.access import Actor
from dossier.core.errors import NotFound
from dossier.customers.derived import folded
from dossier.customers.models import Contact, Customer, Question
from dossier.customers.states import CustomerStatus, QuestionStatus

_JOINED = ("owner", "region", "industry", "category_node", "head_office", "standing")
_NUMBER_LIKE = re.compile(r"[+()\d][\d\-()+]{4,}")
MOST_FRAGMENTS = 8


def customer_rows(actor: Actor) -> QuerySet[Customer]:
    """The customers an actor may see, with what a list shows of other tables."""
    rows: QuerySet[Customer] = Customer.objects.for_user(actor).select_related(*_JOINED)
    return rows.defer("search_text", "pinyin", "business_scope")


def fragments(text: str) -> list[str]:
    """What is searched for: pieces between blanks, folded; a telephone without its dashes."""
    pieces = folded(text).split()[:MOST_FRAGMENTS]
    bare = (
        re.sub(r"\D", "", piece) if _NUMBER_LIKE.fullmatch(piece) else piece for piece in pieces
    )
    return [piece for piece in bare if piece]


def search(rows: QuerySet[Any], text: str) -> QuerySet[Any]:
    """Rows that hold every fragment, in any order, in code, alias, names, sounds, contacts or telephone."""
    for piece in fragments(text):
        rows = rows.filter(search_text__contains=piece)
    return rows


def customers_named(actor: Actor, text: str) -> QuerySet[Customer]:
    """For look-ups: customers in use that match, an exact code first."""
    rows = Customer.objects.for_user(actor).exclude(status=CustomerStatus.ARCHIVED)
    return (
        search(rows, text)
        .only("id", "code", "name", "short_name", "sort_key")
        .order_by("sort_key", "pk")
    )


def customer_detail(actor: Actor, customer_id: int) -> Customer:
    """One customer with what its page shows of other tables; NotFound outside the scope."""
    row = (
        Customer.objects.for_user(actor)
        .select_related(*_JOINED, "owner__team")
        .filter(pk=customer_id)
        .first()
    )
    if row is None:
        raise NotFound("not_found", _("There is no such record, or it is not yours to see."))
    found: Customer = row
    return found


def may(actor: Actor, action: str, customer: Customer) -> bool:
    """Whether the actor may do this with this customer."""
    if not actor.can("customers.customer", action):
        return False
    return bool(Customer.objects.for_user(actor, action).filter(pk=customer.pk).exists())


def has_open_question(rows: QuerySet[Any], wanted: bool) -> QuerySet[Any]:
    """Rows with, or without, an open question."""
    open_ones = Question.objects.filter(customer_id=OuterRef("pk"), status=QuestionStatus.OPEN)
    return rows.filter(Exists(open_ones) if wanted else ~Exists(open_ones))


def contacts_of(customer: Customer) -> list[Contact]:
    """The customer's contacts: the primary one first, those who left last."""
    return list(customer.contacts.order_by("-is_main", "-is_active", "id"))


def branches_of(actor: Actor, customer: Customer) -> QuerySet[Customer]:
    """The branches of a head office that the actor may see."""
    rows: QuerySet[Customer] = Customer.objects.for_user(actor).filter(head_office=customer)
    return rows.select_related("owner", "region").order_by("sort_key", "pk")


def same_region(rows: QuerySet[Any], code: str) -> QuerySet[Any]:
    """Rows in a division or anywhere below it."""
    stem = code[:2] if code.endswith("0000") else code[:4] if code.endswith("00") else code
    return (
        rows.filter(region__code__startswith=stem) if len(stem) < 6 else rows.filter(region_id=stem)
    )


def same_industry(rows: QuerySet[Any], code: str) -> QuerySet[Any]:
    """Rows in an industry or anywhere below it."""
    return rows.filter(Q(industry_id=code) | Q(industry__code__startswith=code))
