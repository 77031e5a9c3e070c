"""Steps that need the program's own services: run as a process with the home the people will work on."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from typing import Any

from dossier.config.environment import command_environment

_CLERKS = 7  # of eight further people; one more keeps files for everybody
_NAME = "load"


def people(count: str) -> None:
    """Bring the company to so many people who may sign in, and print them as JSON.

    Its employees first, by their posts; then clerks of the sales teams, entered as employees, one after
    the other. Repeating it makes nobody twice.
    """
    with command_environment() as actor:
        from dossier.core.services import command  # all of these need Django set up
        from dossier.demo.company import PEOPLE
        from dossier.demo.load import PASSWORD
        from dossier.people.models import Account, Employee, Role, Team
        from dossier.people.services import account_create, employee_create

        roles = {role.key: role.pk for role in Role.objects.all()}
        wanted = int(count)

        def sign_in(employee: Any, role: str) -> None:
            account_create(
                actor=actor,
                employee_id=employee.pk,
                login=employee.number.lower(),
                role_ids=[roles[role]],
                password=PASSWORD,
            )
            with command(actor, why=_NAME):
                Account.objects.filter(employee=employee).update(must_change_password=False)

        def missing() -> int:
            return wanted - Account.objects.exclude(employee=None).count()

        without = Employee.objects.filter(account=None, status="in_post").order_by("number")
        for employee in list(without)[: max(0, missing())]:
            sign_in(employee, "team_leader" if employee.position == "主管" else "salesperson")
        owners = Employee.objects.filter(customers__isnull=False)
        teams = list(Team.objects.filter(members__in=owners).distinct().order_by("pk"))
        place = 0
        while missing() > 0:
            number = f"L{place:03d}"
            keeps = place % (_CLERKS + 1) == _CLERKS
            if not Employee.objects.filter(number=number).exists():
                made = employee_create(
                    actor=actor,
                    number=number,
                    name=f"文员{place:03d}",
                    team=teams[place % len(teams)],
                    position="客户信息管理员" if keeps else "销售文员",
                )
                sign_in(made, "customer_information_administrator" if keeps else "sales_clerk")
            place += 1
        demo = {login for *_rest, login, _roles in PEOPLE}
        found = [
            {
                "login": account.login,
                "roles": sorted(role.key for role in account.roles.all()),
                "employee": account.employee_id,
                "team": account.employee.team_id,
                "demo": account.login in demo,
            }
            for account in Account.objects.exclude(employee=None)
            .select_related("employee")
            .prefetch_related("roles")
            .order_by("pk")
        ]
    sys.stdout.write(json.dumps(found[:wanted]))


def tokens(*logins: str) -> None:
    """A fresh token of the API for each of these, valid for a day; those of earlier runs end."""
    made = {}
    with command_environment() as actor:
        from dossier.core.api.app import load
        from dossier.people.models import Account, ApiToken
        from dossier.people.services import token_create, token_revoke

        load()  # the scopes are known by the departments
        for login in logins:
            account = Account.objects.get(login=login)
            for old in ApiToken.objects.filter(account=account, name=_NAME, revoked_at=None):
                token_revoke(actor=actor, token_id=old.pk)
            token = token_create(
                actor=actor, account_id=account.pk, name=_NAME, scopes=["*:write"], days=1
            )
            made[login] = token.secret
    sys.stdout.write(json.dumps(made))


_STEPS: dict[str, Callable[..., None]] = {"people": people, "tokens": tokens}

if __name__ == "__main__":
    _STEPS[sys.argv[1]](*sys.argv[2:])
