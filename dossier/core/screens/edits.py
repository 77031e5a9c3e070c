"""What an edit form was begun from, kept in it as texts: which values a person touched, which not.

The kept texts (``base``) go to the browser and come back. They decide only what counts as touched, and
never hold more than the form showed, so one who alters them gains nothing.
"""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from django import forms
from django.db import models
from django.utils.translation import gettext as _

from dossier.core.access import Actor
from dossier.core.fields import FieldSpec, Kind
from dossier.core.screens.forms import RecordForm, RefField
from dossier.core.screens.lookups import get_lookup

Text = str | list[str]  # a value as text; a list of keys where several are chosen
NONE = "not_applicable"
_LONGEST = 400_000
_UNREADABLE = re.compile(r"[\x00\ud800-\udfff]")  # no text of the database or of a page holds these


def code_of(spec: FieldSpec, row: Any) -> str:
    """What a look-up field sends for a record."""
    return get_lookup(spec.lookup).value(row)


def text_of(field: forms.Field, value: Any) -> Text:
    """A value of a form as the text by which an edit is compared with what the form showed."""
    if isinstance(value, models.Model):
        assert isinstance(field, RefField)
        return field.lookup.value(value)
    if isinstance(value, list) and value:
        return sorted(str(item) for item in value)
    return plain(value)


def plain(value: Any) -> str:
    """A value that is no other record as text, each value in one way only."""
    if isinstance(value, bool):
        return "1" if value else ""
    if value is None or value == "" or value == []:
        return ""
    if isinstance(value, Decimal):
        return f"{value.normalize():f}"
    if isinstance(value, date):
        return value.isoformat()
    return str(value).replace("\r\n", "\n").strip()


def names_of(form: forms.BaseForm) -> list[str]:
    """The inputs that are fields of the record."""
    specs = getattr(form, "specs", ())
    return [spec.name for spec in specs] if specs else list(form.fields)


def initial_of(
    actor: Actor, row: Any, specs: Sequence[FieldSpec], *, covered: Collection[str] = ()
) -> dict[str, Any]:
    """What an edit form begins with; records outside the reach and covered values stay blank."""
    values: dict[str, Any] = {}
    for spec in specs:
        value = None if spec.name in covered else getattr(row, spec.name)
        if spec.kind is Kind.REF and value is not None:
            code = code_of(spec, value)
            value = code if get_lookup(spec.lookup).chosen(actor, code) is not None else None
        values[spec.name] = value
    if hasattr(row, NONE):
        values[NONE] = list(getattr(row, NONE))
    return values


def base_of(form: forms.BaseForm) -> dict[str, Any]:
    """The texts a fresh edit form shows, kept in it, so that a stale edit knows what was changed since."""
    base: dict[str, Any] = {
        name: text_of(form.fields[name], form.get_initial_for_field(form.fields[name], name))
        for name in names_of(form)
    }
    base[NONE] = sorted(form.initial.get(NONE) or ())
    return base


def write_base(base: Mapping[str, Any]) -> str:
    """The kept texts as the page carries them."""
    return json.dumps(base, ensure_ascii=False)


def read_base(text: str) -> dict[str, Any]:
    """The kept texts as they come back; anything odd counts as nothing kept."""
    clean: dict[str, Any] = {}
    try:
        found = json.loads(text) if len(text) <= _LONGEST else None
    except (ValueError, RecursionError):
        found = None
    for name, value in found.items() if isinstance(found, dict) else ():
        listed = value if isinstance(value, list) else [value]
        if all(isinstance(one, str) and not _UNREADABLE.search(one) for one in listed):
            clean[name] = value
    if not isinstance(clean.get(NONE), list):
        clean[NONE] = []
    return clean


def answered_none(form: RecordForm, base: Mapping[str, Any] | None = None) -> list[str]:
    """The fields of a valid form answered 'not applicable' (CUS-7).

    A value wins over the tick, but a tick newly set wins over the value that stood there before
    (``base``), which is cleared.
    """
    before = base or {}
    ticked = [
        spec for spec in form.specs if spec.na and form.data.get(form.add_prefix(f"na_{spec.name}"))
    ]
    answered = []
    for spec in ticked:
        text = text_of(form.fields[spec.name], form.cleaned_data.get(spec.name))
        stood = text == before.get(spec.name, "") and spec.name not in before.get(NONE, ())
        if not text or stood:
            form.cleaned_data[spec.name] = None
            answered.append(spec.name)
    return sorted(answered)


def none_changed(form: RecordForm, base: Mapping[str, Any]) -> list[str] | None:
    """The fields answered 'not applicable', or None where that is as the form showed it."""
    answered = answered_none(form, base)
    offered = {spec.name for spec in form.specs if spec.na}
    shown = sorted(offered & set(base.get(NONE, ())))
    return answered if answered != shown else None


def changes_of(
    form: RecordForm, base: Mapping[str, Any], *, covered: Collection[str] = ()
) -> dict[str, Any]:
    """The cleaned values that differ from what the form showed; a covered value left blank is no change."""
    changes: dict[str, Any] = {}
    for spec in form.specs:
        value = form.cleaned_data.get(spec.name)
        text = text_of(form.fields[spec.name], value)
        if spec.name in covered and not text:
            continue
        if spec.name not in base or text != base[spec.name]:
            changes[spec.name] = value
    return changes


def sensitive(specs: Sequence[FieldSpec]) -> frozenset[str]:
    """The fields that are covered for whoever may not see them plainly."""
    return frozenset(spec.name for spec in specs if spec.mask is not None)


def cover(form: RecordForm, row: Any, covered: Collection[str]) -> None:
    """Say at covered inputs that a blank keeps what is stored; where nothing is, there is nothing to say."""
    for name in covered:
        if getattr(row, name) in (None, ""):
            continue
        form.fields[name].widget.attrs["placeholder"] = "••••"
        form.fields[name].help_text = _("Covered. Leave it blank to keep what is stored.")
