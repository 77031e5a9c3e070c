"""The administrator's page of backups: how they stand, the last ones, the plan (SYS).

It shows and asks; it hands out no backup and restores none. Both need the machine itself.
"""

from __future__ import annotations

from datetime import datetime, time
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST

from dossier.core.access import Actor
from dossier.core.backup import home
from dossier.core.backup.health import State, health
from dossier.core.backup.runs import backup_ask, folder_is_in_home, plan, plan_change, under_way
from dossier.core.errors import NotAllowed, Refusal
from dossier.core.models import BackupRun, Restoration
from dossier.core.navigation import NavItem, nav
from dossier.core.screens.forms import ParsedField, RecordForm
from dossier.core.screens.requests import actor_of, page, version_of
from dossier.core.values import ValueProblem, halfwidth

_VIEW, _CHANGE = "core.backup.view", "core.backup.change"
_SHOWN = 20

nav(
    NavItem(
        "backups",
        gettext_lazy("Backups"),
        "database-export",
        order=87,
        permission=_VIEW,
        group=gettext_lazy("Settings"),
        prefix="/settings/backups/",
    )
)

# What a run's problem means to somebody who reads the page.
PROBLEMS = {
    "no_room": gettext_lazy("The disk is full. Make room; it is tried again each hour."),
    "folder_unusable": gettext_lazy("The folder of backups cannot be written to."),
    "passphrase_short": gettext_lazy("The passphrase is too short."),
    "backup_damaged": gettext_lazy(
        "The file just written could not be read back whole. Check the disk."
    ),
    "owner_needed": gettext_lazy("The program does not know the sign-in of the database's owner."),
    "tool_failed": gettext_lazy("The database could not be written out; the log says more."),
    "server_too_new": gettext_lazy("The database server is newer than the program's tools."),
    "file_exists": gettext_lazy("A file of that name was there already."),
    "backup_running": gettext_lazy("Another backup was being made."),
    "no_folder": gettext_lazy("The folder does not exist."),
}


@page(_VIEW)
@require_http_methods(["GET", "HEAD"])
def backups(request: HttpRequest) -> HttpResponse:
    """How backups stand, the last ones, restores, the plan."""
    return render(request, "backup/backups.html", _context(actor_of(request)))


@page(_VIEW)
@require_http_methods(["GET", "HEAD"])
def state(request: HttpRequest) -> HttpResponse:
    """The part that is fetched anew while a backup is made."""
    return render(request, "backup/_backups.html", _context(actor_of(request)))


@page(_CHANGE)
@require_POST
def ask(request: HttpRequest) -> HttpResponse:
    """Ask for a backup now."""
    try:
        backup_ask(actor=actor_of(request))
    except NotAllowed:
        raise
    except Refusal as refusal:
        messages.warning(request, refusal.message)
    return HttpResponseRedirect(reverse("backups"))


def _context(actor: Actor) -> dict[str, Any]:
    now = health()
    good = now.last_good
    kept = _kept()
    rule = plan()
    return {
        "may_change": actor.can("core.backup", "change"),
        "under_way": under_way(),
        "state": now.state.value,
        "bad": now.state in (State.FAILED, State.OLD),
        "last": now.last,
        "good": good,
        "problem": PROBLEMS.get(now.last.problem, now.last.problem) if now.last else "",
        "tiles": [
            (_("Backups kept"), f"{len(kept):,}"),
            (_("Size of the last one"), _size(good.size) if good else "—"),
            (_("Rows in it"), f"{good.rows:,}" if good else "—"),
            (_("Files in it"), f"{good.files:,}" if good else "—"),
        ],
        "plan": rule,
        "keeps": _("%(days)s days, %(weeks)s weeks, %(months)s months")
        % {"days": rule.keep_daily, "weeks": rule.keep_weekly, "months": rule.keep_monthly},
        "folder": str(home.default_folder()),
        "in_home": folder_is_in_home(),
        "encrypts": _encrypts(),
        "runs": [_shown(run) for run in BackupRun.objects.order_by("-began_at")[:_SHOWN]],
        "restorations": Restoration.objects.order_by("-pk")[:_SHOWN],
    }


def _encrypts() -> bool:
    try:
        return home.passphrase() is not None
    except Refusal:  # too short: the run says so
        return False


def _kept() -> list[str]:
    from dossier.core.backup.rules import made_at

    folder = home.default_folder()
    try:
        return [path.name for path in folder.iterdir() if made_at(path.name)]
    except OSError:  # not made so far, or not readable: none that we know of
        return []


def _shown(run: BackupRun) -> dict[str, Any]:
    if run.problem:
        text, color = _("failed"), "red"
    elif run.checked:
        text, color = _("made and read back"), "green"
    else:
        text, color = _("made"), "green"
    return {
        "run": run,
        "text": text,
        "color": color,
        "who": _("schedule") if run.scheduled else run.asked_by,
        "size": _size(run.size) if run.size else "",
        "rows": f"{run.rows:,}" if run.rows else "",
        "seconds": f"{(run.ended_at - run.began_at).total_seconds():.1f}",
        "problem": PROBLEMS.get(run.problem, run.problem) if run.problem else "",
    }


def _size(size: int) -> str:
    return f"{size / 1_000_000:,.1f} MB"


# -- the plan -------------------------------------------------------------------------------------------


def _time(value: object) -> time:
    text = halfwidth(value).replace(".", ":")
    try:
        return datetime.strptime(text, "%H:%M").time()  # noqa: DTZ007 - a time of day, no moment
    except ValueError:
        raise ValueProblem("bad_date", value) from None


def _count(value: object) -> int:
    text = halfwidth(value)
    if not (text.isascii() and text.isdecimal() and len(text) < 5):
        raise ValueProblem("bad_count", value)
    return int(text)


def _number(label: str, unit: str) -> ParsedField:
    widget = forms.TextInput(attrs={"inputmode": "numeric", "class": "text-end num"})
    made = ParsedField(_count, label=label, widget=widget)
    made.unit = unit  # type: ignore[attr-defined] # read by the field template
    return made


class PlanForm(RecordForm):
    """When, and how long backups are kept."""

    _MOST = {"keep_daily": (1, 365), "keep_weekly": (0, 520), "keep_monthly": (0, 240)}

    def __init__(self, *args: Any, actor: Actor, **more: Any) -> None:
        super().__init__(*args, actor=actor, **more)
        self.fields = {
            "enabled": forms.BooleanField(required=False, label=_("Make a backup every day")),
            "check_after": forms.BooleanField(
                required=False, label=_("Read each one back to its end and prove it whole")
            ),
            "at": ParsedField(
                _time,
                label=_("Time of day"),
                show=lambda value: f"{value:%H:%M}",
                widget=forms.TextInput(attrs={"class": "num", "placeholder": "02:30"}),
                help_text=_(
                    "When the program was down then, the backup is made as soon as it runs."
                ),
            ),
            "keep_daily": _number(_("Keep one a day for"), _("days")),
            "keep_weekly": _number(_("Keep one a week for"), _("weeks")),
            "keep_monthly": _number(_("Keep one a month for"), _("months")),
        }

    def clean(self) -> dict[str, Any]:
        """Numbers within what the database takes."""
        cleaned = super().clean()
        for name, (least, most) in self._MOST.items():
            value = cleaned.get(name)
            if value is not None and not least <= value <= most:
                self.add_error(
                    name,
                    _("From %(least)s to %(most)s.") % {"least": least, "most": most},
                )
        return cleaned


@page(_CHANGE)
@require_http_methods(["GET", "HEAD", "POST"])
def plan_edit(request: HttpRequest) -> HttpResponse:
    """Change the plan."""
    actor, rule = actor_of(request), plan()
    names = ("enabled", "at", "keep_daily", "keep_weekly", "keep_monthly", "check_after")
    form = PlanForm(actor=actor, initial={name: getattr(rule, name) for name in names})
    if request.method == "POST":
        form = PlanForm(request.POST, actor=actor)
        if form.is_valid():
            try:
                plan_change(actor=actor, expected_version=version_of(request), **form.cleaned_data)
            except NotAllowed:
                raise
            except Refusal as refusal:
                form.refuse(refusal)
            else:
                messages.success(request, _("Saved."))
                return redirect("backups")
    title = _("Plan of backups")
    return render(
        request,
        "screens/form.html",
        {
            "form": form,
            "form_title": title,
            "fieldsets": [{"fields": list(form)}],
            "version": rule.version,
            "cancel_url": reverse("backups"),
            "breadcrumbs": [
                {"label": _("Backups"), "url": reverse("backups")},
                {"label": title, "url": ""},
            ],
        },
        status=422 if request.method == "POST" else 200,
    )
