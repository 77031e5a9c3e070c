"""The first page: steps while the archive is empty, then one's customers and questions."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_safe

from dossier.core.access import Actor
from dossier.core.navigation import NavItem, nav
from dossier.core.screens.lists import COUNT_CAP
from dossier.core.screens.requests import actor_of, page
from dossier.core.templatetags.look import moment_text
from dossier.customers import registries
from dossier.customers.access import CUSTOMER
from dossier.customers.models import Customer
from dossier.customers.questions import field_title, question_text
from dossier.customers.registries import FirstStep, register_step
from dossier.customers.screens.lists import customer_url, imports_url
from dossier.customers.screens.questions import due_cell, question_url
from dossier.customers.selectors import (
    asked_of,
    overdue,
    question_rows,
    sees_plainly,
)
from dossier.customers.states import CustomerStatus
from dossier.people.models import Employee

MOST = 8


def _employees_done() -> str:
    count = Employee.objects.count()
    return _("%(count)s employees on file") % {"count": count} if count > 1 else ""


register_step(
    FirstStep(
        key="employees",
        order=10,
        permission="people.employee.import",
        title=gettext_lazy("Employees"),
        text=gettext_lazy(
            "Who owns which customer: bring them in first, so that owners are found by name."
        ),
        url=lambda: imports_url("employees"),
        done=_employees_done,
    )
)
register_step(
    FirstStep(
        key="customers",
        order=20,
        permission="customers.customer.import",
        title=gettext_lazy("Customers and contacts"),
        text=gettext_lazy(
            "Company, contact, telephone; whatever else the sheet holds comes along."
        ),
        url=lambda: imports_url("customers"),
    )
)
register_step(
    FirstStep(
        key="products",
        order=30,
        permission="catalog.product.import",
        title=gettext_lazy("Products"),
        text=gettext_lazy(
            "Names, prices and costs; sales lines can also create the products they name."
        ),
        url=lambda: imports_url("products"),
    )
)
register_step(
    FirstStep(
        key="sales",
        order=40,
        permission="sales.order.import",
        title=gettext_lazy("Sales"),
        text=gettext_lazy("Recorded sales lines; they fill the customers' files and the reports."),
        url=lambda: imports_url("sales"),
    )
)


@require_safe
@page()
def home(request: HttpRequest) -> HttpResponse:
    """What is to be done today, or how to begin."""
    actor = actor_of(request)
    may_import = actor.can(CUSTOMER.key, "import")
    if may_import and not Customer.objects.exists():
        return render(
            request,
            "screens/home.html",
            {"first_run": True, "steps": _steps(actor), "first_run_links": _links(actor)},
        )
    seen = actor.can(CUSTOMER.key, "view")
    return render(
        request,
        "screens/home.html",
        {
            "home_title": _("Hello, %(name)s") % {"name": actor.name},
            "tiles": [*(_tiles(actor) if seen else []), *registries.more_tiles(actor)],
            "recent": _recent(actor) if seen else [],
            "recent_url": reverse("customers") if seen else "",
            "questions": _questions(actor) if seen else [],
            "questions_url": reverse("questions") if seen else "",
        },
    )


def _steps(actor: Actor) -> list[dict[str, Any]]:
    steps: list[dict[str, Any]] = []
    for step in registries.steps(actor):
        done = step.done() if step.done else ""
        steps.append(
            {
                "title": step.title,
                "text": step.text,
                "url": step.url(),
                "done": bool(done),
                "done_text": done,
            }
        )
    for step_now in steps:
        if not step_now["done"]:
            step_now["now"] = True
            break
    return steps


def _links(actor: Actor) -> list[dict[str, Any]]:
    if not actor.can(CUSTOMER.key, "add"):
        return []
    return [{"url": reverse("customer-new"), "label": _("Or enter the first customer by hand")}]


def _counted(rows: Any) -> str:
    count = rows.order_by()[: COUNT_CAP + 1].count()
    return f"{COUNT_CAP:,}+" if count > COUNT_CAP else f"{count:,}"


def _tiles(actor: Actor) -> list[dict[str, Any]]:
    """Counts with the lists behind them."""
    everything = reverse("customers")
    rows = Customer.objects.for_user(actor).exclude(status=CustomerStatus.ARCHIVED)
    tiles: list[dict[str, Any]] = []
    own_only = set(actor.scopes(CUSTOMER.key, "view")) == {"own"}
    mine = _counted(rows.filter(owner_id=actor.employee_id)) if actor.employee_id else "0"
    if mine != "0" or (actor.employee_id and own_only):
        tiles.append(
            {
                "label": _("My customers"),
                "value": mine,
                "url": f"{everything}?owner={actor.employee_id}",
            }
        )
    if not own_only:
        tiles.append(
            {"label": _("Customers within my reach"), "value": _counted(rows), "url": everything}
        )
    drafts = rows.filter(status=CustomerStatus.DRAFT)
    draft_count = _counted(drafts)
    if draft_count != "0":
        tiles.append(
            {
                "label": _("Drafts to be completed"),
                "value": draft_count,
                "url": f"{everything}?status=draft",
            }
        )
    if actor.can(CUSTOMER.key, "unassigned"):
        ownerless = _counted(rows.filter(owner__isnull=True))
        tiles.append(
            {"label": _("Without owner"), "value": ownerless, "url": f"{everything}?unassigned=1"}
        )
    waiting = _counted(question_rows(actor))
    tone = "bad" if waiting != "0" else "good"
    late = _counted(overdue(asked_of(question_rows(actor), actor)))
    tiles.append(
        {
            "label": _("Open data queries"),
            "value": waiting,
            "url": reverse("questions"),
            "tone": tone,
            "hint": _("%(count)s asked of you are overdue") % {"count": late}
            if late != "0"
            else "",
        }
    )
    return tiles


def _recent(actor: Actor) -> list[dict[str, Any]]:
    rows = (
        Customer.objects.for_user(actor)
        .only("name", "code", "updated_at", "status")  # joining what lists show took 2 ms to plan
        .order_by("-updated_at", "-pk")[:MOST]
    )
    return [
        {
            "url": customer_url(one.pk),
            "title": one.name,
            "hint": f"{one.code} · {moment_text(one.updated_at)}",
            "badge": "" if one.status == CustomerStatus.ACTIVE else one.get_status_display(),
            "color": "yellow",
        }
        for one in rows
    ]


def _questions(actor: Actor) -> list[dict[str, Any]]:
    """The questions asked of this person, what is due first; else the first ones within reach."""
    open_ones = question_rows(actor).order_by("due_on", "pk")
    rows = list(asked_of(open_ones, actor)[:MOST]) or list(open_ones[:MOST])
    found = []
    for one in rows:
        due = due_cell(one)
        item: dict[str, Any] = {
            "url": question_url(one),
            "title": f"{one.customer} · {field_title(one.field)}",
            "text": question_text(one, plainly=sees_plainly(actor, one.customer)),
        }
        if isinstance(due, dict):
            item["badge"] = _("overdue since %(day)s") % {"day": due["text"]}
        found.append(item)
    return found


nav(NavItem(url_name="home", label=gettext_lazy("Home"), icon="home", order=10, key="h"))
