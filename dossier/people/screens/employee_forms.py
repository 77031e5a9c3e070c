"""Forms of employees: entering, editing, leaving after a handover, coming back (ORG-1)."""

from __future__ import annotations

from functools import partial
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from dossier.core.access import Actor
from dossier.core.bilingual import listed
from dossier.core.errors import Stale
from dossier.core.fields import Mask, masked
from dossier.core.screens.conflict import anew, mark, with_choices
from dossier.core.screens.edits import base_of, changes_of, initial_of, read_base, write_base
from dossier.core.screens.forms import RecordForm, fieldsets, form_class, once_token
from dossier.core.screens.requests import actor_of, page, version_of
from dossier.core.values import parse_phone
from dossier.people.fields import EMPLOYEE, GROUPS
from dossier.people.forms import leave_form
from dossier.people.holdings import held_by
from dossier.people.models import Employee, Team
from dossier.people.screens._common import form_page, saved, token_of
from dossier.people.selectors import may_unmask
from dossier.people.services import (
    employee_create,
    employee_leave,
    employee_return,
    employee_reveal,
    employee_update,
)
from dossier.people.states import EmployeeStatus


def _url(employee: Employee) -> str:
    return reverse("employee", args=[employee.pk])


# The form ------------------------------------------------------------------------------------------------


def _form(actor: Actor, *args: Any, employee: Employee | None = None, **more: Any) -> RecordForm:
    form = form_class(Employee, EMPLOYEE)(*args, actor=actor, **more)
    if employee is not None and _hides_mobile(actor, employee):
        form.fields["mobile"].help_text = _("%(covered)s stays unless you type a new one.") % {
            "covered": masked(employee.mobile, Mask.PHONE)
        }
    return form


def _present(actor: Actor, employee: Employee) -> RecordForm:
    """The form of an employee as he or she stands."""
    covered = _covered(actor, employee)
    start = initial_of(actor, employee, _form(actor).specs, covered=covered)
    return _form(actor, employee=employee, initial=start)


def _covered(actor: Actor, employee: Employee) -> frozenset[str]:
    """The fields of the form that its reader may not see."""
    return frozenset({"mobile"} if _hides_mobile(actor, employee) else ())


def _note_seen(actor: Actor, employee: Employee) -> None:
    """Record that a form shows somebody else's mobile."""
    if employee.mobile and employee.pk != actor.employee_id and not _hides_mobile(actor, employee):
        employee_reveal(
            actor=actor, employee_id=employee.pk, field="mobile", why=_("opened for editing")
        )


def _hides_mobile(actor: Actor, employee: Employee) -> bool:
    """Whether an editor must not see the mobile: not oneself, and no right to uncover it."""
    return (
        bool(employee.mobile)
        and employee.pk != actor.employee_id
        and not may_unmask(actor, employee)
    )


def _values(form: RecordForm) -> dict[str, Any]:
    return {spec.name: form.cleaned_data[spec.name] for spec in form.specs}


def _warn(form: RecordForm) -> None:
    """Say what is doubtful about what was typed, without refusing it."""
    typed = form["mobile"].value()
    if typed and parse_phone(str(typed)[:100]).doubtful:
        form.fields["mobile"].warning = _("This does not look like a mobile number.")  # type: ignore[attr-defined] # read by the field template


@page("people.employee.add")
@require_http_methods(["GET", "HEAD", "POST"])
def employee_new(request: HttpRequest) -> HttpResponse:
    """Enter an employee."""
    actor = actor_of(request)
    form = _form(actor, request.POST) if request.method == "POST" else _form(actor)
    token = token_of(request) or once_token()
    if request.method == "POST":
        made = saved(form, lambda: employee_create(actor=actor, submission=token, **_values(form)))
        if made is not None:
            messages.success(request, _("%(name)s is entered.") % {"name": made.name})
            return redirect("employee-new") if "and_new" in request.POST else redirect(_url(made))
    return form_page(  # type: ignore[no-any-return] # a response
        request,
        form,
        fieldsets=fieldsets(form, GROUPS),
        form_title=_("New employee"),
        once_token=token,
        cancel_url=reverse("people"),
        save_and_new=True,
        breadcrumbs=[
            {"label": _("Employees"), "url": reverse("people")},
            {"label": _("New employee")},
        ],
    )


@page("people.employee.view")
@require_http_methods(["GET", "HEAD", "POST"])
def employee_edit(request: HttpRequest, pk: int) -> HttpResponse:
    """Edit an employee."""
    actor = actor_of(request)
    employee: Employee = Employee.objects.reachable(actor, pk, "change")
    frame: dict[str, Any] = {
        "form_title": _("Edit %(name)s") % {"name": employee.name},
        "cancel_url": _url(employee),
        "breadcrumbs": [
            {"label": _("Employees"), "url": reverse("people")},
            {"label": employee.number, "url": _url(employee)},
            {"label": _("Edit")},
        ],
    }
    covered = _covered(actor, employee)
    if request.method != "POST":
        form = _present(actor, employee)
        base = base_of(form) | (mark(employee) if covered else {})
        frame |= {"version": employee.version, "base": write_base(base)}
        _note_seen(actor, employee)
        _warn(form)
        return form_page(request, form, fieldsets=fieldsets(form, GROUPS), **frame)  # type: ignore[no-any-return] # a response
    base, version = read_base(request.POST.get("base", "")), version_of(request)
    frame |= {"version": version, "base": write_base(base)}
    make = partial(_form, actor, employee=employee)
    form = make(with_choices(request.POST, base))
    try:
        done = saved(
            form,
            lambda: employee_update(
                actor=actor,
                employee_id=pk,
                expected_version=version,
                **changes_of(form, base, covered=covered),
            ),
        )
    except Stale:
        employee.refresh_from_db()
        _note_seen(actor, employee)
        form, stale = anew(
            make,
            form,
            base=base,
            present=_present(actor, employee),
            row=employee,
            covered=_covered(actor, employee) | covered,
        )
        frame |= stale
    else:
        if done is not None:
            messages.success(request, _("Saved."))
            return redirect(_url(done))
    return form_page(request, form, fieldsets=fieldsets(form, GROUPS), **frame)  # type: ignore[no-any-return] # a response


# Leaving and coming back ----------------------------------------------------------------------------------


@page("people.employee.view")
@require_http_methods(["GET", "HEAD", "POST"])
def employee_leave_view(request: HttpRequest, pk: int) -> HttpResponse:
    """Mark somebody as left, handing over all that he or she holds in the same step."""
    actor = actor_of(request)
    employee: Employee = Employee.objects.reachable(actor, pk, "change")
    if not employee.in_post:
        return redirect(_url(employee))
    held = held_by(employee)
    posted = request.method == "POST"
    start = {"left_on": timezone.localdate(), "hand_over_to": employee.supervisor_id}
    args = [request.POST] if posted else []
    form = leave_form(*args, actor=actor, must_hand_over=bool(held), initial=start)
    context: dict[str, Any] = {"version": employee.version}
    if posted and not request.POST.get("left_on", "").strip():
        form.add_error("left_on", _("Give the day of leaving."))
    elif posted:
        context["version"] = version_of(request)
        try:
            done = saved(form, lambda: _leave(actor, employee, form, context["version"]))
        except Stale as stale:
            employee.refresh_from_db()
            context |= {"conflict": [], "stale": stale.message, "version": employee.version}
        else:
            if done is not None:
                messages.success(
                    request, _("%(name)s is marked as left.") % {"name": employee.name}
                )
                for label, count in done.handed_over:
                    messages.success(
                        request,
                        _("Handed over: %(what)s (%(count)s)") % {"what": label, "count": count},
                    )
                return redirect(_url(employee))
    return form_page(  # type: ignore[no-any-return] # a response
        request,
        form,
        template="people/leave.html",
        employee=employee,
        form_title=_("%(name)s has left") % {"name": employee.name},
        breadcrumbs=[
            {"label": _("Employees"), "url": reverse("people")},
            {"label": employee.number, "url": _url(employee)},
            {"label": _("Leaving")},
        ],
        held=[{"label": kind.label, "count": count} for kind, count in held],
        leads=listed(Team.objects.filter(leader=employee).values_list("name", flat=True)),
        reports=Employee.objects.filter(supervisor=employee, status=EmployeeStatus.IN_POST).count(),
        has_account=hasattr(employee, "account"),
        fieldsets=[{"fields": [form["left_on"], form["hand_over_to"]]}],
        cancel_url=_url(employee),
        save_label=_("Mark as left"),
        **context,
    )


def _leave(actor: Actor, employee: Employee, form: Any, version: int) -> Any:
    heir = form.cleaned_data["hand_over_to"]
    return employee_leave(
        actor=actor,
        employee_id=employee.pk,
        left_on=form.cleaned_data["left_on"],
        hand_over_to=heir.pk if heir is not None else None,
        expected_version=version,
    )


@page("people.employee.view")
@require_http_methods(["GET", "HEAD", "POST"])
def employee_return_view(request: HttpRequest, pk: int) -> HttpResponse:
    """Take a leaver back into post, after asking."""
    actor = actor_of(request)
    employee: Employee = Employee.objects.reachable(actor, pk, "change")
    if request.method == "POST":
        employee_return(actor=actor, employee_id=pk, expected_version=version_of(request))
        messages.success(request, _("%(name)s is in post again.") % {"name": employee.name})
        return redirect(_url(employee))
    return render(
        request,
        "screens/confirm.html",
        {
            "confirm": {
                "title": _("%(name)s is back") % {"name": employee.name},
                "subject": employee.number,
                "text": _(
                    "The person can own records again. The sign-in stays closed until an administrator opens it."
                ),
                "button": _("Is back in post"),
            },
            "version": employee.version,
            "cancel_url": _url(employee),
        },
    )
