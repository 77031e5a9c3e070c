"""Archive, take up again, give to an owner, answer a question."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from django.db import IntegrityError, transaction
from django.urls import reverse
from django.utils import timezone

from dossier.core.access import system_actor
from dossier.core.errors import Refusal
from dossier.customers.models import Contact, Customer
from dossier.customers.services import checks_run, contact_add, customer_update
from dossier.customers.tests.pages import body, world
from tests.factories import actor_of_role, make_employee

pytestmark = pytest.mark.django_db


@pytest.fixture
def here():
    return world()


def status(here):
    here.customer.refresh_from_db()
    return here.customer.status


def test_archive_and_take_up_again(here):
    url = reverse("customer-archive", args=[here.customer.pk])
    assert here.leader.post(url, {"version": "1", "reason": ""}).status_code == 422
    assert status(here) == "active"
    assert here.leader.post(url, {"version": "1", "reason": "公司已注销"}).status_code == 302
    assert status(here) == "archived"
    assert here.customer.ended_on == timezone.localdate()
    page = body(here.mine.get(reverse("customer", args=[here.customer.pk])))
    assert "公司已注销" in page and here.customer.ended_by in page
    assert "takes no new orders" in page
    with pytest.raises(Refusal) as caught:
        customer_update(
            actor=here.seller,
            customer_id=here.customer.pk,
            expected_version=None,
            changes={"remark": "x"},
        )
    assert caught.value.code == "archived"
    assert (
        here.leader.post(url, {"version": "1", "reason": "again"}).status_code == 302
    )  # repeating is no change
    back = reverse("customer-restore", args=[here.customer.pk])
    assert (
        here.leader.post(
            back, {"version": str(here.customer.version), "reason": "重新合作"}
        ).status_code
        == 302
    )
    assert status(here) == "active"
    assert (here.customer.ended_on, here.customer.ended_by) == (None, "")


def test_a_relationship_ends_on_a_day_that_has_been(here):
    url = reverse("customer-archive", args=[here.customer.pk])
    tomorrow = timezone.localdate() + timedelta(days=1)
    given = {"version": "1", "reason": "停业", "ended_on": tomorrow.isoformat()}
    response = here.leader.post(url, given)
    assert response.status_code == 422 and "停业" in body(response)
    assert status(here) == "active"
    assert here.leader.post(url, given | {"ended_on": "2026-03-01"}).status_code == 302
    assert status(here) == "archived"
    assert here.customer.ended_on == date(2026, 3, 1)
    assert here.leader.get(url).status_code == 200
    assert here.leader.put(url).status_code == 405


def test_the_database_keeps_an_end_only_with_an_archived_file(here):
    with pytest.raises(IntegrityError), transaction.atomic():
        Customer.objects.filter(pk=here.customer.pk).update(ended_on=date(2026, 1, 1))


def test_a_stale_archive_is_refused(here):
    url = reverse("customer-archive", args=[here.customer.pk])
    response = here.leader.post(url, {"version": "7", "reason": "x y z"})
    assert response.status_code == 409
    assert "x y z" in response.content.decode()
    assert status(here) == "active"


@pytest.mark.parametrize("name", ["customer-archive", "customer-restore", "customer-assign"])
@pytest.mark.parametrize("client", ["mine", "stranger", "reader"])
def test_without_the_right_nothing_happens(here, client, name):
    other = make_employee()
    response = getattr(here, client).post(
        reverse(name, args=[here.customer.pk]),
        {"version": "1", "reason": "abc", "owner": str(other.pk)},
    )
    assert response.status_code in (403, 404)
    assert status(here) == "active"
    assert here.customer.owner_id == here.seller.employee_id


def test_a_leader_gives_within_the_team_only(here):
    url = reverse("customer-assign", args=[here.customer.pk])
    team = here.customer.owner.team
    colleague, outsider, gone = (
        make_employee(team=team),
        make_employee(),
        make_employee(team=team, status="left"),
    )
    assert f"Owner now: {here.customer.owner}" in body(here.leader.get(url))
    for wrong in (outsider, gone):
        assert here.leader.post(url, {"version": "1", "owner": str(wrong.pk)}).status_code == 422
    assert here.leader.post(url, {"version": "1", "owner": ""}).status_code == 422
    assert (
        here.leader.post(
            url, {"version": "1", "owner": str(colleague.pk), "reason": "区域调整"}
        ).status_code
        == 302
    )
    here.customer.refresh_from_db()
    assert here.customer.owner_id == colleague.pk
    assert here.mine.get(reverse("customer", args=[here.customer.pk])).status_code == 404


def test_a_question_is_answered_with_its_source(here):
    question = here.customer.questions.get()
    url = reverse("question-answer", args=[question.pk])
    given = {"reason": "已核对营业执照", "source": "document"}
    assert here.stranger.post(url, given).status_code == 404
    assert here.reader.post(url, given).status_code == 403
    assert here.mine.post(url, given | {"reason": "x" * 301}).status_code == 422
    for source in ("", "hearsay"):
        assert here.mine.post(url, given | {"source": source}).status_code == 422
    question.refresh_from_db()
    assert question.status == "open"
    assert here.mine.post(url, given).status_code == 302
    question.refresh_from_db()
    assert (question.status, question.answer) == ("answered", "已核对营业执照")
    assert question.answer_source == "document"
    assert here.mine.get(reverse("questions")).context["rows"] == []
    assert "已核对营业执照 (A document)" in body(
        here.mine.get(reverse("customer", args=[here.customer.pk]))
    )


def test_a_value_is_accepted_as_it_stands_and_not_asked_again(here):
    question = here.customer.questions.get()
    url = reverse("question-answer", args=[question.pk])
    assert here.mine.post(url, {"reason": "", "accept": "1"}).status_code == 422
    assert here.mine.post(url, {"reason": "执照上就是这样", "accept": "1"}).status_code == 302
    question.refresh_from_db()
    assert (question.status, question.answer_source) == ("accepted", "")
    assert checks_run(actor=system_actor(), ids=[here.customer.pk]).opened == 0
    assert not here.customer.questions.filter(status="open").exists()


@pytest.mark.parametrize(
    ("field", "place"),
    [
        ("tax_number", "edit#id_tax_number"),
        ("mobile", "#contacts"),
        ("bank_account", "#accounts"),
        ("duplicate", "edit"),
    ],
)
def test_a_question_leads_to_the_field(here, field, place):
    one = here.customer.questions.create(field=field, given="12", code="bad_phone")
    text = body(here.mine.get(reverse("question-answer", args=[one.pk])))
    assert f'href="{reverse("customer", args=[here.customer.pk])}{place}"' in text


def test_who_may_not_answer_is_not_led_to_a_refusal(here):
    page = reverse("customer", args=[here.customer.pk])
    one = here.customer.questions.filter(status="open").first()
    answer = reverse("question-answer", args=[one.pk])
    for url in (reverse("home"), reverse("questions")):
        told = body(here.reader.get(url))
        assert answer not in told and f'href="{page}#questions"' in told, url
        assert f'href="{answer}"' in body(here.mine.get(url)), url
    assert 'id="questions"' in body(here.reader.get(page))


def test_a_doubtful_mobile_is_told_what_a_mobile_needs(here):
    one = here.customer.questions.create(field="mobile", given="138", code="bad_phone")
    text = body(here.mine.get(reverse("question-answer", args=[one.pk])))
    assert "Write all its 11 digits." in text and "area code" not in text


def test_a_question_is_withdrawn_with_a_reason(here):
    question = here.customer.questions.get()
    url = reverse("question-answer", args=[question.pk])
    assert 'name="withdraw"' in body(here.mine.get(url))
    assert here.mine.post(url, {"reason": "", "withdraw": "1"}).status_code == 422
    assert here.stranger.post(url, {"reason": "x", "withdraw": "1"}).status_code == 404
    assert here.reader.post(url, {"reason": "x", "withdraw": "1"}).status_code == 403
    question.refresh_from_db()
    assert question.status == "open"
    response = here.mine.post(url, {"reason": "证件号码无误", "withdraw": "1"}, follow=True)
    question.refresh_from_db()
    assert (question.status, question.answer) == ("void", "证件号码无误")
    assert "Withdrawn." in body(response)
    assert here.mine.get(reverse("questions")).context["rows"] == []


def test_a_closed_question_says_so_and_stays(here):
    question = here.customer.questions.get()
    url = reverse("question-answer", args=[question.pk])
    given = {"reason": "已核对营业执照", "source": "document"}
    here.mine.post(url, given)
    assert "已核对营业执照" in body(here.leader.get(url, follow=True))
    refused = here.leader.post(url, {"reason": "ANDERSCANARY", "withdraw": "1"})
    assert refused.status_code == 422
    assert "ANDERSCANARY" in body(refused)  # what was typed is not lost
    again = here.mine.post(url, given)  # the same press twice
    assert again.status_code == 302
    question.refresh_from_db()
    assert (question.status, question.answer) == ("answered", "已核对营业执照")


def test_a_draft_is_completed_by_what_it_lacked(here):
    draft = Customer.objects.create(
        code="D1", name="草稿", status="draft", owner_id=here.seller.employee_id
    )
    contact_add(actor=here.seller, customer_id=draft.pk, data={"name": "孙七"})
    draft.refresh_from_db()
    assert draft.status == "draft"
    customer_update(
        actor=here.seller,
        customer_id=draft.pk,
        expected_version=None,
        changes={"phone": "010-78922658"},
    )
    draft.refresh_from_db()
    assert (draft.status, draft.main_contact) == ("active", "孙七")


def test_the_last_telephone_cannot_be_taken_away(here):
    Contact.objects.filter(customer=here.customer).update(mobile="")
    with pytest.raises(Refusal) as caught:
        customer_update(
            actor=here.seller,
            customer_id=here.customer.pk,
            expected_version=None,
            changes={"phone": "无"},
        )
    assert (caught.value.code, caught.value.field) == ("missing", "phone")


def test_handing_over_moves_every_customer(here):
    from dossier.customers.services import customers_hand_over
    from dossier.people.models import Employee

    taker = make_employee()
    leaver = Employee.objects.get(pk=here.seller.employee_id)
    moved = customers_hand_over(
        actor=actor_of_role("sales_manager"), from_employee=leaver, to_employee=taker
    )
    here.customer.refresh_from_db()
    assert (moved, here.customer.owner_id) == (1, taker.pk)
