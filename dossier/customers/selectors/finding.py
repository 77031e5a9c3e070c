"""The best few customers for what was typed, for the search box: the one meant stands first (CUS-4)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final, NamedTuple

from django.db.models import QuerySet

from dossier.core.access import Actor
from dossier.core.search import Fragment, Spread, condition, fragments, spread_of
from dossier.core.values import halfwidth
from dossier.customers.models import FULL_SOUND, FULL_SOUND_KEPT, INITIALS, INITIALS_KEPT, Customer
from dossier.customers.rules import spoken
from dossier.customers.rules.names import simplified
from dossier.customers.selectors.customers import search
from dossier.customers.states import CustomerStatus

_WEIGHED: Final = (
    200  # so many that match are weighed against each other; more only where all match
)
_LONGEST_CODE: Final = 20
_LAST: Final = "\U0010ffff"  # after every character


class _Seen(NamedTuple):
    """What is weighed of a customer that matches."""

    pk: int
    code: str
    name: str
    short_name: str
    pinyin: str
    status: str
    sort_key: str


def best_customers(actor: Actor, text: str, most: int) -> list[Customer]:
    """Up to ``most`` customers the actor may see that hold every fragment typed.

    In this order: the one of this code or alias; names that begin so; short names; sounds and initials;
    codes; then the others; those archived last. Where very many match they are weighed among those
    whose name begins so and the first few others, not among all.
    """
    pieces = fragments(simplified(text))
    exact = _exact(actor, text)
    if not pieces:
        return []
    found: dict[int, _Seen] = {}
    rare = spread_of(Customer, pieces) is Spread.RARE
    if not rare:
        found = {one.pk: one for rows in _beginning(actor, pieces) for one in _seen(rows, most)}
    if len(found) < most:
        rows = search(actor, Customer.objects.for_user(actor), text)
        for one in _seen(rows.order_by("sort_key", "pk"), _WEIGHED if rare else most):
            found.setdefault(one.pk, one)
    first = pieces[0].text
    best = sorted(found.values(), key=lambda one: _weight(one, first))
    keys = list(dict.fromkeys([*exact, *(one.pk for one in best)]))[:most]
    rows = Customer.objects.for_user(actor).select_related("owner")
    whole = rows.only("code", "name", "phone", "status", "main_contact", "owner__name").in_bulk(
        keys
    )
    return [whole[pk] for pk in keys if pk in whole]


def _exact(actor: Actor, text: str) -> list[int]:
    """The key of the customer of this code, else of this alias; texts that are no code are not asked for."""
    code = halfwidth(text).strip()
    if len(code) > _LONGEST_CODE or not any(char.isascii() and char.isalnum() for char in code):
        return []
    rows = Customer.objects.for_user(actor).order_by("pk")
    found = rows.filter(code__in={code, code.upper()}).values_list("pk", flat=True)
    return list(found[:2]) or list(
        rows.filter(aliases__code=code.upper()).values_list("pk", flat=True)[:1]
    )


def _seen(rows: QuerySet[Any], most: int) -> list[_Seen]:
    return [_Seen(*row) for row in rows.values_list(*_Seen._fields)[:most]]


def _beginning(actor: Actor, pieces: list[Fragment]) -> Iterator[QuerySet[Any]]:
    """Customers whose name begins with the first fragment, by its characters or by its sound, in order.

    The order of names is their sound, character by character, so what begins alike stands together
    (a character read otherwise at the beginning of a word is found among the others).
    """
    first = pieces[0].text
    rows = Customer.objects.for_user(actor).exclude(status=CustomerStatus.ARCHIVED)
    rows = rows.filter(condition(pieces, indexed=False))
    if not first.isascii():
        key = spoken(first).sort_key
        rows = rows.filter(sort_key__gte=key, sort_key__lt=f"{key}{_LAST}")
        yield rows.order_by("sort_key", "pk")
    elif not first.isdigit():
        for sound, kept in ((INITIALS, INITIALS_KEPT), (FULL_SOUND, FULL_SOUND_KEPT)):
            alike = rows.alias(sound=sound).filter(sound__startswith=first[:kept])
            yield alike.order_by("sound", "pk")


def _weight(one: _Seen, first: str) -> tuple[bool, int, str, int]:
    """The smaller, the earlier it is shown."""
    name, short = simplified(one.name).lower(), simplified(one.short_name).lower()
    if name.startswith(first):
        rank = 0
    elif short.startswith(first):
        rank = 1
    elif any(word.startswith(first) for word in one.pinyin.split()):
        rank = 2
    elif one.code.lower().startswith(first):
        rank = 3
    else:
        rank = 4
    return one.status == CustomerStatus.ARCHIVED, rank, one.sort_key, one.pk
