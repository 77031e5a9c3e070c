"""The time line and past states of a file; every change stands in its own transaction here."""

from __future__ import annotations

import pytest
from django.urls import reverse
from django.utils import timezone

from dossier.core.errors import NotFound
from dossier.core.models import HistoryEntry
from dossier.customers.models import Customer
from dossier.customers.selectors import customer_as_of, timeline
from dossier.customers.services import (
    bank_account_add,
    contact_update,
    customer_archive,
    customer_assign,
    customer_update,
)
from dossier.customers.tests.pages import MOBILE, body, world
from tests.factories import actor_for, actor_of_role, make_account, make_employee

pytestmark = pytest.mark.slow


@pytest.fixture
def here(committed_db):
    return world(address="天津市和平区南京路1号", registered_capital="123456789012.34")


def change(here, **changes):
    return customer_update(
        actor=here.seller, customer_id=here.customer.pk, expected_version=None, changes=changes
    )


def test_who_when_what_and_why(here):
    change(here, short_name="一", registered_capital="5")
    contact = here.customer.contacts.get()
    contact_update(
        actor=here.seller,
        contact_id=contact.pk,
        expected_version=None,
        changes={"mobile": "13700001111"},
    )
    manager = actor_for(make_account(roles=["sales_manager"]))
    customer_assign(
        actor=manager,
        customer_id=here.customer.pk,
        owner=make_employee("接手人"),
        reason="区域调整",
    )
    customer_archive(actor=manager, customer_id=here.customer.pk, reason="公司已注销")
    events, more = timeline(manager, Customer.objects.get(pk=here.customer.pk))
    assert more is None
    assert [e.title for e in events] == [
        "Archived",
        "Given to another owner",
        "Contact changed",
        "Profile changed",
        "File opened",
    ]
    assert events[0].text == "公司已注销"
    assert events[1].changes[0]["after"] == "接手人"
    assert {c["label"]: (c["before"], c["after"]) for c in events[3].changes} == {
        "Short name": ("", "一"),
        "Registered capital": ("123,456,789,012.34", "5.00"),
    }
    assert events[3].who == here.seller.name
    entry = HistoryEntry.objects.filter(
        table_name="customers_customer", row_id=str(here.customer.pk)
    ).earliest("id")
    assert not {"search_text", "pinyin", "name_key"} & set(entry.after)


def test_an_account_without_its_bank_is_named_all_the_same(here):
    bank_account_add(
        actor=here.seller, customer_id=here.customer.pk, data={"number": "6222000011112222"}
    )
    events, _more = timeline(here.seller, here.customer)
    said = f"{events[0].title} {events[0].text}"
    assert "Bank account added: Bank not known" in said and "6222" not in said


def test_covered_values_stay_covered_in_changes(here):
    contact = here.customer.contacts.get()
    contact_update(
        actor=here.seller,
        contact_id=contact.pk,
        expected_version=None,
        changes={"mobile": "13700001111", "family": "CANARY2"},
    )
    url = reverse("customer-timeline", args=[here.customer.pk])
    for client in (here.leader, here.reader):
        text = body(client.get(url))
        assert "137••••1111" in text
        for secret in (MOBILE, "13700001111", "CANARY2", "FAMILYCANARY"):
            assert secret not in text
    assert "13700001111" in body(here.mine.get(url))
    assert here.stranger.get(url).status_code == 404


def test_earlier_pages_go_on_where_the_last_ended(here):
    for number in range(20):
        change(here, remark=f"remark {number}")
    first, more = timeline(here.seller, here.customer)
    assert len(first) == 15 and more is not None
    second, end = timeline(here.seller, here.customer, before=more)
    assert end is None
    assert len({e.key for e in [*first, *second]}) == 21
    page = body(here.mine.get(reverse("customer", args=[here.customer.pk])))
    assert "before=" in page
    assert (
        here.mine.get(
            reverse("customer-timeline", args=[here.customer.pk]), {"before": "nonsense"}
        ).status_code
        == 400
    )


def test_the_file_as_it_stood(here):
    before = timezone.now()
    change(here, name="后来的名字", region="110000")
    contact = here.customer.contacts.get()
    contact_update(
        actor=here.seller,
        contact_id=contact.pk,
        expected_version=None,
        changes={"name": "后来的人"},
    )
    then = customer_as_of(here.seller, here.customer.pk, before)
    assert then.customer.name == here.customer.name
    assert str(then.customer.registered_capital) == "123456789012.34"
    assert then.customer.region_id == "120101"
    assert [c.name for c in then.contacts] == ["王芳"]
    assert then.bank_accounts[0].bank == "工商银行天津分行"
    now = customer_as_of(here.seller, here.customer.pk, timezone.now())
    assert (now.customer.name, now.contacts[0].name) == ("后来的名字", "后来的人")
    url = reverse("customer", args=[here.customer.pk])
    text = body(here.mine.get(url, {"at": before.isoformat()}))
    assert "王芳" in text and "后来的名字" not in text.split("</h1>")[0].split("<h1")[1]
    assert MOBILE not in body(here.leader.get(url, {"at": before.isoformat()}))
    assert here.mine.get(url, {"at": timezone.localdate().isoformat()}).status_code == 200
    assert here.mine.get(url, {"at": "2023-02-30"}).status_code == 400
    assert here.stranger.get(url, {"at": before.isoformat()}).status_code == 404
    with pytest.raises(NotFound):
        customer_as_of(actor_of_role("salesperson"), here.customer.pk, before)


def test_several_questions_asked_at_once_are_one_line(here):
    from tests.imports import import_file, sheet

    head = ("客户名称", "联系人", "电话", "手机", "成立日期", "E-mail")
    import_file(
        "customers", sheet(head, ("甲公司", "李", "010-81234567", "139", "2010-02-30", "li@"))
    )
    customer = Customer.objects.get(name="甲公司")
    events, _more = timeline(actor_of_role("sales_manager"), customer)
    assert events[0].title == "File brought in by an import"
    assert "Questions on Mobile, E-mail, Founding date" in events[0].text
    assert "2010-02-30" not in events[0].text


def test_a_day_before_the_file_was_opened_is_explained(here):
    url = reverse("customer", args=[here.customer.pk])
    answer = here.mine.get(url, {"at": "2020-01-01"})
    text = body(answer)
    assert answer.status_code == 404
    assert "On 1 Jan 2020 this file did not exist yet." in text
    assert f'min="{timezone.localdate().isoformat()}"' in text  # from when on one can look back
    assert "王芳" not in text
    assert here.customer.name not in body(here.stranger.get(url, {"at": "2020-01-01"}))
