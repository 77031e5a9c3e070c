"""Data queries: opened by checks, addressed and due, given to others, closed; never the same one twice (CUS-13)."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from django.db import IntegrityError, transaction
from django.urls import reverse
from django.utils import timezone

from dossier.core.access import system_actor
from dossier.customers import jobs, registries
from dossier.customers.models import Contact, Customer, ProfileRules, Question
from dossier.customers.selectors import asked_of, question_rows, waiting_count
from dossier.customers.services import (
    checks_run,
    customer_update,
    questions_hand_over,
    questions_reassign,
)
from dossier.customers.tests.pages import CANARY, MOBILE, body, world
from dossier.people.models import Territory
from tests.factories import (
    actor_for,
    client_for,
    make_account,
    make_customer,
    make_employee,
    make_order,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def here():
    return world(tax_number="")


def run(*customers, today=None):
    return checks_run(actor=system_actor(), ids=[c.pk for c in customers] or None, today=today)


def codes(customer):
    return sorted(customer.questions.filter(status="open").values_list("code", flat=True))


def write(customer, **values):
    """As an import or another program would have left it."""
    Customer.objects.filter(pk=customer.pk).update(**values)


@pytest.mark.parametrize(
    ("values", "code", "field"),
    [
        ({"tax_number": "91110108MA01ABCD1X"}, "check_digit", "tax_number"),
        ({"phone": "12"}, "bad_phone", "phone"),
        ({"founded_on": date(2199, 1, 1)}, "future_date", "founded_on"),
        (
            {"founded_on": date(2020, 1, 1), "first_deal_on": date(2019, 1, 1)},
            "date_order",
            "first_deal_on",
        ),
        ({"updated_at": "2020-01-01T00:00:00Z"}, "stale_profile", "profile"),
    ],
)
def test_each_irregularity_is_asked_once_and_settles_itself(here, values, code, field):
    assert codes(here.customer) == []
    write(here.customer, **values)
    assert code in [*codes(here.customer), *(run(here.customer) and codes(here.customer))]
    one = here.customer.questions.get(code=code)
    assert (one.field, one.origin) == (field, "check")
    assert one.due_on == timezone.localdate() + timedelta(days=14)
    page = here.mine.get(reverse("question-answer", args=[one.pk]))
    assert page.status_code == 200 and "%(" not in body(page)
    assert run(here.customer).opened == 0
    write(
        here.customer,
        tax_number="",
        phone="022-81234567",
        founded_on=None,
        first_deal_on=None,
        updated_at=timezone.now(),
    )
    assert run(here.customer).settled == 1
    one.refresh_from_db()
    assert (one.status, one.answer) == ("answered", "Put right meanwhile")


def test_a_contacts_dead_mobile_is_asked_and_covered(here):
    Contact.objects.filter(customer=here.customer).update(mobile="1391234")
    run(here.customer)
    one = here.customer.questions.get(field="mobile")
    assert one.given == "1391234"
    assert "1391234" in body(here.mine.get(reverse("questions")))
    assert "1391234" not in body(here.leader.get(reverse("questions")))


def test_a_left_owner_is_asked_of_the_administrator(here):
    write(here.customer, owner_id=make_employee(status="left").pk)
    run(here.customer)
    assert codes(here.customer) == ["owner_left"]
    keeper = client_for(make_account(roles=["customer_information_administrator"]))
    page = keeper.get(reverse("questions"), {"mine": "1"})
    assert len(page.context["rows"]) == 1
    assert "Customer-information administrator" in body(page)


def test_a_region_outside_every_territory_is_an_orphan(here):
    write(here.customer, region_id="120104")
    run(here.customer)
    assert codes(here.customer) == []  # without territories there is nothing to belong to
    territory = Territory.objects.create(name="山东")
    territory.regions.add("370000")
    run(here.customer)
    assert codes(here.customer) == ["orphan_region"]
    territory.regions.add("120000")
    run(here.customer)
    assert codes(here.customer) == []


def test_a_telephone_of_many_names_no_other_file(here):
    for _n in range(2):
        make_customer("fremde FREMDCANARY", phone="022-81234567")
    run()
    one = here.customer.questions.get(code="shared_phone")
    assert one.params == {"customers": 3}
    text = body(here.mine.get(reverse("question-answer", args=[one.pk])))
    assert "3 files" in text and "FREMDCANARY" not in text


def test_orders_without_cost_are_asked_until_the_cost_is_there(here):
    order = make_order(here.customer, lines=[{"cost": None}], ordered_on=timezone.localdate())
    run(here.customer)
    assert codes(here.customer) == ["order_without_cost"]
    order.lines.update(cost=1)
    run(here.customer)
    assert codes(here.customer) == []


def test_what_was_answered_is_not_asked_again_with_the_same_value(here):
    write(here.customer, phone="12")
    run(here.customer)
    one = here.customer.questions.get(code="bad_phone")
    url = reverse("question-answer", args=[one.pk])
    here.mine.post(url, {"reason": "内线电话", "source": "customer"})
    assert run(here.customer).opened == 0
    write(here.customer, phone="13")
    assert run(here.customer).opened == 1


def test_the_database_refuses_the_same_open_question_twice(here):
    values = {"customer": here.customer, "field": "phone", "code": "bad_phone", "given": "12"}
    Question.objects.create(**values)
    with pytest.raises(IntegrityError), transaction.atomic():
        Question.objects.create(**values)
    with pytest.raises(IntegrityError), transaction.atomic():
        Question.objects.filter(**values).update(status="answered", closed_at=None)


def test_an_edit_opens_a_question_with_a_day_and_asks_it_once(here):
    ProfileRules.objects.update(answer_days=3)
    for phone in ("12", "022-81234567", "12"):
        customer_update(
            actor=here.seller,
            customer_id=here.customer.pk,
            expected_version=None,
            changes={"phone": phone, "fax": "12"},
        )
    found = here.customer.questions.filter(status="open", field="phone")
    assert [(q.origin, q.due_on) for q in found] == [
        ("edit", timezone.localdate() + timedelta(days=3))
    ]


def test_everybody_sees_the_questions_of_own_reach_and_counts_only_those(here):
    write(here.customer, phone="12")
    run()
    url = reverse("questions")
    for client, seen in ((here.mine, 1), (here.leader, 1), (here.reader, 1), (here.stranger, 0)):
        page = client.get(url)
        assert len(page.context["rows"]) == seen
        assert (CANARY[:6] in body(page)) == bool(seen)
        assert page.context["pager"]["count_text"].startswith(str(seen))
    assert len(here.mine.get(url, {"mine": "1"}).context["rows"]) == 1
    assert len(here.leader.get(url, {"mine": "1"}).context["rows"]) == 0
    assert here.mine.post(url).status_code == 405


def test_overdue_ones_are_marked_listed_and_on_the_home_page(here):
    write(here.customer, phone="12")
    run(here.customer)
    url = reverse("questions")
    assert here.mine.get(url, {"overdue": "1"}).context["rows"] == []
    here.customer.questions.update(due_on=timezone.localdate() - timedelta(days=1))
    assert len(here.mine.get(url, {"overdue": "1"}).context["rows"]) == 1
    home = body(here.mine.get(reverse("home")))
    assert "overdue since" in home and "1 asked of you are overdue" in home
    assert "overdue since" not in body(here.stranger.get(reverse("home")))


def asked(here):
    write(here.customer, phone="12")
    run(here.customer)
    return here.customer.questions.get(code="bad_phone")


def test_a_leader_asks_somebody_else_who_then_finds_it(here):
    one = asked(here)
    team = here.customer.owner.team
    colleague = make_account(roles=["team_leader"], team=team)
    url = reverse("questions-reassign")
    assert f'value="{one.pk}" checked' in body(here.leader.get(url))
    given = {
        "question": [str(one.pk)],
        "to": str(colleague.employee_id),
        "reason": "出差",
        "due_on": (timezone.localdate() + timedelta(days=30)).isoformat(),
    }
    for wrong in ({"reason": ""}, {"to": ""}, {"question": []}, {"due_on": "2020-01-01"}):
        assert here.leader.post(url, given | wrong).status_code == 422
    one.refresh_from_db()
    assert one.asked_of is None
    assert here.leader.post(url, given).status_code == 302
    one.refresh_from_db()
    assert one.asked_of_id == colleague.employee_id
    assert one.due_on == timezone.localdate() + timedelta(days=30)
    mine = client_for(colleague).get(reverse("questions"), {"mine": "1"})
    assert len(mine.context["rows"]) == 1
    assert len(here.mine.get(reverse("questions"), {"mine": "1"}).context["rows"]) == 0
    page = body(here.mine.get(reverse("customer", args=[here.customer.pk])))
    assert f"asked of {colleague.employee} now" in page  # the time line tells it


def test_who_could_not_answer_is_not_asked(here):
    one = asked(here)
    outsider = make_account(roles=["salesperson"])
    for person in (outsider.employee, make_employee(), make_employee(status="left")):
        response = here.leader.post(
            reverse("questions-reassign"),
            {"question": [str(one.pk)], "to": str(person.pk), "reason": "x y"},
        )
        assert response.status_code == 422
    one.refresh_from_db()
    assert one.asked_of is None


@pytest.mark.parametrize(("who", "status"), [("mine", 403), ("reader", 403), ("stranger", 403)])
def test_without_the_right_nobody_is_asked_instead(here, who, status):
    one = asked(here)
    url = reverse("questions-reassign")
    given = {"question": [str(one.pk)], "to": str(here.seller.employee_id), "reason": "abc"}
    assert getattr(here, who).get(url).status_code == status
    assert getattr(here, who).post(url, given).status_code == status
    one.refresh_from_db()
    assert (one.asked_of, one.version) == (None, 1)


def test_questions_outside_the_reach_cannot_be_given_away(here):
    one = asked(here)
    other = make_account(roles=["team_leader"])
    client = client_for(other)
    url = reverse("questions-reassign")
    assert CANARY not in body(client.get(url))
    assert CANARY not in body(client.get(url, {"one": str(one.pk)}))
    for number in (str(one.pk), "999999999", "abc"):
        response = client.post(
            url, {"question": [number], "to": str(other.employee_id), "reason": "abc"}
        )
        assert response.status_code == 404 and CANARY not in body(response)
    one.refresh_from_db()
    assert one.asked_of is None


def test_a_leavers_questions_go_to_who_takes_over(here):
    one = asked(here)
    team = here.customer.owner.team
    leaver, taker = make_account(roles=["team_leader"], team=team), make_employee(team=team)
    leader = actor_for(make_account(roles=["sales_manager"]))
    questions_reassign(actor=leader, question_ids=[one.pk], to=leaver.employee, reason="abc")
    assert questions_hand_over(actor=leader, from_employee=leaver.employee, to_employee=taker) == 1
    one.refresh_from_db()
    assert one.asked_of_id == taker.pk


def test_the_night_computes_checks_and_sums_everything(here):
    write(here.customer, phone="12")
    jobs.renew_all.func(timestamp=0)
    assert codes(here.customer) == ["bad_phone"]
    assert here.customer.owner_id is not None
    write(here.customer, phone="022-81234567")
    assert jobs.follow_changes.func(timestamp=0) >= 1
    assert codes(here.customer) == []


def test_every_check_has_words_and_a_filter(here):
    page = here.mine.get(reverse("questions"))
    offered = {
        value for f in page.context["filters"] if f["name"] == "code" for value, _l in f["options"]
    }
    for check in registries.checks():
        assert check.code in offered and str(check.label) and str(check.message)
    assert MOBILE not in body(page)


def test_the_menu_counts_what_is_asked_of_somebody_and_within_reach_once(here):
    """By name, as the owner, or because no owner is in post; what one does not see does not count (CUS-13)."""
    seller = make_account(roles=["salesperson"])
    left = make_employee(status="left", left_on=date(2024, 1, 1))
    owners = [seller.employee, None, left, make_employee()]
    for position, customer in enumerate([make_customer(owner=owner) for owner in owners]):
        for asked in (None, seller.employee):
            Question.objects.create(
                customer=customer,
                field="phone",
                code="bad_phone",
                given=f"{position}{asked}",
                asked_of=asked,
            )
    expected = {seller: 2, make_account(roles=["customer_information_administrator"]): 2}
    expected[make_account(roles=["general_manager"])] = 2
    for account, number in expected.items():
        actor = actor_for(account)
        assert waiting_count(actor, 100) == number
        assert asked_of(question_rows(actor), actor).count() == number
    assert waiting_count(actor_for(seller), 1) == 1
