"""Forms from field lists: inputs that understand values as people write them.

A form only reads and checks single values; rules between values and rights belong to the service,
whose refusals are put back on the fields by ``refuse``.
"""

from __future__ import annotations

import re
import uuid
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Any, ClassVar

from django import forms
from django.db import models
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from dossier.core.access import Actor
from dossier.core.errors import Refusal, Refusals
from dossier.core.fields import FieldSpec, Kind, Surface
from dossier.core.screens.lookups import get_lookup
from dossier.core.values import (
    PROBLEM_MESSAGES,
    ValueProblem,
    parse_count,
    parse_date,
    parse_decimal,
)

_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")


def problem_text(problem: ValueProblem) -> str:
    """The sentence of a value problem in the reader's language."""
    text = str(PROBLEM_MESSAGES[problem.code])
    return text % problem.params if problem.params else text


class PlainField(forms.CharField):
    """One line or more of text; control characters are refused, not silently dropped."""

    def to_python(self, value: Any) -> str:
        text = super().to_python(value) or ""
        if _CONTROL.search(text):
            raise forms.ValidationError(
                _("This holds characters that cannot be typed. Delete and enter it again."),
                code="control",
            )
        return text


class ParsedField(forms.Field):
    """A value understood by ``core.values``: dates and numbers as people write them."""

    def __init__(
        self, parse: Callable[[object], Any], *, show: Callable[[Any], str] = str, **more: Any
    ) -> None:
        super().__init__(**more)
        self.parse = parse
        self.show = show

    def to_python(self, value: Any) -> Any:
        if value is None or not str(value).strip():
            return None
        if len(str(value)) > 100:
            raise forms.ValidationError(
                _("This is too long for a number or a date."), code="too_long"
            )
        try:
            return self.parse(value)
        except ValueProblem as problem:
            raise forms.ValidationError(problem_text(problem), code=problem.code) from problem

    def prepare_value(self, value: Any) -> Any:
        return value if value is None or isinstance(value, str) else self.show(value)


class RefField(forms.Field):
    """Another record, picked by look-up; only records the actor may choose are accepted."""

    def __init__(self, *, actor: Actor, key: str, **more: Any) -> None:
        super().__init__(widget=forms.Select(), **more)
        self.lookup = get_lookup(key)
        self.actor = actor
        self.lookup_url = self.lookup.url()
        self._asked: tuple[str, Any] | None = None

    def _row(self, text: str) -> Any | None:
        """The record a text names; to show and to read the same text the database is asked once."""
        if self._asked is None or self._asked[0] != text:
            self._asked = (text, self.lookup.chosen(self.actor, text))
        return self._asked[1]

    def offer(self, value: object) -> None:
        """Make the chosen value an option of the select, with its name."""
        choices: list[tuple[str, str]] = [("", "")]
        if value not in (None, ""):
            row = self._row(str(value))
            if row is not None:
                label = f"{self.lookup.code(row)} {self.lookup.text(row)}".strip()
                choices.append((self.lookup.value(row), label))
        assert isinstance(self.widget, forms.Select)
        self.widget.choices = choices

    def to_python(self, value: Any) -> Any:
        text = str(value or "").strip()
        if not text:
            return None
        row = self._row(text[:100])
        if row is None:
            raise forms.ValidationError(
                _(
                    "There is no “%(value)s” here, or it is not yours to choose. Pick one from the list."
                ),
                code="unknown",
                params={"value": text[:60]},
            )
        return row


class RecordForm(forms.Form):
    """Base of forms made by ``form_class``: knows the actor and places a service's refusals.

    Its inputs are made for each form, in the reader's language; a class of inputs made to be copied at
    once costs twice that.
    """

    specs: ClassVar[Sequence[FieldSpec]] = ()
    model: ClassVar[type[models.Model]]

    def __init__(self, *args: Any, actor: Actor, **more: Any) -> None:
        self.actor = actor
        super().__init__(*args, **more)
        for spec in self.specs:
            self.fields[spec.name] = form_field(self.model, spec, actor)
        for spec in self.specs:
            bound_field = self.fields[spec.name]
            if isinstance(bound_field, RefField):
                bound_field.offer(self[spec.name].value())
            if spec.na:
                name = f"na_{spec.name}"
                if self.is_bound:
                    checked = bool(self.data.get(self.add_prefix(name)))
                else:
                    checked = spec.name in (self.initial.get("not_applicable") or ())
                bound_field.na_name = self.add_prefix(name)  # type: ignore[attr-defined] # read by the field template
                bound_field.na_checked = checked  # type: ignore[attr-defined] # read by the field template

    def clean(self) -> dict[str, Any]:
        """Beside what cannot be read, say what is missing; else the service says it, in its own words."""
        cleaned = super().clean() or {}
        for spec in self.specs if self.errors else ():
            typed = spec.kind is not Kind.CHOICE and spec.mask is None  # no default, not covered
            blank = spec.must and typed and cleaned.get(spec.name) in (None, "")
            if blank and spec.name not in self.errors:
                self.add_error(
                    spec.name, forms.ValidationError(_("This must be filled in."), code="missing")
                )
        return cleaned

    def refuse(self, refusal: Refusal) -> None:
        """Show a service's refusal on the field it names, or above the form."""
        for one in refusal.refusals if isinstance(refusal, Refusals) else [refusal]:
            name = one.field if one.field in self.fields else None
            self.add_error(name, forms.ValidationError(one.message, code=one.code))


def form_class(
    model: type[models.Model],
    specs: Iterable[FieldSpec],
    *,
    name: str = "ScreenForm",
    base: type[RecordForm] = RecordForm,
) -> Callable[..., RecordForm]:
    """A maker of forms with one input per field that is on the form surface.

    The maker takes ``actor`` and Django's form arguments.
    """
    chosen = tuple(spec for spec in specs if spec.on(Surface.FORM))
    cls = type(name, (base,), {"specs": chosen, "model": model})

    def make(*args: Any, actor: Actor, **more: Any) -> RecordForm:
        made: RecordForm = cls(*args, actor=actor, **more)
        return made

    return make


def _decimal_text(value: Any) -> str:
    if isinstance(value, Decimal):
        text = f"{value:f}"
        return text.rstrip("0").rstrip(".") if "." in text else text
    return str(value)


def _date_text(value: Any) -> str:
    return value.isoformat() if isinstance(value, date) else str(value)


def form_field(model: type[models.Model], spec: FieldSpec, actor: Actor) -> forms.Field:
    """The input of one field."""
    column: Any = model._meta.get_field(spec.name)
    common: dict[str, Any] = {"label": spec.title(model), "required": False, "help_text": spec.help}
    made: forms.Field
    if spec.kind is Kind.REF:
        made = RefField(actor=actor, key=spec.lookup, **common)
    elif spec.kind is Kind.CHOICE:
        options = (
            [("", "—"), *(column.choices or ())]
            if spec.na or not spec.must
            else list(column.choices or ())
        )
        made = forms.ChoiceField(choices=options, **common)
    elif spec.kind is Kind.BOOL:
        made = forms.BooleanField(**common)
    elif spec.kind is Kind.DATE:
        made = ParsedField(
            parse_date,
            show=_date_text,
            widget=forms.DateInput(
                attrs={
                    "type": "text",
                    "inputmode": "numeric",
                    "placeholder": "2026-01-31",
                    "data-date": "",
                }
            ),
            **common,
        )
    elif spec.kind in (Kind.MONEY, Kind.NUMBER):
        made = ParsedField(
            _bounded(column),
            show=_decimal_text,
            widget=forms.TextInput(attrs={"inputmode": "decimal", "class": "text-end num"}),
            **common,
        )
    elif spec.kind is Kind.COUNT:
        made = ParsedField(
            _whole,
            widget=forms.TextInput(attrs={"inputmode": "numeric", "class": "text-end num"}),
            **common,
        )
    else:
        longest = getattr(column, "max_length", None)
        attrs = {
            "inputmode": {"phone": "tel", "email": "email", "web": "url"}.get(
                spec.kind.value, "text"
            ),
            "autocomplete": "off",
        }
        widget = (
            forms.Textarea(attrs={"rows": 3})
            if spec.kind is Kind.LONG
            else forms.TextInput(attrs=attrs)
        )
        made = PlainField(max_length=longest or 10_000, strip=True, widget=widget, **common)
    css = "field-wide" if spec.wide else ""
    for name, value in (("unit", spec.unit), ("must", spec.must), ("css", css)):
        if value:
            setattr(made, name, value)
    return made


def _bounded(column: Any) -> Callable[[object], Decimal]:
    """Reads a number that fits the database column, without rounding it away."""
    places, digits = column.decimal_places, column.max_digits

    def read(value: object) -> Decimal:
        number = parse_decimal(value)
        if number != number.quantize(Decimal(1).scaleb(-places)):
            raise ValueProblem("too_many_places", value, places=places)
        if abs(number) >= Decimal(10) ** (digits - places):
            raise ValueProblem("too_large", value)
        return number

    return read


def _whole(value: object) -> int:
    """Reads a whole number of things; not below zero."""
    count = parse_count(value)
    number = int(count.value)
    if number < 0 or number > 2_147_483_647 or count.value != number:
        raise ValueProblem("bad_count", value)
    return number


def fieldsets(form: RecordForm, groups: Mapping[str, str | Promise]) -> list[dict[str, Any]]:
    """The form's inputs by group, in the order of ``groups`` (key → title), for the form template."""
    return [
        {
            "id": f"part-{key}",
            "title": title,
            "fields": [form[s.name] for s in form.specs if s.group == key],
        }
        for key, title in groups.items()
        if any(s.group == key for s in form.specs)
    ]


def once_token() -> str:
    """A key that makes a form's submission happen once."""
    return uuid.uuid4().hex
