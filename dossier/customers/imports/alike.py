"""Rows of a sheet that look like one company, among each other and with the archive (CUS-3)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from dossier.core.access import Actor
from dossier.core.imports.result import Duplicate, Row
from dossier.core.imports.stages import fetch
from dossier.customers.duplicate_models import FoundBy
from dossier.customers.imports.checking import CustomerData
from dossier.customers.models import Customer
from dossier.customers.rules import DuplicateGroup, DuplicateRow
from dossier.customers.rules.companies_alike import Company, compare
from dossier.customers.rules.duplicate_keys import keys_of
from dossier.customers.rules.duplicates import duplicate_groups
from dossier.customers.selectors.duplicates import candidates, reaches_everything, rows_of
from dossier.customers.services.duplicate_notices import remaining, tell
from dossier.customers.services.duplicate_pairs import Found, add_keys, keep_keys, store_pairs


@dataclass
class Alike:
    """What was found: groups to report, what each later row looks like, rows like a customer outside the
    reach, and all groups, for keeping their pairs."""

    groups: list[Duplicate] = field(default_factory=list)
    later: dict[Row, dict[str, Any]] = field(default_factory=dict)
    elsewhere: list[Row] = field(default_factory=list)
    found: list[DuplicateGroup] = field(default_factory=list)
    companies: dict[int, Company] = field(default_factory=dict)
    """The rows compared, by their number."""


def find_alike(
    rows: Sequence[Row], actor: Actor, targets: Mapping[Row, int], *, telling: bool
) -> Alike:
    """Groups of rows that look alike, and for each later accepted row of a group what it looks like.

    Customers that rows of this sheet change are those rows, not others. Of customers the actor does
    not see only that there is one is said, of so many as a person is told of, and that is put on record;
    nothing of them without ``telling``.
    """
    named = [row for row in rows if row.data.name or row.data.tax]
    alike = Alike()
    if not named:
        return alike
    by_ref: dict[int | str, Row] = {row.number: row for row in named}
    alike.companies = {row.number: company_of(row) for row in named}
    archive = _archive(alike.companies.values(), set(targets.values()))
    alike.found = duplicate_groups([*alike.companies.values(), *archive.values()])
    known = _Known(actor, archive, alike.companies)
    hidden: dict[Row, int] = {}
    for group in alike.found:
        members = sorted((by_ref[ref] for ref in group.refs if ref in by_ref), key=_number)
        if not members:
            continue
        outside = [str(ref) for ref in group.refs if ref not in by_ref]
        others = [known.of[ref] for ref in outside if known.may_tell(ref, members)]
        for ref in outside:
            if ref not in known.of:
                hidden.update((row, int(ref[1:])) for row in members if row.outcome != "rejected")
        if len(members) + len(others) < 2:
            continue
        plain = all(ref in known.plain for ref in outside)
        _tell(alike, group, members, others, targets, plain=plain)
    if hidden and not reaches_everything(actor):
        most = remaining(actor) if telling else 0
        told = sorted(hidden, key=_number)[:most]
        tell(actor, "import", (hidden[row] for row in told))
        alike.elsewhere = told
    alike.groups.sort(key=lambda found: found.rows)
    return alike


def _number(row: Row) -> int:
    return row.number


def _tell(
    alike: Alike,
    group: DuplicateGroup,
    members: list[Row],
    others: list[tuple[str, str]],
    targets: Mapping[Row, int],
    *,
    plain: bool,
) -> None:
    """Report a group, and what its later rows look like; not ``plain``: without covered numbers."""
    codes = (*(row.data.given_code or None for row in members), *(code for code, _name in others))
    names = (*(row.data.name for row in members), *(name for _code, name in others))
    told = (reason for reason in group.reasons if plain or reason != "covered_phone")
    reasons = tuple(sorted({_public(reason) for reason in told}))
    numbers = tuple(row.number for row in members)
    alike.groups.append(Duplicate(numbers, codes, group.score, reasons, names))
    first: tuple[str, str, int | None] | None = (*others[0], None) if others else None
    for row in (row for row in members if row.outcome != "rejected"):
        if first is None:
            first = (row.data.code, row.data.name, row.number)
        elif row not in targets:
            code, name, number = first
            alike.later[row] = {
                "other": f"{code} {name}".strip(),
                "row": number,
                "score": group.score,
                "reasons": list(reasons),
            }


def _public(reason: str) -> str:
    """The stable words of an import's report: any likeness of names is ``name``."""
    if reason.startswith("name"):
        return "name"
    return {"tax_number_letter": "tax_number", "covered_phone": "phone"}.get(reason, reason)


class _Known:
    """Which customers of the archive may be named to the actor."""

    def __init__(
        self, actor: Actor, archive: Mapping[str, Company], rows: Mapping[int, Company]
    ) -> None:
        self.archive, self.rows = archive, rows
        ids = [int(ref[1:]) for ref in archive]
        mine = Customer.objects.for_user(actor).filter(pk__in=ids) if ids else []
        self.of: dict[str, tuple[str, str]] = {}
        self.plain: set[str] = set()
        for customer in mine:
            ref = f"#{customer.pk}"
            self.of[ref] = (customer.code, customer.name)
            if actor.is_system or (
                actor.employee_id is not None and customer.owner_id == actor.employee_id
            ):
                self.plain.add(ref)

    def may_tell(self, ref: str, members: Sequence[Row]) -> bool:
        """Whether the customer is seen, and is like one of the rows without numbers covered for the actor."""
        if ref not in self.of:
            return False
        row = self.archive[ref].row
        if ref in self.plain or not row.covered_phones:
            return True
        bare = Company(row._replace(covered_phones=()))
        return any(compare(self.rows[one.number], bare) is not None for one in members)


def company_of(row: Row) -> Company:
    """What the row is compared by, worked out once: by the thread that reads, for rows written with their batch."""
    data: CustomerData = row.data
    if data.company is None:
        data.company = Company(_of_row(row))
    return data.company


def _of_row(row: Row) -> DuplicateRow:
    data = row.data
    return DuplicateRow(
        row.number,
        data.name,
        data.tax,
        tuple(one for one in data.digits if one not in data.covered),
        data.given("region_id"),
        data.given("address"),
        tuple(filter(None, (data.contact.get("email"), data.values.get("email")))),
        data.values.get("website", ""),
        data.contact.get("name", ""),
        data.covered,
    )


def _archive(given: Iterable[Company], changed: set[int]) -> dict[str, Company]:
    """Customers of the archive that share a key with a row, by `#` and their key."""
    if not fetch("SELECT 1 FROM customers_duplicatekeys LIMIT 1"):
        return {}
    keys = {key for company in given for key in keys_of(company, names_near=False)}
    ids = [pk for pk in candidates(keys) if pk not in changed]
    return {f"#{row.ref}": Company(row._replace(ref=f"#{row.ref}")) for row in rows_of(ids)}


# After the customers were written -----------------------------------------------------------------------


def keep_alike_of(
    alike: Alike, created: Sequence[Row], changed: Sequence[Row], run_id: int | None
) -> None:
    """The keys of the customers written, and the pairs among them and with the archive."""
    add_keys(
        ((row.target, company_of(row)) for row in created if row.target is not None),
        searched=True,
    )
    keep_keys(rows_of(row.target for row in changed if row.target is not None), searched=False)
    target_of = {row.number: row.target for row in (*created, *changed)}
    found: list[Found] = []
    for group in alike.found:
        for pair in group.pairs:
            first, second = (
                int(ref[1:]) if isinstance(ref, str) else target_of.get(ref)
                for ref in (pair.first, pair.second)
            )
            if first is not None and second is not None and first != second:
                found.append((first, second, pair.score, pair.reasons))
    store_pairs(found, FoundBy.IMPORT, run_id)
