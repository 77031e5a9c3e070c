"""Settings page of the number schemes: form, counter and next number of each; another form (CUS-2, SYS-4)."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_safe

from dossier.core.access import Actor
from dossier.core.errors import NotFound, Refusal, Stale
from dossier.core.history.reading import changes
from dossier.core.models import NumberScheme
from dossier.core.navigation import NavItem, nav
from dossier.core.number_schemes import (
    KIND,
    PREFIX_LONGEST,
    SchemeRow,
    outlook,
    scheme_change,
    scheme_row,
    scheme_rows,
)
from dossier.core.screens.forms import ParsedField, PlainField, RecordForm
from dossier.core.screens.lists import Cell
from dossier.core.screens.requests import actor_of, page, text_parameter
from dossier.core.screens.short_lists import UNKNOWN, ShortList, ShortRow, number_cell
from dossier.core.values import ValueProblem, halfwidth

_VIEW, _CHANGE = f"{KIND}.view", f"{KIND}.change"
_CHANGES_SHOWN = 10
_FORM = ("prefix", "width")


def _width(value: object) -> int:
    text = halfwidth(value)
    if not (text.isascii() and text.isdecimal() and len(text) < 4):
        raise ValueProblem("bad_count", value)
    return int(text)


class SchemeForm(RecordForm):
    """Prefix, digits, and why."""

    def __init__(self, *args: Any, actor: Actor, row: SchemeRow, **more: Any) -> None:
        super().__init__(*args, actor=actor, **more)
        attrs = {"autocomplete": "off", "class": "num"}
        signs = " ".join(row.numbered.extra)
        self.fields = {
            "prefix": PlainField(
                required=False,
                max_length=20,
                label=_("Prefix"),
                widget=forms.TextInput(attrs=attrs),
                help_text=_("At most %(longest)s letters, digits or these signs: %(signs)s")
                % {"longest": PREFIX_LONGEST, "signs": signs}
                if signs
                else _("At most %(longest)s letters or digits.") % {"longest": PREFIX_LONGEST},
            ),
            "width": ParsedField(
                _width,
                required=False,
                label=_("Digits"),
                widget=forms.TextInput(attrs={**attrs, "inputmode": "numeric"}),
                help_text=_("Shorter numbers are filled with zeros in front."),
            ),
            "reason": PlainField(
                required=False,
                max_length=200,
                label=_("Reason"),
                widget=forms.Textarea(attrs={"rows": 2}),
                help_text=_("Kept in the history with your name and the time."),
            ),
        }
        for name in ("width", "reason"):
            self.fields[name].must = True  # type: ignore[attr-defined] # read by the field template
        self.fields["reason"].css = "field-wide"  # type: ignore[attr-defined] # read by the field template

    def clean_width(self) -> int:
        """The number of digits, which must be given."""
        width = self.cleaned_data.get("width")
        if width is None:
            raise forms.ValidationError(_("Give the number of digits."), code="missing")
        return int(width)


@require_safe
@page(_VIEW)
def number_list(request: HttpRequest) -> HttpResponse:
    """Every scheme with its next number."""
    actor = actor_of(request)
    may_change = actor.can(KIND, "change")
    rows = [
        ShortRow(
            _cells(row, may_change), reverse("number", args=[row.scheme.key]) if may_change else ""
        )
        for row in scheme_rows(actor)
    ]
    digits, counter = _("Digits"), _("Counter")
    return ShortList(
        title=_("Number schemes"),
        subtitle=_(
            "How new numbers are formed. Numbers already given never change and are never given again."
        ),
        columns=[_("What is numbered"), _("Prefix"), digits, counter, _("Next number")],
        ends=[digits, counter],
        rows=rows,
        icon="number",
        empty_title=_("Nothing is numbered here"),
        empty_text=_(
            "Number schemes come with the departments of the program; they are made when it starts."
        ),
    ).view(request)


def _cells(row: SchemeRow, may_change: bool) -> list[Cell]:
    scheme = row.scheme
    url = reverse("number", args=[scheme.key]) if may_change else ""
    return [
        {"text": str(row.numbered.label), "url": url},
        {"text": scheme.prefix, "css": "num"} if scheme.prefix else UNKNOWN,
        number_cell(scheme.width),
        number_cell(scheme.highest) if scheme.highest else UNKNOWN,
        {"html": format_html("<strong>{}</strong>", row.next), "css": "num"}
        if row.next
        else {"text": row.refusal, "badge": "red"},
    ]


@require_http_methods(["GET", "HEAD", "POST"])
@page(_CHANGE)
def number_edit(request: HttpRequest, key: str) -> HttpResponse:
    """Another prefix or number of digits; the next number is shown before."""
    actor = actor_of(request)
    row = scheme_row(actor, key)
    scheme = row.scheme
    seen, conflict = (scheme.prefix, scheme.width), []
    start = {"prefix": scheme.prefix, "width": str(scheme.width)}
    form = SchemeForm(actor=actor, row=row, initial=start)
    if request.method == "POST":
        seen = _seen(request)
        form = SchemeForm(_chosen(request, seen), actor=actor, row=row)
        if form.is_valid():
            try:
                scheme_change(actor=actor, key=key, seen=seen, **form.cleaned_data)
            except Stale as stale:
                conflict = _conflict(form, stale, seen)
                theirs = {i["name"]: i["theirs"] for i in conflict if i["choice"] == "theirs"}
                form = SchemeForm(form.cleaned_data | theirs, actor=actor, row=row)
                seen = (scheme.prefix, scheme.width)
            except NotFound:
                raise
            except Refusal as refusal:
                form.refuse(refusal)
            else:
                messages.success(request, _("Saved."))
                return redirect("numbers")
    title = str(row.numbered.label)
    return render(
        request,
        "core/number.html",
        {
            "row": row,
            "form": form,
            "form_title": title,
            "fieldsets": [{"fields": list(form)}],
            "version": f"{seen[0]}|{seen[1]}",
            "conflict": conflict,
            "changes": _changes(scheme),
            "cancel_url": reverse("numbers"),
            "breadcrumbs": [
                {"label": _("Number schemes"), "url": reverse("numbers")},
                {"label": title, "url": ""},
            ],
            **_preview(row, _typed(form, "prefix"), _typed(form, "width")),
        },
        status=409 if conflict else 422 if request.method == "POST" else 200,
    )


@require_safe
@page(_CHANGE)
def number_preview(request: HttpRequest, key: str) -> HttpResponse:
    """The next number of a form that is being typed, or why there is none; a part of the page."""
    row = scheme_row(actor_of(request), key)
    typed = [text_parameter(request, name, longest=40) for name in _FORM]
    return render(request, "core/_number_preview.html", _preview(row, *typed))


def _typed(form: SchemeForm, name: str) -> str:
    return str(form[name].value() or "")


def _preview(row: SchemeRow, prefix: str, width: str) -> dict[str, Any]:
    try:
        return {"outlook": outlook(row.scheme, row.numbered, prefix=prefix, width=_width(width))}
    except ValueProblem:
        return {"refusal": _("Give the number of digits.")}
    except Refusal as refusal:
        return {"refusal": refusal.message}


def _seen(request: HttpRequest) -> tuple[str, int]:
    """The form the editor saw; one that fits no scheme where the page lost it."""
    prefix, _bar, width = request.POST.get("version", "").rpartition("|")
    known = width.isascii() and width.isdecimal() and len(width) < 4
    return prefix, int(width) if known else -1


def _chosen(request: HttpRequest, seen: tuple[str, int]) -> QueryDict:
    """What was sent, with theirs where a conflict was settled so; the version carries theirs then."""
    data = request.POST.copy()
    for name, theirs in zip(_FORM, seen, strict=True):
        if data.get(f"choose_{name}") == "theirs":
            data[name] = str(theirs)
    return data


def _conflict(form: SchemeForm, stale: Stale, seen: tuple[str, int]) -> list[dict[str, Any]]:
    was = dict(zip(_FORM, seen, strict=True))
    return [
        {
            "name": name,
            "label": form.fields[name].label,
            "base": "" if was["width"] == -1 else str(was[name]),
            "theirs": str(stale.params["theirs"][name]),
            "theirs_value": stale.params["theirs"][name],
            "mine": str(form.cleaned_data[name]),
            "mine_value": form.cleaned_data[name],
            # who did not touch a field gets what stands there now, as on every edit page
            "choice": "theirs" if str(form.cleaned_data[name]) == str(was[name]) else "mine",
        }
        for name in _FORM
        if stale.params["theirs"][name] != form.cleaned_data[name]
    ]


def _changes(scheme: NumberScheme) -> list[dict[str, Any]]:
    """The latest changes of the form, newest first, each with an example before and after."""
    found: list[dict[str, Any]] = []
    prefix, width = "", 0
    for change in changes(scheme):
        before = _example(prefix, width)
        prefix = str(change.after.get("prefix", prefix))
        width = int(change.after.get("width", width))
        if change.op == "U":
            found.append(
                {
                    "at": change.at,
                    "who": change.who,
                    "why": change.why,
                    "before": before,
                    "after": _example(prefix, width),
                }
            )
    return found[: -_CHANGES_SHOWN - 1 : -1]


def _example(prefix: str, width: int) -> str:
    return f"{prefix}{1:0{width}d}"


nav(
    NavItem(
        url_name="numbers",
        label=gettext_lazy("Number schemes"),
        icon="number",
        order=78,
        permission=_VIEW,
        group=gettext_lazy("Settings"),
        prefix="/settings/numbers/",
    )
)
