"""The best few customers for what was typed, for the search box: the one meant stands first (CUS-4)."""

from __future__ import annotations

from typing import Any, Final, NamedTuple

from django.db.models import Q, QuerySet

from dossier.core.access import Actor
from dossier.core.search import Fragment, condition, fragments, is_frequent
from dossier.customers.models import Customer
from dossier.customers.rules import spoken
from dossier.customers.rules.names import simplified
from dossier.customers.selectors.customers import search
from dossier.customers.selectors.references import customer_by_code
from dossier.customers.states import CustomerStatus

_WEIGHED: Final = (
    200  # so many that match are weighed against each other; more only where all match
)
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
    exact = customer_by_code(actor, text) if len(text) <= 20 else None
    if not pieces:
        return [exact] if exact is not None else []
    found = {one.pk: one for one in _beginning(actor, pieces, most)}
    if len(found) < most:
        rows = search(actor, Customer.objects.for_user(actor), text)
        enough = most if is_frequent(Customer, pieces) else _WEIGHED
        for one in _seen(rows.order_by("sort_key", "pk"), enough):
            found.setdefault(one.pk, one)
    first = pieces[0].text
    best = sorted(found.values(), key=lambda one: _weight(one, first))
    keys = [one.pk for one in best if exact is None or one.pk != exact.pk][:most]
    whole = Customer.objects.for_user(actor).select_related("owner").in_bulk(keys)
    others = [whole[pk] for pk in keys if pk in whole]
    return [exact, *others][:most] if exact is not None else others


def _seen(rows: QuerySet[Any], most: int) -> list[_Seen]:
    return [_Seen(*row) for row in rows.values_list(*_Seen._fields)[:most]]


def _beginning(actor: Actor, pieces: list[Fragment], most: int) -> list[_Seen]:
    """Customers whose name begins with the first fragment, read in the order of names.

    The order of names is their sound, character by character, so what begins alike stands together
    (a character read otherwise at the beginning of a word is found among the others).
    """
    first = pieces[0]
    if first.text.isascii():
        return []
    beginning = spoken(first.text).sort_key
    rows = Customer.objects.for_user(actor).exclude(status=CustomerStatus.ARCHIVED)
    rows = rows.filter(
        condition(pieces, indexed=False),
        Q(sort_key__gte=beginning, sort_key__lt=f"{beginning}{_LAST}"),
    )
    return _seen(rows.order_by("sort_key", "pk"), most)


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
