"""Numbers of records: the next after the highest ever issued in their scheme, never reused (CUS-2).

``next_number`` locks the scheme's row until the transaction ends, so two concurrent creations never
get the same number and a rolled back one leaves no gap. ``number_schemes.scheme_change`` takes the same lock.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from dossier.core.errors import Refusal
from dossier.core.models import NumberScheme


@dataclass(frozen=True)
class Numbered:
    """What a scheme numbers: its name for people, the columns that hold such numbers.

    ``columns`` are (table, column) pairs; ``extra`` the signs a prefix may hold besides letters and digits.
    """

    key: str
    label: str | Promise
    columns: tuple[tuple[str, str], ...]
    extra: str = ""


_numbered: dict[str, Numbered] = {}


def numbered(item: Numbered) -> Numbered:
    """Register what a scheme numbers; a department calls this beside the seed of its scheme."""
    _numbered[item.key] = item
    return item


def all_numbered() -> tuple[Numbered, ...]:
    """Everything that is numbered, in the order of the layers."""
    return tuple(_numbered.values())


def next_numbers(scheme: str, count: int) -> list[str]:
    """Issue ``count`` consecutive numbers of a scheme. Must run inside a command."""
    row = NumberScheme.objects.select_for_update().get(key=scheme)
    first = row.highest + 1
    row.highest += count
    row.save(update_fields=["highest"])
    return [format_number(row, value) for value in range(first, first + count)]


def next_number(scheme: str) -> str:
    """Issue the next number of a scheme. Must run inside a command."""
    return next_numbers(scheme, 1)[0]


def format_number(scheme: NumberScheme, value: int) -> str:
    """The number as printed: prefix and digits; wider than planned rather than wrong."""
    number = f"{scheme.prefix}{value:0{scheme.width}d}"
    if len(number) > scheme.longest:
        raise Refusal(
            "numbers_exhausted",
            _("The number scheme “%(scheme)s” is used up. Give it another prefix or width."),
            params={"scheme": scheme.key},
        )
    return number


def note_issued(scheme: str, numbers: Iterable[str]) -> None:
    """Raise the scheme's highest to what was given from outside (imports, typed codes).

    Only numbers of the scheme's own shape count: its prefix followed by at most 15 digits.
    """
    row = NumberScheme.objects.select_for_update().get(key=scheme)
    shape = re.compile(rf"{re.escape(row.prefix)}(\d{{1,15}})")
    highest = row.highest
    for number in numbers:
        match = shape.fullmatch(number)
        # A longer number than the scheme prints is somebody else's (a telephone, say): not a code of ours.
        if match and len(match[1]) <= max(row.width, len(str(row.highest))):
            highest = max(highest, int(match[1]))
    if highest > row.highest:
        row.highest = highest
        row.save(update_fields=["highest"])
