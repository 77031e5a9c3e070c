"""Possible duplicates: flagged on both customers' pages, listed and decided on by the administrator (CUS-3)."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_safe

from dossier.core.access import Actor
from dossier.core.errors import NotFound
from dossier.core.navigation import NavItem, nav
from dossier.core.screens.confirm import reasoned_step
from dossier.core.screens.lists import Column, Filter, ListScreen, capital
from dossier.core.screens.requests import actor_of, page
from dossier.core.templatetags.look import day_text
from dossier.customers.duplicate_models import DuplicatePair, FoundBy, PairStatus
from dossier.customers.duplicate_words import reason_words, together
from dossier.customers.fields import CONTACT_FIELDS, CUSTOMER_FIELDS, by_name
from dossier.customers.models import Contact, Customer
from dossier.customers.screens.lists import customer_url
from dossier.customers.screens.requests import crumbs
from dossier.customers.selectors import (
    pairs_of_customer,
    pairs_seen,
    reasons_told,
    search,
    sees_plainly,
    shown,
)
from dossier.customers.services import duplicate_pair_reopen, duplicate_pair_settle

_COMPARED = (
    "code", "name", "short_name", "tax_number", "legal_representative", "phone", "email", "website", "address",
    "registered_address", "region", "industry", "owner", "filed_on", "status",
)  # fmt: skip
_EVERYWHERE = frozenset({"status", "owner", "filed_on", "industry"})


# On a customer's page --------------------------------------------------------------------------------


def duplicate_notices(actor: Actor, customer: Customer) -> list[dict[str, Any]]:
    """What a customer's page says of its possible duplicates; of one outside the reach only that it exists."""
    pairs, elsewhere = pairs_of_customer(actor, customer)
    decides = actor.can("customers.customer", "duplicates")
    notices = [
        {
            "level": "warning",
            "icon": "users",
            "text": _("Perhaps the same as %(name)s (%(code)s), %(percent)s %%: %(reasons)s.")
            % {
                "name": other.name,
                "code": other.code,
                "percent": round(pair.score * 100),
                "reasons": _told(actor, pair, customer, other),
            },
            "url": reverse("duplicate-pair", args=[pair.pk]) if decides else customer_url(other.pk),
            "link": _("Compare") if decides else _("Open"),
        }
        for pair, other in pairs
    ]
    if elsewhere:
        notices.append(
            {
                "level": "warning",
                "icon": "users",
                "text": _(
                    "Perhaps on file a second time, outside your reach. Ask the customer-information administrator."
                ),
            }
        )
    return notices


def _told(actor: Actor, pair: DuplicatePair, *customers: Customer) -> str:
    return together(reason_words(reasons_told(actor, pair, *customers))) or _("other details")


# The list -------------------------------------------------------------------------------------------


def _rows(actor: Actor) -> QuerySet[Any]:
    return pairs_seen(actor).select_related("first", "second", "first__owner", "second__owner")


def _open_count(actor: Actor) -> str:
    """How many pairs wait, for the menu; counting stops at a hundred."""
    count = pairs_seen(actor).filter(status=PairStatus.OPEN).order_by()[:100].count()
    return "" if not count else "99+" if count > 99 else str(count)


def _named(customer: Customer) -> str:
    return f"{customer.name} {customer.code}"


def _open(rows: QuerySet[Any]) -> QuerySet[Any]:
    return rows.filter(status=PairStatus.OPEN)


def _screen(actor: Actor) -> ListScreen:
    return ListScreen(
        key="duplicate-pairs",
        title=gettext_lazy("Possible duplicates"),
        rows=_rows,
        columns=[
            Column("first", gettext_lazy("Customer"), lambda p: _named(p.first), css="wrap"),
            Column(
                "second",
                gettext_lazy("Perhaps the same as"),
                lambda p: _named(p.second),
                css="wrap",
            ),
            Column(
                "score",
                gettext_lazy("Sureness"),
                lambda p: f"{round(p.score * 100)} %",
                sort="score",
            ),
            Column(
                "reasons",
                gettext_lazy("Why"),
                lambda p: _told(actor, p, p.first, p.second),
                css="wrap",
            ),
            Column("found_by", gettext_lazy("Found by"), lambda p: p.get_found_by_display()),
            Column(
                "since", gettext_lazy("Since"), lambda p: day_text(p.created_at.date()), sort="id"
            ),
            Column("status", gettext_lazy("Status"), lambda p: p.get_status_display()),
        ],
        row_url=lambda p: reverse("duplicate-pair", args=[p.pk]),
        default_sort="-score",
        default_filters=_open,
        default_lifted_by=("status",),
        filters=[
            Filter(
                "status",
                gettext_lazy("Status"),
                "multi",
                options=lambda _actor: list(PairStatus.choices),
            ),
            Filter(
                "found_by",
                gettext_lazy("Found by"),
                "multi",
                options=lambda _actor: list(FoundBy.choices),
            ),
        ],
        search=lambda rows, text: (
            rows.filter(first__in=_found(actor, text)) | rows.filter(second__in=_found(actor, text))
        ),
        search_placeholder=gettext_lazy("Customer"),
        icon="users",
        head=lambda _request: {
            "empty_title": _("No possible duplicates"),
            "empty_text": _("No two customers you see look like one."),
        },
    )


def _found(actor: Actor, text: str) -> QuerySet[Any]:
    return search(actor, Customer.objects.for_user(actor), text).values("pk")


@require_safe
@page("customers.customer.duplicates")
def pair_list(request: HttpRequest) -> HttpResponse:
    """Pairs of customers that may be one, the surest first."""
    return _screen(actor_of(request)).view(request)


# One pair -------------------------------------------------------------------------------------------


@require_http_methods(["GET", "HEAD", "POST"])
@page("customers.customer.duplicates")
def pair_page(request: HttpRequest, pk: int) -> HttpResponse:
    """Both customers side by side; say that they are two and why, or take that back."""
    actor = actor_of(request)
    pair = _rows(actor).filter(pk=pk).first()
    if pair is None:
        raise NotFound("not_found", _("There is no such record, or it is not yours to see."))
    back = reverse("duplicate-pairs")
    distinct = pair.status == PairStatus.DISTINCT
    run = duplicate_pair_reopen if distinct else duplicate_pair_settle
    title = _("Possible duplicate")
    return reasoned_step(
        request,
        lambda reason: run(actor=actor, pair_id=pk, reason=reason),
        confirm={
            "title": title,
            "subject": _("%(percent)s %% sure") % {"percent": round(pair.score * 100)},
            "text": _told(actor, pair, pair.first, pair.second),
            "effects": _effects(pair),
            "stay_on_top": True,
            "ask_reason": pair.status in (PairStatus.OPEN, PairStatus.DISTINCT),
            "button": _("Perhaps one after all") if distinct else _("Not a duplicate"),
            "icon": "arrow-back-up" if distinct else "check",
            "reason_label": _("Why are they one after all?")
            if distinct
            else _("Why are these two customers?"),
            "customers": [_head(pair.first), _head(pair.second)],
            "compared": _compared(actor, pair),
            "settled": pair.status in (PairStatus.GONE, PairStatus.MERGED),
        },
        version=pair.version,
        done=_("Kept as a possible duplicate.") if distinct else _("Noted as two customers."),
        then=back,
        cancel_url=back,
        breadcrumbs=crumbs(
            (_("Customers"), reverse("customers")), (_("Possible duplicates"), back), (title, "")
        ),
        template="customers/pair.html",
    )


def _effects(pair: DuplicatePair) -> list[str]:
    if pair.status == PairStatus.DISTINCT:
        return [
            _("Not a duplicate, said %(login)s: %(reason)s")
            % {"login": pair.decided_by, "reason": pair.decision}
        ]
    if pair.status != PairStatus.OPEN:
        return [str(PairStatus(pair.status).label)]
    return [_("Said once, the two are not named as possible duplicates again.")]


def _head(customer: Customer) -> dict[str, str]:
    return {"name": customer.name, "code": customer.code, "url": customer_url(customer.pk)}


def _compared(actor: Actor, pair: DuplicatePair) -> list[dict[str, Any]]:
    """Field by field what stands in both, where something stands; covered as on their own pages."""
    specs = by_name(CUSTOMER_FIELDS)
    rows = []
    both = (pair.first, pair.second)
    for name in _COMPARED:
        values = [_value(customer, name) for customer in both]
        if any(values):
            spec = specs.get(name)
            column: Any = Customer._meta.get_field(name)
            label = (spec.label if spec is not None and spec.label else None) or column.verbose_name
            rows.append(_row(capital(label), values, tells=name not in _EVERYWHERE))
    people = [_contacts(actor, customer) for customer in both]
    if any(people):
        rows.append(_row(_("Contacts"), people, tells=False))
    return rows


def _row(label: str, values: list[str], *, tells: bool) -> dict[str, Any]:
    """``tells``: whether it says anything that both have the same."""
    return {"label": label, "values": values, "same": tells and values[0] == values[1] != ""}


def _value(customer: Customer, name: str) -> str:
    if name == "status":
        return str(customer.get_status_display())
    value = getattr(customer, name)
    return "" if value is None else str(value)


def _contacts(actor: Actor, customer: Customer) -> str:
    """The contacts with their numbers, mobiles covered where they are covered elsewhere."""
    spec = by_name(CONTACT_FIELDS)["mobile"]
    plainly = sees_plainly(actor, customer)
    people = Contact.objects.filter(customer=customer, is_active=True).order_by("-is_main", "id")
    return "; ".join(
        " ".join(
            filter(None, (one.name, one.phone, shown(spec, one.mobile, plainly=plainly), one.email))
        )
        for one in people[:5]
    )


nav(
    NavItem(
        url_name="duplicate-pairs",
        label=gettext_lazy("Duplicates"),
        icon="copy",
        order=26,
        key="",
        permission="customers.customer.duplicates",
        badge=_open_count,
    )
)
