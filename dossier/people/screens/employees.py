"""Pages of employees: list, detail, form, leaving (ORG-1)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, gettext_noop, pgettext
from django.views.decorators.http import require_http_methods, require_POST

from dossier.core.access import Actor, Scope
from dossier.core.exporting.declarations import (
    Exportable,
    SheetColumn,
    Value,
    exportable,
    field_columns,
)
from dossier.core.fields import FieldSpec, Surface, display, masked
from dossier.core.history.marks import redacted
from dossier.core.history.reading import Change, changes
from dossier.core.history.subjects import past_url
from dossier.core.screens.lists import (
    Cell,
    Column,
    Filter,
    ListScreen,
    by_record,
    with_columns,
)
from dossier.core.screens.lookups import get_lookup
from dossier.core.screens.requests import actor_of, page
from dossier.people.fields import EMPLOYEE, GROUPS, specs
from dossier.people.models import Employee, Team
from dossier.people.screens.lookups import matching_people
from dossier.people.selectors import may_unmask, teams_below
from dossier.people.services import (
    employee_reveal,
)
from dossier.people.states import EmployeeStatus
from dossier.people.who_sees import menu_item

STATUS_COLORS = {EmployeeStatus.IN_POST: "green", EmployeeStatus.LEFT: "secondary"}
_ENTRIES = 20
_FIRST_DAY = date(1, 1, 1)
_ICONS = {"I": "user-plus", "U": "pencil", "D": "trash"}
_TITLES = {"I": gettext_noop("Entered"), "U": gettext_noop("Changed"), "D": gettext_noop("Removed")}


def _url(employee: Any) -> str:
    return reverse("employee", args=[employee.pk])


def _rows(actor: Actor) -> QuerySet[Any]:
    return Employee.objects.for_user(actor).select_related("team", "supervisor")


def _cell(spec: FieldSpec, employee: Employee, actor: Actor) -> str | Cell:
    if spec.mask is not None and employee.pk != actor.employee_id:
        return masked(getattr(employee, spec.name), spec.mask)
    text = display(spec, employee)
    if spec.name == "status":
        return {"text": text, "badge": STATUS_COLORS[EmployeeStatus(employee.status)]}
    if spec.name == "name":
        return {"text": text, "url": _url(employee)}
    return text


def _columns(actor: Actor) -> list[Column]:
    return [
        Column(
            key=spec.name,
            label=spec.title(Employee),
            cell=lambda row, spec=spec: _cell(spec, row, actor),  # type: ignore[misc] # the loop's own spec
            sort=spec.name if spec.sort else "",
            default=spec.default_column,
            nulls=_FIRST_DAY if spec.name == "hired_on" else None,
        )
        for spec in sorted(
            specs(Surface.LIST), key=lambda spec: spec.name != "name"
        )  # the name leads
    ]


def _in_teams(rows: QuerySet[Any], value: str) -> QuerySet[Any]:
    return rows.filter(team_id__in=teams_below([int(value)]))


def _team_name(actor: Actor, value: str) -> str | None:
    team = get_lookup("team").chosen(actor, value)
    return team.name if team is not None else None


def _teams(actor: Actor) -> list[tuple[str, str]]:
    """The teams of the employees within reach."""
    teams = Team.objects.filter(pk__in=Employee.objects.for_user(actor).order_by().values("team"))
    return [(str(pk), name) for pk, name in teams.order_by("name", "pk").values_list("pk", "name")]


def _head(request: HttpRequest) -> dict[str, Any]:
    actor = actor_of(request)
    adds = actor.can("people.employee", "add")
    return {
        "create_url": reverse("employee-new") if adds else "",
        "create_label": _("New employee"),
        "empty_text": _("Employees come in with an import, or are entered one by one."),
    }


LIST = ListScreen(
    key="people",
    title=gettext_lazy("Employees"),
    icon="id-badge-2",
    rows=_rows,
    columns=(),
    row_url=_url,
    default_sort="number",
    search=matching_people,
    search_placeholder=gettext_lazy("Name, number, pinyin"),
    head=_head,
    row_css=lambda row: "" if row.in_post else "archived",
    default_filters=lambda rows: rows.filter(status=EmployeeStatus.IN_POST),
    groupings=(
        by_record(
            "team_id", gettext_lazy("Team"), _teams, key="team", blank=gettext_lazy("Without team")
        ),
    ),
    filters=(
        Filter(
            "status",
            gettext_lazy("Status"),
            "choice",
            options=lambda actor: EmployeeStatus.choices,
            quick=True,
        ),
        Filter(
            "team",
            gettext_lazy("Team and below"),
            "ref",
            named=_team_name,
            lookup_url=lambda: get_lookup("team").url(),
            apply=_in_teams,
        ),
        Filter("hired_on", gettext_lazy("Hired on"), "date_range"),
    ),
)


def employee_list_screen(actor: Actor) -> ListScreen:
    """The list as the actor may see its columns."""
    return with_columns(LIST, _columns(actor))


@page("people.employee.view")
@require_http_methods(["GET", "HEAD"])
def employee_list(request: HttpRequest) -> HttpResponse:
    """All employees the reader sees; those in post unless something else is asked for."""
    return employee_list_screen(actor_of(request)).view(request)


def _complete(actor: Actor) -> list[SheetColumn]:
    """Every field that an import of employees reads; covered ones are left out but for one's own, and for
    those who may uncover everybody's (ORG-4)."""
    plainly = Scope.ALL in actor.scopes("people.employee", "unmask")

    def covered(name: str) -> Callable[[Any], Value]:
        return lambda one: (
            str(getattr(one, name)) if plainly or one.pk == actor.employee_id else None
        )

    own: dict[str, Callable[[Any], Value]] = {
        spec.name: covered(spec.name) for spec in EMPLOYEE if spec.mask is not None
    }
    own["team"] = lambda one: one.team.name if one.team else None
    own["supervisor"] = lambda one: one.supervisor.number if one.supervisor else None
    return field_columns(Employee, EMPLOYEE, own=own, uncovers=plainly)


exportable(
    Exportable(
        key=LIST.key,
        kind="people.employee",
        needs="people.employee.view",
        screen=employee_list_screen,
        complete=_complete,
    )
)

# One employee --------------------------------------------------------------------------------------------


@page("people.employee.view")
@require_http_methods(["GET", "HEAD"])
def employee_detail(request: HttpRequest, pk: int) -> HttpResponse:
    """One employee: who it is, whom he or she leads, what was changed."""
    actor = actor_of(request)
    employee: Employee = _rows(actor).reachable(actor, pk)  # type: ignore[attr-defined] # a ScopedQuerySet
    changes_it = Employee.objects.for_user(actor, "change").filter(pk=pk).exists()
    account = getattr(employee, "account", None)
    facts: list[dict[str, Any]] = [
        {
            "title": title,
            "items": [
                _fact(spec, employee, actor)
                for spec in specs(Surface.DETAIL)
                if spec.group == group and spec.name not in ("number", "name", "status")
            ],
        }
        for group, title in GROUPS.items()
    ]
    if changes_it:
        for group in facts:
            for item in group["items"]:
                item["past_url"] = past_url("employee", employee, item.pop("name"))
    facts[0]["items"].append(
        {
            "label": _("Sign-in name"),
            "value": account.login if account else _("none"),
            "url": reverse("account", args=[account.pk])
            if account and actor.can("people.role", "view")
            else "",
        }
    )
    context: dict[str, Any] = {
        "detail": {
            "title": employee.name,
            "code": employee.number,
            "badges": [
                {
                    "text": employee.get_status_display(),
                    "color": STATUS_COLORS[EmployeeStatus(employee.status)],
                }
            ],
            "actions": _actions(actor, employee, changes_it),
            "more_actions": _more_actions(actor, employee, changes_it),
        },
        "breadcrumbs": [
            {"label": _("Employees"), "url": reverse("people")},
            {"label": employee.number},
        ],
        "facts": facts,
        "tables": _tables(actor, employee),
    }
    if changes_it:
        context["entries"] = _entries(actor, employee)
    return render(request, "screens/detail.html", context)


def _fact(spec: FieldSpec, employee: Employee, actor: Actor) -> dict[str, Any]:
    value = display(spec, employee)
    item: dict[str, Any] = {
        "label": spec.title(Employee),
        "value": value,
        "wide": spec.wide,
        "name": spec.name,
    }
    if spec.mask is not None and value and employee.pk != actor.employee_id:
        item["value"] = masked(value, spec.mask)
        item["masked"] = True
        if may_unmask(actor, employee):
            item["reveal_url"] = reverse("employee-reveal", args=[employee.pk, spec.name])
    elif spec.name == "team" and employee.team_id:
        item["url"] = f"{reverse('people')}?team={employee.team_id}"
    elif (
        spec.name == "supervisor"
        and employee.supervisor_id
        and Employee.objects.for_user(actor).filter(pk=employee.supervisor_id).exists()
    ):
        item["url"] = _url(employee.supervisor)
    return item


def _actions(actor: Actor, employee: Employee, changes_it: bool) -> list[dict[str, Any]]:
    actions: list[dict[str, Any]] = []
    if changes_it:
        actions.append(
            {
                "label": _("Edit"),
                "url": reverse("employee-edit", args=[employee.pk]),
                "icon": "pencil",
                "key": "edit",
                "primary": True,
            }
        )
    return actions


def _more_actions(actor: Actor, employee: Employee, changes_it: bool) -> list[dict[str, Any]]:
    more: list[dict[str, Any]] = []
    if employee.in_post and not hasattr(employee, "account") and actor.can("people.role", "change"):
        url = f"{reverse('account-new')}?employee={employee.pk}"
        more.append({"label": _("Give a sign-in"), "url": url, "icon": "key"})
    if changes_it and employee.pk != actor.employee_id:
        if employee.in_post:
            url = reverse("employee-leave", args=[employee.pk])
            more.append({"label": _("Has left …"), "url": url, "icon": "door-exit", "danger": True})
        else:
            url = reverse("employee-return", args=[employee.pk])
            more.append({"label": _("Is back …"), "url": url, "icon": "door-enter"})
    return [menu_item("employee", employee), *more]


def _tables(actor: Actor, employee: Employee) -> list[dict[str, Any]]:
    reports = Employee.objects.for_user(actor).filter(
        supervisor=employee, status=EmployeeStatus.IN_POST
    )
    people = list(reports.select_related("team").order_by("number")[:50])
    if not people:
        return []
    return [
        {
            "title": _("Reports to this person"),
            "count": len(people),
            "columns": [
                {"label": _("Employee number")},
                {"label": pgettext("of a person", "Name")},
                {"label": _("Team")},
                {"label": _("Position")},
            ],
            "rows": [
                {
                    "url": _url(one),
                    "cells": [
                        {"text": one.number, "url": _url(one)},
                        {"text": one.name},
                        {"text": one.team or ""},
                        {"text": one.position},
                    ],
                }
                for one in people
            ],
        }
    ]


def _entries(actor: Actor, employee: Employee) -> list[dict[str, Any]]:
    """The latest changes, newest first; masked values stay masked here too."""
    history = [change for change in changes(employee) if change.table == Employee._meta.db_table][
        -_ENTRIES:
    ]
    keys = {
        name: {
            side[name]
            for change in history
            for side in (change.before, change.after)
            if side.get(name) and redacted(side[name]) is None
        }
        for name in ("team_id", "supervisor_id")
    }
    names: dict[str, dict[Any, str]] = {
        "team_id": dict(Team.objects.filter(pk__in=keys["team_id"]).values_list("pk", "name")),
        "supervisor_id": dict(
            Employee.objects.filter(pk__in=keys["supervisor_id"]).values_list("pk", "name")
        ),
    }
    return [
        {
            "icon": _ICONS[change.op],
            "title": _(_TITLES[change.op]),
            "at": change.at,
            "who": change.who,
            "changes": _changed(change, employee, actor, names) if change.op == "U" else [],
        }
        for change in reversed(history)
    ]


def _changed(
    change: Change, employee: Employee, actor: Actor, names: dict[str, dict[Any, str]]
) -> list[dict[str, str]]:
    found = []
    for spec in EMPLOYEE:
        column = next(
            (c for c in (spec.name, f"{spec.name}_id") if c in change.before or c in change.after),
            None,
        )
        if column is None:
            continue
        before, after = (
            _past(spec, column, side.get(column), employee, actor, names)
            for side in (change.before, change.after)
        )
        found.append({"label": spec.title(Employee), "before": before, "after": after})
    return found


def _past(
    spec: FieldSpec,
    column: str,
    value: Any,
    employee: Employee,
    actor: Actor,
    names: dict[str, dict[Any, str]],
) -> str:
    if value is None or value == "":
        return ""
    if (gone := redacted(value)) is not None:
        return gone
    if column in names:
        return names[column].get(value, str(value))
    if spec.mask is not None and employee.pk != actor.employee_id:
        return masked(str(value), spec.mask)
    if spec.name == "status":
        return str(EmployeeStatus(value).label)
    return str(value)


@page("people.employee.unmask")
@require_POST
def employee_reveal_view(request: HttpRequest, pk: int, name: str) -> HttpResponse:
    """The full value of a covered field; that it was shown is recorded (ORG-4)."""
    value = employee_reveal(actor=actor_of(request), employee_id=pk, field=name)
    return HttpResponse(format_html('<span class="num">{}</span>', value))
