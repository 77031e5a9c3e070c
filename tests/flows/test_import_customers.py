"""Customers from sheets: codes, doubtful values, corrections, duplicates, scope (AUD-4, CUS-1 … CUS-7)."""

from __future__ import annotations

import pytest

from dossier.core.access import Scope
from dossier.core.errors import NotAllowed, NotFound, Refusal
from dossier.core.imports.copies import annotate_run
from dossier.core.imports.engine import Given, bring_in
from dossier.core.imports.registry import Options
from dossier.core.imports.store import row_key
from dossier.core.models import ImportRow, ImportRun
from dossier.customers.models import Contact, Customer, DuplicatePair, Question
from dossier.people.models import Role, RoleGrant
from tests.factories import (
    actor_for,
    actor_of_role,
    make_account,
    make_customer,
    make_employee,
    make_team,
)
from tests.imports import found, import_file, sheet

pytestmark = pytest.mark.usefixtures("committed_db")

HEADER = [
    "客户编号",
    "公司名称",
    "联系人",
    "联系电话",
    "手机",
    "税号",
    "业务员",
    "建档日期",
    "所属行业",
    "备注",
]


def row(code="", name="烟台翔辰物流有限公司", contact="郑涛", phone="010-78922658", **more):
    values = dict.fromkeys(HEADER, "") | {
        "客户编号": code,
        "公司名称": name,
        "联系人": contact,
        "联系电话": phone,
    }
    return [(values | more)[column] for column in HEADER]


def bring(*rows, **options):
    return import_file("customers", sheet(HEADER, *rows), **options)


def test_codes_get_their_zeros_back_and_blank_ones_the_next(committed_db):
    result = bring(
        row("840", "甲厂"), row("", "乙厂", phone="010-78922659"), row("841.0", "丙厂", phone="010-78922660"),
        row("ALFKI", "丁厂", phone="010-78922661"),
    )  # fmt: skip
    assert result.created == 4
    assert list(Customer.objects.order_by("id").values_list("code", flat=True)) == [
        "000840",
        "000842",
        "000841",
        "ALFKI",
    ]


def test_the_first_accepted_row_keeps_a_code_used_twice():
    result = bring(
        row("000007", "甲厂", contact="无"), row("7", "乙厂"), row("000007", "丙厂", phone="010-78922660"),
        valid_only=True,
    )  # fmt: skip
    assert found(result, "missing", "contact") == [2]
    assert found(result, "duplicate_code", "code", "warning") == [4]
    assert dict(Customer.objects.values_list("code", "name")) == {
        "000007": "乙厂",
        "000008": "丙厂",
    }
    assert Question.objects.get(code="duplicate_code").given == "000007"


def test_a_code_of_another_company_in_the_archive_is_not_overwritten():
    other = make_customer("完全不同的公司", code="000007")
    result = bring(row("7", "甲厂"))
    assert found(result, "duplicate_code") == [2]
    other.refresh_from_db()
    assert other.name == "完全不同的公司"
    assert Customer.objects.get(name="甲厂").code == "000008"


@pytest.mark.parametrize("said", ["无", "暂无", "/", "-", "—", "N/A", "不详", "  "])
def test_none_is_no_contact_and_no_telephone(said):
    result = bring(row(contact=said), row(phone=said), row(name=said))
    assert found(result, "missing", "contact", "error") == [2]
    assert found(result, "missing", "phone", "error") == [3]
    assert found(result, "missing", "name", "error") == [4]
    assert not Customer.objects.exists()


def test_one_telephone_of_any_kind_does():
    result = bring(row(phone="", 手机="13588161573"))
    assert result.created == 1
    customer = Customer.objects.get()
    assert (customer.phone, customer.main_phone) == ("", "13588161573")
    assert customer.contacts.get().mobile == "13588161573"


def test_doubtful_values_are_kept_and_asked_about():
    make_employee("孙强", status="left")
    result = bring(
        row(
            税号="91370682K48F2FMK2A",
            业务员="孙强",
            建档日期="2023-02-30",
            手机="1358816157",
            所属行业="巫术业",
        ),
    )
    assert result.created == 1 and not result.errors
    customer = Customer.objects.get()
    assert customer.owner is None and customer.filed_on is None and customer.industry is None
    assert customer.tax_number == "91370682K48F2FMK2A"
    assert customer.industry_given == "巫术业"
    assert customer.contacts.get().mobile == "1358816157"
    asked = {(q.field, q.code): q.given for q in Question.objects.all()}
    assert asked == {
        ("tax_number", "check_digit"): "91370682K48F2FMK2A",
        ("owner", "not_in_post"): "孙强",
        ("filed_on", "impossible_date"): "2023-02-30",
        ("mobile", "bad_mobile"): "1358816157",
        ("industry", "unknown_industry"): "巫术业",
    }
    kept = ImportRow.objects.get()
    assert "2023-02-30" in kept.cells and {one["code"] for one in kept.problems} == {
        code for _field, code in asked
    }


def test_an_older_name_of_an_industry_and_the_region_are_understood():
    bring(row(所属行业="信息传输、计算机服务和软件业"))
    import_file(
        "customers",
        sheet(
            ["公司名称", "联系人", "电话", "地址"],
            ["莱阳某厂", "王某", "13588161573", "山东省烟台市莱阳市新华路481号"],
        ),
    )
    assert Customer.objects.get(name="烟台翔辰物流有限公司").industry_id == "I"
    assert Customer.objects.get(name="莱阳某厂").region_id == "370682"


def test_given_cells_change_a_customer_and_empty_ones_never_erase():
    bring(row("000007", 备注="老客户"))
    before = Customer.objects.get()
    result = bring(row("7", "烟台翔辰物流有限公司", contact="王芳", phone="0535-6612345"))
    assert (result.created, result.updated) == (0, 1)
    after = Customer.objects.get()
    assert (after.phone, after.remark, after.version) == (
        "0535-6612345",
        "老客户",
        before.version + 1,
    )
    assert after.main_contact == "王芳"
    assert list(Contact.objects.order_by("id").values_list("name", "is_main")) == [
        ("郑涛", False),
        ("王芳", True),
    ]


def test_the_same_row_never_overwrites_what_people_changed():
    bring(row("000007"))
    Customer.objects.update(phone="0535-6612345", main_phone="0535-6612345")
    result = bring(row("000007"))
    assert (result.updated, result.unchanged) == (0, 1)
    assert Customer.objects.get().phone == "0535-6612345"


def test_a_draft_becomes_a_customer_when_its_row_comes():
    Customer.objects.create(code="000007", name="000007", status="draft")
    result = bring(row("7", "甲厂"))
    assert result.updated == 1
    assert list(Customer.objects.values_list("name", "status")) == [("甲厂", "active")]


def test_look_alikes_are_named_and_both_come_in():
    make_customer(
        "天津众瑞电子有限公司", code="000001", phone="022-60000001", tax_number="91370682K48F2FMK2H"
    )
    result = bring(
        row("", "烟台翔辰物流有限公司"), row("", "翔辰物流（烟台）有限公司"),
        row("", "某某", phone="010-70000000", 税号="91370682K48F2FMK2H"),
    )  # fmt: skip
    groups = [(group.rows, group.codes) for group in result.duplicates]
    assert groups == [((2, 3), (None, None)), ((4,), (None, "000001"))]
    assert found(result, "possible_duplicate", "name", "warning") == [3, 4]
    flagged = [
        ({pair.first.name, pair.second.name}, pair.found_by)
        for pair in DuplicatePair.objects.order_by("first_id")
    ]
    assert flagged == [
        ({"天津众瑞电子有限公司", "某某"}, "import"),
        ({"烟台翔辰物流有限公司", "翔辰物流（烟台）有限公司"}, "import"),
    ]
    assert Customer.objects.count() == 4


def test_an_annotated_copy_comes_back_corrected():
    data = sheet(
        HEADER,
        row("", "甲厂", contact=""),
        row("", "乙厂", phone="010-70000000"),
        row("", "丙厂", phone="010-70000001"),
    )
    first = import_file("customers", data, valid_only=True)
    run = ImportRun.objects.get(pk=first.run)
    copy = annotate_run(run, Given(source=data, name="copy.xlsx"))
    import io

    import openpyxl

    book = openpyxl.load_workbook(io.BytesIO(copy))
    page = book.active
    titles = [cell.value for cell in page[1]]
    assert "No contact is named" in page.cell(2, 1).value
    assert page.cell(2, len(titles)).value == row_key(first.run, 2)
    page.cell(2, titles.index("联系人") + 1).value = "郑涛"
    page.cell(3, titles.index("公司名称") + 1).value = "乙厂改名"
    out = io.BytesIO()
    book.save(out)

    again = import_file("customers", out.getvalue(), name="copy.xlsx")

    assert (again.created, again.updated, again.unchanged, again.rejected) == (1, 1, 1, 0)
    assert set(Customer.objects.values_list("name", flat=True)) == {"甲厂", "乙厂改名", "丙厂"}
    third = import_file("customers", out.getvalue(), name="copy.xlsx")
    assert third.unchanged == 3
    assert (
        import_file("customers", data, valid_only=True).created == 0
    )  # the first sheet takes nothing back
    assert Customer.objects.filter(name="乙厂改名").exists()


def test_a_dry_run_writes_nothing_at_all(committed_db):
    result = bring(row("000007"), dry_run=True)
    assert (result.created, result.run, result.status) == (1, None, "checked")
    assert not Customer.objects.exists() and not ImportRun.objects.exists()


def test_sums_below_the_table_are_named_not_swallowed():
    result = bring(row("000007"), ["合计", "", "", "", "1", "", "", "", "", ""], valid_only=True)
    assert found(result, "total_row", "row", "error") == [3]


# -- rights -------------------------------------------------------------------------------------------


def team_importer(*members):
    """Somebody who may bring in customers of the own team only; its further members by name."""
    team = make_team()
    for name in members:
        make_employee(name, team=team)
    role, _made = Role.objects.get_or_create(
        key="team_importer", defaults={"name": "Team importer"}
    )
    for action in ("view", "import", "add", "change"):
        RoleGrant.objects.get_or_create(
            role=role, kind="customers.customer", action=action, defaults={"scope": Scope.TEAM}
        )
    account = make_account(roles=["team_importer"], team=team)
    return actor_for(account), team


def test_without_the_right_nothing_is_read():
    with pytest.raises(NotAllowed):
        import_file("customers", b"not even a table", actor=actor_of_role("salesperson"))


def test_an_importer_of_a_team_reaches_the_team_only():
    actor, _team = team_importer("张伟")
    make_employee("外人", team=make_team())
    foreign = make_customer("别人的公司", code="000009", owner=make_employee("另一个"), name_key="")
    result = bring(
        row("", "甲厂", 业务员="张伟"), row("", "乙厂", phone="010-70000000", 业务员="外人"),
        row("", "丙厂", phone="010-70000001"), row("9", "丁厂", phone="010-70000002", 业务员="张伟"),
        actor=actor, valid_only=True,
    )  # fmt: skip
    assert found(result, "not_yours", severity="error") == [3, 4]
    assert set(Customer.objects.exclude(pk=foreign.pk).values_list("name", flat=True)) == {
        "甲厂",
        "丁厂",
    }
    assert "别人的公司" not in str(result.as_json())
    assert Customer.objects.get(name="丁厂").code != "000009"


def test_a_run_of_somebody_else_does_not_exist():
    from dossier.core.imports.store import reachable_run

    first = bring(row())
    actor, _team = team_importer()
    with pytest.raises(NotFound):
        reachable_run(actor, first.run)


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"", "empty_file"),
        (b"\x89PNG\r\n\x1a\n" + bytes(40), "not_a_table"),
        (b"%PDF-1.7 and more", "not_a_table"),
        (b"PK\x03\x04 cut short", "truncated_file"),
        ("公司名称,联系人\n".encode(), "empty_file"),
    ],
)
def test_a_file_that_is_no_table_is_refused_clearly(data, code):
    with pytest.raises(Refusal) as caught:
        bring_in(
            actor=actor_of_role("customer_information_administrator"),
            kind="customers",
            given=Given(data, "x"),
            options=Options(),
        )
    assert caught.value.code == code
    assert not ImportRun.objects.exists()


def test_hostile_cells_stay_text():
    hostile = "'; DROP TABLE customers_customer; --"
    result = bring(
        row("", hostile, contact="{{7*7}}", 备注="=1+1\t\\N\n\\.\n\x00x"), row("", "x" * 300, phone="010-70000000"),
        row("１２", "全角厂", phone="０１０-７０００００００"), row("", "NaN", phone="1e18"), valid_only=True,
    )  # fmt: skip
    assert found(result, "too_long", "name", "error") == [4] or found(
        result, "too_long", "name", "error"
    )
    customer = Customer.objects.get(name=hostile)
    assert customer.main_contact == "{{7*7}}"
    assert customer.remark.startswith("=1+1")
    assert Customer.objects.get(name="全角厂").code == "000012"


def test_a_table_of_something_else_and_unknown_options_are_refused():
    with pytest.raises(Refusal) as caught:
        import_file("customers", sheet(["alpha", "beta"], ["1", "2"]))
    assert caught.value.code == "no_columns"
    with pytest.raises(Refusal) as caught:
        bring(row(), create_missing={"robots"})
    assert caught.value.code == "unknown_create"
    with pytest.raises(Refusal) as caught:
        bring(row(), currency="XXX")
    assert caught.value.code == "unknown_currency"
    assert not ImportRun.objects.exists()
