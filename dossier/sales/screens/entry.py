"""Pages that write orders: the fast entry page, the edit page, declaring void."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from dossier.catalog.fields import may_see_cost
from dossier.core.access import Actor
from dossier.core.errors import NotAllowed, NotFound, Refusal, Stale
from dossier.core.money import CURRENCIES, DEFAULT_CURRENCY, places
from dossier.core.screens.forms import once_token
from dossier.core.screens.lookups import get_lookup
from dossier.core.screens.requests import actor_of, int_parameter, page, text_parameter
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
    """Change an order and its lines."""
    actor = actor_of(request)
    order = _changeable(actor, pk)
    given = order.source == OrderSource.IMPORTED
    present = [line_initial(line, actor, given_amounts=given) for line in lines_of(actor, order.pk)]
    frame: dict[str, Any] = {
        "form_title": _("Edit order %(number)s") % {"number": order.number},
        "cancel_url": order_url(order.pk),
        "version": order.version,
    }
    if request.method != "POST":
        form = order_form(actor, initial=_head_of(order))
        return _page(
            request, form, line_forms(actor, initial=present, extra=1, given_amounts=given), **frame
        )
    form = order_form(actor, request.POST, initial={"currency": order.currency})
    lines = line_forms(actor, data=request.POST, initial=present, given_amounts=given)
    version = request.POST.get("version", "")
    frame["version"] = version[:10]
    if all([form.is_valid(), lines.is_valid()]):
        entered = lines.lines()
        try:
            order_amend(
                actor=actor,
                order_id=pk,
                expected_version=_number(version),
                lines=[line for _at, line in entered],
                **_values(form),
            )
        except Stale:
            return _page(request, form, lines, status=409, **(frame | _conflict(order, form)))
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


def _number(text: str) -> int:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else -1


def _conflict(order: SalesOrder, form: OrderForm) -> dict[str, Any]:
    """Both versions of the head where they differ; lines are shown on the order itself."""
    theirs, items = _head_of(order), []
    for spec in form.specs:
        raw_theirs, raw_mine = str(theirs[spec.name] or ""), str(form[spec.name].value() or "")
        if raw_theirs != raw_mine:
            items.append(
                {
                    "name": spec.name,
                    "label": spec.title(SalesOrder),
                    "theirs": raw_theirs,
                    "mine": raw_mine,
                    "theirs_value": raw_theirs,
                    "mine_value": raw_mine,
                    "choice": "mine",
                }
            )
    form.add_error(
        None,
        _(
            "The lines may have changed too: compare with the order as it is now. Saving again keeps the lines below."
        ),
    )
    return {
        "conflict": items,
        "version": order.version,
        "conflict_at": order.updated_at,
        "now_url": order_url(order.pk),
    }


@page("sales.order.view")
@require_http_methods(["GET", "HEAD", "POST"])
def order_void_page(request: HttpRequest, pk: int) -> HttpResponse:
    """Ask for the reason, then declare the order void."""
    actor = actor_of(request)
    order = SalesOrder.objects.reachable(actor, pk, "change")
    if not may_change(actor, order):
        raise NotAllowed("not_allowed", _("Only those who see the customer may change its orders."))
    error, status = "", 200
    if request.method == "POST":
        try:
            order_void(
                actor=actor,
                order_id=pk,
                expected_version=_number(request.POST.get("version", "")),
                reason=request.POST.get("reason", "")[:2000],
            )
        except (NotFound, NotAllowed):
            raise
        except Refusal as refusal:
            error, status = refusal.message, 409 if isinstance(refusal, Stale) else 422
        else:
            messages.success(request, _("Order %(number)s is void.") % {"number": order.number})
            return redirect(order_url(pk))
    return render(
        request,
        "screens/confirm.html",
        {
            "confirm": {
                "title": _("Declare order %(number)s void") % {"number": order.number},
                "text": _(
                    "It stays visible with your reason, and counts in no figure any more. This cannot be taken back."
                ),
                "ask_reason": True,
                "reason_required": True,
                "danger": True,
                "icon": "ban",
                "button": _("Declare void"),
            },
            "version": order.version,
            "reason": request.POST.get("reason", ""),
            "reason_error": error,
            "cancel_url": order_url(pk),
        },
        status=status,
    )
