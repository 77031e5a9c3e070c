"""Editing a profile on the page: rights, stale versions, corrections that answer questions."""

from __future__ import annotations

import pytest
from django.urls import reverse

from dossier.core.errors import NotFound, Stale
from dossier.customers.models import CustomerAlias
from dossier.customers.services import customer_update
from dossier.customers.tests.pages import body, form_values, world
from tests.factories import make_customer, make_employee

pytestmark = pytest.mark.django_db


@pytest.fixture
def here():
    return world()


def url(here):
    return reverse("customer-edit", args=[here.customer.pk])


def edit(client, here, **values):
    return client.post(url(here), form_values(client, url(here)) | values)


def test_a_change_is_saved_and_counted(here):
    assert (
        edit(
            here.mine,
            here,
            short_name="格致",
            founded_on="2001年5月6日",
            registered_capital="１２００.５",
        ).status_code
        == 302
    )
    here.customer.refresh_from_db()
    assert (here.customer.short_name, str(here.customer.founded_on), here.customer.version) == (
        "格致",
        "2001-05-06",
        2,
    )
    assert "格致" in here.customer.search_text


def test_saving_without_a_change_writes_nothing(here):
    assert edit(here.mine, here).status_code == 302
    here.customer.refresh_from_db()
    assert here.customer.version == 1


def test_a_stale_edit_shows_both_versions_and_loses_nothing(here):
    values = form_values(here.mine, url(here))
    edit(here.leader, here, short_name="theirs", fax="022-87654321")
    response = here.mine.post(
        url(here), values | {"short_name": "mine", "remark": "long typed remark"}
    )
    assert response.status_code == 409
    text = body(response)
    for piece in ("theirs", "mine", "022-87654321", "long typed remark"):
        assert piece in text, piece
    here.customer.refresh_from_db()
    assert (here.customer.short_name, here.customer.remark) == ("theirs", "")
    anew = {
        n: str(b.value() or "") for n, b in ((b.html_name, b) for b in response.context["form"])
    }
    anew |= {
        "version": str(response.context["version"]),
        "base": response.context["base"],
        "choose_short_name": "theirs",
    }
    assert here.mine.post(url(here), anew).status_code == 302
    here.customer.refresh_from_db()
    assert (here.customer.short_name, here.customer.remark, here.customer.fax) == (
        "theirs",
        "long typed remark",
        "022-87654321",
    )


def test_the_service_refuses_a_stale_version(here):
    customer_update(
        actor=here.seller, customer_id=here.customer.pk, expected_version=1, changes={"remark": "a"}
    )
    with pytest.raises(Stale) as caught:
        customer_update(
            actor=here.seller,
            customer_id=here.customer.pk,
            expected_version=1,
            changes={"remark": "b"},
        )
    assert caught.value.params == {"theirs": {"remark": "a"}, "version": 2}


@pytest.mark.parametrize("client", ["stranger", "reader", "anonymous"])
def test_others_change_nothing(here, client):
    response = getattr(here, client).post(url(here), {"version": "1", "name": "taken"})
    assert response.status_code == {"stranger": 404, "reader": 403, "anonymous": 401}[client]
    here.customer.refresh_from_db()
    assert (here.customer.version, "taken" in here.customer.name) == (1, False)


def test_a_salesperson_cannot_give_the_customer_away(here):
    other = make_employee()
    response = edit(here.mine, here, owner=str(other.pk))
    assert response.status_code == 422
    here.customer.refresh_from_db()
    assert here.customer.owner_id == here.seller.employee_id


def test_a_foreign_head_office_is_not_taken(here):
    foreign = make_customer("foreign head", owner=make_employee())
    response = edit(here.mine, here, head_office=foreign.code)
    assert response.status_code == 422
    assert "foreign head" not in body(response)
    here.customer.refresh_from_db()
    assert here.customer.head_office_id is None


def test_a_head_office_outside_the_reach_stays_unseen_and_unchanged(here):
    foreign = make_customer("foreign head", owner=make_employee())
    here.customer.head_office = foreign
    here.customer.save()
    assert "foreign head" not in body(here.mine.get(reverse("customer", args=[here.customer.pk])))
    assert "foreign head" not in body(here.mine.get(url(here)))
    edit(here.mine, here, remark="x")
    here.customer.refresh_from_db()
    assert (here.customer.head_office_id, here.customer.remark) == (foreign.pk, "x")


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("name", ""),
        ("name", "无"),
        ("phone", "x" * 101),
        ("credit_limit", "-1"),
        ("filed_on", "31.02.2023"),
    ],
)
def test_bad_input_changes_nothing(here, field, value):
    assert edit(here.mine, here, **{field: value}).status_code in (400, 422)
    here.customer.refresh_from_db()
    assert here.customer.version == 1


@pytest.mark.parametrize("version", ["", "x", "-1", "٣", "9" * 30])
def test_a_form_that_lost_its_version_changes_nothing_and_keeps_what_was_typed(here, version):
    response = edit(here.mine, here, version=version, remark="TYPEDCANARY")
    assert response.status_code == 409
    assert "TYPEDCANARY" in body(response)
    here.customer.refresh_from_db()
    assert here.customer.version == 1


def test_the_old_code_goes_on_finding_the_customer(here):
    old = here.customer.code
    edit(here.mine, here, code="NEW1")
    here.customer.refresh_from_db()
    assert here.customer.code == "NEW1"
    assert CustomerAlias.objects.get().code == old
    assert "KANARIENVOGEL" in body(here.mine.get(reverse("search"), {"q": old}))


def test_a_correction_answers_the_question(here):
    assert here.customer.questions.get().status == "open"
    edit(here.mine, here, tax_number="91350100M000100Y43")
    assert here.customer.questions.get().status == "answered"


def test_the_answer_none_is_kept_and_a_value_wins(here):
    edit(here.mine, here, na_fax="1", na_email="1")
    here.customer.refresh_from_db()
    assert here.customer.not_applicable == ["email", "fax"]
    edit(here.mine, here, email="a@example.com")
    here.customer.refresh_from_db()
    assert here.customer.not_applicable == ["fax"]


def test_a_territorys_reader_loses_no_file_unawares(here):
    with pytest.raises(NotFound):
        customer_update(
            actor=here.seller,
            customer_id=make_customer("x", owner=make_employee()).pk,
            expected_version=1,
            changes={"remark": "x"},
        )
