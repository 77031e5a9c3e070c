"""Stale edits: what stood before, what they saved and what is typed here, each as people read it (law 4).

Nothing typed is lost: the form begins anew on the present version with one's own values, and what was
left untouched takes theirs. Of a covered value it is said that it was changed, never what it is.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Mapping
from decimal import Decimal
from typing import Any, TypeVar

from django import forms
from django.db import models
from django.http import QueryDict
from django.utils.dateparse import parse_date
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from dossier.core.bilingual import listed
from dossier.core.fields import FieldSpec, Kind, display, display_value
from dossier.core.models import HistoryEntry
from dossier.core.screens.edits import (
    NONE,
    Text,
    answered_none,
    base_of,
    names_of,
    text_of,
    write_base,
)
from dossier.core.screens.forms import RecordForm

AnyForm = TypeVar("AnyForm", bound=forms.BaseForm)
Line = dict[str, Any]
COVERED = "••••"
_NUMBER = re.compile(r"-?[0-9]{1,24}(\.[0-9]{1,12})?")
_MOST_ENTRIES = 500
_MARK = "#history"
_KEY = re.compile(r"[0-9]{1,18}")


def with_choices(posted: QueryDict, base: Mapping[str, Any]) -> QueryDict:
    """The posted values, with 'theirs' put where it was chosen on the conflict page.

    A value typed after choosing stays.
    """
    data = posted.copy()
    for name, theirs in base.items():
        if posted.get(f"choose_{name}") != "theirs":
            continue
        mine = posted.get(f"mine_{name}")
        if mine is None or _typed(posted, name) in (_lines(mine), _typed_as(theirs)):
            _put(data, name, theirs, name in base.get(NONE, ()))
    return data


def anew(
    make: Callable[[QueryDict], AnyForm],
    form: AnyForm,
    *,
    base: Mapping[str, Any],
    present: AnyForm,
    row: models.Model,
    covered: Collection[str] = (),
    more: Collection[Line] = (),
) -> tuple[AnyForm, dict[str, Any]]:
    """The form begun anew on the present version, and what its page shows of the conflict.

    ``make`` makes a form of posted values; ``form`` is what was typed (valid, its data a copy); ``base``
    is what it had shown; ``present`` is a fresh form of the row as it is now;
    ``covered`` are fields the reader may not see; ``more`` are lines of what is no field of the form.
    """
    data: Any = form.data
    now = base_of(present)
    changed: Collection[str] = ()
    if covered:
        now |= mark(row)
        changed = _changed_since(row, base.get(_MARK))
    found = [*_compare(form, data, base, now, covered, changed), *more]
    fresh = make(data)
    fresh.is_valid()
    for line in found:
        field = fresh.fields.get(line["name"])
        if field is not None and not line["fixed"]:
            _offer(field, line["theirs_value"], line["mine_value"])
    context = {
        "conflict": found or [other_fields()],
        "version": getattr(row, "version", ""),
        "base": write_base(now),
        **changed_by(row),
    }
    return fresh, context


def _compare(
    form: forms.BaseForm,
    data: QueryDict,
    base: Mapping[str, Any],
    now: Mapping[str, Any],
    covered: Collection[str],
    changed: Collection[str],
) -> list[Line]:
    """Lines of the conflict; ``data`` takes their values where one's own were not touched."""
    mine_none = answered_none(form, base) if isinstance(form, RecordForm) else []
    found = []
    for name in names_of(form):
        field = form.fields[name]
        typed = _typed(data, name)
        mine = (text_of(field, form.cleaned_data.get(name)), name in mine_none)
        was, theirs = _state(name, base), _state(name, now)
        untouched = mine == was
        if untouched:
            _put(data, name, *theirs)
        if name in covered:
            if name in changed:
                found.append(_covered(form, name, mine[0], typed))
            continue
        if theirs in (was, mine):
            continue
        found.append(
            {
                "name": name,
                "label": field.label,
                "base": _shown(form, name, *was),
                "theirs": _shown(form, name, *theirs),
                "theirs_value": _joined(theirs[0]),
                "theirs_none": theirs[1],
                "mine": _shown(form, name, *mine),
                "mine_value": _joined(mine[0]),
                "mine_none": mine[1],
                "typed": None if isinstance(field, forms.BooleanField) else typed,
                "choice": "theirs" if untouched else "mine",
                "fixed": False,
            }
        )
    return found


def note(label: Any, *, base: str = "", theirs: str = "", mine: str = "", name: str = "") -> Line:
    """A line that only tells; there is nothing to choose."""
    told = {"name": name, "label": label, "base": base, "theirs": theirs, "mine": mine}
    return told | {"theirs_value": "", "mine_value": "", "choice": "theirs", "fixed": True}


def other_fields() -> Line:
    """Said when what they changed is no input of this form."""
    return note(_("Other fields"), theirs=_("changed"))


def _covered(form: forms.BaseForm, name: str, mine: Text, typed: str) -> Line:
    """A covered value was changed: said without the value. Left blank here, theirs stays."""
    told = note(
        form.fields[name].label, base=COVERED, theirs=_("changed, but covered for you"), name=name
    )
    if not mine:
        return told
    own = {"mine": _shown(form, name, mine, False), "mine_value": _joined(mine), "typed": typed}
    return told | own | {"choice": "mine", "fixed": False}


def _state(name: str, texts: Mapping[str, Any]) -> tuple[Text, bool]:
    """A field's text and whether it is answered 'not applicable'."""
    return texts.get(name, ""), name in texts.get(NONE, ())


def _put(data: QueryDict, name: str, text: Text, none: bool) -> None:
    data.setlist(name, text if isinstance(text, list) else [text])
    data[f"na_{name}"] = "1" if none else ""


def _lines(text: str) -> str:
    return text.replace("\r\n", "\n")


def _typed(data: QueryDict, name: str) -> str:
    """What an input holds, as the browser sent it."""
    return _lines(_joined(data.getlist(name)))


def _typed_as(text: Text) -> str:
    return _lines(_joined(text))


def _joined(text: Text) -> str:
    """A text as the page's script sets it; keys of several chosen are parted by blanks."""
    return " ".join(sorted(text)) if isinstance(text, list) else text


def _labels(field: Any, text: Text) -> dict[str, str]:
    """The records a look-up's text names, by key, each as a person reads it; only what the actor may choose."""
    field.offer(text)
    return {str(key): str(label) for key, label in field.widget.choices if str(key)}


def _offer(field: Any, *texts: str) -> None:
    """Let a look-up show either choice with its name."""
    if not hasattr(field, "offer"):
        return
    several = isinstance(field.widget, forms.SelectMultiple)
    found: dict[str, str] = {}
    for text in texts:
        found |= _labels(field, text.split() if several else text)
    field.widget.choices = [*([] if several else [("", "")]), *found.items()]


def _shown(form: forms.BaseForm, name: str, text: Text, none: bool) -> str:
    """A form's text as a person reads it: names for codes, labels for choices, days, amounts."""
    field: Any = form.fields[name]
    if none:
        return pgettext("known not to apply", "None")
    if isinstance(field, forms.BooleanField):
        return _("Yes") if text else _("No")
    if not text:
        return ""
    if hasattr(field, "offer"):
        return listed(_labels(field, text).values()) or "…"
    if isinstance(text, list):  # what came back is not what the form had sent
        return listed(text)
    if isinstance(field, forms.ChoiceField):
        return str(dict(field.choices).get(text, text))  # type: ignore[arg-type] # pairs
    spec = next((one for one in getattr(form, "specs", ()) if one.name == name), None)
    return text if spec is None else _measured(form, spec, text)


def _measured(form: Any, spec: FieldSpec, text: str) -> str:
    """A day or number as it is shown elsewhere; what is none stays as it came."""
    if spec.kind is Kind.DATE:
        try:
            return display_value(spec.kind, parse_date(text)) or text
        except ValueError:
            return text
    if spec.kind not in (Kind.MONEY, Kind.NUMBER, Kind.COUNT) or not _NUMBER.fullmatch(text):
        return text
    number = Decimal(text)
    if spec.value is not None:
        return display(spec, form.model(**{spec.name: number}))
    return display_value(spec.kind, number) + (f" {spec.unit}" if spec.unit else "")


def _last(row: models.Model) -> HistoryEntry | None:
    return _entries(row).select_related("transaction").order_by("-id").first()


def _entries(row: models.Model) -> models.QuerySet[HistoryEntry]:
    return HistoryEntry.objects.filter(table_name=row._meta.db_table, row_id=str(row.pk))


def mark(row: models.Model) -> dict[str, str]:
    """How far the row's history goes, kept with the base where values are covered."""
    last = _last(row)
    return {_MARK: str(last.pk) if last else "0"}


def _changed_since(row: models.Model, marked: object) -> frozenset[str]:
    """Columns of the row that were changed after the mark; all that ever were where it is lost."""
    known = isinstance(marked, str) and _KEY.fullmatch(marked)
    later = _entries(row).filter(op="U", id__gt=int(str(marked)) if known else 0)
    found = later.order_by("-id").values_list("after", flat=True)[:_MOST_ENTRIES]
    return frozenset(name for after in found for name in after or ())


def changed_by(row: models.Model) -> dict[str, Any]:
    """Who changed a record last, and when, for the page of the conflict."""
    last = _last(row)
    if last is None:
        return {}
    context = last.transaction.context or {}
    return {
        "conflict_by": str(context.get("name") or context.get("login") or ""),
        "conflict_at": last.transaction.at,
    }


def changed_fields(row: models.Model) -> list[str]:
    """The columns that the last change of a record touched."""
    last = _last(row)
    unsaid = {"version", "updated_at"}
    return [name for name in (last.after or ()) if name not in unsaid] if last is not None else []
