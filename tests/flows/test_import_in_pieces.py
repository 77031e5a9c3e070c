"""A large sheet is written while it is being read; what comes of it does not depend on that (AUD-4)."""

from __future__ import annotations

import pytest

from dossier.core.imports import engine
from dossier.core.models import ImportRow, ImportRun
from dossier.customers.imports import held
from dossier.customers.models import BankAccount, Contact, Customer, DuplicatePair, Question
from dossier.people.models import Employee
from dossier.people.states import EmployeeStatus
from tests.factories import make_employee
from tests.imports import found, import_file, sheet

pytestmark = pytest.mark.usefixtures("committed_db")

HEADER = ["客户编号", "公司名称", "联系人", "联系电话", "税号", "业务员", "开户银行"]


@pytest.fixture(autouse=True)
def small_pieces(monkeypatch):
    """Each two rows are a batch of their own."""
    monkeypatch.setattr(engine, "BATCH", 2)


def row(code, name, phone, tax="", owner="", bank=""):
    return [code, name, "王", phone, tax, owner, bank]


def bring(*rows, **options):
    return import_file("customers", sheet(HEADER, *rows), **options)


def test_a_row_refused_late_takes_back_what_was_written_before():
    rows = [row(str(n), f"{n}号工厂", f"010-7{n:07d}") for n in range(1, 8)]
    result = bring(*rows, row("9", "", "010-70000009"))
    assert (result.status, result.created, result.rejected) == ("refused", 0, 1)
    assert not Customer.objects.exists()
    assert not Contact.objects.exists()
    assert not ImportRow.objects.exists()
    assert ImportRun.objects.get().status == ImportRun.Status.FAILED

    assert bring(*rows, row("9", "", "010-70000009"), valid_only=True).created == 7
    assert Customer.objects.count() == 7


def test_the_first_row_keeps_a_code_used_twice_and_blank_ones_follow_the_highest_of_the_sheet():
    result = bring(
        row("5", "甲厂", "010-70000001"), row("", "乙厂", "010-70000002"), row("6", "丙厂", "010-70000003"),
        row("5", "丁厂", "010-70000004"), row("40", "戊厂", "010-70000005"),
    )  # fmt: skip
    assert result.created == 5
    codes = dict(Customer.objects.values_list("name", "code"))
    assert codes == {
        "甲厂": "000005", "乙厂": "000041", "丙厂": "000006", "丁厂": "000042", "戊厂": "000040",
    }  # fmt: skip
    assert found(result, "duplicate_code") == [5]
    assert list(Customer.objects.order_by("pk").values_list("name", flat=True)) == [
        "甲厂", "乙厂", "丙厂", "丁厂", "戊厂",
    ]  # fmt: skip
    # the next customer follows
    assert bring(row("", "己厂", "010-70000006")).created == 1
    assert Customer.objects.get(name="己厂").code == "000043"


def test_equals_far_apart_are_named_paired_and_kept_with_the_row():
    rows = [row(str(n), f"{n}号工厂", f"010-7{n:07d}") for n in range(1, 6)]
    first = row("11", "烟台翔辰物流有限公司", "0535-6612345", "91370600MA3C4D5E6T", bank="中国银行")
    again = row("12", "烟台市翔辰物流有限公司", "0535-6612345", bank="中国银行")
    result = bring(first, *rows, again)
    assert result.created == 7
    assert found(result, "possible_duplicate") == [8]
    assert [one.rows for one in result.duplicates] == [(2, 8)]
    pair = DuplicatePair.objects.get()
    assert {pair.first.code, pair.second.code} == {"000011", "000012"}
    kept = ImportRow.objects.get(row=8)
    assert [one["code"] for one in kept.problems] == ["possible_duplicate"]
    assert kept.target_id == Customer.objects.get(code="000012").pk
    assert BankAccount.objects.count() == 2


def test_a_code_of_the_archive_is_matched_wherever_it_stands():
    bring(row("3", "烟台翔辰物流有限公司", "010-70000009"))
    there = Customer.objects.get()
    result = bring(
        row("1", "甲厂", "010-70000001"), row("2", "乙厂", "010-70000002"),
        row("3", "烟台翔辰物流有限公司", "010-70000003"), row("3", "别家", "010-70000004"),
    )  # fmt: skip
    assert (result.created, result.updated) == (3, 1)
    there.refresh_from_db()
    assert there.phone == "010-70000003"
    assert Customer.objects.get(name="别家").code == "000004"


def test_an_owner_who_leaves_while_the_sheet_is_read_becomes_a_question(monkeypatch):
    owner = make_employee("张伟")

    class Leaving(held.Held):
        def __init__(self, *args):
            Employee.objects.filter(pk=owner.pk).update(status=EmployeeStatus.LEFT)
            super().__init__(*args)

    monkeypatch.setattr("dossier.customers.imports.session.Held", Leaving)
    result = bring(row("1", "甲厂", "010-70000001", owner="张伟"))
    assert result.created == 1
    assert found(result, "not_in_post") == [2]
    assert Customer.objects.get().owner is None
    assert Question.objects.get(field="owner").given == "张伟"


def test_a_dry_run_says_the_same_and_writes_nothing():
    rows = [row("5", "甲厂", "010-70000001"), row("", "乙厂", "010-70000002"), row("5", "丁厂", "010-70000004")]  # fmt: skip
    checked = bring(*rows, dry_run=True)
    assert (checked.created, found(checked, "duplicate_code")) == (3, [4])
    assert not Customer.objects.exists()
    done = bring(*rows)
    assert [(number, one.code) for number, one in checked.problems] == [
        (number, one.code) for number, one in done.problems
    ]
