"""Data queries: on whose customers, asked of whom, overdue since when (CUS-13)."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from functools import lru_cache, reduce
from operator import or_
from typing import Any

from django.core.exceptions import EmptyResultSet
from django.db import connection
from django.db.models import BooleanField, Exists, OuterRef, Q, QuerySet, Value
from django.utils import timezone

from dossier.core.access import Actor
from dossier.customers.access import CUSTOMER, OWNER, TEAM, UNOWNED
from dossier.customers.models import Customer, OwnerSum, Question
from dossier.customers.states import QuestionStatus
from dossier.people.states import EmployeeStatus

# The grounds that hold for all customers of an owner at once.
_BY_OWNER = replace(CUSTOMER, grounds=(OWNER, TEAM, UNOWNED))


def all_questions(actor: Actor) -> QuerySet[Question]:
    """Questions, closed ones too, on the customers the actor may see; ``answerable`` where he or she may
    also answer."""
    mine = Customer.objects.for_user(actor)
    changing = Customer.objects.for_user(actor, "change").filter(pk=OuterRef("customer_id"))
    return (
        Question.objects.filter(customer__in=mine)
        .select_related("customer", "customer__owner", "asked_of")
        .annotate(
            answerable=Exists(changing)
            if actor.can("customers.customer", "change")
            else Value(False, BooleanField())
        )
    )


def question_rows(actor: Actor) -> QuerySet[Question]:
    """The open ones."""
    return all_questions(actor).filter(status=QuestionStatus.OPEN)


def asked_of(rows: QuerySet[Any], actor: Actor) -> QuerySet[Any]:
    """Those this actor is to answer: asked by name; else as the customer's owner; else as one of the
    administrators, who see files without an owner, where the owner left or there is none."""
    return rows.filter(reduce(or_, _asked(actor), Q(pk__in=[])))


def _asked(actor: Actor) -> list[Q]:
    """The ways in which a question is asked of this actor."""
    ways: list[Q] = []
    if actor.employee_id is not None:
        ways.append(Q(asked_of_id=actor.employee_id))
        ways.append(Q(asked_of__isnull=True, customer__owner_id=actor.employee_id))
    if actor.can("customers.customer", "unassigned") and actor.can("customers.customer", "change"):
        ways.append(Q(asked_of__isnull=True, customer__owner__isnull=True))
        ways.append(Q(asked_of__isnull=True, customer__owner__status=EmployeeStatus.LEFT))
    return ways


@dataclass(frozen=True)
class _Asker:
    """All of an actor that a statement is made of: whose rights and reach are the same gets the same one."""

    employee_id: int | None
    is_system: bool
    grants: frozenset[tuple[str, frozenset[str]]]
    team_ids: frozenset[int]
    member_ids: frozenset[int]
    region_codes: tuple[str, ...]
    actor: Actor = field(compare=False)


def waiting_count(actor: Actor, most: int) -> int:
    """How many open questions on customers within reach this actor is to answer; counting stops at ``most``."""
    asker = _Asker(
        actor.employee_id,
        actor.is_system,
        frozenset(actor.grants.items()),
        actor.team_ids,
        actor.member_ids,
        actor.region_codes,
        actor,
    )
    statement = _counting(asker, most)
    if statement is None:
        return 0
    with connection.cursor() as cursor:
        cursor.execute(*statement)
        [(count,)] = cursor.fetchall()
        return int(count)


@lru_cache(maxsize=2000)  # the people of a company, each with what they may just now
def _counting(asker: _Asker, most: int) -> tuple[str, tuple[Any, ...]] | None:
    """The statement of ``waiting_count`` and its values; None where nobody is asked.

    It stands on every page. Each way of being asked is looked up by itself, because each has its index,
    while their OR has none: of 3,300 open questions the general manager's count took 9 ms, now 2 ms. Making
    the statement took longer than asking it, so it is kept; what it counts is not.
    """
    actor = asker.actor
    open_ones = Question.objects.filter(status=QuestionStatus.OPEN).order_by()
    if CUSTOMER.condition(actor, actor.scopes(CUSTOMER.key, "view"), "view") is not None:
        # Looked up question by question: as a set it would be every customer within reach.
        seen = Customer.objects.for_user(actor).filter(pk=OuterRef("customer_id"))
        open_ones = open_ones.filter(Exists(seen))
    ways = [open_ones.filter(way).values("pk")[:most] for way in _asked(actor)]
    if not ways:
        return None
    try:
        found, values = ways[0].union(*ways[1:])[:most].query.sql_with_params()
    except EmptyResultSet:  # nothing lies within reach
        return None
    return f"SELECT count(*) FROM ({found}) found", tuple(values)  # noqa: S608 - Django's own statement


def overdue(rows: QuerySet[Any], wanted: bool = True) -> QuerySet[Any]:
    """Open questions whose day has passed, or the others."""
    late = Q(status=QuestionStatus.OPEN, due_on__lt=timezone.localdate())
    return rows.filter(late) if wanted else rows.exclude(late)


def owner_sums(actor: Actor) -> QuerySet[OwnerSum]:
    """Completeness by owner, of the owners all of whose customers the actor sees."""
    rows = OwnerSum.objects.select_related("owner", "owner__team")
    reach = _BY_OWNER.condition(actor, actor.scopes("customers.customer", "view"), "view")
    return rows if reach is None else rows.filter(reach)
