"""What an import could not take stays as a question on the profile: head office, owner just leaving."""

from __future__ import annotations

import io
import threading
from datetime import date

import pytest
import xlsxwriter
from django.db import connections
from django.urls import reverse

from dossier.core.access import system_actor
from dossier.core.services import command
from dossier.customers.models import Customer, CustomerCategory, Question
from dossier.customers.services import (
    bank_account_update,
    category_close,
    contact_add,
    contact_update,
    customer_update,
)
from dossier.customers.tests.pages import body
from dossier.people.services import employee_leave
from tests.factories import actor_for, client_for, make_account, make_customer, make_employee
from tests.imports import found, import_file, sheet

pytestmark = pytest.mark.slow

HEAD = ("客户名称", "联系人", "电话", "总公司", "业务员")


def rows(*heads: str, owner: str = ""):
    return sheet(
        HEAD,
        *(
            (f"{n}号公司", "李", f"022-8123456{n}", head, owner)
            for n, head in enumerate(heads, start=1)
        ),
    )


def asked():
    return [
        (q.customer.name, q.field, q.given, q.code, q.status)
        for q in Question.objects.select_related("customer").order_by("customer__name")
    ]


def test_an_unknown_head_office_becomes_a_question(committed_db):
    make_customer("大集团")
    result = import_file("customers", rows("大集团", "没有这家", "3号公司", ""))
    assert found(result, "unknown_head_office") == [3, 4]
    assert asked() == [
        ("2号公司", "head_office", "没有这家", "unknown_head_office", "open"),
        ("3号公司", "head_office", "3号公司", "unknown_head_office", "open"),
    ]
    assert Question.objects.filter(import_run_id=result.run).count() == 2
    assert Customer.objects.get(name="1号公司").head_office.name == "大集团"
    client = client_for(make_account(roles=["customer_information_administrator"]))
    page = body(client.get(reverse("customer", args=[Customer.objects.get(name="2号公司").pk])))
    assert "There is no customer “没有这家”. Choose the head office." in page


def test_a_dry_run_asks_nothing_and_a_repeat_asks_once(committed_db):
    import_file("customers", rows("没有这家"), dry_run=True)
    assert asked() == []
    import_file("customers", rows("没有这家"))
    customer = Customer.objects.get()
    # another sheet about the same customer, with its code and one more row
    again = sheet(
        [*HEAD, "客户编号"], ["1号公司", "李", "022-81234561", "没有这家", "", customer.code]
    )
    result = import_file("customers", again)
    assert (result.unchanged, result.updated, len(asked())) == (1, 0, 1)
    other = sheet(
        [*HEAD, "客户编号"], ["1号公司", "李", "022-81234561", "也没有", "", customer.code]
    )
    result = import_file("customers", other)
    assert (result.unchanged, result.updated, len(asked())) == (0, 1, 2)


def test_choosing_the_head_office_answers_it(committed_db):
    head = make_customer("大集团")
    import_file("customers", rows("没有这家"))
    customer = Customer.objects.get(name="1号公司")
    customer_update(
        actor=system_actor(),
        customer_id=customer.pk,
        expected_version=None,
        changes={"head_office": head.code},
    )
    assert Question.objects.get().status == "answered"


def test_a_head_office_out_of_reach_is_none_for_who_brings_the_sheet_in(committed_db):
    from dossier.people.models import Role, RoleGrant

    make_customer("别人的集团", owner=make_employee())
    account = make_account(roles=["salesperson"])
    RoleGrant.objects.create(
        role=Role.objects.get(key="salesperson"),
        kind="customers.customer",
        action="import",
        scope="own",
    )
    mine = account.employee
    result = import_file("customers", rows("别人的集团", owner=mine.name), actor=actor_for(account))
    assert (result.created, found(result, "unknown_head_office")) == (1, [2])
    assert Customer.objects.get(name="1号公司").head_office is None


def test_an_owner_who_leaves_while_the_sheet_comes_in_becomes_a_question(committed_db):
    leaver = make_employee("将离职")
    results, waited = [], []

    def bring_in():
        try:
            results.append(import_file("customers", rows("", owner="将离职")))
        finally:
            connections.close_all()

    thread = threading.Thread(target=bring_in)
    with command(system_actor()):
        employee_leave(actor=system_actor(), employee_id=leaver.pk, left_on=date(2026, 1, 31))
        thread.start()
        thread.join(1)
        waited.append(thread.is_alive())
    thread.join(20)
    assert waited == [True]
    assert found(results[0], "not_in_post") == [2]
    assert asked() == [("1号公司", "owner", "将离职", "not_in_post", "open")]
    assert Customer.objects.get().owner is None


def test_a_category_closed_while_the_sheet_comes_in_becomes_a_question(committed_db):
    category = CustomerCategory.objects.create(code="01", name="经销")
    given = sheet((*HEAD, "客户分类编码"), ("1号公司", "李", "022-81234561", "", "", "01"))
    results, waited = [], []

    def bring_in():
        try:
            results.append(import_file("customers", given))
        finally:
            connections.close_all()

    thread = threading.Thread(target=bring_in)
    with command(system_actor()):
        category_close(
            actor=system_actor(), category_id=category.pk, expected_version=category.version,
            reason="不再使用",
        )  # fmt: skip
        thread.start()
        thread.join(2)
        waited.append(thread.is_alive())
    thread.join(20)
    assert waited == [True]
    assert found(results[0], "unknown_category") == [2]
    assert asked() == [("1号公司", "category_code", "01", "unknown_category", "open")]
    assert Customer.objects.get().category_node is None


def workbook_of_a_long_account() -> bytes:
    """A workbook that keeps the account as a number, as spreadsheets do with long ones."""
    out = io.BytesIO()
    with xlsxwriter.Workbook(out) as book:
        page = book.add_worksheet()
        page.write_row(0, 0, (*HEAD, "银行账号"))
        page.write_row(1, 0, ("1号公司", "李", "022-81234561", "", "", 6222021234567890123.0))
    return out.getvalue()


def test_correcting_an_account_answers_the_question_on_it(committed_db):
    import_file("customers", workbook_of_a_long_account(), name="客户.xlsx")
    customer, actor = Customer.objects.get(), system_actor()
    assert [q.field for q in customer.questions.filter(status="open")] == ["bank_account"]
    account = customer.bank_accounts.get()
    bank_account_update(
        actor=actor, account_id=account.pk, expected_version=None,
        changes={"number": "6222021234567890123"},
    )  # fmt: skip
    assert not customer.questions.filter(status="open").exists()


def test_entering_what_could_not_be_kept_answers_the_question_on_it(committed_db):
    given = sheet((*HEAD, "职务"), ("1号公司", "李", "022-81234561", "", "", "长" * 200))
    import_file("customers", given)
    customer, actor = Customer.objects.get(), system_actor()
    contact = customer.contacts.get()
    assert contact.post == ""
    assert [q.field for q in customer.questions.filter(status="open")] == ["contact_post"]
    contact_update(
        actor=actor, contact_id=contact.pk, expected_version=None, changes={"post": "经理"}
    )
    assert not customer.questions.filter(status="open").exists()


def test_a_question_stands_at_the_field_it_is_about(committed_db):
    head = (*HEAD, "E-mail", "公司邮箱", "信誉", "手机")
    given = sheet(
        head,
        ("1号公司", "李", "022-81234561", "没有这家", "", "li@", "office@", "很好", "1390532123"),
    )
    import_file("customers", given)
    customer = Customer.objects.get()
    assert {q.field for q in customer.questions.all()} >= {"email", "company_email", "head_office"}
    client = client_for(make_account(roles=["customer_information_administrator"]))
    facts = client.get(reverse("customer", args=[customer.pk])).context["facts"]
    shown = {
        item["label"]: item.get("given", "") or item.get("value", "")
        for group in facts
        for item in group["items"]
    }
    assert shown["Company e-mail"] == "office@"
    assert shown["Head office"] == "没有这家"
    assert "li@" not in shown.values()


def test_correcting_one_thing_answers_no_question_on_another(committed_db):
    head = (*HEAD, "E-mail", "公司邮箱")
    import_file(
        "customers", sheet(head, ("1号公司", "李", "022-81234561", "", "", "li@", "office@"))
    )
    customer = Customer.objects.get()
    contact, actor = customer.contacts.get(), system_actor()

    def still_open():
        return set(customer.questions.filter(status="open").values_list("field", flat=True))

    assert still_open() == {"email", "company_email"}
    other = contact_add(
        actor=actor, customer_id=customer.pk, data={"name": "王", "email": "wang@example.com"}
    )
    contact_update(
        actor=actor,
        contact_id=other.pk,
        expected_version=None,
        changes={"email": "wang2@example.com"},
    )
    assert still_open() == {"email", "company_email"}
    customer_update(
        actor=actor,
        customer_id=customer.pk,
        expected_version=None,
        changes={"email": "office@example.com"},
    )
    assert still_open() == {"email"}
    contact_update(
        actor=actor,
        contact_id=contact.pk,
        expected_version=None,
        changes={"email": "li@example.com"},
    )
    assert still_open() == set()


def test_a_doubtful_value_typed_in_a_form_asks_about_its_own_field(committed_db):
    customer = make_customer("1号公司")
    actor = system_actor()
    contact_add(
        actor=actor,
        customer_id=customer.pk,
        data={"name": "王", "email": "wang@", "phone": "12"},
    )
    customer_update(
        actor=actor, customer_id=customer.pk, expected_version=None, changes={"email": "office@"}
    )
    assert {(q.field, q.given) for q in Question.objects.all()} == {
        ("email", "wang@"),
        ("contact_phone", "12"),
        ("company_email", "office@"),
    }
