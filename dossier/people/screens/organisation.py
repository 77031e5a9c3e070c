"""Pages of teams and territories: two trees with their forms (ORG-2)."""

from __future__ import annotations

from collections.abc import Iterable
from functools import partial
from typing import Any

from django.contrib import messages
from django.db.models import Count, Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST

from dossier.core.access import Actor
from dossier.core.bilingual import listed
from dossier.core.errors import Refusal, Stale
from dossier.core.screens.conflict import anew, with_choices
from dossier.core.screens.edits import base_of, read_base, write_base
from dossier.core.screens.forms import once_token
from dossier.core.screens.lists import Cell
from dossier.core.screens.requests import actor_of, page, version_of
from dossier.core.screens.short_lists import UNKNOWN, ShortList, ShortRow, number_cell, tree_cell
from dossier.people.forms import ServiceForm, team_form, territory_form
from dossier.people.models import Team, Territory
from dossier.people.rules import tree_order
from dossier.people.screens._common import form_page, saved, token_of
from dossier.people.services import (
    team_create,
    team_update,
    territory_create,
    territory_delete,
    territory_update,
)
from dossier.people.states import EmployeeStatus

_SHOWN = 6


def _in_tree_order(rows: Iterable[Any]) -> list[tuple[Any, int]]:
    """The rows with their depth, parents before children."""
    by_key = {row.pk: row for row in rows}
    order = tree_order(
        {key: row.parent_id for key, row in by_key.items()},
        {key: row.name for key, row in by_key.items()},
    )
    return [(by_key[key], depth) for key, depth in order]


# Teams ---------------------------------------------------------------------------------------------------


@page("people.team.view")
@require_http_methods(["GET", "HEAD"])
def team_list(request: HttpRequest) -> HttpResponse:
    """The tree of teams with leaders and head counts."""
    actor = actor_of(request)
    people = Count("members", filter=Q(members__status=EmployeeStatus.IN_POST))
    teams = Team.objects.for_user(actor).select_related("leader").annotate(people=people)
    may_change = actor.can("people.team", "change")
    sees_people = actor.can("people.employee", "view")

    def row(team: Any, depth: int) -> ShortRow:
        url = reverse("team-edit", args=[team.pk]) if may_change else ""
        in_post = f"{reverse('people')}?status=in_post&team={team.pk}"
        state: Cell = (
            {"text": _("in use"), "badge": "green"}
            if team.is_active
            else {"text": _("closed"), "badge": "secondary"}
        )
        cells = [
            tree_cell(team.name, depth, url),
            {"text": team.leader.name} if team.leader else UNKNOWN,
            number_cell(team.people, in_post if sees_people and team.people else ""),
            state,
        ]
        return ShortRow(cells, url, "" if team.is_active else "archived")

    in_post = _("In post")
    return ShortList(
        title=_("Teams"),
        columns=[_("Team"), _("Leader"), in_post, _("Status")],
        ends=[in_post],
        rows=[row(team, depth) for team, depth in _in_tree_order(teams)],
        create_url=reverse("team-new") if may_change else "",
        create_label=_("New team"),
        icon="hierarchy-2",
        empty_title=_("No teams yet"),
        empty_text=_(
            "A leader sees the customers of his or her team and of all teams below it. Teams come in with the import of employees, too."
        ),
    ).view(request)


@page("people.team.change")
@require_http_methods(["GET", "HEAD", "POST"])
def team_new(request: HttpRequest) -> HttpResponse:
    """Make a team."""
    actor = actor_of(request)
    start = {"parent": request.GET.get("parent", "")[:19]}
    form = team_form(*_given(request), actor=actor, new=True, initial=start)
    token = token_of(request) or once_token()
    if request.method == "POST":
        made = saved(form, lambda: team_create(actor=actor, submission=token, **form.cleaned_data))
        if made is not None:
            messages.success(request, _("Team “%(name)s” is made.") % {"name": made.name})
            return redirect("teams")
    return _tree_form(
        request, form, title=_("New team"), back="teams", crumb=_("Teams"), once_token=token
    )


@page("people.team.change")
@require_http_methods(["GET", "HEAD", "POST"])
def team_edit(request: HttpRequest, pk: int) -> HttpResponse:
    """Edit a team."""
    actor = actor_of(request)
    team: Team = Team.objects.reachable(actor, pk, "change")
    make = partial(team_form, actor=actor, new=False)
    form = make(initial=_team_values(team))
    version, base = team.version, base_of(form)
    stale: dict[str, Any] = {}
    if request.method == "POST":
        version, base = version_of(request), read_base(request.POST.get("base", ""))
        form = make(with_choices(request.POST, base))
        try:
            done = saved(
                form,
                lambda: team_update(
                    actor=actor, team_id=pk, expected_version=version, **form.cleaned_data
                ),
            )
        except Stale:
            team.refresh_from_db()
            present = make(initial=_team_values(team))
            form, stale = anew(make, form, base=base, present=present, row=team)
        else:
            if done is not None:
                messages.success(request, _("Saved."))
                return redirect("teams")
    return _tree_form(
        request,
        form,
        title=_("Edit %(name)s") % {"name": team.name},
        back="teams",
        crumb=_("Teams"),
        **{"version": version, "base": write_base(base)} | stale,
    )


def _team_values(team: Team) -> dict[str, Any]:
    return {
        "name": team.name,
        "parent": team.parent_id,
        "leader": team.leader_id,
        "is_active": team.is_active,
    }


# Territories ---------------------------------------------------------------------------------------------


@page("people.territory.view")
@require_http_methods(["GET", "HEAD"])
def territory_list(request: HttpRequest) -> HttpResponse:
    """The tree of territories: their divisions, and whose they are."""
    actor = actor_of(request)
    rows = Territory.objects.for_user(actor).prefetch_related("regions", "teams", "employees")
    may_change = actor.can("people.territory", "change")

    def row(territory: Any, depth: int) -> ShortRow:
        url = reverse("territory-edit", args=[territory.pk]) if may_change else ""
        regions = sorted(territory.regions.all(), key=lambda region: region.pk)
        holders = [*territory.teams.all(), *territory.employees.all()]
        return ShortRow(
            [
                tree_cell(territory.name, depth, url),
                {"text": _names([region.full_name for region in regions]) or "—", "css": "wrap"},
                {"text": _names([holder.name for holder in holders]) or "—", "css": "wrap"},
            ],
            url,
        )

    return ShortList(
        title=_("Territories"),
        columns=[_("Territory"), _("Regions"), _("Teams and employees")],
        rows=[row(territory, depth) for territory, depth in _in_tree_order(rows)],
        create_url=reverse("territory-new") if may_change else "",
        create_label=_("New territory"),
        icon="map-2",
        empty_title=_("No territories yet"),
        empty_text=_(
            "A territory is a set of provinces, cities or districts. Give it to teams or employees whose role reaches their own territory."
        ),
    ).view(request)


def _names(names: list[str]) -> str:
    shown = listed(names[:_SHOWN])
    rest = len(names) - _SHOWN
    if rest <= 0:
        return shown
    return (
        shown + " " + ngettext("and %(count)s more", "and %(count)s more", rest) % {"count": rest}
    )


@page("people.territory.change")
@require_http_methods(["GET", "HEAD", "POST"])
def territory_new(request: HttpRequest) -> HttpResponse:
    """Make a territory."""
    actor = actor_of(request)
    form = territory_form(*_given(request), actor=actor)
    token = token_of(request) or once_token()
    if request.method == "POST":
        made = saved(
            form, lambda: territory_create(actor=actor, submission=token, **form.cleaned_data)
        )
        if made is not None:
            messages.success(request, _("Territory “%(name)s” is made.") % {"name": made.name})
            return redirect("territories")
    return _tree_form(
        request,
        form,
        title=_("New territory"),
        back="territories",
        crumb=_("Territories"),
        once_token=token,
    )


@page("people.territory.change")
@require_http_methods(["GET", "HEAD", "POST"])
def territory_edit(request: HttpRequest, pk: int) -> HttpResponse:
    """Edit a territory."""
    actor = actor_of(request)
    territory: Territory = Territory.objects.reachable(actor, pk, "change")
    make = partial(territory_form, actor=actor)
    form = make(initial=_territory_values(territory))
    version, base = territory.version, base_of(form)
    stale: dict[str, Any] = {}
    if request.method == "POST":
        version, base = version_of(request), read_base(request.POST.get("base", ""))
        form = make(with_choices(request.POST, base))
        try:
            done = saved(
                form,
                lambda: territory_update(
                    actor=actor,
                    territory_id=pk,
                    expected_version=version,
                    **form.cleaned_data,
                ),
            )
        except Stale:
            territory.refresh_from_db()
            present = make(initial=_territory_values(territory))
            form, stale = anew(make, form, base=base, present=present, row=territory)
        else:
            if done is not None:
                messages.success(request, _("Saved."))
                return redirect("territories")
    return _tree_form(
        request,
        form,
        title=_("Edit %(name)s") % {"name": territory.name},
        back="territories",
        crumb=_("Territories"),
        delete_url=reverse("territory-delete", args=[pk]),
        **{"version": version, "base": write_base(base)} | stale,
    )


def _territory_values(territory: Territory) -> dict[str, Any]:
    return {"name": territory.name, "parent": territory.parent_id} | {
        name: list(getattr(territory, name).values_list("pk", flat=True))
        for name in ("regions", "teams", "employees")
    }


@page("people.territory.change")
@require_POST
def territory_delete_view(request: HttpRequest, pk: int) -> HttpResponse:
    """Remove a territory."""
    actor: Actor = actor_of(request)
    try:
        territory_delete(actor=actor, territory_id=pk)
    except Refusal as refusal:
        if refusal.code != "has_parts":
            raise
        messages.error(request, refusal.message)
        return redirect("territory-edit", pk=pk)
    messages.success(request, _("The territory is removed."))
    return redirect("territories")


def _given(request: HttpRequest) -> list[Any]:
    return [request.POST] if request.method == "POST" else []


def _tree_form(
    request: HttpRequest, form: ServiceForm, *, title: str, back: str, crumb: str, **context: Any
) -> HttpResponse:
    return form_page(  # type: ignore[no-any-return] # a response
        request,
        form,
        template="people/tree_form.html",
        form_title=title,
        cancel_url=reverse(back),
        fieldsets=[{"fields": list(form)}],
        breadcrumbs=[{"label": crumb, "url": reverse(back)}, {"label": title}],
        **context,
    )
