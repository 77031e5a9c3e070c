"""Employees: entered, edited, left after handing over, back again (ORG-1)."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from contextlib import AbstractContextManager
from datetime import date
from typing import Any, NamedTuple, TypedDict, Unpack

from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from dossier.core.access import Actor
from dossier.core.bilingual import listed
from dossier.core.errors import NotFound, Refusal, Refusals
from dossier.core.models import Unmasking
from dossier.core.numbering import note_issued
from dossier.core.services import command, once, unique
from dossier.core.values import PROBLEM_MESSAGES, ValueProblem, halfwidth, parse_email, parse_phone
from dossier.people.holdings import held_by, holding_kinds
from dossier.people.models import Account, Employee, Team
from dossier.people.rules import makes_cycle
from dossier.people.seeds import NUMBER_SCHEME
from dossier.people.services._common import (
    TREES,
    administrators_kept,
    advisory_lock,
    chosen,
    clean_text,
    in_post,
    locked,
    write,
)
from dossier.people.services.sign_ins import sessions_kill
from dossier.people.states import EmployeeStatus

REVEALABLE = frozenset({"mobile"})


class EmployeeValues(TypedDict, total=False):
    """What may be entered about an employee; what is left out stays as it is.

    Status, dates of leaving and the sign-in have services of their own.
    """

    number: str
    name: str
    team: Team | None
    position: str
    supervisor: Employee | None
    hired_on: date | None
    email: str
    mobile: str
    remark: str


class Leave(NamedTuple):
    """A leaver and what was handed over: (label, how many)."""

    employee: Employee
    handed_over: list[tuple[str, int]]


def employee_create(
    *, actor: Actor, submission: str = "", **values: Unpack[EmployeeValues]
) -> Employee:
    """Enter an employee in post (ORG-1). ``submission`` makes a repeated form happen once."""
    actor.require("people.employee", "add")
    with command(actor):
        claim = once(actor=actor, key=submission, what="people.employee") if submission else None
        if claim is not None and claim.result:
            return Employee.objects.get(pk=claim.result)  # type: ignore[no-any-return] # the manager is untyped
        employee = Employee(**_checked(actor, None, {"number": "", "name": "", **values}))
        note_issued(NUMBER_SCHEME, [employee.number])
        with _number_taken():
            employee.save()
        Employee.objects.reachable(actor, employee.pk, "add")
        if claim is not None:
            claim.result = str(employee.pk)
            claim.save(update_fields=["result"])
        return employee


def employee_update(
    *,
    actor: Actor,
    employee_id: int,
    expected_version: int | None,
    why: str = "",
    **values: Unpack[EmployeeValues],
) -> Employee:
    """Edit an employee; supervisors never lead back to themselves (ORG-1, ORG-2)."""
    with command(actor, why=why):
        if "supervisor" in values:
            advisory_lock(TREES)
        employee: Employee = locked(Employee.objects, actor, employee_id, "change")
        with _number_taken():
            write(
                employee, _checked(actor, employee, dict(values)), expected_version=expected_version
            )
        Employee.objects.reachable(actor, employee.pk, "change")
        return employee


def employee_leave(
    *,
    actor: Actor,
    employee_id: int,
    left_on: date,
    hand_over_to: int | None = None,
    expected_version: int | None = None,
) -> Leave:
    """Mark an employee as left after all he or she holds has a new owner, in one step (ORG-1).

    Sign-ins are closed and running sessions end in the same transaction. Teams lose their leader and
    reports move to the leaver's own supervisor. Repeating it does nothing.
    """
    with command(actor, why="left; handed over"), administrators_kept(actor):
        advisory_lock(TREES)
        employee: Employee = locked(Employee.objects, actor, employee_id, "change")
        if not employee.in_post:
            return Leave(employee, [])
        _check_leaving(actor, employee, left_on)
        heir: Employee | None = None
        if hand_over_to is not None:
            seen = chosen(Employee.objects, actor, hand_over_to, field="hand_over_to")
            heir = Employee.objects.select_for_update().get(pk=seen.pk)
            in_post(heir, field="hand_over_to")
            if heir.pk == employee.pk:
                raise Refusal(
                    "hands_to_self", _("Choose somebody else to take over."), field="hand_over_to"
                )
        handed = _hand_over(actor, employee, heir)
        write(
            employee,
            {"status": EmployeeStatus.LEFT.value, "left_on": left_on},
            expected_version=expected_version,
        )
        leavers_let_go([employee.pk])
        return Leave(employee, handed)


def leavers_let_go(employee_ids: Iterable[int]) -> None:
    """What leaving takes with it, inside the running command, for those among them who left (ORG-1).

    Teams lose their leader, reports move to the nearest supervisor above who is in post, sign-ins are
    closed and their sessions end.
    """
    left = Employee.objects.filter(pk__in=set(employee_ids), status=EmployeeStatus.LEFT)
    for employee in left.order_by("pk"):
        for team in Team.objects.select_for_update(of=("self",)).filter(leader=employee):
            write(team, {"leader": None}, expected_version=None)
        above = employee.supervisor
        while above is not None and not above.in_post:
            above = above.supervisor
        for report in Employee.objects.select_for_update(of=("self",)).filter(supervisor=employee):
            write(report, {"supervisor": above}, expected_version=None)
        account = Account.objects.select_for_update(of=("self",)).filter(employee=employee).first()
        if account is not None:
            write(account, {"is_active": False}, expected_version=None)
            sessions_kill(account=account)


def employee_return(
    *, actor: Actor, employee_id: int, expected_version: int | None = None
) -> Employee:
    """Take a leaver back into post; the sign-in stays closed until an administrator opens it."""
    with command(actor, why="back in post"):
        employee: Employee = locked(Employee.objects, actor, employee_id, "change")
        write(
            employee,
            {"status": EmployeeStatus.IN_POST.value, "left_on": None},
            expected_version=expected_version,
        )
        return employee


def employee_reveal(*, actor: Actor, employee_id: int, field: str, why: str = "") -> str:
    """The full value of a masked field, its showing recorded (ORG-4)."""
    with command(actor):
        employee: Employee = Employee.objects.reachable(actor, employee_id, "unmask")
        if field not in REVEALABLE:
            raise NotFound("not_found", _("There is no such field."))
        Unmasking.objects.create(
            account_id=actor.account_id,
            login=actor.login,
            ip=actor.ip,
            table=Employee._meta.db_table,
            row_id=str(employee.pk),
            field=field,
            reason=why[:200],
        )
        return str(getattr(employee, field))


def _hand_over(actor: Actor, employee: Employee, heir: Employee | None) -> list[tuple[str, int]]:
    held = held_by(employee)
    if not held:
        return []
    if heir is None:
        raise Refusal(
            "holds_records",
            _("%(name)s still holds %(what)s. Choose who takes them over."),
            field="hand_over_to",
            params={
                "name": employee.name,
                "what": listed(f"{kind.label} ({count})" for kind, count in held),
            },
        )
    handed = [(str(kind.label), kind.hand_over(actor, employee, heir)) for kind in holding_kinds()]
    if held_by(employee):
        raise Refusal(
            "handover_incomplete",
            _("Not everything could be handed over, so nothing was changed. Try again."),
        )
    return [(label, count) for label, count in handed if count]


def _check_leaving(actor: Actor, employee: Employee, left_on: date) -> None:
    if actor.employee_id == employee.pk:
        raise Refusal(
            "leaves_self", _("You cannot mark yourself as left. Ask a colleague to do it.")
        )
    if left_on > timezone.localdate():
        raise Refusal(
            "future",
            _("This day has not come yet. Mark the person as left on the day itself."),
            field="left_on",
        )
    if employee.hired_on and left_on < employee.hired_on:
        raise Refusal("left_before_hired", _("This is before the day of hiring."), field="left_on")


def _checked(actor: Actor, employee: Employee | None, values: dict[str, Any]) -> dict[str, Any]:
    """The values as they are stored, each rule checked; all that is wrong is said at once, by field.

    What the record holds already is not judged again: an import may have kept it as it was given.
    """
    checked = dict(values)
    wrong: list[Refusal] = []
    for name, check in _CHECKS.items():
        if name not in values or (employee is not None and values[name] == getattr(employee, name)):
            continue
        try:
            checked[name] = check(values[name], employee)
        except Refusal as refusal:
            wrong.append(refusal)
    try:
        _check_places(actor, employee, values)
    except Refusal as refusal:
        wrong.append(refusal)
    if wrong:
        raise wrong[0] if len(wrong) == 1 else Refusals(wrong)
    return checked


def _number(value: str, employee: Employee | None) -> str:
    number = clean_text(
        halfwidth(value), longest=20, field="number", must=True, blank=_("Give an employee number.")
    )
    others = Employee.objects.exclude(pk=employee.pk) if employee else Employee.objects.all()
    if others.filter(number__iexact=number).exists():
        raise _taken()
    return number


def _name(value: str, employee: Employee | None) -> str:
    return clean_text(
        value, longest=60, field="name", must=True, blank=_("Give the person's name.")
    )


def _email(value: str, employee: Employee | None) -> str:
    if not value:
        return ""
    try:
        return parse_email(value)
    except ValueProblem as problem:
        raise Refusal(
            problem.code, PROBLEM_MESSAGES[problem.code], field="email", params=problem.params
        ) from problem


def _mobile(value: str, employee: Employee | None) -> str:
    mobile = clean_text(value, longest=40, field="mobile")
    phone = parse_phone(mobile) if mobile else None
    return mobile if phone is None or phone.doubtful else phone.number


def _hired_on(value: date | None, employee: Employee | None) -> date | None:
    if value and employee and employee.left_on and value > employee.left_on:
        raise Refusal("left_before_hired", _("This is after the day of leaving."), field="hired_on")
    return value


_CHECKS: dict[str, Callable[[Any, Employee | None], Any]] = {
    "number": _number,
    "name": _name,
    "position": lambda value, employee: clean_text(value, longest=60, field="position"),
    "hired_on": _hired_on,
    "email": _email,
    "mobile": _mobile,
    "remark": lambda value, employee: clean_text(value, longest=10_000, field="remark"),
}


def _check_places(actor: Actor, employee: Employee | None, values: dict[str, Any]) -> None:
    """Team and supervisor exist for the actor, are in use, and lead to no cycle; unchanged ones may stay."""
    team, supervisor = values.get("team"), values.get("supervisor")
    if team is not None and (employee is None or team.pk != employee.team_id):
        team = chosen(Team.objects, actor, team.pk, field="team")
        if not team.is_active:
            raise Refusal(
                "team_closed", _("This team is no longer in use. Choose another."), field="team"
            )
    if supervisor is not None and (employee is None or supervisor.pk != employee.supervisor_id):
        in_post(
            chosen(Employee.objects, actor, supervisor.pk, field="supervisor"), field="supervisor"
        )
        if employee is not None:
            above: dict[int, int | None] = dict(Employee.objects.values_list("pk", "supervisor_id"))
            if makes_cycle(employee.pk, supervisor.pk, above.get):
                raise Refusal(
                    "cycle",
                    _("%(name)s would be his or her own superior. Choose another supervisor."),
                    field="supervisor",
                    params={"name": employee.name},
                )


def _taken() -> Refusal:
    return Refusal("number_taken", _("This employee number is taken."), field="number")


def _number_taken() -> AbstractContextManager[None]:
    return unique("people_employee_number", _taken())
