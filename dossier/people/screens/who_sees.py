"""The page "Who can see this and why" of a record (ORG-4)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.html import format_html, format_html_join
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext, pgettext
from django.views.decorators.http import require_safe

from dossier.core.access import Actor
from dossier.core.screens.lists import Cell
from dossier.core.screens.requests import actor_of, int_parameter, page, text_parameter
from dossier.core.templatetags.look import icon
from dossier.people.access import ONESELF
from dossier.people.models import Employee
from dossier.people.screens.lookups import matching_people
from dossier.people.who_sees import (
    CHANGE,
    COVERED,
    SEE,
    Covered,
    Explanation,
    Reason,
    Refused,
    Seer,
    Subject,
    menu_item,
    subject,
    subject_of,
)

_PER_PAGE = 50
_ASKED_FOR = 20  # people named by a search, of whom it is said that they do not see the record
_COLORS = {SEE: "blue", CHANGE: "green", COVERED: "orange"}


@require_safe
@page()
def who_sees(request: HttpRequest, key: str, pk: int) -> HttpResponse:
    """Who sees a record, changes it, and why; for everybody who sees the record."""
    actor = actor_of(request)
    kind = subject_of(key)
    row = kind.model._default_manager.reachable(actor, pk)  # type: ignore[attr-defined] # a ScopedManager
    found = Explanation(actor, kind, row)
    return render(request, "people/who_sees.html", _Page(request, actor, found, row).context())


class _Page:
    """What the page shows of an explanation, as its address asks for it."""

    def __init__(self, request: HttpRequest, actor: Actor, found: Explanation, row: Any) -> None:
        self.actor, self.found, self.row = actor, found, row
        self.kind: Subject = found.subject
        self.own = reverse("who-sees", args=[self.kind.key, row.pk])
        self.asked = {name: text_parameter(request, name) for name in ("q", "may", "because")}
        self.number = int_parameter(request, "page") or 1
        self.words: Mapping[str, str] = {
            SEE: _("see"),
            CHANGE: _("edit"),
            COVERED: str(self.kind.covered.may) if self.kind.covered else "",
        }

    def context(self) -> dict[str, Any]:
        """All that the template shows."""
        q, may, because = (self.asked[name] for name in ("q", "may", "because"))
        named = self._named(q) if q else []
        rows = [seer for seer in self.found.seers if self._fits(seer, {one.pk for one in named})]
        reasons = self.found.by_reason()
        label, url = self.kind.back()
        last = max(1, -(-len(rows) // _PER_PAGE))
        at = min(self.number, last)
        shown = rows[(at - 1) * _PER_PAGE : at * _PER_PAGE]
        closed = self.found.closed
        return {
            "subject": self.kind.title(self.row),
            "breadcrumbs": [
                {"label": label, "url": url},
                {"label": self.kind.title(self.row), "url": self.kind.url(self.row)},
                {"label": _("Who can see this"), "url": ""},
            ],
            "closed": closed,
            "covered": self.kind.covered.what if self.kind.covered else "",
            "everything_known": self.found.everything_known,
            "figures": [self._figure(right) for right in self._rights()],
            "reasons": {
                "columns": self._reason_columns(),
                "rows": [self._reason_row(*one) for one in reasons],
            },
            "people": {
                "columns": [
                    {"label": pgettext("of a person", "Name")},
                    {"label": _("Team")},
                    {"label": pgettext("is allowed to", "May")},
                    {"label": _("Because")},
                ],
                "rows": [self._person_row(seer) for seer in shown],
                "count": len(rows),
            },
            "chips": self._chips(reasons),
            "asked": self.asked,
            "narrowed": bool(q or may or because),
            "refused": {
                "columns": [
                    {"label": pgettext("of a person", "Name")},
                    {"label": _("Team")},
                    {"label": _("Why not")},
                ],
                "rows": [self._refused_row(one) for one in self.found.refused(named)]
                if not may and not because
                else [],
            },
            "clear_url": self.own,
            "pager": self._pager(len(rows), at, last),
        }

    def _rights(self) -> list[str]:
        return [SEE, CHANGE, *([COVERED] if self.kind.covered else [])]

    def _named(self, q: str) -> list[Employee]:
        """Colleagues of whom the reader asks; those who left come last."""
        rows = matching_people(Employee.objects.for_user(self.actor), q)
        return list(rows.select_related("team").order_by("status", "number")[:_ASKED_FOR])

    def _fits(self, seer: Seer, named: set[int]) -> bool:
        q, may, because = (self.asked[name] for name in ("q", "may", "because"))
        person = seer.person
        names = {person.actor.login.lower(), person.name.lower()}
        if q and person.employee_id not in named and q.lower() not in names:
            return False
        if because and because not in {
            reason.key for reason, rights in seer.rights.items() if not may or may in rights
        }:
            return False
        return not may or seer.may(may)

    def _url(self, **changed: str | int) -> str:
        wanted = {name: value for name, value in {**self.asked, **changed}.items() if value}
        return f"{self.own}?{urlencode(wanted)}" if wanted else self.own

    # The parts ---------------------------------------------------------------------------------------

    def _figure(self, right: str) -> dict[str, Any]:
        labels = {
            SEE: _("People who see it"),
            CHANGE: _("People who may edit it"),
            COVERED: _("People who may %(may)s") % {"may": self.words[COVERED]},
        }
        on = self.asked["may"] == right
        return {
            "label": labels[right],
            "value": self.found.count(right),
            "url": self._url(may="" if on else right, because=""),
            "on": on,
        }

    def _reason_columns(self) -> list[dict[str, Any]]:
        return [
            {"label": _("Reason")},
            *(
                {"label": self.words[right].capitalize(), "css": "text-end"}
                for right in self._rights()
            ),
        ]

    def _reason_row(self, reason: Reason, counts: Mapping[str, int]) -> dict[str, Any]:
        url = self._url(because=reason.key, may="", q="")
        cells: list[Cell] = [{"text": reason.text, "url": url}]
        for right in self._rights():
            number = counts[right]
            cells.append({"text": str(number) if number else "—", "css": "text-end num"})
        on = reason.key == self.asked["because"]
        return {"cells": cells, "css": "why-on" if on else ""}

    def _person_row(self, seer: Seer) -> dict[str, Any]:
        person = seer.person
        name: Cell = {"text": person.name}
        if person.employee_id is not None and self.actor.can("people.employee", "view"):
            name["url"] = reverse("employee", args=[person.employee_id])
        if person.actor.account_id == self.actor.account_id:
            name = {
                "html": format_html(
                    '{} <span class="badge bg-secondary-lt">{}</span>', person.name, _("you")
                )
            }
        team = self.found.company.named(person.team_id) if person.team_id is not None else ""
        may = format_html_join(
            " ",
            '<span class="badge bg-{}-lt">{}</span>',
            ((_COLORS[one], self.words[one]) for one in self._rights() if seer.may(one)),
        )
        return {
            "cells": [
                name,
                {"text": team or "—", "css": "" if team else "unknown"},
                {"html": may},
                {"html": self._reasons(seer), "css": "wrap"},
            ]
        }

    def _reasons(self, seer: Seer) -> str:
        return format_html(
            '<ul class="why">{}</ul>',
            format_html_join(
                "",
                "<li>{} <small>{}</small></li>",
                (
                    (reason.text, self._rights_of(rights))
                    for reason, rights in sorted(
                        seer.rights.items(), key=lambda one: (one[0].rank, one[0].text)
                    )
                ),
            ),
        )

    def _rights_of(self, rights: Mapping[str, list[str]]) -> str:
        """What a reason lets do, and by which roles: "see, edit · Salesperson"."""
        done = _(", ").join(self.words[one] for one in self._rights() if one in rights)
        roles = _(", ").join(dict.fromkeys(name for names in rights.values() for name in names))
        return f"{done} · {roles}" if roles else done

    def _refused_row(self, refused: Refused) -> dict[str, Any]:
        one = refused.employee
        return {
            "cells": [
                {"text": one.name, "url": reverse("employee", args=[one.pk])},
                {"text": self.found.company.named(one.team_id) if one.team_id else "—"},
                {
                    "html": format_html(
                        "{}<strong>{}</strong> {}",
                        icon("eye-off"),
                        pgettext("answer", "No."),
                        refused.text,
                    ),
                    "css": "why-not wrap",
                },
            ]
        }

    def _chips(self, reasons: list[tuple[Reason, Mapping[str, int]]]) -> list[dict[str, str]]:
        texts = {reason.key: reason.text for reason, _counts in reasons}
        shown = {
            "q": (pgettext("of a person", "Name"), self.asked["q"]),
            "may": (pgettext("is allowed to", "May"), self.words.get(self.asked["may"], "—")),
            "because": (_("Reason"), texts.get(self.asked["because"], "—")),
        }
        return [
            {"label": label, "value": value, "remove_url": self._url(**{name: ""})}
            for name, (label, value) in shown.items()
            if self.asked[name]
        ]

    def _pager(self, count: int, at: int, last: int) -> dict[str, str]:
        people = ngettext("%(count)s person", "%(count)s people", count) % {"count": count}
        return {
            "count_text": people,
            "prev_url": self._url(page=at - 1) if at > 1 else "",
            "next_url": self._url(page=at + 1) if at < last else "",
        }


subject(
    Subject(
        key="employee",
        model=Employee,
        title=lambda row: f"{row.name} {row.number}",
        url=lambda row: reverse("employee", args=[row.pk]),
        back=lambda: (_("Employees"), reverse("people")),
        covered=Covered(
            what=gettext_lazy(
                "The mobile number is covered. The person reads it plainly; others uncover it, and that is recorded."
            ),
            may=gettext_lazy("uncover values"),
            permission="people.employee.unmask",
            freely=ONESELF,
        ),
    )
)

__all__ = ["menu_item", "who_sees"]
