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
    since: int,
    covered: Collection[str] = (),
    more: Collection[Line] = (),
) -> tuple[AnyForm, dict[str, Any]]:
    """The form begun anew on the present version, and what its page shows of the conflict.

    ``make`` makes a form of posted values; ``form`` is what was typed (valid, its data a copy); ``base``
    is what it had shown, of version ``since``; ``present`` is a fresh form of the row as it is now;
    ``covered`` are fields the reader may not see; ``more`` are lines of what is no field of the form.
    """
    data: Any = form.data
    now = base_of(present)
    changed = changed_since(row, since) if covered else frozenset()
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


def _offer(field: forms.Field, *values: str) -> None:
    """Let a look-up show either choice with its name."""
    offer = getattr(field, "offer", None)
    if offer is None:
        return
    choices: dict[str, str] = dict(field.choices_now()) if hasattr(field, "choices_now") else {}
    for value in values:
        choices |= dict(_names(field, value.split(" ") if _several(field) else value))
    widget: Any = field.widget
    widget.choices = [*widget.choices, *choices.items()]


def _several(field: forms.Field) -> bool:
    return isinstance(field.widget, forms.SelectMultiple)
