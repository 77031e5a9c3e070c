"""'None' is an answer, 'not yet known' is none (CUS-7): on forms, profile, list, filters, time line."""

from __future__ import annotations

import pytest
from django.http import QueryDict
from django.urls import reverse

from dossier.core.fields import Kind, Surface
from dossier.customers.fields import CONTACT_FIELDS, CUSTOMER_FIELDS
from dossier.customers.forms import none_words
from dossier.customers.models import Contact, Customer
from dossier.customers.services import customer_create, customer_update
from dossier.customers.tests.pages import body, form_values, world

pytestmark = pytest.mark.django_db

ANSWERABLE = [spec for spec in CUSTOMER_FIELDS if spec.na and spec.on(Surface.FORM)]


@pytest.fixture
def here():
    return world(grade="A", credit_limit="0", fax="022-81234568")


def url(here):
    return reverse("customer-edit", args=[here.customer.pk])


def edit(here, **values):
    response = here.mine.post(url(here), form_values(here.mine, url(here)) | values)
    here.customer.refresh_from_db()
    return response.status_code


def test_choices_look_ups_dates_and_amounts_can_be_answered_none():
    kinds = {spec.kind for spec in ANSWERABLE}
    assert {Kind.CHOICE, Kind.REF, Kind.DATE, Kind.MONEY, Kind.COUNT, Kind.TEXT} <= kinds
    named = {spec.name for spec in ANSWERABLE}
    assert {"nature", "industry", "category_node", "head_office"} <= named
    assert not named & {"name", "code", "owner", "region", "status"}


@pytest.mark.parametrize("name", [spec.name for spec in ANSWERABLE])
def test_each_can_be_ticked_shown_and_answered_after_all(here, name):
    here.customer.refresh_from_db()
    empty = here.customer._meta.get_field(name)
    Customer.objects.filter(pk=here.customer.pk).update(
        **{name: None if empty.null else "", "version": 1}
    )
    assert f'name="na_{name}"' in body(here.mine.get(url(here)))
    assert edit(here, **{f"na_{name}": "1"}) == 302
    assert here.customer.not_applicable == [name]
    assert "na-value" in body(here.mine.get(reverse("customer", args=[here.customer.pk])))
    assert here.mine.get(url(here)).context["form"].fields[name].na_checked
    assert edit(here, **{f"na_{name}": ""}) == 302
    assert here.customer.not_applicable == []


def test_a_tick_clears_the_value_that_stood_there(here):
    assert edit(here, na_grade="1", na_fax="1", na_credit_limit="1") == 302
    assert here.customer.not_applicable == ["credit_limit", "fax", "grade"]
    assert (here.customer.grade, here.customer.fax, here.customer.credit_limit) == ("", "", None)


def test_a_value_newly_given_takes_the_tick_away(here):
    edit(here, na_grade="1", na_credit_limit="1")
    assert edit(here, grade="B", credit_limit="0") == 302  # the form still sends the ticks
    assert here.customer.not_applicable == []
    assert (here.customer.grade, here.customer.credit_limit) == ("B", 0)


def test_value_and_tick_given_at_once_mean_the_value(here):
    assert edit(here, na_scale="1", scale="大型") == 302
    assert (here.customer.scale, here.customer.not_applicable) == ("大型", [])


@pytest.mark.parametrize("word", ["无", "没有", "N/A", "none"])
@pytest.mark.parametrize("name", ["founded_on", "registered_capital", "employee_count", "scale"])
def test_the_word_typed_is_the_answer(here, name, word):
    assert edit(here, **{name: word}) == 302
    assert here.customer.not_applicable == [name]
    assert here.customer.scale == ""


def test_the_word_is_no_answer_where_none_is_impossible():
    posted = QueryDict("name=无&phone=无&fax=无")
    read = none_words(posted, CUSTOMER_FIELDS)
    assert (read["name"], read["phone"], read["fax"], read["na_fax"]) == ("无", "无", "", "1")
    assert posted["fax"] == "无"


def test_an_answer_no_form_offers_survives_an_edit(here):
    Customer.objects.filter(pk=here.customer.pk).update(
        not_applicable=["grade", "remark"], grade=""
    )
    assert edit(here, na_fax="1") == 302
    assert here.customer.not_applicable == ["fax", "grade", "remark"]
    assert edit(here, remark="now known") == 302
    assert here.customer.not_applicable == ["fax", "grade"]


def test_the_service_clears_one_by_the_other(here):
    def change(**arguments):
        customer_update(
            actor=here.seller, customer_id=here.customer.pk, expected_version=None, **arguments
        )
        here.customer.refresh_from_db()

    change(changes={}, not_applicable=["nature", "industry", "name", "owner", "nonsense"])
    assert here.customer.not_applicable == ["industry", "nature"]
    change(changes={"industry": "I65"})
    assert here.customer.not_applicable == ["nature"]
    change(changes={"nature": "无"})
    assert here.customer.not_applicable == ["nature"]
    change(changes={"nature": "government"}, not_applicable=["nature"])
    assert (here.customer.nature, here.customer.not_applicable) == ("government", [])
    change(changes={"industry": None}, not_applicable=["industry"])
    assert (here.customer.industry_id, here.customer.not_applicable) == (None, ["industry"])


def test_a_new_file_keeps_the_answers_of_customer_and_contact(here):
    address = reverse("customer-new")
    values = form_values(here.mine, address) | {
        "name": "新客户有限公司",
        "phone": "010-62345678",
        "contact-name": "李四",
        "contact-mobile": "无",
        "na_nature": "1",
        "founded_on": "无",
        "na_contact-email": "1",
        "contact-na_email": "1",
    }
    assert here.mine.post(address, values).status_code == 302
    made = Customer.objects.get(name="新客户有限公司")
    assert made.not_applicable == ["founded_on", "nature"]
    assert made.contacts.get().not_applicable == ["email", "mobile"]


def test_a_contacts_answers_are_kept_and_shown(here):
    contact = here.customer.contacts.get()
    address = reverse("contact-edit", args=[contact.pk])
    assert (
        here.mine.post(
            address, form_values(here.mine, address) | {"na_gender": "1", "post": "无"}
        ).status_code
        == 302
    )
    contact.refresh_from_db()
    assert contact.not_applicable == ["gender", "post"]
    for page in (
        reverse("contact", args=[contact.pk]),
        reverse("customer", args=[here.customer.pk]),
    ):
        assert "None" in body(here.mine.get(page)), page
    assert {"post", "mobile", "gender"} <= {spec.name for spec in CONTACT_FIELDS if spec.na}
    assert Contact.objects.get().name == "王芳"


def test_list_and_filter_tell_none_from_not_known(here):
    seller = here.seller
    contacts = [{"name": "Ann", "mobile": "13800001234"}]
    for name, arguments in (
        ("NOTKNOWN", {"data": {"name": "NOTKNOWN"}}),
        ("ANSWERED", {"data": {"name": "ANSWERED"}, "not_applicable": ["grade", "nature"]}),
    ):
        assert customer_create(actor=seller, contacts=contacts, **arguments).name == name
    address = reverse("customers")

    def found(query):
        text = body(here.mine.get(f"{address}?{query}"))
        return {n for n in ("KANARIENVOGEL", "NOTKNOWN", "ANSWERED") if n in text}

    assert found("grade=none") == {"ANSWERED"}
    assert found("grade=-") == {"NOTKNOWN"}
    assert found("grade=A") == {"KANARIENVOGEL"}
    assert found("nature=none&nature=-") == {"KANARIENVOGEL", "NOTKNOWN", "ANSWERED"}
    rows = here.mine.get(f"{address}?columns=name,grade,nature&q=ANSWERED").context["rows"]
    assert [cell["text"] for cell in rows[0]["cells"]] == ["ANSWERED", "None", "None"]


def test_nothing_of_the_mark_stays_after_it_is_taken_away(here):
    edit(here, na_fax="1")
    assert edit(here, na_fax="") == 302
    assert (here.customer.fax, here.customer.not_applicable) == ("", [])
