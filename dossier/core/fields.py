"""The field list of a record: one entry per field, from which every surface is derived.

A department keeps a tuple of ``FieldSpec`` in its ``fields.py``. List column, filter, form input,
fact on the detail page, import column and export column come from the entry. Each surface is decided
by name: a field not on a surface says so in ``off``; a test fails while one is undecided. Columns that
stand in sheets only are entries of the same list made by `sheet_column`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from functools import cache
from typing import Any

from django.db import models
from django.utils.functional import Promise, lazy
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from dossier.core.templatetags.look import day_text, money_text


class Surface(StrEnum):
    """Where a field can appear."""

    LIST = "list"
    DETAIL = "detail"
    FORM = "form"
    FILTER = "filter"
    IMPORT = "import"
    EXPORT = "export"


class Kind(StrEnum):
    """What a field holds; decides its input, its filter and how it is shown."""

    TEXT = "text"
    LONG = "long"
    CHOICE = "choice"
    DATE = "date"
    MONEY = "money"
    NUMBER = "number"
    COUNT = "count"
    BOOL = "bool"
    PHONE = "phone"
    EMAIL = "email"
    WEB = "web"
    REF = "ref"  # another record, picked by look-up


class Mask(StrEnum):
    """How a sensitive value is covered (SECURITY.md D)."""

    PHONE = "phone"  # 138****1234
    TAIL = "tail"  # last four only
    EMAIL = "email"  # a***@example.com
    ALL = "all"  # nothing shown


@dataclass(frozen=True)
class FieldSpec:
    """One field of a record. ``label`` defaults to the model's verbose name.

    ``surfaces`` and ``off`` together must name every Surface. ``lookup`` is the key of a look-up
    (core.screens.lookups) for REF. ``sort`` allows sorting the list; the column must not be null
    unless it is a date or a number.

    For imports: ``sheet`` are the names sheets give the field, the most trusted first;
    ``sheet_field`` is the word that maps and saved mappings keep for it where it is not ``name``, and
    ``sheet_label`` what it is called there where it stands in the sheet of another record (the
    contact's post in a sheet of customers). ``words`` are the words of a choice. ``kept`` says that a
    column is recognised and kept with its row, but has no place in the record.
    """

    name: str
    kind: Kind
    surfaces: frozenset[Surface]
    off: frozenset[Surface]
    group: str = ""
    label: str | Promise = ""
    lookup: str = ""
    mask: Mask | None = None
    sort: bool = False
    na: bool = False  # may be answered 'not applicable' (CUS-7)
    wide: bool = False
    unit: str | Promise = ""
    help: str | Promise = ""
    must: bool = False
    default_column: bool = False
    value: Callable[[Any], object] | None = None
    sheet: tuple[str, ...] = ()
    sheet_field: str = ""
    sheet_label: str | Promise = ""
    words: Mapping[str, Any] | None = None
    kept: bool = False

    @property
    def sheet_key(self) -> str:
        """The word an import knows the field by."""
        return self.sheet_field or self.name

    def sheet_title(self, model: type[models.Model]) -> str:
        """What the field is called in a sheet, in the reader's language."""
        return str(self.sheet_label) or self.title(model)

    def title(self, model: type[models.Model]) -> str:
        """The label in the reader's language."""
        if self.label:
            return str(self.label)
        text = str(model._meta.get_field(self.name).verbose_name)  # type: ignore[union-attr] # a real field
        return text[:1].upper() + text[1:]

    def on(self, surface: Surface) -> bool:
        """Whether the field appears there."""
        return surface in self.surfaces


ALL_SURFACES = frozenset(Surface)


def field(
    name: str, kind: Kind, *, off: Iterable[Surface] = (), sheet: str = "", **more: Any
) -> FieldSpec:
    """A FieldSpec on every surface except those named off; ``sheet`` names parted by commas."""
    left_out = frozenset(off)
    return FieldSpec(
        name=name,
        kind=kind,
        surfaces=ALL_SURFACES - left_out,
        off=left_out,
        sheet=sheet_names(sheet),
        **more,
    )


def sheet_column(
    name: str, sheet: str, *, label: str | Promise, kind: Kind = Kind.TEXT, kept: bool = False
) -> FieldSpec:
    """A column of sheets that is no field of the record: read on the way, or ``kept`` with its row."""
    here = frozenset({Surface.IMPORT})
    return FieldSpec(
        name=name,
        kind=kind,
        surfaces=here,
        off=ALL_SURFACES - here,
        label=label,
        sheet=sheet_names(sheet),
        kept=kept,
    )


def sheet_names(listed: str) -> tuple[str, ...]:
    """Names parted by commas, none empty."""
    return tuple(name for part in listed.split(",") if (name := part.strip()))


def title_later(spec: FieldSpec, model: type[models.Model]) -> str:
    """The field's title in a sheet, in the language of whoever reads it."""
    made: str = lazy(spec.sheet_title, str)(model)
    return made


def masked(value: str, mask: Mask) -> str:
    """The covered form of a sensitive value; an empty value stays empty."""
    if not value:
        return ""
    if mask is Mask.ALL:
        return "••••"
    if mask is Mask.EMAIL:
        name, at, domain = value.partition("@")
        return f"{name[:1]}•••{at}{domain}" if at else "••••"
    if mask is Mask.TAIL:
        return f"•••• {value[-4:]}" if len(value) > 6 else "••••"
    digits = [c for c in value if c.isdigit()]
    if len(digits) < 10:  # first three and last four would tell nearly all of a shorter one
        return "••••"
    shown, out = 0, []
    for c in value:
        if c.isdigit():
            shown += 1
            out.append(c if shown <= 3 or shown > len(digits) - 4 else "•")
        else:
            out.append(c)
    return "".join(out)


@cache
def choice_labels(model: type[models.Model], name: str, language: str | None) -> dict[Any, str]:
    """What the values of a choice are called; Django's own way makes this anew for each row.

    ``language`` is the present one (``get_language()``).
    """
    choices: Any = model._meta.get_field(name).flatchoices  # type: ignore[union-attr] # a real field
    return {value: str(label) for value, label in choices}


def display(spec: FieldSpec, record: models.Model) -> str:
    """The plain text of a field's value as a person reads it; empty when not known."""
    if spec.value is not None:
        value = spec.value(record)
    elif spec.kind is Kind.CHOICE:
        stored = getattr(record, spec.name)
        if stored is None or stored == "":
            return ""
        return choice_labels(type(record), spec.name, get_language()).get(stored) or str(stored)
    else:
        value = getattr(record, spec.name)
    return display_value(spec.kind, value)


def display_value(kind: Kind, value: object) -> str:
    """A value as text by its kind."""
    if value is None or value == "":
        return ""
    if isinstance(value, bool):
        return _("Yes") if value else _("No")
    if isinstance(value, datetime):
        return day_text(value)
    if isinstance(value, date):
        return day_text(value)
    if kind in (Kind.MONEY, Kind.NUMBER) and isinstance(value, Decimal):
        text = money_text(value)
        return text.removesuffix(".00") if kind is Kind.NUMBER else text
    if kind is Kind.COUNT:
        return f"{value:,}"
    return str(value)
