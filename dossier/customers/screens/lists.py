"""The list of customers: columns and filters from the field list (CUS-4)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.urls import NoReverseMatch, reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext, pgettext_lazy
from django.views.decorators.http import require_safe

from dossier.core.access import Actor
from dossier.core.exporting.declarations import none_word, stored_value
from dossier.core.fields import FieldSpec, Kind, Mask, Surface, display, masked
from dossier.core.navigation import CreateLink, NavItem, create_link, nav
from dossier.core.screens.lists import Cell, Column, Filter, ListScreen, Rows
from dossier.core.screens.lookups import get_lookup
from dossier.core.screens.requests import actor_of, page, record_url
from dossier.customers.access import CUSTOMER
from dossier.customers.fields import CUSTOMER_FIELDS
from dossier.customers.models import SORTED_WITH_UNKNOWN, Customer
from dossier.customers.screens.categories import new_customer_address, standing_on
from dossier.customers.screens.groupings import GROUPINGS
from dossier.customers.screens.standing import standing_columns, standing_filters
from dossier.customers.selectors import (
    customer_rows,
    has_open_question,
    same_category,
    same_industry,
    same_region,
    search,
)
from dossier.customers.states import STATUS_COLOURS, CustomerStatus

_ENDS = (Kind.MONEY, Kind.NUMBER, Kind.COUNT)
_VALUES = (*_ENDS, Kind.DATE)
_SORTED_BY = {"name": "sort_key"}
_READS = {
    "name": ("name", "short_name"),
    "phone": ("phone", "main_phone"),
    "owner": ("owner__name",),
    "region": ("region__full_name",),
    "industry": ("industry__name",),
    "category_node": ("category_node__code", "category_node__name"),
    "head_office": ("head_office__short_name", "head_office__name"),
}
"""What the cell of a column reads where it is more than its own field."""
_NONE, _NOT_KNOWN = "none", "-"
_NONE_LABEL = pgettext_lazy("known not to apply", "None")


def customer_url(pk: int) -> str:
    """The page of a customer."""
    return record_url("customer", pk)


def imports_url(kind: str) -> str:
    """Where files of a kind are brought in; empty while there is no such page."""
    try:
        return f"{reverse('imports')}?kind={kind}"
    except NoReverseMatch:
        return ""


def _cell(spec: FieldSpec) -> Callable[[Any], str | Cell]:
    def plain(row: Any) -> str | Cell:
        return display(spec, row)

    def name(row: Any) -> str | Cell:
        return {"text": row.name, "title": row.short_name}

    def phone(row: Any) -> str | Cell:
        return row.phone or masked(row.main_phone, Mask.PHONE)

    def badge(row: Any) -> str | Cell:
        text = display(spec, row)
        colour = STATUS_COLOURS[row.status] if spec.name == "status" else "blue"
        return {"text": text, "badge": colour} if text else ""

    make = {"name": name, "phone": phone, "status": badge, "grade": badge}.get(spec.name, plain)
    if not spec.na:
        return make

    def answered(row: Any) -> str | Cell:
        """'None' where that is the answer, which is not the same as not known yet (CUS-7)."""
        return none_cell() if spec.name in row.not_applicable else make(row)

    return answered


def none_cell() -> Cell:
    """The cell of a value that is known not to apply."""
    return {
        "text": pgettext("known not to apply", "None"),
        "title": _("Known not to apply"),
        "css": "text-secondary",
    }


def _column(spec: FieldSpec) -> Column:
    by = _SORTED_BY.get(spec.name, spec.name)
    return Column(
        key=spec.name,
        label=_label(spec),
        cell=_cell(spec),
        align="end" if spec.kind in _ENDS else "start",
        sort=by if spec.sort else "",
        nulls=SORTED_WITH_UNKNOWN.get(by),
        default=spec.default_column,
        css="num" if spec.name in ("code", "phone") else "",
        out=_out(spec) if spec.kind in _VALUES else None,
        reads=_READS.get(spec.name, (spec.name,)),
    )


def _out(spec: FieldSpec) -> Callable[[Any], Any]:
    """The value in a file of the list: figures and days as such; 'none' as the page says it."""

    def value(row: Any) -> Any:
        if spec.na and spec.name in row.not_applicable:
            return none_word()
        return stored_value(spec, row)

    return value


def _label(spec: FieldSpec) -> Any:
    return spec.label or Customer._meta.get_field(spec.name).verbose_name  # type: ignore[union-attr] # a real field


def _filter(spec: FieldSpec) -> Filter:
    label = _label(spec)
    if spec.kind is Kind.CHOICE:
        choices = list(Customer._meta.get_field(spec.name).choices or ())  # type: ignore[union-attr] # a real field
        quick = spec.name in ("status", "grade", "category")
        if spec.na:
            choices += [(_NOT_KNOWN, gettext_lazy("Not known yet")), (_NONE, _NONE_LABEL)]
        return Filter(
            spec.name,
            label,
            "choice" if quick else "multi",
            options=lambda _a: choices,
            quick=quick,
            apply=_choice(spec.name) if spec.na else None,
        )
    if spec.kind is Kind.REF:
        key = spec.lookup

        def named(actor: Actor, value: str) -> str | None:
            row = get_lookup(key).chosen(actor, value)
            return get_lookup(key).text(row) if row is not None else None

        return Filter(
            spec.name,
            label,
            "ref",
            named=named,
            lookup_url=lambda: get_lookup(key).url(),
            apply=_narrow(spec),
        )
    return Filter(spec.name, label, "date_range" if spec.kind is Kind.DATE else "number_range")


def _choice(name: str) -> Callable[[Rows, Any], Rows]:
    """Rows of any of the chosen values; 'none' and 'not known yet' are asked for apart (CUS-7)."""

    def narrow(rows: Rows, values: list[str]) -> Rows:
        none = Q(not_applicable__contains=[name])
        wanted = Q(**{f"{name}__in": [v for v in values if v not in (_NONE, _NOT_KNOWN)]})
        if _NONE in values:
            wanted |= none
        if _NOT_KNOWN in values:
            wanted |= Q(**{name: ""}) & ~none
        return rows.filter(wanted)

    return narrow


def _narrow(spec: FieldSpec) -> Callable[[Rows, Any], Rows]:
    """How the rows are cut by a chosen record: divisions and industries with all below them."""

    def region(rows: Rows, value: Any) -> Rows:
        row = get_lookup("region").chosen(_NOBODY, str(value))
        return same_region(rows, row.code) if row is not None else rows.none()

    def industry(rows: Rows, value: Any) -> Rows:
        row = get_lookup("industry").chosen(_NOBODY, str(value))
        return same_industry(rows, row.code) if row is not None else rows.none()

    def category(rows: Rows, value: Any) -> Rows:
        row = get_lookup("category").chosen(_NOBODY, str(value))
        return same_category(rows, row) if row is not None else rows.none()

    def owner(rows: Rows, value: Any) -> Rows:
        return rows.filter(owner_id=int(value))

    return {"region": region, "industry": industry, "category_node": category, "owner": owner}[
        spec.name
    ]


_NOBODY = Actor(login="", name="")  # divisions and industries are the same for everybody


def _head(request: HttpRequest) -> dict[str, Any]:
    actor = actor_of(request)
    may_import = actor.can(CUSTOMER.key, "import")
    may_add = actor.can(CUSTOMER.key, "add")
    import_link = imports_url("customers") if may_import else ""
    head: dict[str, Any] = {
        "create_url": new_customer_address(standing_on(request)) if may_add else "",
        "create_label": _("New customer"),
        "import_url": import_link,
        "empty_title": _("No customers yet"),
        "empty_text": _("Customers you own or may see appear here.")
        if may_add
        else _("No customer lies within your reach."),
    }
    if import_link:
        head["empty_action"] = {"url": import_link, "label": _("Bring in a sheet of customers")}
    return head


def _in_use(rows: Rows) -> Rows:
    return rows.exclude(status=CustomerStatus.ARCHIVED)


CUSTOMERS = ListScreen(
    key="customers",
    title=gettext_lazy("Customers"),
    rows=customer_rows,
    columns=[
        *(_column(spec) for spec in CUSTOMER_FIELDS if spec.on(Surface.LIST)),
        *standing_columns(),
    ],
    row_url=lambda row: customer_url(row.pk),
    default_sort="name",
    filters=[
        *(_filter(spec) for spec in CUSTOMER_FIELDS if spec.on(Surface.FILTER)),
        *standing_filters(),
        Filter("questions", gettext_lazy("Has open questions"), "bool", apply=has_open_question),
        Filter(
            "unassigned",
            gettext_lazy("Without owner"),
            "bool",
            apply=lambda rows, wanted: rows.filter(owner__isnull=wanted),
        ),
    ],
    groupings=GROUPINGS,
    search_as=search,
    search_placeholder=gettext_lazy("Name, code, telephone, pinyin"),
    icon="users",
    row_css=lambda row: "text-secondary" if row.status == CustomerStatus.ARCHIVED else "",
    head=_head,
    default_filters=_in_use,
    default_lifted_by=("status",),
    reads=("status", "not_applicable"),
    always=("standing",),  # a trigger sees to it
)


@require_safe
@page("customers.customer.view")
def customer_list(request: HttpRequest) -> HttpResponse:
    """All customers within reach."""
    return CUSTOMERS.view(request)


nav(
    NavItem(
        url_name="customers",
        label=gettext_lazy("Customers"),
        icon="users",
        order=20,
        key="c",
        permission="customers.customer.view",
        prefix=("/customers/", "/contacts/", "/accounts/"),
    )
)
create_link(
    CreateLink(
        url_name="customer-new",
        label=gettext_lazy("Customer"),
        icon="user-plus",
        order=20,
        permission="customers.customer.add",
    )
)
