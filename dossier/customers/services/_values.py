"""Reading what a caller gives for a field: typed values or text as people write it.

Forms, the API and commands come through here alike, so that none of them accepts what another refuses.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.db import models
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from dossier.core.access import Actor
from dossier.core.errors import Refusal, Refusals
from dossier.core.fields import FieldSpec, Kind
from dossier.core.models import Industry, Region
from dossier.core.values import (
    PROBLEM_MESSAGES,
    ValueProblem,
    is_none_word,
    is_unknown_word,
    multiline_text,
    parse_count,
    parse_date,
    parse_decimal,
    parse_email,
    parse_phones,
    text,
)
from dossier.customers.models import Customer, CustomerCategory
from dossier.customers.rules import normalise_tax_number, uscc_check
from dossier.customers.selectors import (
    category_by_code,
    customer_by_code,
    industry_by_code,
    region_by_code,
)
from dossier.people.models import Employee
from dossier.people.selectors import employee_by_code

_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
WIDTHS = {"name": 98, "short_name": 60, "invoice_name": 98}
"""Longest names in half-width characters; a Chinese character counts two (CUS-4)."""

_RESOLVE = {
    "region": (Region, region_by_code),
    "industry": (Industry, industry_by_code),
    "category_node": (CustomerCategory, category_by_code),
    "owner": (Employee, employee_by_code),
    "head_office": (Customer, customer_by_code),
}


@dataclass(frozen=True)
class Doubt:
    """A value that is stored as given but has to be cleared up.

    ``word`` is how a question names the field: the word imports know it by, so that the e-mail of
    the company and that of a contact are two things.
    """

    field: str
    code: str
    given: str
    word: str


@dataclass
class Given:
    """What was read: values by field, fields answered 'not applicable', doubts."""

    values: dict[str, Any] = field(default_factory=dict)
    none: set[str] = field(default_factory=set)
    doubts: list[Doubt] = field(default_factory=list)

    def text(self, name: str) -> str:
        """A text value; empty when not given."""
        return str(self.values.get(name) or "")


def width(value: str) -> int:
    """Length in half-width characters."""
    return sum(2 if unicodedata.east_asian_width(c) in "WF" else 1 for c in value)


def missing(name: str, message: str | Promise) -> Refusal:
    """The refusal of a profile that lacks what CUS-1 demands."""
    return Refusal("missing", message, field=name)


def read(
    actor: Actor,
    model: type[models.Model],
    specs: Iterable[FieldSpec],
    data: Mapping[str, object],
    *,
    not_applicable: Iterable[str] = (),
    prefix: str = "",
) -> Given:
    """Values of the named fields; all refusals of one input together.

    A name that is not a field to be written is a mistake of the program, not of the user.
    """
    known = {spec.name: spec for spec in specs}
    unknown = set(data) - set(known)
    if unknown:
        raise TypeError(f"not to be written here: {', '.join(sorted(unknown))}")
    given = Given()
    refusals: list[Refusal] = []
    for name, value in data.items():
        try:
            _read_one(actor, model, known[name], value, given)
        except Refusal as refusal:
            refusals.append(
                Refusal(
                    refusal.code,
                    refusal._message,
                    field=f"{prefix}{refusal.field}",
                    params=refusal.params,
                )
            )
    for name in not_applicable:
        spec = known.get(name)
        if spec is not None and spec.na and is_blank(given.values.get(name)):
            given.none.add(name)
            given.values[name] = _empty(model, name)
    if refusals:
        raise refusals[0] if len(refusals) == 1 else Refusals(refusals)
    return given


def is_blank(value: object) -> bool:
    """Whether a field holds nothing; nought is a value."""
    return value is None or value == ""


def _is_choice(model: type[models.Model], spec: FieldSpec, value: str) -> bool:
    column: Any = model._meta.get_field(spec.name)
    return spec.kind is Kind.CHOICE and value in dict(column.choices)


def _read_one(
    actor: Actor, model: type[models.Model], spec: FieldSpec, value: object, given: Given
) -> None:
    if value is None or value == "":
        given.values[spec.name] = _empty(model, spec.name)
        return
    if isinstance(value, str):
        if _CONTROL.search(value):
            raise _refusal(
                spec,
                "control",
                _("This holds characters that cannot be typed. Delete and enter it again."),
            )
        if is_none_word(value.strip()) and not _is_choice(model, spec, value):
            given.values[spec.name] = _empty(model, spec.name)
            if spec.na:
                given.none.add(spec.name)
            return
    try:
        given.values[spec.name] = _value(actor, model, spec, value, given)
    except ValueProblem as problem:
        raise _refusal(
            spec, problem.code, PROBLEM_MESSAGES[problem.code], **problem.params
        ) from problem


def _value(
    actor: Actor, model: type[models.Model], spec: FieldSpec, value: object, given: Given
) -> object:
    column: Any = model._meta.get_field(spec.name)
    if spec.kind is Kind.REF:
        return _reference(actor, spec, value)
    if spec.kind is Kind.BOOL:
        return bool(value)
    if spec.kind is Kind.CHOICE:
        if value not in dict(column.choices):
            allowed = "、".join(str(label) for _v, label in column.choices)
            raise ValueProblem("bad_choice", value, allowed=allowed)
        return str(value)
    if spec.kind is Kind.DATE:
        return (
            value
            if isinstance(value, date) and not isinstance(value, datetime)
            else parse_date(value)
        )
    if spec.kind in (Kind.MONEY, Kind.NUMBER):
        return _amount(column, spec, value)
    if spec.kind is Kind.COUNT:
        count = value if type(value) is int else int(parse_count(value).value)
        if count < 0 or count > 2_147_483_647:
            raise ValueProblem("bad_count", value)
        return count
    return _text(column, spec, value, given)


def _text(column: Any, spec: FieldSpec, value: object, given: Given) -> str:
    cleaned = multiline_text(value) if spec.kind is Kind.LONG else text(value)
    if is_unknown_word(cleaned):
        return ""
    if spec.kind is Kind.PHONE:
        numbers = parse_phones(cleaned)
        doubtful = next((number.doubtful for number in numbers if number.doubtful), None)
        if doubtful:
            given.doubts.append(Doubt(spec.name, doubtful, cleaned, spec.sheet_key))
        else:
            cleaned = " / ".join(dict.fromkeys(number.number for number in numbers))
    elif spec.kind is Kind.EMAIL:
        try:
            cleaned = parse_email(cleaned)
        except ValueProblem as problem:
            given.doubts.append(Doubt(spec.name, problem.code, cleaned, spec.sheet_key))
    elif spec.name == "tax_number":
        number = normalise_tax_number(cleaned)
        problem_code = uscc_check(number)
        if problem_code is None or problem_code == "check_digit":
            cleaned = number
        if problem_code is not None:
            given.doubts.append(Doubt(spec.name, problem_code, cleaned, spec.sheet_key))
    longest = column.max_length or 10_000
    counted = width(cleaned) if spec.name in WIDTHS and column.model is Customer else len(cleaned)
    longest = min(longest, WIDTHS.get(spec.name, longest)) if column.model is Customer else longest
    if counted > longest:
        raise _refusal(
            spec,
            "too_long",
            _("This has %(counted)s characters; at most %(longest)s can be kept. Shorten it."),
            counted=counted,
            longest=longest,
        )
    return cleaned


def _amount(column: Any, spec: FieldSpec, value: object) -> Decimal:
    number = value if isinstance(value, Decimal) else parse_decimal(value)
    if not number.is_finite():
        raise ValueProblem("bad_number", value)
    if number < 0:
        raise _refusal(spec, "negative", _("This cannot be less than zero."))
    places = column.decimal_places
    if abs(number) >= Decimal(10) ** (column.max_digits - places):
        raise ValueProblem("too_large", value)
    if number != number.quantize(Decimal(1).scaleb(-places)):
        raise ValueProblem("too_many_places", value, places=places)
    return number


def _reference(actor: Actor, spec: FieldSpec, value: object) -> models.Model:
    """The record meant, within what the actor may choose: an instance, its key, or a typed code."""
    model, by_code = _RESOLVE[spec.name]
    found: models.Model | None
    if isinstance(value, models.Model):
        key: object = value.pk
    elif isinstance(value, int):
        key = value
    else:
        key = None
    if key is None:
        found = by_code(actor, str(value)[:100])
    else:
        manager: Any = model._default_manager
        rows = manager.for_user(actor) if hasattr(manager, "for_user") else manager.all()
        found = rows.filter(pk=key).first()
    if found is None:
        raise _refusal(
            spec,
            "unknown",
            _(
                "There is no “%(value)s” here, or it is not yours to choose. Pick one from the list."
            ),
            value=str(value)[:60],
        )
    return found


def _empty(model: type[models.Model], name: str) -> object:
    column: Any = model._meta.get_field(name)
    if isinstance(column, models.BooleanField):
        return False
    return None if column.null else ""


def _refusal(spec: FieldSpec, code: str, message: str | Promise, **params: object) -> Refusal:
    return Refusal(code, message, field=spec.name, params=params)
