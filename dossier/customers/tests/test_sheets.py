"""What an imported sheet said besides the fields stands on the profile, covered where it looks sensitive."""

from __future__ import annotations

import pytest
from django.db import connection
from django.urls import reverse

from dossier.core.fields import Mask
from dossier.core.imports.undo import undo_run
from dossier.core.models import ImportRow, Unmasking
from dossier.customers.models import Customer
from dossier.customers.rules.sensitive import looks_sensitive
from dossier.customers.selectors import also_in_sheets, sheets
from dossier.customers.tests.pages import body
from dossier.people.models import Employee
from tests.factories import client_for, make_account, make_team
from tests.imports import import_file, sheet

pytestmark = pytest.mark.slow

HEAD = [
    "客户名称",
    "联系人",
    "电话",
    "业务员",
    "结算方式",
    "微信",
    "参展记录",
    "家庭地址",
    "回访日期",
]
ROW = [
    "甲公司",
    "李",
    "022-81234567",
    "卖家",
    "月结30天",
    "wx_geheim",
    "2019广交会",
    "和平里9号",
    "",
]


@pytest.fixture
def here(committed_db):
    team = make_team()
    seller = make_account(roles=["salesperson"], team=team)
    Employee.objects.filter(pk=seller.employee_id).update(name="卖家")
    leader = make_account(roles=["team_leader"], team=team)
    team.leader = leader.employee
    team.save()
    clients = {
        "mine": client_for(seller),
        "leader": client_for(leader),
        "reader": client_for(make_account(roles=["finance"])),
        "stranger": client_for(make_account(roles=["salesperson"], team=make_team())),
    }
    result = import_file("customers", sheet(HEAD, ROW), name="老客户.csv")
    assert (result.created, result.rejected) == (1, 0), result.problems
    return clients


def profile(client):
    return body(client.get(reverse("customer", args=[Customer.objects.get().pk])))


def test_columns_without_a_field_are_shown_with_file_row_and_day(here):
    told = {one.title: one for one in also_in_sheets(Customer.objects.get())}
    assert {title: one.text for title, one in told.items()} == {
        "结算方式": "月结30天",
        "微信": "wx_geheim",
        "参展记录": "2019广交会",
        "家庭地址": "和平里9号",
    }
    assert (told["微信"].file, told["微信"].row) == ("老客户.csv", 2)
    text = profile(here["mine"])
    for piece in ("Also in the imported sheet", "月结30天", "2019广交会", "老客户.csv, row 2"):
        assert piece in text, piece
    assert "wx_geheim" in text and "和平里9号" in text  # the owner's own customer


def test_what_looks_sensitive_is_covered_and_its_showing_recorded(here):
    for name in ("leader", "reader"):
        text = profile(here[name])
        assert "月结30天" in text and "2019广交会" in text
        assert "wx_geheim" not in text and "和平里9号" not in text
    row = ImportRow.objects.get()
    url = reverse("sheet-value-reveal", args=[row.pk, HEAD.index("家庭地址")])
    assert url in profile(here["leader"]) and url not in profile(here["reader"])
    assert here["leader"].get(url).status_code == 405
    assert here["reader"].post(url).status_code == 403
    assert here["stranger"].post(url).status_code == 404
    assert not Unmasking.objects.exists()
    assert "和平里9号" in body(here["leader"].post(url, {"reason": "寄样品"}))
    shown = Unmasking.objects.get()
    assert (shown.table, shown.row_id, shown.field, shown.reason) == (
        "core_importrow",
        str(row.pk),
        "家庭地址",
        "寄样品",
    )
    here["mine"].post(url)
    assert Unmasking.objects.count() == 1


@pytest.mark.parametrize("column", ["客户名称", "回访日期"])
def test_only_what_stands_besides_can_be_asked_for(here, column):
    row = ImportRow.objects.get().pk
    for url in (
        reverse("sheet-value-reveal", args=[row, HEAD.index(column)]),
        reverse("sheet-value-reveal", args=[row, 99]),
        reverse("sheet-value-reveal", args=[row + 1, 5]),
        f"/reveal/sheet/{'9' * 30}/5",
    ):
        assert here["leader"].post(url).status_code == 404, url


def test_the_same_file_again_says_nothing_twice_and_a_newer_one_comes_first(here):
    import_file("customers", sheet(HEAD, ROW), name="again.csv")
    newer = [*ROW]
    newer[4], newer[8] = "现结", "2026-03-01"
    code = Customer.objects.get().code
    import_file("customers", sheet([*HEAD, "客户编号"], [*newer, code]), name="新表.csv")
    told = [(one.title, one.text) for one in also_in_sheets(Customer.objects.get())]
    assert len(told) == len(set(told)) == 6
    assert told.index(("结算方式", "现结")) < told.index(("结算方式", "月结30天"))
    assert ("回访日期", "2026-03-01") in told


def test_an_import_taken_back_says_nothing_more(here):
    from dossier.core.access import system_actor

    row = ImportRow.objects.get()
    customer = Customer.objects.get()
    customer.remark = "changed since, so that it stays"
    customer.version += 1
    customer.save()
    undo_run(actor=system_actor(), run_id=row.run_id)
    assert Customer.objects.filter(pk=customer.pk).exists()
    assert also_in_sheets(customer) == []


def test_other_rows_are_not_looked_through(here):
    customer = Customer.objects.get()
    with connection.cursor() as cursor:
        cursor.execute("SET enable_seqscan = off")  # a few rows are read whole otherwise
        plan = sheets._rows(customer).order_by("-id").explain()
        cursor.execute("RESET enable_seqscan")
    assert "import_row_target" in plan


@pytest.mark.parametrize(
    ("title", "text", "mask"),
    [
        ("备用电话", "13812345678", Mask.PHONE),
        ("说明", "找小王 138 1234 5678", Mask.ALL),
        ("说明", "身份证 11010119900307123X", Mask.ALL),
        ("号码", "11010119900307123x", Mask.TAIL),
        ("付款账号", "0200 1234", Mask.TAIL),
        ("卡", "6222 0212 3456 7890 123", Mask.TAIL),
        ("法人手机", "未留", Mask.PHONE),
        ("联系人电话2", "022-81234567", Mask.PHONE),
        ("法人身份证号", "有复印件", Mask.TAIL),
        ("微信号", "wx", Mask.ALL),
        ("Birth_Date", "1980", Mask.ALL),
        ("性格", "急", Mask.ALL),
        ("Hobbies", "golf", Mask.ALL),
        ("家庭电话", "81234567", Mask.ALL),
        ("结算方式", "月结30天", None),
        ("年营业额", "1200000", None),
        ("采购能力", "强", None),
        ("客户性质", "代理", None),
        ("公司电话2", "022-81234567", None),
        ("Payment method", "bank transfer", None),
        ("统一编号", "A1234567890123456", None),
    ],
)
def test_what_looks_sensitive(title, text, mask):
    assert looks_sensitive(title, text) is mask
