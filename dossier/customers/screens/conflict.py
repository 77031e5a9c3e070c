"""Stale edits: what stood before, what they saved and what is typed here, each as people read it.

Nothing typed is lost: the form begins anew on the present version with one's own values, and what was
left untouched takes theirs.
"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal, InvalidOperation
from typing import Any

from django.db import models
from django.http import QueryDict
from django.utils.dateparse import parse_date
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from dossier.core.access import Actor
from dossier.core.fields import FieldSpec, Kind, display_value
from dossier.core.models import HistoryEntry
from dossier.core.screens.forms import RecordForm
from dossier.core.screens.lookups import get_lookup
from dossier.customers.forms import answered_none, plain

Texts = Mapping[str, Any]  # the texts of a form by field, and the list "not_applicable"


def with_choices(posted: QueryDict, base: Texts) -> QueryDict:
    """The posted values, with 'theirs' put where it was chosen on the conflict page."""
    data = posted.copy()
    for name, value in base.items():
        if posted.get(f"choose_{name}") == "theirs" and isinstance(value, str):
            _put(data, name, value, name in base.get("not_applicable", ()))
    return data


def begin_anew(
    actor: Actor, form: RecordForm, data: QueryDict, base: Texts, now: Texts
) -> list[dict[str, Any]]:
    """Lines of the conflict; ``data`` takes their values where one's own were not touched.

    ``base`` is what the form showed, ``now`` the present version, ``form`` what was typed (valid).
    """
    mine_none = answered_none(form, base)
    lines = []
    for spec in form.specs:
        was = _state(spec, base)
        theirs = _state(spec, now)
        mine = (plain(spec, form.cleaned_data.get(spec.name)), spec.name in mine_none)
        untouched = mine == was
        if untouched:
            _put(data, spec.name, *theirs)
        if theirs in (was, mine):
            continue
        lines.append(
            {
                "name": spec.name,
                "label": spec.title(form.model),
                "base": _shown(actor, form.model, spec, *was),
                "theirs": _shown(actor, form.model, spec, *theirs),
                "theirs_value": theirs[0],
                "theirs_none": theirs[1],
                "mine": _shown(actor, form.model, spec, *mine),
                "mine_value": mine[0],
                "mine_none": mine[1],
                "choice": "theirs" if untouched else "mine",
            }
        )
    return lines or [_only_elsewhere()]


def _state(spec: FieldSpec, texts: Texts) -> tuple[str, bool]:
    """A field's text and whether it is answered 'not applicable'."""
    none = spec.na and spec.name in texts.get("not_applicable", ())
    return str(texts.get(spec.name, "")), none


def _put(data: QueryDict, name: str, text: str, none: bool) -> None:
    data[name] = text
    data[f"na_{name}"] = "1" if none else ""


def _only_elsewhere() -> dict[str, Any]:
    """The line shown when what they changed is no input of this form, or is covered for its reader."""
    blank = dict.fromkeys(("name", "base", "theirs_value", "mine", "mine_value"), "")
    return blank | {"label": _("Other fields"), "theirs": _("changed"), "choice": "theirs"}


def _shown(actor: Actor, model: type[models.Model], spec: FieldSpec, text: str, none: bool) -> str:
    """A form's text as a person reads it: names for codes, labels for choices, days, amounts."""
    if none:
        return pgettext("known not to apply", "None")
    if spec.kind is Kind.BOOL:
        return _("Yes") if text else _("No")
    if not text:
        return ""
    if spec.kind is Kind.CHOICE:
        column: Any = model._meta.get_field(spec.name)
        return str(dict(column.choices).get(text, text))
    if spec.kind is Kind.REF:
        lookup = get_lookup(spec.lookup)
        row = lookup.chosen(actor, text)
        return " ".join(filter(None, (lookup.code(row), lookup.text(row)))) if row else "…"
    unit = f" {spec.unit}" if spec.unit else ""
    if spec.kind is Kind.DATE:
        return display_value(spec.kind, parse_date(text)) or text
    if spec.kind in (Kind.MONEY, Kind.NUMBER, Kind.COUNT):
        try:
            return display_value(spec.kind, Decimal(text)) + unit
        except InvalidOperation:  # what came back is not what the form had sent
            return text
    return text


def changed_by(row: models.Model) -> dict[str, Any]:
    """Who changed a record last, and when, for the page of the conflict."""
    last = (
        HistoryEntry.objects.select_related("transaction")
        .filter(table_name=row._meta.db_table, row_id=str(row.pk))
        .order_by("-id")
        .first()
    )
    if last is None:
        return {}
    context = last.transaction.context or {}
    return {
        "conflict_by": str(context.get("name") or context.get("login") or ""),
        "conflict_at": last.transaction.at,
    }
