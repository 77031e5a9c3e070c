"""The forms values travel in: what is sent is read strictly, what is shown has an exact JSON schema.

Amounts travel as texts (no rounding on the way), days as ``2026-01-31``, moments as RFC 3339, records as
their keys.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from datetime import date
from decimal import Decimal
from typing import Annotated, Any

from django.db import models
from pydantic import AfterValidator, BeforeValidator, Field, StrictBool, StrictStr, WithJsonSchema
from pydantic_core import PydanticCustomError

from dossier.core.fields import FieldSpec, Kind

Schema = dict[str, Any]
MOST_ID = 2**63 - 1
LONG_TEXT = 10_000  # characters of a text without a stated length
MOST_COUNT = 2**31 - 1
CODED = {  # look-ups of reference data, whose keys are codes
    "region": "^[0-9]{6}$",
    "industry": "^[A-T][0-9]{0,2}$",
}
_DAY = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)

# Messages stand in ``problems._FORMS`` by these words.
DAY_FORM, AMOUNT_FORM, CHOICE_FORM, TEXT_FORM, NUMBER_FORM, YES_FORM = (
    "day_form",
    "amount_form",
    "choice_form",
    "text_form",
    "number_form",
    "yes_form",
)


def _wrong(kind: str, **facts: Any) -> PydanticCustomError:
    return PydanticCustomError(kind, "not of the declared form", facts)


def _plain(value: str) -> str:
    if "\x00" in value:
        raise _wrong(TEXT_FORM)
    return value


def text(longest: int, *, shortest: int = 0, pattern: str | None = None) -> Any:
    """A text without NUL, which no column can hold."""
    return Annotated[
        StrictStr,
        Field(min_length=shortest, max_length=longest, pattern=pattern),
        AfterValidator(_plain),
    ]


def _day(value: str) -> date:
    try:
        if not _DAY.fullmatch(value):
            raise ValueError
        return date.fromisoformat(value)
    except ValueError as error:
        raise _wrong(DAY_FORM) from error


DAY: Any = Annotated[
    StrictStr, AfterValidator(_day), WithJsonSchema({"type": "string", "format": "date"})
]


def amount_pattern(digits: int, places: int, *, signed: bool = True) -> str:
    """The form of an amount of so many digits before and after the point."""
    fraction = rf"(\.[0-9]{{1,{places}}})?" if places else ""
    return rf"^{'-?' if signed else ''}(0|[1-9][0-9]{{0,{digits - 1}}}){fraction}$"


def amount(digits: int, places: int, *, signed: bool = True) -> Any:
    """An amount as text."""
    pattern = amount_pattern(digits, places, signed=signed)
    form = re.compile(pattern.removeprefix("^").removesuffix("$"))

    def read(value: str) -> Decimal:
        if not form.fullmatch(value):
            raise _wrong(AMOUNT_FORM, digits=digits, places=places)
        return Decimal(value)

    return Annotated[
        StrictStr,
        AfterValidator(read),
        WithJsonSchema({"type": "string", "pattern": pattern, "examples": ["1234.50"]}),
    ]


def choice(values: Iterable[str]) -> Any:
    """One of these words."""
    known = list(values)

    def read(value: str) -> str:
        if value not in known:
            raise _wrong(CHOICE_FORM, known=", ".join(one or '""' for one in known))
        return value

    return Annotated[
        StrictStr, AfterValidator(read), WithJsonSchema({"type": "string", "enum": known})
    ]


def several(kind: Any) -> Any:
    """A list of such values."""
    return list[kind]


def by_word(kind: Any, longest: int) -> Any:
    """An object of such values by words of up to so many characters."""
    return dict[text(longest), kind]  # type: ignore[misc] # made at run time


def words(known: Iterable[str]) -> Any:
    """Words parted by commas, in the address."""
    return Annotated[
        StrictStr,
        Field(max_length=2000),
        AfterValidator(_plain),
        WithJsonSchema(
            {"type": "array", "items": {"type": "string", "enum": list(known)}, "x-comma": True}
        ),
    ]


def integer(low: int | None = None, high: int | None = None) -> Schema:
    """The schema of a whole number."""
    bounds = {"minimum": low, "maximum": high}
    return {"type": "integer"} | {k: v for k, v in bounds.items() if v is not None}


def number(low: int, high: int) -> Any:
    """A whole number in the body."""

    def read(value: Any) -> int:
        if type(value) is not int or not low <= value <= high:
            raise _wrong(NUMBER_FORM, low=low, high=high)
        return value

    return Annotated[Any, BeforeValidator(read), WithJsonSchema(integer(low, high))]


def number_parameter(low: int, high: int) -> Any:
    """A whole number in the address."""

    def read(value: Any) -> int:
        if isinstance(value, str):
            if not re.fullmatch(r"(0|[1-9][0-9]{0,18})", value):
                raise _wrong(NUMBER_FORM, low=low, high=high)
            value = int(value)
        if not low <= value <= high:
            raise _wrong(NUMBER_FORM, low=low, high=high)
        return int(value)

    return Annotated[Any, BeforeValidator(read), WithJsonSchema(integer(low, high))]


def _yes_or_no(value: str) -> bool:
    if value not in ("true", "false"):
        raise _wrong(YES_FORM)
    return value == "true"


YES_PARAMETER: Any = Annotated[
    StrictStr, AfterValidator(_yes_or_no), WithJsonSchema({"type": "boolean"})
]
YES: Any = StrictBool
ID: Any = number(1, MOST_ID)
ID_PARAMETER: Any = number_parameter(1, MOST_ID)
VERSION: Any = number(1, MOST_COUNT)


def key_of(spec: FieldSpec) -> Any:
    """The key of a record that is referred to."""
    pattern = CODED.get(spec.lookup)
    return text(6, shortest=1, pattern=pattern) if pattern else ID


def sent(spec: FieldSpec, column: Any) -> Any:
    """The type of a field in a body; null clears what may be unknown."""
    blank = column.blank or column.null
    made = _SENT[spec.kind](spec, column) if spec.kind in _SENT else _text(spec, column)
    return made | None if column.null and blank else made


def _text(spec: FieldSpec, column: Any) -> Any:
    return text(column.max_length or LONG_TEXT)


def _choice(spec: FieldSpec, column: Any) -> Any:
    return choice([*(value for value, _label in column.choices), *([""] if column.blank else [])])


def _amount(spec: FieldSpec, column: Any) -> Any:
    return amount(column.max_digits - column.decimal_places, column.decimal_places)


_SENT: dict[Kind, Callable[[FieldSpec, Any], Any]] = {
    Kind.CHOICE: _choice,
    Kind.DATE: lambda spec, column: DAY,
    Kind.MONEY: _amount,
    Kind.NUMBER: _amount,
    Kind.COUNT: lambda spec, column: number(0, MOST_COUNT),
    Kind.BOOL: lambda spec, column: YES,
    Kind.REF: lambda spec, column: key_of(spec),
}


# What is shown -----------------------------------------------------------------------------------------


def shown(spec: FieldSpec, column: models.Field[Any, Any]) -> Schema:
    """The JSON schema of a field as it is shown."""
    made: Schema
    if spec.kind is Kind.CHOICE:
        values = [str(value) for value, _label in column.choices or ()]
        made = {"type": "string", "enum": [*values, *([""] if column.blank else [])]}
    elif spec.kind is Kind.DATE and spec.mask is None:
        made = {
            "type": "string",
            "format": "date-time" if isinstance(column, models.DateTimeField) else "date",
        }
    elif isinstance(column, models.DecimalField):
        digits = column.max_digits or 20
        places = column.decimal_places or 0
        made = {"type": "string", "pattern": amount_pattern(digits, places)}
    elif spec.kind is Kind.COUNT:
        made = integer(0)
    elif spec.kind is Kind.BOOL:
        made = {"type": "boolean"}
    else:
        made = {"type": "string"}
    return nullable(made) if column.null else made


def nullable(schema: Schema) -> Schema:
    """The same, or null."""
    if "$ref" in schema:
        return {"anyOf": [schema, {"type": "null"}]}
    made = schema | {"type": [schema["type"], "null"]}
    if "enum" in made:
        made["enum"] = [*made["enum"], None]
    return made
