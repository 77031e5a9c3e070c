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


class Found(NamedTuple):
    """What is weighed and shown of a customer that matches; read at once, so that nothing is read twice."""

    pk: int
    code: str
    name: str
    short_name: str
    pinyin: str
    status: str
    sort_key: str
    phone: str
    owner: str


_COLUMNS: Final = (*Found._fields[:-1], "owner__name")


def best_customers(actor: Actor, text: str, most: int) -> list[Found]:
    """Up to ``most`` customers the actor may see that hold every fragment typed.

    In this order: the one of this code or alias; names that begin so; short names; sounds and initials;
    codes; then the others; those archived last. Where very many match they are weighed among those
    whose name begins so and the first few others, not among all.
    """
    pieces = fragments(simplified(text))
    if not pieces:
        return []
    exact = _exact(actor, text)
    found: dict[int, Found] = {}
    rare = spread_of(Customer, pieces) is Spread.RARE
    if not rare:
        found = {one.pk: one for one in _read([r[:most] for r in _beginning(actor, pieces)])}
    if len(found) < most:
        rows = search(actor, Customer.objects.for_user(actor), text).order_by("sort_key", "pk")
        for one in _read([rows[: _WEIGHED if rare else most]]):
            found.setdefault(one.pk, one)
    first = pieces[0].text
    best = sorted(found.values(), key=lambda one: _weight(one, first))
    return list({one.pk: one for one in (*exact, *best)}.values())[:most]


def _exact(actor: Actor, text: str) -> list[Found]:
    """The customer of this code, else of this alias; texts that are no code are not asked for."""
    code = halfwidth(text).strip()
    if len(code) > _LONGEST_CODE or not any(char.isascii() and char.isalnum() for char in code):
        return []
    codes = {code, code.upper()}
    rows = Customer.objects.for_user(actor).order_by("pk")
    found = _read([rows.filter(code__in=codes)[:2], rows.filter(aliases__code=code.upper())[:1]])
    own = [one for one in found if one.code in codes]
    return sorted(own, key=lambda one: one.pk) or found


def _read(parts: list[QuerySet[Any]]) -> list[Found]:
    """The customers of these querysets, in any order, by one statement."""
    if not parts:
        return []
    rows, *others = [part.values_list(*_COLUMNS) for part in parts]
    every = rows.union(*others, all=True) if others else rows
    return [Found._make((*row[:-1], row[-1] or "")) for row in every]


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


def _weight(one: Found, first: str) -> tuple[bool, int, str, int]:
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
