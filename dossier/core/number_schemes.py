"""How numbers are formed, changed by a person in the settings (CUS-2, SYS-4).

A new form never makes a number that exists: the counter goes on after the highest existing number of
that form, and a width that cannot hold the next number is refused.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from django.db import connection
from django.utils.translation import gettext_lazy as _

from dossier.core.access import Actor
from dossier.core.errors import NotFound, Refusal, Stale
from dossier.core.models import NumberScheme
from dossier.core.numbering import Numbered, all_numbered, format_number
from dossier.core.reasons import reason_text
from dossier.core.services import command
from dossier.core.values import ValueProblem, parse_code

KIND = "core.number"
PREFIX_LONGEST = 8
_DIGITS = 15  # of a counter; longer rows of digits are telephones and the like


@dataclass(frozen=True)
class Outlook:
    """What a form would give: the next number, the counter before it, an existing number it goes on after."""

    number: str
    highest: int
    passed: str = ""


@dataclass(frozen=True)
class SchemeRow:
    """A scheme with what it numbers and its next number; without one, ``refusal`` says why."""

    scheme: NumberScheme
    numbered: Numbered
    next: str
    refusal: str = ""


def scheme_rows(actor: Actor) -> list[SchemeRow]:
    """Every scheme of the installation, in the order of the layers."""
    actor.require(KIND, "view")
    stored = {row.key: row for row in NumberScheme.objects.all()}
    found = []
    for item in all_numbered():
        scheme = stored.get(item.key)
        if scheme is None:
            continue
        try:
            row = SchemeRow(scheme, item, format_number(scheme, scheme.highest + 1))
        except Refusal as refusal:
            row = SchemeRow(scheme, item, "", refusal.message)
        found.append(row)
    return found


def scheme_row(actor: Actor, key: str) -> SchemeRow:
    """One scheme by key; NotFound where there is none."""
    row = next((one for one in scheme_rows(actor) if one.scheme.key == key), None)
    if row is None:
        raise _nothing()
    return row


def outlook(scheme: NumberScheme, item: Numbered, *, prefix: str, width: int) -> Outlook:
    """What the scheme would go on with in another form; refused where it cannot."""
    prefix = _clean_prefix(item, prefix)
    if not 1 <= width <= scheme.longest - len(prefix):
        raise Refusal(
            "bad_width",
            _(
                "With this prefix, give 1 to %(most)s digits: a number has at most %(longest)s signs."
            ),
            field="width",
            params={"most": scheme.longest - len(prefix), "longest": scheme.longest},
        )
    existing = _highest_existing(item, prefix, max(width, len(str(scheme.highest))))
    highest = max(scheme.highest, existing)
    needed = len(str(highest + 1))
    if needed > width:
        raise _too_narrow(scheme, prefix, existing, needed)
    form = NumberScheme(key=scheme.key, prefix=prefix, width=width, longest=scheme.longest)
    passed = format_number(form, existing) if existing > scheme.highest else ""
    return Outlook(format_number(form, highest + 1), highest, passed)


def scheme_change(
    *,
    actor: Actor,
    key: str,
    prefix: str,
    width: int,
    reason: str,
    seen: tuple[str, int] | None = None,
) -> NumberScheme:
    """Give a scheme another prefix or width; numbers already given stay as they are (CUS-2).

    ``seen`` is the form the editor saw; Stale where somebody else has changed it since.
    """
    actor.require(KIND, "change")
    with command(actor, why=reason_text(reason)):
        item = next((one for one in all_numbered() if one.key == key), None)
        scheme = NumberScheme.objects.select_for_update().filter(key=key).first()
        if item is None or scheme is None:
            raise _nothing()
        prefix = _clean_prefix(item, prefix)
        if (prefix, width) == (scheme.prefix, scheme.width):
            return scheme
        if seen is not None and seen != (scheme.prefix, scheme.width):
            raise Stale(
                "stale",
                _(
                    "Someone else saved this record while you were editing. Nothing of yours is saved yet."
                ),
                params={"theirs": {"prefix": scheme.prefix, "width": scheme.width}},
            )
        found = outlook(scheme, item, prefix=prefix, width=width)
        scheme.prefix, scheme.width, scheme.highest = prefix, width, found.highest
        scheme.save(update_fields=["prefix", "width", "highest"])
        return scheme


def _clean_prefix(item: Numbered, prefix: str) -> str:
    """The prefix as it is stored: half-width, upper case, at most eight letters, digits or allowed signs."""
    if not prefix.strip():
        return ""
    try:
        return parse_code(prefix, extra=item.extra, max_length=PREFIX_LONGEST)
    except ValueProblem as problem:
        message = (
            _("A prefix here has at most %(longest)s letters, digits or these signs: %(signs)s")
            if item.extra
            else _("A prefix here has at most %(longest)s letters or digits.")
        )
        raise Refusal(
            "bad_prefix",
            message,
            field="prefix",
            params={"longest": PREFIX_LONGEST, "signs": " ".join(item.extra)},
        ) from problem


def _highest_existing(item: Numbered, prefix: str, digits: int) -> int:
    """The highest counter among existing numbers of a form: the prefix and at most so many digits."""
    shape = f"^{re.escape(prefix)}([0-9]{{1,{min(digits, _DIGITS)}}})$"
    quote = connection.ops.quote_name
    highest = 0
    with connection.cursor() as cursor:
        for table, column in item.columns:
            cursor.execute(
                f"SELECT max(substring(upper({quote(column)}) FROM %s)::bigint) FROM {quote(table)}"  # noqa: S608 - names declared in the program
                f" WHERE upper({quote(column)}) ~ %s",
                [shape, shape],
            )
            row = cursor.fetchone()
            highest = max(highest, (row[0] if row else None) or 0)
    return highest


def _too_narrow(scheme: NumberScheme, prefix: str, existing: int, needed: int) -> Refusal:
    if existing > scheme.highest:
        return Refusal(
            "collides",
            _(
                "Numbers up to %(number)s exist already, so the next one takes %(needed)s digits. Give"
                " more digits or another prefix."
            ),
            field="width",
            params={"number": f"{prefix}{existing}", "needed": needed},
        )
    return Refusal(
        "too_narrow",
        _("The counter stands at %(count)s; the next number takes at least %(needed)s digits."),
        field="width",
        params={"count": scheme.highest, "needed": needed},
    )


def _nothing() -> NotFound:
    return NotFound("not_found", _("There is no such record, or it is not yours to see."))
