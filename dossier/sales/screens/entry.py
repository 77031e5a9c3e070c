"""Pages that write orders: the fast entry page, the edit page, declaring void."""

from __future__ import annotations

from functools import partial
from typing import Any, cast

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from dossier.catalog.fields import may_see_cost
from dossier.core.access import Actor
from dossier.core.errors import NotAllowed, NotFound, Refusal, Stale
from dossier.core.money import CURRENCIES, DEFAULT_CURRENCY, places
from dossier.core.screens.confirm import reasoned_step
from dossier.core.screens.conflict import anew, with_choices
from dossier.core.screens.edits import base_of, read_base, write_base
from dossier.core.screens.forms import once_token
from dossier.core.screens.lookups import get_lookup
from dossier.core.screens.requests import actor_of, int_parameter, page, text_parameter, version_of
from dossier.customers.models import Customer
from dossier.people.models import Employee
from dossier.sales.fields import ORDER_FIELDS
from dossier.sales.forms import (
    OrderForm,
    line_columns,
    line_forms,
    line_initial,
    order_form,
    refuse,
)
from dossier.sales.models import SalesOrder
from dossier.sales.screens import stale_lines
from dossier.sales.screens.shared import order_url
from dossier.sales.selectors import lines_of
from dossier.sales.services import may_change, order_amend, order_record, order_void
from dossier.sales.states import OrderSource, OrderStatus

_EMPTY_LINES = 2


def _page(
    request: HttpRequest, form: OrderForm, lines: Any, status: int = 200, **more: Any
) -> HttpResponse:
    actor = actor_of(request)
    currency = str(form["currency"].value() or DEFAULT_CURRENCY)
    head = [form[spec.name] for spec in form.specs if spec.name != "remark"]
    if any(line.errors for line in lines.forms) if lines.is_bound else False:
        more.setdefault("form_errors", [_("Look at the lines marked in red.")])
    context = {
        "form": form,
        "fieldsets": [{"fields": head, "columns": 3}],
        "after_lines": [form["remark"]],
        "lines": lines,
        "line_columns": line_columns(actor),
        "line_digits": places(currency),
        "line_digits_of": ",".join(
            f"{c.code}:{c.places}" for c in CURRENCIES.values() if c.places != 2
        ),
        "line_discount": "factor",
        "line_costs": may_see_cost(actor),
        **more,
    }
    return render(request, "sales/order_form.html", context, status=status)


def _values(form: OrderForm) -> dict[str, Any]:
    """The head as the services take it."""
    cleaned = form.cleaned_data
    salesperson = cleaned.get("salesperson")
    return {
        "customer_id": cleaned["customer"].pk,
        "ordered_on": cleaned["ordered_on"],
        "currency": cleaned["currency"],
        "salesperson_id": salesperson.pk if salesperson else None,
        "number": cleaned.get("number") or "",
        "remark": cleaned.get("remark") or "",
    }


@page("sales.order.add")
@require_http_methods(["GET", "HEAD", "POST"])
def order_new(request: HttpRequest) -> HttpResponse:
    """Enter an order: customer, then lines, all by keyboard."""
    actor = actor_of(request)
    frame: dict[str, Any] = {
        "form_title": _("New order"),
        "breadcrumbs": [
            {"label": _("Sales orders"), "url": reverse("orders")},
            {"label": _("New order")},
        ],
        "cancel_url": reverse("orders"),
        "save_and_new": True,
    }
    if request.method != "POST":
        head, rows = _proposal(request, actor)
        form = order_form(actor, initial=head)
        lines = line_forms(actor, initial=rows, extra=_EMPTY_LINES if not rows else 1)
        return _page(request, form, lines, once_token=once_token(), **frame)
    form = order_form(actor, request.POST)
    lines = line_forms(actor, data=request.POST)
    token = request.POST.get("once_token", "")[:64]
    if all([form.is_valid(), lines.is_valid()]):
        entered = lines.lines()
        try:
            order = order_record(
                actor=actor,
                lines=[line for _at, line in entered],
                submission=token,
                **_values(form),
            )
        except (NotFound, NotAllowed):
            raise
        except Refusal as refusal:
            refuse(form, lines, [at for at, _line in entered], refusal)
        else:
            messages.success(request, _("Order %(number)s is saved.") % {"number": order.number})
            return redirect("order-new" if "and_new" in request.POST else order_url(order.pk))
    return _page(request, form, lines, status=422, once_token=token, **frame)


def _proposal(request: HttpRequest, actor: Actor) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    """What a new order begins with: today, the reader, perhaps a customer or a copy of an order."""
    me = Employee.objects.filter(pk=actor.employee_id).first() if actor.employee_id else None
    head: dict[str, Any] = {
        "ordered_on": timezone.localdate(),
        "currency": DEFAULT_CURRENCY,
        "salesperson": _person(me),
    }
    copied = int_parameter(request, "copy")
    if copied is not None:
        order = SalesOrder.objects.select_related("customer").reachable(actor, copied)  # type: ignore[attr-defined] # a ScopedQuerySet
        Customer.objects.reachable(actor, order.customer_id)
        head |= {"customer": _customer(order.customer), "currency": order.currency}
        rows = [line_initial(line, actor) for line in lines_of(actor, order.pk)]
        for row in rows:
            row.pop("line_id")
        return head, rows
    code = text_parameter(request, "customer", longest=20)
    if code:
        customer: Customer | None = (
            Customer.objects.for_user(actor).select_related("owner").filter(code=code).first()
        )
        if customer is None:
            raise NotFound("not_found", _("There is no such customer, or it is not yours to see."))
        head["customer"] = _customer(customer)
        if me is None and customer.owner is not None:
            head["salesperson"] = _person(customer.owner)
    return head, []


@page("sales.order.view")
@require_http_methods(["GET", "HEAD", "POST"])
def order_edit(request: HttpRequest, pk: int) -> HttpResponse:
    """Change an order and its lines; a stale edit shows both versions and keeps what was typed."""
    actor = actor_of(request)
    order = _changeable(actor, pk)
    given = order.source == OrderSource.IMPORTED
    present = _present_lines(actor, order)
    frame: dict[str, Any] = {
        "form_title": _("Edit order %(number)s") % {"number": order.number},
        "breadcrumbs": [
            {"label": _("Sales orders"), "url": reverse("orders")},
            {"label": order.number, "url": order_url(order.pk)},
            {"label": _("Edit")},
        ],
        "cancel_url": order_url(order.pk),
        "version": order.version,
    }
    if request.method != "POST":
        form = order_form(actor, initial=_head_of(order))
        frame["base"] = write_base(_base(form, present))
        return _page(
            request, form, line_forms(actor, initial=present, extra=1, given_amounts=given), **frame
        )
    base = read_base(request.POST.get("base", ""))
    data = with_choices(request.POST, base)
    if data.get(f"choose_{stale_lines.LINES}") == "theirs":
        stale_lines.put(data, stale_lines.present_texts(present))
    form = order_form(actor, data, initial={"currency": order.currency})
    lines = line_forms(actor, data=data, initial=present, given_amounts=given)
    version = request.POST.get("version", "")
    frame |= {"version": version[:10], "base": write_base(base)}
    if all([form.is_valid(), lines.is_valid()]):
        entered = lines.lines()
        try:
            order_amend(
                actor=actor,
                order_id=pk,
                expected_version=version_of(request),
                lines=[line for _at, line in entered],
                **_values(form),
            )
        except Stale:
            return _begun_anew(request, pk, form, lines, base, frame)
        except (NotFound, NotAllowed):
            raise
        except Refusal as refusal:
            refuse(form, lines, [at for at, _line in entered], refusal)
        else:
            messages.success(request, _("Saved."))
            return redirect(order_url(pk))
    return _page(request, form, lines, status=422, **frame)


def _changeable(actor: Actor, pk: int) -> SalesOrder:
    rows = SalesOrder.objects.get_queryset().select_related("customer", "salesperson")
    order: SalesOrder = rows.reachable(actor, pk, "change")
    if not may_change(actor, order):
        raise NotAllowed("not_allowed", _("Only those who see the customer may change its orders."))
    if order.status == OrderStatus.VOID:
        raise Refusal("void", _("This order is void and stays as it is."))
    found: SalesOrder = order
    return found


def _head_of(order: SalesOrder) -> dict[str, Any]:
    values: dict[str, Any] = {spec.name: getattr(order, spec.name) for spec in ORDER_FIELDS}
    values["customer"] = _customer(order.customer)
    values["salesperson"] = _person(order.salesperson)
    return values


def _customer(customer: Customer) -> str:
    """A customer as the form's look-up names it."""
    return get_lookup("customer").value(customer)


def _person(person: Employee | None) -> str:
    """A salesperson as the form's look-up names it."""
    return get_lookup("employee").value(person) if person else ""


def _present_lines(actor: Actor, order: SalesOrder) -> list[dict[str, Any]]:
    """The lines as the form shows them; of orders from a file the amounts too."""
    given = order.source == OrderSource.IMPORTED
    return [line_initial(line, actor, given_amounts=given) for line in lines_of(actor, order.pk)]


def _base(form: OrderForm, present: list[dict[str, Any]]) -> dict[str, Any]:
    return base_of(form) | {stale_lines.LINES: stale_lines.present_texts(present)}


def _begun_anew(
    request: HttpRequest,
    pk: int,
    form: OrderForm,
    lines: Any,
    base: dict[str, Any],
    frame: dict[str, Any],
) -> HttpResponse:
    """The page of the conflict: values of the head one by one, the lines as a whole."""
    actor, data = form.actor, cast(QueryDict, form.data)
    order = _changeable(actor, pk)
    given = order.source == OrderSource.IMPORTED
    present, kept = _present_lines(actor, order), base.get(stale_lines.LINES)
    was = kept if isinstance(kept, list) else None
    theirs = stale_lines.present_texts(present)
    mine = stale_lines.entered_texts(lines, given_amounts=given)
    untouched = mine == was
    mine = stale_lines.settled(mine, was or [], theirs)
    before = base.get("currency")
    currencies = (
        before if isinstance(before, str) else order.currency,
        order.currency,
        str(form.cleaned_data["currency"]),
    )
    more = stale_lines.compared(actor, was=was, theirs=theirs, mine=mine, currencies=currencies)
    if untouched:
        stale_lines.put(data, theirs)
    else:
        stale_lines.put_mine(data, mine, theirs)
    fresh = order_form(actor, initial=_head_of(order))
    make = partial(order_form, actor, initial={"currency": order.currency})
    form, stale = anew(make, form, base=base, present=fresh, row=order, more=more)
    stale["base"] = write_base(_base(fresh, present))
    again = line_forms(actor, data=data, initial=present, given_amounts=given)
    again.is_valid()
    return _page(request, form, again, status=409, **frame | stale)


@page("sales.order.view")
@require_http_methods(["GET", "HEAD", "POST"])
def order_void_page(request: HttpRequest, pk: int) -> HttpResponse:
    """Ask for the reason, then declare the order void."""
    actor = actor_of(request)
    order = SalesOrder.objects.reachable(actor, pk, "change")
    if not may_change(actor, order):
        raise NotAllowed("not_allowed", _("Only those who see the customer may change its orders."))
    title = _("Declare order %(number)s void") % {"number": order.number}
    return reasoned_step(
        request,
        lambda reason: order_void(
            actor=actor, order_id=pk, expected_version=version_of(request), reason=reason
        ),
        confirm={
            "title": title,
            "text": _(
                "It stays visible with your reason, and counts in no figure any more. This cannot be taken back."
            ),
            "danger": True,
            "icon": "ban",
            "button": _("Declare void"),
        },
        version=order.version,
        done=_("Order %(number)s is void.") % {"number": order.number},
        then=order_url(pk),
        cancel_url=order_url(pk),
        breadcrumbs=[
            {"label": _("Sales orders"), "url": reverse("orders")},
            {"label": order.number, "url": order_url(pk)},
            {"label": title},
        ],
    )
