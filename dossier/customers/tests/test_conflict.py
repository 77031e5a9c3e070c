"""A stale edit shows before, theirs and mine in words for every kind of field, and takes what is chosen."""

from __future__ import annotations

import pytest
from django.urls import reverse

from dossier.customers.models import CustomerCategory
from dossier.customers.services import contact_update, customer_update
from dossier.customers.tests.pages import MOBILE, body, form_values, world
from dossier.people.models import Employee
from tests.factories import (
    actor_for,
    client_for,
    make_account,
    make_customer,
    make_employee,
)
from tests.forms import odd_bases, shown_values

pytestmark = pytest.mark.django_db


@pytest.fixture
def here():
    return world()


@pytest.fixture
def manager():
    return make_account(roles=["sales_manager"])


def lines(response):
    """{field: (before, theirs, mine, chosen)} of a conflict page."""
    return {
        item["name"]: (item["base"], item["theirs"], item["mine"], item["choice"])
        for item in response.context["conflict"]
    }


def edited(here, manager, name, before, theirs, mine):
    """The conflict on one field: begun on ``before``, changed to ``theirs``, sent with ``mine``."""
    actor, client, pk = actor_for(manager), client_for(manager), here.customer.pk
    if before is not None:
        customer_update(actor=actor, customer_id=pk, expected_version=None, changes={name: before})
    url = reverse("customer-edit", args=[pk])
    values = form_values(client, url)
    customer_update(actor=actor, customer_id=pk, expected_version=None, changes={name: theirs})
    response = client.post(url, values | {name: mine})
    assert response.status_code == 409
    return lines(response)[name], client, url, response


@pytest.mark.parametrize(
    ("name", "given", "shown"),
    [
        (
            "nature",
            ("government", "company", "individual"),
            ("Government", "Ordinary company", "Individual"),
        ),
        ("grade", ("A", "A1", "B"), ("Grade A", "Grade A1", "Grade B")),
        (
            "founded_on",
            ("2001-05-06", "2002-05-06", "2003-05-06"),
            ("6 May 2001", "6 May 2002", "6 May 2003"),
        ),
        (
            "registered_capital",
            ("1200000.5", "0", "3000000"),
            ("1,200,000.50 CNY", "0.00 CNY", "3,000,000.00 CNY"),
        ),
        ("payment_term_days", (1000, 60, "90"), ("1,000 days", "60 days", "90 days")),
        (
            "region",
            ("120101", "110105", "370682"),
            ("120101 天津市和平区", "110105 北京市朝阳区", "370682 山东省烟台市莱阳市"),
        ),
        ("scale", ("一", "二", "三"), ("一", "二", "三")),
        ("address", ("甲路1号", "乙路2号", "丙路3号"), ("甲路1号", "乙路2号", "丙路3号")),
    ],
)
def test_three_values_as_people_read_them(here, manager, name, given, shown):
    line, *_rest = edited(here, manager, name, *given)
    assert line == (*shown, "mine")


def test_people_are_named(here, manager):
    team = Employee.objects.get(pk=here.seller.employee_id).team
    first, second, third = (
        make_employee(name, number=f"9{number}", team=team)
        for number, name in enumerate(("张一", "李二", "王三"))
    )
    line, *_rest = edited(here, manager, "owner", first.pk, second.pk, str(third.pk))
    assert line == ("90 张一", "91 李二", "92 王三", "mine")


def test_industry_category_and_head_office_are_named(here, manager):
    for number in range(3):
        CustomerCategory.objects.create(code=f"K{number}", name=f"类{number}")
        make_customer(f"总公司{number}", code=f"H{number}")
    category, *_rest = edited(here, manager, "category_node", "K0", "K1", "K2")
    assert category == ("K0 类0", "K1 类1", "K2 类2", "mine")
    head, *_rest = edited(here, manager, "head_office", "H0", "H1", "H2")
    assert head == ("H0 总公司0", "H1 总公司1", "H2 总公司2", "mine")
    industry, *_rest = edited(here, manager, "industry", "I65", "C13", "A01")
    assert [text.split()[0] for text in industry[:3]] == ["I65", "C13", "A01"]
    assert all(len(text.split()) == 2 for text in industry[:3])


def test_what_is_out_of_reach_is_not_named(here, manager):
    foreign = make_customer("GEHEIMER KOPF", owner=make_employee())
    url = reverse("customer-edit", args=[here.customer.pk])
    values = form_values(here.mine, url)
    customer_update(
        actor=actor_for(manager),
        customer_id=here.customer.pk,
        expected_version=None,
        changes={"head_office": foreign.code, "remark": "theirs"},
    )
    response = here.mine.post(url, values | {"remark": "mine"})
    assert response.status_code == 409
    assert "GEHEIMER" not in body(response) and foreign.code not in body(response)


def test_none_stands_in_the_conflict_and_can_be_chosen(here, manager):
    actor, client = actor_for(manager), client_for(manager)
    url = reverse("customer-edit", args=[here.customer.pk])
    values = form_values(client, url)
    customer_update(
        actor=actor,
        customer_id=here.customer.pk,
        expected_version=None,
        changes={},
        not_applicable=["fax", "nature"],
    )
    response = client.post(url, values | {"fax": "022-81234569"})
    assert lines(response) == {
        "fax": ("", "None", "022-81234569", "mine"),
        "nature": ("", "None", "", "theirs"),
    }
    form = response.context["form"]
    assert form.fields["nature"].na_checked and not form.fields["fax"].na_checked
    anew = {b.html_name: str(b.value() or "") for b in form} | {
        "version": str(response.context["version"]),
        "base": response.context["base"],
        "choose_fax": "theirs",
        "na_nature": "1",
    }
    assert client.post(url, anew).status_code == 302
    here.customer.refresh_from_db()
    assert (here.customer.fax, here.customer.not_applicable) == ("", ["fax", "nature"])


def test_who_changed_it_is_said_for_contacts_too(here):
    contact = here.customer.contacts.get()
    url = reverse("contact-edit", args=[contact.pk])
    values = form_values(here.mine, url)
    contact_update(
        actor=here.seller,
        contact_id=contact.pk,
        expected_version=None,
        changes={"gender": "female", "birthday": "1980-05-07", "kind": "manager"},
    )
    response = here.mine.post(url, values | {"gender": "male", "birthday": "1980-05-08"})
    assert response.status_code == 409
    found = lines(response)
    assert found["gender"] == ("", "Female", "Male", "mine")
    assert found["birthday"] == ("6 May 1980", "7 May 1980", "8 May 1980", "mine")
    assert found["kind"][2:] == (found["kind"][0], "theirs")
    assert found["kind"][0] != "contact"
    assert response.context["form"]["kind"].value() == "manager"


def test_a_mark_of_a_contact_is_shown_as_yes_or_no(here):
    url = reverse("contact-new", args=[here.customer.pk])
    here.mine.post(url, form_values(here.mine, url) | {"name": "赵六"})
    other = here.customer.contacts.get(name="赵六")
    url = reverse("contact-edit", args=[other.pk])
    values = form_values(here.mine, url)
    contact_update(
        actor=here.seller, contact_id=other.pk, expected_version=None, changes={"is_active": False}
    )
    response = here.mine.post(url, values | {"post": "x"})
    assert lines(response) == {"is_active": ("Yes", "No", "Yes", "theirs")}


def test_covered_values_stay_covered_on_the_conflict_page(here):
    contact = here.customer.contacts.get()
    url = reverse("contact-edit", args=[contact.pk])
    values = form_values(here.leader, url)
    contact_update(
        actor=here.seller,
        contact_id=contact.pk,
        expected_version=None,
        changes={"mobile": "13700001111", "family": "CANARY2", "post": "theirs"},
    )
    response = here.leader.post(url, values | {"post": "mine"})
    assert response.status_code == 409
    assert set(lines(response)) == {"post", "mobile", "family"}
    for secret in (MOBILE, "13700001111", "CANARY2", "FAMILYCANARY"):
        assert secret not in body(response)


def test_a_covered_value_that_was_changed_is_said_without_the_value(here):
    contact = here.customer.contacts.get()
    url = reverse("contact-edit", args=[contact.pk])
    contact_update(
        actor=here.seller,
        contact_id=contact.pk,
        expected_version=None,
        changes={"email": "before@example.com"},
    )
    values = form_values(here.leader, url)
    contact_update(
        actor=here.seller,
        contact_id=contact.pk,
        expected_version=None,
        changes={"mobile": "13700001111", "family": "CANARY2"},
    )
    response = here.leader.post(url, values | {"mobile": "13800002222", "post": "采购"})
    assert response.status_code == 409
    assert lines(response) == {
        "mobile": ("••••", "changed, but covered for you", "13800002222", "mine"),
        "family": ("••••", "changed, but covered for you", "", "theirs"),
    }
    anew = shown_values(response)
    assert here.leader.post(url, anew | {"choose_mobile": "theirs"}).status_code == 302
    contact.refresh_from_db()
    assert (contact.mobile, contact.family, contact.post) == ("13700001111", "CANARY2", "采购")


def test_a_covered_value_typed_here_is_saved_where_mine_is_chosen(here):
    contact = here.customer.contacts.get()
    url = reverse("contact-edit", args=[contact.pk])
    values = form_values(here.leader, url)
    contact_update(
        actor=here.seller,
        contact_id=contact.pk,
        expected_version=None,
        changes={"mobile": "13700001111"},
    )
    response = here.leader.post(url, values | {"mobile": "13800002222"})
    assert here.leader.post(url, shown_values(response)).status_code == 302
    contact.refresh_from_db()
    assert contact.mobile == "13800002222"


def test_what_is_typed_after_choosing_theirs_is_kept(here, manager):
    _line, client, url, response = edited(here, manager, "address", "甲路1号", "乙路2号", "丙路3号")
    anew = shown_values(response) | {"choose_address": "theirs"}
    assert client.post(url, anew | {"address": "丁路4号"}).status_code == 302
    here.customer.refresh_from_db()
    assert here.customer.address == "丁路4号"


def test_theirs_is_taken_where_the_input_was_left_alone(here, manager):
    _line, client, url, response = edited(here, manager, "address", "甲路1号", "乙路2号", "丙路3号")
    assert (
        client.post(url, shown_values(response) | {"choose_address": "theirs"}).status_code == 302
    )
    here.customer.refresh_from_db()
    assert here.customer.address == "乙路2号"


def test_both_choices_of_a_look_up_are_offered_by_name(here, manager):
    make_customer("总公司甲", code="H1")
    make_customer("总公司乙", code="H2")
    _line, _client, _url, response = edited(here, manager, "head_office", None, "H1", "H2")
    offered = dict(response.context["form"].fields["head_office"].widget.choices)
    assert offered == {"": "", "H1": "H1 总公司甲", "H2": "H2 总公司乙"}


def test_an_altered_base_reveals_nothing_and_breaks_nothing(here):
    contact = here.customer.contacts.get()
    url = reverse("contact-edit", args=[contact.pk])
    values = form_values(here.leader, url)
    contact_update(
        actor=here.seller, contact_id=contact.pk, expected_version=None, changes={"post": "theirs"}
    )
    chosen = {f"choose_{name}": "theirs" for name in ("mobile", "family", "birthday", "kind")}
    for base in odd_bases(values["base"]):
        for more in ({}, chosen):
            response = here.leader.post(url, values | {"base": base, "post": "mine"} | more)
            assert response.status_code in (409, 422), base[:80]
            for secret in (MOBILE, "FAMILYCANARY"):
                assert secret not in body(response)
    contact.refresh_from_db()
    assert (contact.mobile, contact.post) == (MOBILE, "theirs")


def test_an_altered_base_breaks_no_profile(here, manager):
    client, pk = client_for(manager), here.customer.pk
    url = reverse("customer-edit", args=[pk])
    values = form_values(client, url)
    customer_update(
        actor=here.seller, customer_id=pk, expected_version=None, changes={"scale": "theirs"}
    )
    for base in odd_bases(values["base"]):
        assert client.post(url, values | {"base": base, "scale": "x"}).status_code in (409, 422)


def test_a_category_shows_what_stood_before(here):
    client = client_for(make_account(roles=["customer_information_administrator"]))
    above = CustomerCategory.objects.create(code="K", name="上级")
    row = CustomerCategory.objects.create(code="K1", name="before")
    url = reverse("category", args=[row.pk])
    values = form_values(client, url)
    assert client.post(url, values | {"name": "theirs", "parent": "K"}).status_code == 302
    response = client.post(url, values | {"name": "mine"})
    assert lines(response) == {
        "name": ("before", "theirs", "mine", "mine"),
        "parent": ("", "K 上级", "", "theirs"),
    }
    assert client.post(url, shown_values(response)).status_code == 302
    row.refresh_from_db()
    assert (row.name, row.parent) == ("mine", above)
