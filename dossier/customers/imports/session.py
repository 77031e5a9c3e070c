"""One import of customers: which row is which customer, which code it gets, what is written (AUD-4)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Any

from dossier.core.errors import Refusal
from dossier.core.imports.messages import IMPORT_MESSAGES
from dossier.core.imports.pipeline import Record
from dossier.core.imports.registry import LEAVE_OUT, Context
from dossier.core.imports.result import Duplicate, Row
from dossier.core.imports.stages import fetch
from dossier.core.models import NumberScheme
from dossier.core.numbering import note_issued
from dossier.customers.imports.alike import Alike, company_of, find_alike, keep_alike_of
from dossier.customers.imports.checking import CustomerChecker, CustomerData
from dossier.customers.imports.held import Held
from dossier.customers.imports.reach import Reach
from dossier.customers.imports.writing import Change, Writer, derived_of
from dossier.customers.models import Customer, CustomerCategory
from dossier.customers.rules import normalise_name
from dossier.customers.seeds import CODE_SCHEME
from dossier.people.directory import Directory


class Archived:
    """What matching needs of a customer in the archive."""

    __slots__ = ("code", "kind", "name", "name_key", "pk", "status", "tax", "visible")

    def __init__(self, row: Sequence[Any]) -> None:
        self.pk, self.code, self.name, self.name_key, self.tax, self.kind, self.status = row
        self.visible = True


class _Settled(dict[Row, int]):
    """The rows that change a customer of the archive. As customers that are not "others" also count those
    this import has written already."""

    def __init__(self, changed: Sequence[Change], created: Sequence[Row]) -> None:
        super().__init__((change.row, change.archived.pk) for change in changed)
        self._written = [row.target for row in created if row.target is not None]

    def values(self) -> Any:
        """See the class."""
        return [*super().values(), *self._written]


class CustomerSession:
    """Codes and duplicates are a matter of the whole sheet, writing is not.

    A new customer whose code nobody else has is written with its batch, while the next rows are being
    read: of rows with one code the first keeps it, as ever. The others wait until all are read: rows
    without a code (the next codes follow the highest of the sheet), rows that change the archive, and
    all rows of an annotated copy, whose keys go before codes, or of an import that leaves out what looks
    like another customer. What a row is called an equal of is known
    at the end, so rows are settled there.
    """

    def __init__(self, context: Context) -> None:
        self.context = context
        scheme = NumberScheme.objects.get(key=CODE_SCHEME)
        self.checker = CustomerChecker(
            columns=context.columns,
            titles=context.titles,
            code_width=None if scheme.prefix else scheme.width,
            categories=_categories(),
            directory=Directory(),
        )
        self.reach = Reach(context.actor)
        self.writer = Writer(context)
        self.leaves_out = context.options.duplicates == LEAVE_OUT
        # Whether a customer is written with its batch; otherwise too much would have to wait in memory.
        self.early = context.writing and not context.keyed and not self.leaves_out
        self.kept: list[Row] = []  # matched and written when all are read
        self.written: list[Row] = []
        self.coded: dict[str, str] = {}  # code → name of the row of this sheet that keeps it
        self.late: list[Row] = []  # new without a code of their own: they get the next ones
        self.seen: list[
            Row
        ] = []  # refused ones too: their codes are taken and they may look like others
        self._held: Held | None = None
        self._facts: dict[str, Any] = {}

    def check(self, rows: Sequence[tuple[Row, Record]]) -> None:
        """See Session.check; of customers written with their batch also what follows from the cells."""
        self.checker.check(rows)
        if not self.early:
            return
        good = [row for row, _record in rows if not row.refused and not row.data.lacks]
        for row in good:
            data: CustomerData = row.data
            if data.code:
                data.derived, data.derived_for = derived_of(data), data.code
        for row in good:
            company_of(row)

    def take(self, rows: Sequence[Row]) -> None:
        """Refuse rows with errors; write what can be written, keep the others."""
        early: list[Row] = []
        for row in rows:
            if row.data is None:  # a line of sums
                row.settle("rejected")
                continue
            self.seen.append(row)
            if row.refused:
                row.settle("rejected")
            elif self.context.keyed or self.leaves_out:
                self.kept.append(row)
            else:
                early.append(row)
        self._write_early(early)

    def facts(self) -> dict[str, Any]:
        """See Session.facts."""
        return self._facts

    def finish(self) -> list[Duplicate]:
        """Match and write the rest, name duplicates."""
        matched, changed = self._match()
        created = sorted([*self.late, *matched], key=lambda row: row.number)
        self._hold([*created, *(change.row for change in changed)])
        if any(row.outcome == "rejected" for row in self.seen):
            self.context.refused()
        codes = [row.data.given_code for row in self.seen if row.data.given_code]
        settled = _Settled(changed, self.written)
        if self.leaves_out:
            alike = self._alike(settled)
            created = self._left_out(created, alike)
            self.writer.give_codes(created, codes)
        else:
            self.writer.give_codes(created, codes)
            alike = self._alike(settled)
            for row, params in alike.later.items():
                row.warn("name", "possible_duplicate", other=params["other"])
        for row in alike.elsewhere:
            row.warn("name", "exists_elsewhere")
        self.writer.create(created)
        created = [*self.written, *created]
        for row in created:
            if row.outcome is None:
                row.settle("created", row.target)
        self.writer.change(changed)
        if self.context.writing:
            changed_rows = [change.row for change in changed if change.row.outcome == "updated"]
            keep_alike_of(alike, created, changed_rows, self.context.run_id)
        self._hold_heads(created, changed)
        if self.context.writing and not self.reach.everything:
            self._check_reach(
                [
                    row.target
                    for row in (*created, *(change.row for change in changed))
                    if row.target
                ]
            )
        return alike.groups

    def _alike(self, targets: dict[Row, int]) -> Alike:
        """See `find_alike`. What is told must stay on record, so nothing is where all will be taken back."""
        telling = self.context.writing or self.context.options.dry_run
        return find_alike(self.seen, self.context.actor, targets, telling=telling)

    def _left_out(self, created: list[Row], alike: Alike) -> list[Row]:
        """The new rows without those that look like an earlier one or a customer on file."""
        kept = []
        for row in created:
            if row in alike.later:
                row.warn("name", "left_out_duplicate", other=alike.later[row]["other"])
                row.settle("unchanged")
            else:
                kept.append(row)
        return kept

    def _write_early(self, rows: list[Row]) -> None:
        """Write the new customers that keep their codes; all new ones are numbered in the sheet's order."""
        codes = {row.data.code for row in rows} - self.coded.keys() - {""}
        archived = self._archive_by_code(codes)
        new: list[Row] = []
        for row in rows:
            data: CustomerData = row.data
            if data.code in archived:
                data.derived = None
                self.kept.append(row)
            elif self._is_new(row, self.coded.get(data.code, "")):
                new.append(row)
                if data.code:
                    self.coded[data.code] = data.name
        if any(row.outcome == "rejected" for row in rows):
            self.context.refused()
        fresh = [row for row in new if row.data.code]
        self.late.extend(row for row in new if not row.data.code)
        if self.context.writing:
            self._hold(new)
            self.writer.number(new)
        if fresh and self.context.writing:
            note_issued(CODE_SCHEME, (row.data.code for row in fresh))
        self.writer.create(fresh)
        self.written.extend(fresh)

    # -- matching -------------------------------------------------------------------------------

    def _match(self) -> tuple[list[Row], list[Change]]:
        """Rows that become new customers (with the code they keep, or none) and rows that change one."""
        by_code = self._archive_by_code({row.data.code for row in self.kept if row.data.code})
        by_id = self._archive_by_id({row.previous for row in self.kept if row.previous})
        used = self.coded
        claimed: set[int] = {archived.pk for archived in by_id.values()}
        created: list[Row] = []
        changed: list[Change] = []
        for row in self.kept:
            data: CustomerData = row.data
            archived = by_id.get(row.previous) if row.previous else None
            at_code = by_code.get(data.code) if data.code else None
            if (
                archived is None
                and at_code is not None
                and at_code.pk not in claimed
                and _same(data, at_code)
            ):
                archived = at_code
            if archived is not None:
                if not archived.visible:
                    self._refuse(row, "code", "not_yours")
                    continue
                claimed.add(archived.pk)
                used.setdefault(archived.code, archived.name)
                used.setdefault(data.code or archived.code, archived.name)
                changed.append(Change(row, archived))
                continue
            taken = used.get(data.code) or (
                at_code.name if at_code and at_code.visible else "" if at_code is None else "…"
            )
            if self._is_new(row, taken):
                if data.code:
                    used[data.code] = data.name
                created.append(row)
        return created, changed

    def _is_new(self, row: Row, taken: str) -> bool:
        """Whether the row can be a new customer; refused, or told that its code is ``taken``, otherwise.

        A code that is another's is taken away; the customer gets the next one.
        """
        data: CustomerData = row.data
        if not self._complete(row):
            return False
        if data.code and taken:
            row.warn("code", "duplicate_code", value=data.code, other=taken)
            data.questions.append(
                ("code", data.code, "duplicate_code", {"value": data.code, "other": taken})
            )
            data.code = ""
        if not self.reach.may_create(data.values.get("owner_id"), data.given("region_id")):
            self._refuse(row, "owner", "not_yours")
            return False
        return True

    def _complete(self, row: Row) -> bool:
        """A new customer needs what a sheet without the column cannot give (CUS-1)."""
        for field in row.data.lacks:
            row.error(field, "missing")
        if row.data.lacks:
            row.settle("rejected")
        return not row.data.lacks

    def _refuse(self, row: Row, field: str, code: str) -> None:
        row.error(field, code)
        row.settle("rejected")

    def _archive_by_code(self, codes: set[str]) -> dict[str, Archived]:
        if not codes:
            return {}
        found = fetch(
            """
            SELECT c.code, c.id, c.code, c.name, c.name_key, c.tax_number, c.kind, c.status
            FROM customers_customer c WHERE c.code = ANY(%(codes)s)
            UNION ALL
            SELECT a.code, c.id, c.code, c.name, c.name_key, c.tax_number, c.kind, c.status
            FROM customers_customeralias a JOIN customers_customer c ON c.id = a.customer_id
            WHERE a.code = ANY(%(codes)s)
            """,
            {"codes": list(codes)},
        )
        return self._with_visibility({row[0]: Archived(row[1:]) for row in found})

    def _archive_by_id(self, ids: set[int]) -> dict[int, Archived]:
        if not ids:
            return {}
        found = fetch(
            "SELECT id, code, name, name_key, tax_number, kind, status FROM customers_customer WHERE id = ANY(%s)",
            [list(ids)],
        )
        return self._with_visibility({row[0]: Archived(row) for row in found})

    def _with_visibility(self, archived: dict[Any, Archived]) -> dict[Any, Archived]:
        if not self.reach.everything and archived:
            mine = self.reach.changeable({one.pk for one in archived.values()})
            for one in archived.values():
                one.visible = one.pk in mine
        return archived

    # -- afterwards -----------------------------------------------------------------------------

    def _hold(self, rows: list[Row]) -> None:
        """Owners stay in post and categories in use until this is committed (ORG-1).

        All are held before the first customer is written, in the order of locks of the services; who
        has just left, and a category just taken out of use, becomes a question.
        """
        if not rows or not self.context.writing:
            return
        if self._held is None:
            self._held = Held(self.context.columns, self.checker.categories)
        self._held.put_right(rows)

    def _hold_heads(self, created: list[Row], changed: list[Change]) -> None:
        """Head offices: by code, else by exact name; the topmost one, never in a circle (CUS-5)."""
        wanting = [
            row for row in (*created, *(change.row for change in changed)) if row.data.head_office
        ]
        if not wanting:
            return
        names = {row.data.head_office for row in wanting}
        codes = {name: _as_code(name, self.checker.code_width) for name in names}
        found = self._archive_by_code({code for code in codes.values() if code})
        named = fetch(
            "SELECT name, min(id), count(*) FROM customers_customer WHERE name = ANY(%s) GROUP BY name",
            [list(names)],
        )
        by_name = {name: pk for name, pk, count in named if count == 1}
        if not self.reach.everything:
            mine = self.reach.changeable(set(by_name.values()))
            by_name = {name: pk for name, pk in by_name.items() if pk in mine}
        pairs, unknown = [], []
        for row in wanting:
            name = row.data.head_office
            archived = found.get(codes[name])
            pk = archived.pk if archived is not None and archived.visible else by_name.get(name)
            if self.context.writing and (pk is None or pk == row.target):
                row.warn("head_office", "unknown_head_office", value=name[:60])
                row.data.questions.append(
                    ("head_office", name, "unknown_head_office", {"value": name[:60]})
                )
                unknown.append(row)
            elif pk is not None and row.target is not None:
                pairs.append((row.target, pk))
        self.writer.set_heads(pairs)
        self.writer.ask(unknown)

    def _check_reach(self, ids: list[int]) -> None:
        """Nobody saves a row into a place they could not reach (law 2 of the house)."""
        mine = Customer.objects.for_user(self.context.actor, "import").filter(pk__in=ids).count()
        if mine != len(set(ids)):
            raise Refusal("not_yours", IMPORT_MESSAGES["not_yours"])


def _same(data: CustomerData, archived: Archived) -> bool:
    """Whether a row and the customer of its code are plausibly one company."""
    if archived.kind != "customer":
        return False
    if archived.status == "draft" or not data.name:
        return True
    if data.tax and data.tax == archived.tax:
        return True
    return bool(normalise_name(data.name).full[:200] == archived.name_key)


def _categories() -> dict[str, int]:
    """Categories in use by code, and by name where only one is called so."""
    nodes = list(CustomerCategory.objects.filter(is_active=True).values_list("pk", "code", "name"))
    names = Counter(name.casefold() for _pk, _code, name in nodes)
    found = {name.casefold(): pk for pk, _code, name in nodes if names[name.casefold()] == 1}
    return found | {code.casefold(): pk for pk, code, _name in nodes}


def _as_code(name: str, width: int | None) -> str:
    from dossier.core.values import ValueProblem, parse_code

    try:
        return parse_code(name, width)
    except ValueProblem:
        return ""
