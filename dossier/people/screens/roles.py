"""Settings: roles, each a matrix of object kinds and actions with a reach (ORG-3, ORG-4)."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.db.models import Count
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import pgettext
from django.views.decorators.http import require_http_methods, require_POST

from dossier.core.access import kinds
from dossier.core.errors import NotFound, Refusal, Stale
from dossier.core.screens.forms import once_token
from dossier.core.screens.lists import Cell
from dossier.core.screens.requests import actor_of, page, version_of
from dossier.core.screens.short_lists import ShortList, ShortRow, number_cell
from dossier.people.models import Role
from dossier.people.screens._common import token_of
from dossier.people.services import role_create, role_delete, role_update

_PREFIX = "g-"


@page("people.role.view")
@require_http_methods(["GET", "HEAD"])
def role_list(request: HttpRequest) -> HttpResponse:
    """All roles, with how many accounts have each."""
    actor = actor_of(request)
    ranked: list[Any] = list(
        Role.objects.for_user(actor).annotate(
            people=Count("accounts", distinct=True), rights=Count("grants", distinct=True)
        )
    )

    def row(role: Any) -> ShortRow:
        url = reverse("role", args=[role.pk])
        held = f"{reverse('accounts')}?role={role.key}" if role.people else ""
        origin = _("shipped") if role.is_shipped else pgettext("a role of the company", "own")
        cells: list[Cell] = [
            {"text": str(role), "url": url},
            number_cell(role.people, held),
            number_cell(role.rights),
            {"text": origin, "css": "muted"},
        ]
        return ShortRow(cells, url)

    accounts, rights = _("Accounts"), _("Rights")
    return ShortList(
        title=_("Roles"),
        subtitle=_(
            "A role says what may be done with each kind of record, and how far that reaches."
        ),
        columns=[_("Role"), accounts, rights, _("Origin")],
        ends=[accounts, rights],
        rows=[row(role) for role in sorted(ranked, key=lambda role: (role.is_shipped, role.pk))],
        create_url=reverse("role-new") if actor.can("people.role", "change") else "",
        create_label=_("New role"),
        icon="shield",
        empty_title=_("No roles yet"),
        empty_text=_("Roles come with the program when it starts."),
    ).view(request)


@page("people.role.change")
@require_http_methods(["GET", "HEAD", "POST"])
def role_new(request: HttpRequest) -> HttpResponse:
    """Make a role, empty or like another one."""
    actor = actor_of(request)
    token = token_of(request) or once_token()
    like = request.GET.get("like", "")
    grants = (
        _grants_of(Role.objects.filter(pk=int(like)).first())
        if like.isascii() and like.isdecimal() and len(like) < 19
        else {}
    )
    name, error = "", None
    if request.method == "POST":
        grants, name = _posted(request), request.POST.get("name", "")[:200]
        try:
            role = role_create(actor=actor, name=name, grants=grants, submission=token)
        except Refusal as refusal:
            error = refusal
        else:
            messages.success(request, _("Role “%(name)s” is made.") % {"name": role.name})
            return redirect("role", pk=role.pk)
    return _matrix(request, None, grants, name=name, error=error, once_token=token)


@page("people.role.view")
@require_http_methods(["GET", "HEAD", "POST"])
def role_edit(request: HttpRequest, pk: int) -> HttpResponse:
    """What a role may do, in one form; shown unchangeable to those who only look."""
    actor = actor_of(request)
    role: Role = Role.objects.reachable(actor, pk)
    if request.method != "POST":
        return _matrix(request, role, _grants_of(role), name=role.name, version=role.version)
    grants, name = _posted(request), request.POST.get("name", role.name)[:200]
    version = version_of(request)
    error: Refusal
    try:
        role_update(actor=actor, role_id=pk, name=name, grants=grants, expected_version=version)
    except NotFound:
        raise
    except Stale as stale:
        role.refresh_from_db()
        error, version = stale, role.version
    except Refusal as refusal:
        if refusal.code == "not_allowed":
            raise
        error = refusal
    else:
        messages.success(request, _("Saved. It holds from everybody's next click on."))
        return redirect("role", pk=pk)
    return _matrix(request, role, grants, name=name, version=version, error=error)


@page("people.role.change")
@require_POST
def role_delete_view(request: HttpRequest, pk: int) -> HttpResponse:
    """Remove a role of the company's own."""
    try:
        role_delete(actor=actor_of(request), role_id=pk)
    except NotFound:
        raise
    except Refusal as refusal:
        messages.error(request, refusal.message)
        return redirect("role", pk=pk)
    messages.success(request, _("The role is removed."))
    return redirect("roles")


def _posted(request: HttpRequest) -> dict[str, str]:
    """Grants as the form sends them: ``g-<kind>.<action>`` = scope; blank ones grant nothing."""
    return {
        name.removeprefix(_PREFIX)[:100]: str(scope)[:20]
        for name, scope in request.POST.items()
        if name.startswith(_PREFIX) and scope
    }


def _grants_of(role: Role | None) -> dict[str, str]:
    if role is None:
        return {}
    return {f"{grant.kind}.{grant.action}": grant.scope for grant in role.grants.all()}


def _matrix(
    request: HttpRequest,
    role: Role | None,
    grants: dict[str, str],
    *,
    error: Refusal | None = None,
    **context: Any,
) -> HttpResponse:
    actor = actor_of(request)
    sections = [
        {
            "label": kind.label,
            "actions": [
                {
                    "name": f"{_PREFIX}{kind.key}.{action}",
                    "label": label,
                    "value": grants.get(f"{kind.key}.{action}", ""),
                }
                for action, label in kind.actions.items()
            ],
            "scopes": [(scope.value, scope.label) for scope in kind.scopes],
        }
        for kind in kinds()
    ]
    title = str(role) if role is not None else _("New role")
    status = 409 if isinstance(error, Stale) else 422 if error is not None else 200
    return render(
        request,
        "people/role.html",
        {
            "role": role,
            "title": title,
            "sections": sections,
            "error": error,
            "may_change": actor.can("people.role", "change"),
            "accounts": list(role.accounts.select_related("employee").order_by("login")[:30])
            if role
            else [],
            "cancel_url": reverse("roles"),
            "breadcrumbs": [{"label": _("Roles"), "url": reverse("roles")}, {"label": title}],
            **context,
        },
        status=status,
    )
