"""Rows of a sheet that look like one company, among each other and with the archive (CUS-3)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from dossier.core.access import Actor, Scope
from dossier.core.imports.result import Duplicate, Row
from dossier.core.imports.stages import fetch
from dossier.core.values import parse_phones
from dossier.customers.models import Customer
from dossier.customers.rules import DuplicateRow, normalise_name, possible_duplicates

_CANDIDATES = """
SELECT c.id, c.code, c.name, c.tax_number, c.phone, coalesce(c.region_id, ''), c.address,
       coalesce((SELECT string_agg(k.phone || ';' || k.mobile, ';') FROM customers_contact k
                 WHERE k.customer_id = c.id), '')
FROM customers_customer c
WHERE c.kind = 'customer'
  AND (c.name_key = ANY(%(keys)s) OR c.tax_number = ANY(%(taxes)s)
       OR c.phone = ANY(%(phones)s) OR c.main_phone = ANY(%(phones)s))
"""


def find_alike(
    rows: Sequence[Row], actor: Actor, targets: Mapping[Row, int]
) -> tuple[list[Duplicate], dict[Row, dict[str, Any]]]:
    """Groups of rows that look alike, and for each later accepted row of a group what it looks like.

    Customers that rows of this sheet change are those rows, not others; customers the actor does not
    see are not spoken of.
    """
    named = [row for row in rows if row.data.name]
    if not named:
        return [], {}
    by_ref: dict[int | str, Row] = {row.number: row for row in named}
    given = [_of_row(row) for row in named]
    archive = _archive(named, actor, set(targets.values()))
    archived = {f"#{pk}": (code, name) for pk, code, name, *_rest in archive}
    given.extend(_of_archive(one) for one in archive)
    groups: list[Duplicate] = []
    alike: dict[Row, dict[str, Any]] = {}
    for group in possible_duplicates(given):
        members = [by_ref[ref] for ref in group.refs if ref in by_ref]
        others = [archived[str(ref)] for ref in group.refs if ref in archived]
        if not members:
            continue
        members.sort(key=lambda row: row.number)
        codes = (
            *(row.data.given_code or None for row in members),
            *(code for code, _name in others),
        )
        names = (*(row.data.name for row in members), *(name for _code, name in others))
        reasons = tuple(str(reason) for reason in group.reasons)
        groups.append(
            Duplicate(tuple(row.number for row in members), codes, group.score, reasons, names)
        )
        accepted = [row for row in members if row.outcome != "rejected"]
        first: tuple[str, str, int | None] | None = (*others[0], None) if others else None
        for row in accepted:
            if first is None:
                first = (row.data.code, row.data.name, row.number)
            elif row not in targets:
                code, name, number = first
                alike[row] = {
                    "other": f"{code} {name}".strip(),
                    "row": number,
                    "score": group.score,
                    "reasons": list(reasons),
                }
    groups.sort(key=lambda found: found.rows)
    return groups, alike


def _of_row(row: Row) -> DuplicateRow:
    data = row.data
    return DuplicateRow(
        row.number, data.name, data.tax, data.digits, data.given("region_id"), data.given("address")
    )


def _of_archive(found: tuple[Any, ...]) -> DuplicateRow:
    pk, _code, name, tax, phone, region, address, more = found
    digits = tuple(one.digits for one in parse_phones(f"{phone};{more}") if len(one.digits) >= 7)
    return DuplicateRow(f"#{pk}", name, tax, digits, region, address)


def _archive(rows: Sequence[Row], actor: Actor, changed: set[int]) -> list[tuple[Any, ...]]:
    """Customers of the archive with an equal name, tax number or telephone."""
    if not fetch("SELECT 1 FROM customers_customer WHERE kind = 'customer' LIMIT 1"):
        return []
    phones: set[str] = set()
    for row in rows:
        phones.update(_spellings(row))
    found = fetch(
        _CANDIDATES,
        {
            "keys": list(
                {key for row in rows if (key := normalise_name(row.data.name).full[:200])}
            ),
            "taxes": list({row.data.tax for row in rows if row.data.tax}),
            "phones": list(phones),
        },
    )
    found = [one for one in found if one[0] not in changed]
    if found and Scope.ALL not in actor.scopes("customers.customer", "view"):
        mine = set(
            Customer.objects.for_user(actor)
            .filter(pk__in=[one[0] for one in found])
            .values_list("pk", flat=True)
        )
        found = [one for one in found if one[0] in mine]
    return found


def _spellings(row: Row) -> set[str]:
    """The row's telephones as the archive stores them."""
    contact = row.data.contact
    found = {row.data.values.get("phone", ""), contact.get("phone", ""), contact.get("mobile", "")}
    found.discard("")
    return found
