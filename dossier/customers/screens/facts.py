"""The profile as facts by group: covered values, answers 'none', what was given and is doubtful."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from django.db import models
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _

from dossier.core.access import Actor
from dossier.core.fields import FieldSpec, Kind, Surface, display
from dossier.core.history.subjects import past_url
from dossier.core.templatetags.records import fact_value_html
from dossier.customers.fields import CUSTOMER_FIELDS, GROUPS
from dossier.customers.models import Customer, Question
from dossier.customers.questions import given_text, question_text
from dossier.customers.screens.lists import customer_url
from dossier.customers.selectors import SheetValue, shown
from dossier.customers.states import STATUS_COLOURS

_IN_HEAD = ("name", "code", "status", "kind")  # shown in the page's heading
_LINKS = {Kind.EMAIL: "mailto:"}


def reveal_url(table: str, row: models.Model, name: str) -> str:
    """Where a masked value is asked for."""
    return reverse("value-reveal", args=[table, row.pk, name])


def fact(
    spec: FieldSpec,
    row: Any,
    *,
    plainly: bool,
    may_reveal: bool = False,
    none: Iterable[str] = (),
    given: Mapping[str, str] | None = None,
) -> dict[str, Any]:
    """One fact for the detail template; masked values carry their address of revealing."""
    item: dict[str, Any] = {
        "label": spec.title(type(row)),
        "wide": spec.wide,
        "given": (given or {}).get(spec.sheet_key, ""),
    }
    if spec.name in none:
        return item | {"na": True, "value": ""}
    if spec.mask is not None and not plainly:
        value = shown(spec, getattr(row, spec.name), plainly=False)
        address = reveal_url(row._meta.db_table, row, spec.name) if may_reveal and value else ""
        return item | (
            {"masked": True, "value": value, "reveal_url": address} if value else {"value": ""}
        )
    value = display(spec, row)
    if spec.name == "invoice_name" and not value:
        value = row.name  # the full name unless another was given (CUS-4)
    if spec.kind is Kind.WEB and value.lower().startswith(("http://", "https://")):
        item["url"] = value
    elif spec.kind is Kind.EMAIL and value and "@" in value and not item["given"]:
        item["url"] = f"mailto:{value}"
    if value and spec.unit and spec.kind in (Kind.MONEY, Kind.COUNT):
        value = f"{value} {spec.unit}"
    return item | {"value": value}


def profile_facts(
    actor: Actor,
    customer: Customer,
    *,
    plainly: bool,
    questions: Iterable[Question] = (),
    past: bool = False,
) -> list[dict[str, Any]]:
    """Groups of facts; what is not known yet is named in one line per group."""
    asked = {} if past else {q.field: q for q in questions}
    given = {name: given_text(q, plainly=plainly) for name, q in asked.items()}
    special: dict[str, Callable[[FieldSpec], dict[str, Any]]] = {
        "head_office": lambda spec: _head_office(actor, customer, spec, given),
        "industry": lambda spec: _industry(customer, spec, given),
    }
    groups: list[dict[str, Any]] = []
    for key, title in GROUPS.items():
        items: list[dict[str, Any]] = []
        unknown: list[str] = []
        for spec in CUSTOMER_FIELDS:
            if (
                spec.group != key
                or not spec.on(Surface.DETAIL)
                or spec.name in (*_IN_HEAD, "industry_given")
            ):
                continue
            make = special.get(spec.name)
            item = (
                make(spec)
                if make and spec.name not in customer.not_applicable
                else fact(
                    spec, customer, plainly=plainly, none=customer.not_applicable, given=given
                )
            )
            if spec.sheet_key in asked:
                item["help"] = question_text(asked[spec.sheet_key], plainly=plainly)
                if item.get("given") == getattr(customer, spec.name):
                    item["given"] = ""  # stored as it was given; the question says what is wrong
            if not past:
                item["past_url"] = past_url("customer", customer, spec.name)
            if item.get("value") or item.get("na") or item.get("given"):
                items.append(item)
            elif spec.name != "archive_reason":
                unknown.append(item["label"])
        if unknown:
            items.append(
                {"label": _("Not known yet"), "html": _faint(_(", ").join(unknown)), "wide": True}
            )
        groups.append({"title": title, "items": items})
    return groups


def _faint(text: str) -> SafeString:
    return mark_safe(render_to_string("customers/_faint.html", {"text": text}))  # noqa: S308 - escaped by its template


def _head_office(
    actor: Actor, customer: Customer, spec: FieldSpec, given: Mapping[str, str]
) -> dict[str, Any]:
    """The head office where the reader may see it; outside the reach it does not exist."""
    item: dict[str, Any] = {
        "label": spec.title(Customer),
        "value": "",
        "given": given.get(spec.sheet_key, ""),
    }
    if customer.head_office_id is None:
        return item
    head = Customer.objects.for_user(actor).filter(pk=customer.head_office_id).first()
    return item | (
        {"value": f"{head.name} {head.code}", "url": customer_url(head.pk)}
        if head is not None
        else {}
    )


def _industry(customer: Customer, spec: FieldSpec, given: Mapping[str, str]) -> dict[str, Any]:
    item = {
        "label": spec.title(Customer),
        "value": display(spec, customer),
        "given": given.get("industry", ""),
    }
    if customer.industry is not None:
        item["value"] = f"{customer.industry.code} {customer.industry.name}"
    elif customer.industry_given and not item["given"]:
        item["given"] = customer.industry_given
    return item


def masked_cell(spec: FieldSpec, row: Any, *, plainly: bool, may_reveal: bool) -> dict[str, Any]:
    """A table cell of a sensitive value, with its button where the reader may ask for it."""
    item = fact(spec, row, plainly=plainly, may_reveal=may_reveal)
    return _covered_cell(item) if item.get("masked") else {"text": item["value"]}


def sheet_cell(value: SheetValue, *, plainly: bool, may_reveal: bool) -> dict[str, Any]:
    """A table cell of what a sheet said besides, covered like a field where it looks sensitive."""
    text = value.shown(plainly=plainly)
    if plainly or value.mask is None:
        return {"text": text}
    address = reverse("sheet-value-reveal", args=[value.row_id, value.column])
    return _covered_cell(
        {"masked": True, "value": text, "reveal_url": address if may_reveal else ""}
    )


def _covered_cell(item: dict[str, Any]) -> dict[str, Any]:
    return {"html": fact_value_html(item), "text": item["value"]}


def heading(customer: Customer) -> dict[str, Any]:
    """Title, code and badges of a customer's page."""
    badges = [{"text": customer.get_status_display(), "color": STATUS_COLOURS[customer.status]}]
    if customer.kind != "customer":
        badges.append({"text": customer.get_kind_display(), "color": "secondary"})
    if customer.grade:
        badges.append({"text": _("Grade %(grade)s") % {"grade": customer.grade}, "color": "blue"})
    if customer.category:
        badges.append({"text": customer.get_category_display(), "color": "secondary"})
    return {
        "title": customer.name,
        "code": customer.code,
        "badges": badges,
        "subtitle": str(customer.owner or _("Without owner")),
    }
