"""Employees from a company's own sheet (AUD-4, ORG-1, ORG-2). An imported employee has no sign-in.

A person whose position says leader (主管, 经理, leader, manager …) becomes the leader of the team where the
team has none and nobody else of it in the sheet says the same.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from typing import Any

from django.utils.timezone import localdate
from django.utils.translation import gettext_lazy as _

from dossier.core.errors import Refusal
from dossier.core.imports.checks import Cells, PlainFields
from dossier.core.imports.columns import columns_of, kind_columns
from dossier.core.imports.messages import IMPORT_MESSAGES
from dossier.core.imports.pipeline import Record
from dossier.core.imports.registry import Context, ImportKind, UndoTable, register
from dossier.core.imports.result import Duplicate, Row
from dossier.core.imports.stages import change_rows, copy_rows, draw_ids, fetch
from dossier.core.numbering import next_numbers, note_issued
from dossier.core.templatetags.look import day_text
from dossier.core.values import halfwidth, parse_phone, text
from dossier.people.directory import Directory
from dossier.people.fields import EMPLOYEE, EMPLOYEE_SHEET_ONLY, SHEET_DECOYS
from dossier.people.holdings import held_by
from dossier.people.models import Employee, Team
from dossier.people.seeds import NUMBER_SCHEME
from dossier.people.services import administrators_kept, leavers_let_go
from dossier.people.states import EmployeeStatus

COLUMNS = kind_columns(
    "employees",
    columns_of(Employee, EMPLOYEE),
    columns_of(Employee, EMPLOYEE_SHEET_ONLY),
    decoys=SHEET_DECOYS,
)
OWN_RULES = frozenset({"number", "name", "mobile", "team", "supervisor"})
"""Fields read by rules of their own; the others by their kind (`PlainFields`)."""

_LEADS = re.compile(
    r"主管|组长|队长|负责人|经理|总监|leader|manager|supervisor|head of", re.IGNORECASE
)
_DEPUTY = re.compile(
    r"副|助理|客户经理|产品经理|项目经理|销售经理助理|deputy|assistant|vice|account manager|product manager",
    re.IGNORECASE,
)
_COLUMNS = (
    "number",
    "name",
    "team_id",
    "position",
    "supervisor_id",
    "status",
    "hired_on",
    "left_on",
    "email",
    "mobile",
    "remark",
)


class EmployeeData:
    """What a row says; ``values`` holds the given columns only."""

    __slots__ = ("name", "number", "supervisor", "team", "values")

    def __init__(self) -> None:
        self.number = ""
        self.name = ""
        self.team = ""
        self.supervisor = ""
        self.values: dict[str, Any] = {}


class EmployeeSession:
    """One import of employees; rows are kept until all are read (supervisors refer to each other)."""

    def __init__(self, context: Context) -> None:
        self.context = context
        self.kept: list[Row] = []
        self.numbers: Counter[str] = Counter()
        self.plain = PlainFields(
            Employee, EMPLOYEE, columns=context.columns, titles=context.titles, own=OWN_RULES
        )
        self._facts: dict[str, Any] = {"teams": 0}

    # -- reading --------------------------------------------------------------------------------

    def check(self, rows: Sequence[tuple[Row, Record]]) -> None:
        """See Session.check."""
        for row, record in rows:
            self._check(row, record)

    def _check(self, row: Row, record: Record) -> None:
        data = row.data = EmployeeData()
        cells = Cells(row, record.values)
        values = data.values
        data.number = halfwidth(cells.text("number", 20, "error"))
        data.name = self._name(cells)
        if not data.name:
            cells.note("name", "missing", "error")
        values["name"] = data.name
        data.team = cells.text("team", 60)
        data.supervisor = cells.text("supervisor", 60)
        self.plain.read(cells, values)
        if (
            values.get("hired_on")
            and values.get("left_on")
            and values["left_on"] < values["hired_on"]
        ):
            cells.note("left_on", "left_before_hired", "error")
        if values.get("left_on") and values["left_on"] > localdate():
            # Leaving is what the day brings (as on the page): nobody is shut out before it.
            cells.note("left_on", "leaves_later", value=day_text(values["left_on"]))
            del values["left_on"]
            if values.get("status") == EmployeeStatus.LEFT:
                del values["status"]
        if "left_on" in values:
            values.setdefault("status", EmployeeStatus.LEFT.value)
        self._mobile(cells, values)

    def _name(self, cells: Cells) -> str:
        name = cells.text("name", 60, "error")
        if name:
            return name
        last, first = cells.text("last_name", 40), cells.text("first_name", 40)
        if (first + last).isascii() or not _is_han(first + last):
            return f"{first} {last}".strip()
        return last + first

    def _mobile(self, cells: Cells, values: dict[str, Any]) -> None:
        if cells.raw("mobile"):
            phone = parse_phone(cells.values["mobile"])
            if phone.doubtful:
                cells.note("mobile", phone.doubtful, value=text(cells.values["mobile"])[:60])
            values["mobile"] = (phone.given if phone.doubtful else phone.number)[:40]

    # -- deciding -------------------------------------------------------------------------------

    def take(self, rows: Sequence[Row]) -> None:
        """Refuse rows with errors, keep the others."""
        for row in rows:
            if row.data is not None and row.data.number:
                self.numbers[row.data.number] += 1
                if self.numbers[row.data.number] > 1:
                    row.error("number", "duplicate_number", value=row.data.number)
            if row.refused:
                row.settle("rejected")
            else:
                self.kept.append(row)
        if any(row.outcome == "rejected" for row in rows):
            self.context.refused()

    def facts(self) -> dict[str, Any]:
        """See Session.facts."""
        return self._facts

    def finish(self) -> list[Duplicate]:
        """Match, write, then supervisors and leaders, which refer to the rows written."""
        rows = self.kept
        there = {
            pk: dict(zip(("id", *_COLUMNS), (pk, *values), strict=True))
            for pk, *values in fetch(f"SELECT id, {', '.join(_COLUMNS)} FROM people_employee")  # noqa: S608 - own names
        }
        by_number = {one["number"].casefold(): pk for pk, one in there.items()}
        by_name = Counter(one["name"] for one in there.values())
        new: list[Row] = []
        old: list[Row] = []
        for row in rows:
            data = row.data
            pk = row.previous or (by_number.get(data.number.casefold()) if data.number else None)
            if pk is None and not data.number and by_name[data.name] == 1:
                pk = next(key for key, one in there.items() if one["name"] == data.name)
            (old if pk is not None else new).append(row)
            row.target = pk
        self._keep_in_reach(new, old)
        new, old = [r for r in new if r.outcome is None], [r for r in old if r.outcome is None]
        teams = self._teams(new + old)
        self._create(new, teams)
        self._change(old, there, teams)
        if self.context.writing:
            self._supervisors(new + old)
            self._leaders(new + old, teams)
            self._check_reach([row.target for row in new + old if row.target])
        else:
            self._name_supervisors(new + old)
        return []

    def _keep_in_reach(self, new: list[Row], old: list[Row]) -> None:
        """Who reaches only some employees may enter and change only those (the preview's check)."""
        actor = self.context.actor
        if "all" in actor.scopes("people.employee", "import") and "all" in actor.scopes(
            "people.employee", "view"
        ):
            return
        mine = set(Employee.objects.for_user(actor, "import").values_list("pk", flat=True))
        names = set(Team.objects.filter(pk__in=actor.team_ids).values_list("name", flat=True))
        for row in old:
            if row.target not in mine:
                row.error("number", "not_yours")
        for row in new:
            if row.data.team not in names:
                row.error("team", "not_yours")
        for row in (*new, *old):
            if row.refused:
                row.settle("rejected")
                self.context.refused()

    def _check_reach(self, ids: list[int]) -> None:
        actor = self.context.actor
        if Employee.objects.for_user(actor, "import").filter(pk__in=ids).count() != len(set(ids)):
            raise Refusal("not_yours", IMPORT_MESSAGES["not_yours"])

    # -- writing --------------------------------------------------------------------------------

    def _teams(self, rows: Sequence[Row]) -> dict[str, int]:
        """Teams by name, those missing made on the top of the tree."""
        names = list(dict.fromkeys(row.data.team for row in rows if row.data.team))
        if not names:
            return {}
        found: dict[str, int] = {}
        for pk, name, _parent in fetch(
            "SELECT id, lower(name), parent_id FROM people_team ORDER BY parent_id NULLS FIRST, id"
        ):
            found.setdefault(name, pk)
        missing = list({name.lower(): name for name in names if name.lower() not in found}.values())
        self._facts["teams"] = len(missing)
        if self.context.writing and missing:
            ids = draw_ids("people_team", len(missing))
            copy_rows("people_team", ("id", "name"), zip(ids, missing, strict=True))
            found.update({name.lower(): pk for name, pk in zip(missing, ids, strict=True)})
        return {name: found[name.lower()] for name in names if name.lower() in found}

    def _create(self, rows: list[Row], teams: dict[str, int]) -> None:
        if not self.context.writing:
            for row in rows:
                row.settle("created")
            return
        note_issued(NUMBER_SCHEME, (row.data.number for row in rows))
        unnumbered = [row for row in rows if not row.data.number]
        if unnumbered:
            taken = {number for (number,) in fetch("SELECT number FROM people_employee")} | set(
                self.numbers
            )
            while unnumbered:
                number = next_numbers(NUMBER_SCHEME, 1)[0]
                if number not in taken:
                    unnumbered.pop(0).data.number = number
        lines = []
        for row, pk in zip(rows, draw_ids("people_employee", len(rows)), strict=True):
            row.settle("created", pk)
            values = {
                "position": "", "status": EmployeeStatus.IN_POST.value, "hired_on": None, "left_on": None,
                "email": "", "mobile": "", "remark": "", "supervisor_id": None,
            } | row.data.values  # fmt: skip
            values |= {"number": row.data.number, "team_id": teams.get(row.data.team)}
            lines.append([pk, *(values[name] for name in _COLUMNS)])
        copy_rows("people_employee", ("id", *_COLUMNS), lines)

    def _change(
        self, rows: list[Row], there: dict[int, dict[str, Any]], teams: dict[str, int]
    ) -> None:
        changes = []
        for row in rows:
            assert row.target is not None
            old = there[row.target]
            values = dict(row.data.values)
            if values.get("status") == EmployeeStatus.LEFT and old["status"] != EmployeeStatus.LEFT:
                held = held_by(Employee.objects.get(pk=row.target))
                if held:
                    row.warn("status", "holds_records", value=old["name"])
                    del values["status"]
                    values.pop("left_on", None)
            new = old | values
            if row.data.team:
                new["team_id"] = teams.get(row.data.team, -1)
            if row.data.number:
                new["number"] = row.data.number
            if new["left_on"] and new["hired_on"] and new["left_on"] < new["hired_on"]:
                row.error("left_on", "left_before_hired")
                row.settle("rejected", None)
                self.context.refused()
                continue
            row.settle("unchanged" if new == old else "updated", row.target)
            if new != old:
                changes.append([row.target, *(new[name] for name in _COLUMNS)])
        if self.context.writing:
            with administrators_kept(self.context.actor):
                change_rows("people_employee", _COLUMNS, changes)
                leavers_let_go(change[0] for change in changes)

    def _supervisors(self, rows: Sequence[Row]) -> None:
        """Second pass: now everybody of the sheet can be found. Nobody stands above himself."""
        directory = Directory()
        parents = dict(fetch("SELECT id, supervisor_id FROM people_employee"))
        changes = []
        for row in rows:
            given = row.data.supervisor
            if not given or row.target is None:
                continue
            found = directory.find(given)
            if found.pk is None or _above(row.target, found.pk, parents):
                row.warn("supervisor", "unknown_supervisor", value=given)
            elif parents[row.target] != found.pk:
                parents[row.target] = found.pk
                changes.append([row.target, found.pk])
                if row.outcome == "unchanged":
                    row.settle("updated", row.target)
        created = {row.target for row in rows if row.outcome == "created"}
        change_rows("people_employee", ("supervisor_id",), changes)
        if created:  # the second pass is part of entering them
            fetch(
                "UPDATE people_employee SET version = 1 WHERE id = ANY(%s) RETURNING id",
                [list(created)],
            )

    def _name_supervisors(self, rows: Sequence[Row]) -> None:
        """A dry run: the supervisors who are neither there nor in the sheet."""
        directory = Directory()
        sheet = {row.data.name for row in rows} | {row.data.number for row in rows}
        for row in rows:
            given = row.data.supervisor
            if given and given not in sheet and directory.find(given).pk is None:
                row.warn("supervisor", "unknown_supervisor", value=given)

    def _leaders(self, rows: Sequence[Row], teams: dict[str, int]) -> None:
        """Leaders of teams that have none, where the sheet names exactly one."""
        leading: dict[int, list[int]] = {}
        for row in rows:
            values = row.data.values
            position = values.get("position", "")
            team = teams.get(row.data.team)
            in_post = values.get("status", "in_post") == EmployeeStatus.IN_POST
            if (
                team
                and in_post
                and row.target
                and _LEADS.search(position)
                and not _DEPUTY.search(position)
            ):
                leading.setdefault(team, []).append(row.target)
        without = {pk for (pk,) in fetch("SELECT id FROM people_team WHERE leader_id IS NULL")}
        change_rows(
            "people_team",
            ("leader_id",),
            [
                [team, people[0]]
                for team, people in leading.items()
                if len(people) == 1 and team in without
            ],
        )


def _above(start: int, parent: int | None, parents: dict[int, int | None]) -> bool:
    seen: set[int] = set()
    while parent is not None and parent not in seen:
        if parent == start:
            return True
        seen.add(parent)
        parent = parents.get(parent)
    return False


def _is_han(value: str) -> bool:
    return any("\u3400" <= char <= "\u9fff" for char in value)


KIND = register(
    ImportKind(
        key="employees",
        label=_("Employees"),
        text=_("People with their team, position, supervisor; nobody gets a sign-in by this"),
        icon="users",
        order=10,
        columns=COLUMNS,
        permission="people.employee",
        model="people.Employee",
        session=EmployeeSession,
        undo=(
            UndoTable("people.Team", url="team-edit"),
            UndoTable("people.Employee", url="employee"),
        ),
        locks=lambda options: frozenset({"employees"}),
        list_url="people",
        needs=(("name", "last_name", "first_name"),),
    )
)
