"""Possible duplicates while typing, on save, as pairs, by import and by the search through all files (CUS-3)."""

from __future__ import annotations

from types import SimpleNamespace

import pytest
from django.test import Client
from django.urls import reverse

from dossier.core.access import system_actor
from dossier.core.errors import NotAllowed, NotFound, Refusal
from dossier.core.imports.undo import undo_run
from dossier.customers.duplicate_models import (
    DuplicateAsking,
    DuplicateKeys,
    DuplicateNotice,
    DuplicatePair,
)
from dossier.customers.models import Customer
from dossier.customers.selectors import entered_row
from dossier.customers.services import (
    archive_searched,
    contact_update,
    customer_create,
    customer_update,
    duplicate_notices,
    duplicate_pair_reopen,
    duplicate_pair_settle,
    duplicates_asked,
)
from dossier.customers.tests.pages import CANARY, MOBILE, body, form_values, world
from tests.factories import (
    actor_for,
    actor_of_role,
    client_for,
    make_account,
    make_customer,
    make_team,
)
from tests.imports import import_file, sheet

pytestmark = pytest.mark.django_db
TAX = "91370682K48F2FMK2H"
CONTACT = {"name": "李雷", "mobile": "13800001234"}


@pytest.fixture
def here():
    return world(tax_number=TAX)


@pytest.fixture
def keeper():
    account = make_account(roles=["customer_information_administrator"])
    return SimpleNamespace(actor=actor_for(account), client=client_for(account))


def create(actor, name, *, contact=CONTACT, **data):
    return customer_create(actor=actor, data={"name": name, **data}, contacts=[contact])


def typed(client: Client, **values):
    return body(client.get(reverse("customer-duplicates"), values))


# While typing -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("values", "why"),
    [
        ({"name": "天津格志科技有限公司"}, "name differs by one character"),
        ({"name": "格致科技（天津）公司"}, "same name"),
        ({"name": "天津格智科技有限公司", "phone": "022-81234567"}, "same telephone"),
        ({"name": "天津歌治科技公司"}, "name sounds the same"),
        ({"tax_number": TAX}, "same tax number"),
    ],
)
def test_typing_shows_who_is_like_it_how_sure_and_why(values, why):
    seller = actor_of_role("salesperson", team=make_team())
    account = make_account(roles=["sales_manager"])
    customer = create(seller, "天津格致科技有限公司", phone="022-81234567", tax_number=TAX)
    text = typed(client_for(account), **values)
    assert customer.code in text
    assert why in text
    assert " %" in text


def test_nothing_alike_says_nothing(here):
    assert "alert" not in typed(here.mine, name="沈阳云盛汽车配件有限公司", phone="024-61112222")


def test_outside_the_reach_only_that_there_is_one_and_that_is_on_record(here):
    text = typed(here.stranger, name=here.customer.name, tax_number=TAX)
    assert "outside your reach" in text
    assert not any(word in text for word in (CANARY, here.customer.code, "tax", "same", "%", TAX))
    assert text == typed(here.stranger, tax_number=TAX)  # not which of the two it was
    (notice,) = DuplicateNotice.objects.all()
    assert (notice.customer_id, notice.via) == (here.customer.pk, "typing")


def test_nobody_tries_the_base_out_by_typing(here, monkeypatch):
    monkeypatch.setattr(duplicate_notices, "MOST_TOLD", 2)
    seller = actor_of_role("salesperson", team=make_team())
    for number in range(3):
        create(seller, f"沈阳{'云盛利明美方'[number * 2 : number * 2 + 2]}机械制造有限公司")
    names = [
        *Customer.objects.exclude(pk=here.customer.pk).values_list("name", flat=True),
        "沈阳没有这家公司",
    ]
    texts = [typed(here.stranger, name=name) for name in names]
    assert ["outside your reach: ask" in text for text in texts] == [True, True, False, False]
    assert texts[2] == texts[3]  # the same for one that exists and one that does not
    assert "asked about many customers" in texts[2]
    assert DuplicateNotice.objects.count() == 2


def test_questions_are_counted_even_where_nothing_is_found(here, monkeypatch):
    monkeypatch.setattr(duplicate_notices, "MOST_ASKED", 2)
    texts = [typed(here.stranger, name=f"沈阳第{sign}公司") for sign in "一二三"]
    assert ["asked about many" in text for text in texts] == [False, False, True]
    assert DuplicateAsking.objects.filter(asked=3).exists()


def test_a_covered_mobile_is_not_confirmed_by_typing_it(here):
    text = typed(here.leader, phone=MOBILE)
    assert CANARY not in text
    assert "same" not in text
    assert CANARY in typed(here.mine, phone=MOBILE)  # the owner sees it plainly


def test_who_enters_and_edits_nothing_may_not_ask(here):
    response = here.reader.get(reverse("customer-duplicates"), {"name": here.customer.name})
    assert response.status_code == 403
    assert here.anonymous.get(reverse("customer-duplicates")).status_code == 302


# On save ------------------------------------------------------------------------------------------------


def test_an_edit_that_makes_a_customer_like_another_asks_once(here):
    seller_customer = create(here.seller, "沈阳云盛汽车配件有限公司", phone="024-61112222")
    url = reverse("customer-edit", args=[seller_customer.pk])
    values = form_values(here.mine, url) | {"name": here.customer.name}
    response = here.mine.post(url, values)
    assert response.status_code == 422
    assert here.customer.code in body(response)
    assert here.mine.post(url, values | {"duplicates_seen": "1"}).status_code == 302
    seller_customer.refresh_from_db()
    assert seller_customer.name == here.customer.name


def test_an_equal_valid_tax_number_is_refused_and_names_the_one_that_has_it(here):
    with pytest.raises(Refusal) as caught:
        create(here.seller, "另一家公司", tax_number=TAX)
    assert (caught.value.code, caught.value.field) == ("duplicate_tax_number", "tax_number")
    assert here.customer.code in caught.value.message
    other = create(here.seller, "沈阳云盛汽车配件有限公司")
    with pytest.raises(Refusal):
        customer_update(
            actor=here.seller,
            customer_id=other.pk,
            expected_version=None,
            changes={"tax_number": TAX},
        )
    branch = create(
        here.seller, "天津格致科技有限公司沈阳分公司", tax_number=TAX, head_office=here.customer.pk
    )
    assert branch.tax_number == TAX


def test_of_a_foreign_tax_number_the_administrator_is_named_and_nothing_else(here):
    stranger = actor_of_role("salesperson", team=make_team())
    with pytest.raises(Refusal) as caught:
        create(stranger, "另一家公司", tax_number=TAX)
    assert "administrator" in caught.value.message
    assert CANARY not in caught.value.message
    assert here.customer.code not in caught.value.message
    assert DuplicateNotice.objects.get().via == "save"


# Pairs --------------------------------------------------------------------------------------------------


def pair_of(here):
    other = create(here.seller, f"{CANARY}格致科技（天津）公司", phone="022-81234567")
    return other, DuplicatePair.objects.get()


def test_saving_flags_both_and_says_why(here):
    other, pair = pair_of(here)
    assert (pair.first_id, pair.second_id, pair.found_by) == (here.customer.pk, other.pk, "save")
    for one, two in ((here.customer, other), (other, here.customer)):
        text = body(here.mine.get(reverse("customer", args=[one.pk])))
        assert "Perhaps the same as" in text
        assert two.code in text
        assert "same telephone" in text


def test_a_pair_no_longer_alike_is_closed_by_itself_and_comes_again(here):
    other, pair = pair_of(here)
    for name, status in (
        ("沈阳宏图印刷包装有限公司", "gone"),
        (f"{CANARY}天津格致科技公司", "open"),
    ):
        customer_update(
            actor=here.seller, customer_id=other.pk, expected_version=None, changes={"name": name}
        )
        pair.refresh_from_db()
        assert pair.status == status


def test_of_a_pair_half_outside_only_that_there_is_one(here):
    other, _pair = pair_of(here)
    stranger = make_account(roles=["salesperson"], team=make_team())
    Customer.objects.filter(pk=other.pk).update(owner=stranger.employee)
    text = body(client_for(stranger).get(reverse("customer", args=[other.pk])))
    assert "outside your reach" in text
    assert here.customer.code not in text
    assert "same telephone" not in text


def test_a_shared_covered_mobile_is_no_reason_told_to_others(here, keeper):
    contact = {"name": "王芳", "mobile": MOBILE}
    other = create(here.seller, f"{CANARY}天津格志科技有限公司", contact=contact)
    pair = DuplicatePair.objects.get(second=other)
    assert "covered_phone" in pair.reasons
    assert "same mobile" in body(here.mine.get(reverse("customer", args=[other.pk])))
    for page in (reverse("customer", args=[other.pk]), reverse("duplicate-pair", args=[pair.pk])):
        text = body(keeper.client.get(page))
        assert here.customer.code in text
        assert "same mobile" not in text
        assert MOBILE not in text


def test_the_administrator_sees_both_side_by_side_and_says_they_are_two(here, keeper):
    other, pair = pair_of(here)
    listed = body(keeper.client.get(reverse("duplicate-pairs")))
    assert here.customer.code in listed
    assert other.code in listed
    url = reverse("duplicate-pair", args=[pair.pk])
    text = body(keeper.client.get(url))
    assert here.customer.code in text
    assert other.code in text
    assert "022-81234567" in text
    assert keeper.client.post(url, {"reason": ""}).status_code == 422
    response = keeper.client.post(url, {"reason": "两个法人"})
    assert response.status_code == 302
    pair.refresh_from_db()
    assert (pair.status, pair.decision) == ("distinct", "两个法人")
    assert pair.decided_by == keeper.actor.login
    assert "Perhaps the same as" not in body(here.mine.get(reverse("customer", args=[other.pk])))
    assert other.code not in body(keeper.client.get(reverse("duplicate-pairs")))
    assert other.code in body(keeper.client.get(reverse("duplicate-pairs") + "?status=distinct"))
    archive_searched(actor=system_actor(os_user="test"), everything=True)
    pair.refresh_from_db()
    assert pair.status == "distinct"  # what somebody decided stays decided
    duplicate_pair_reopen(actor=keeper.actor, pair_id=pair.pk, reason="one after all")
    pair.refresh_from_db()
    assert (pair.status, pair.decided_by) == ("open", "")


def test_without_the_right_403_and_outside_the_scope_404(here):
    _other, pair = pair_of(here)
    url = reverse("duplicate-pair", args=[pair.pk])
    for client in (here.mine, here.leader, here.reader):
        assert client.get(url).status_code == 403
        assert client.get(reverse("duplicate-pairs")).status_code == 403
        assert client.post(url, {"reason": "x"}).status_code == 403
    with pytest.raises(NotAllowed):
        duplicate_pair_settle(actor=here.seller, pair_id=pair.pk, reason="x")
    from dossier.people.models import Role, RoleGrant

    role = Role.objects.create(key="own_pairs", name="own pairs")
    for action in ("view", "duplicates"):
        RoleGrant.objects.create(role=role, kind="customers.customer", action=action, scope="own")
    outsider = make_account(roles=["own_pairs"], team=make_team())
    assert client_for(outsider).get(url).status_code == 404
    assert CANARY not in body(client_for(outsider).get(reverse("duplicate-pairs")))
    with pytest.raises(NotFound):
        duplicate_pair_settle(actor=actor_for(outsider), pair_id=pair.pk, reason="x")


def test_a_contacts_new_number_is_looked_for_too(here):
    other = create(
        here.seller,
        f"{CANARY}天津格志科技有限公司",
        contact={"name": "王芳", "mobile": "13700000001"},
    )
    assert not DuplicatePair.objects.filter(reasons__contains=["covered_phone"]).exists()
    contact_update(
        actor=here.seller,
        contact_id=other.contacts.get().pk,
        expected_version=None,
        changes={"mobile": MOBILE},
    )
    assert DuplicatePair.objects.filter(reasons__contains=["covered_phone"]).exists()


# Import and the whole archive ---------------------------------------------------------------------------

HEADER = ["客户编号", "公司名称", "联系人", "联系电话", "税号"]
ROWS = [
    ["", "烟台翔辰物流有限公司", "王芳", "0535-6612345", ""],
    ["", "翔辰物流（烟台）公司", "李雷", "0535-6612345", ""],
    ["", "沈阳云盛汽车配件有限公司", "张三", "024-61112222", ""],
]


def test_an_import_brings_both_in_flagged_or_leaves_the_later_one_out():
    result = import_file("customers", sheet(HEADER, *ROWS))
    assert result.created == 3
    (pair,) = DuplicatePair.objects.all()
    assert (pair.found_by, pair.import_run_id) == ("import", result.run)
    assert DuplicateKeys.objects.filter(searched=True).count() == 3
    undo_run(actor=system_actor(os_user="test"), run_id=result.run)
    assert (DuplicatePair.objects.count(), DuplicateKeys.objects.count()) == (0, 0)
    again = import_file(
        "customers",
        sheet([*HEADER, "备注"], *([*row, "2"] for row in ROWS)),
        duplicates="leave_out",
    )
    assert (again.created, again.unchanged) == (2, 1)
    assert [(row, one.code) for row, one in again.problems] == [(3, "left_out_duplicate")]
    assert not DuplicatePair.objects.exists()


def test_an_import_says_of_a_foreign_customer_only_that_it_exists(here):
    clerk = make_account(roles=["sales_clerk"], team=make_team())
    from dossier.people.models import Role, RoleGrant

    RoleGrant.objects.update_or_create(
        role=Role.objects.get(key="sales_clerk"),
        kind="customers.customer",
        action="import",
        scope="team",
    )
    clerk = actor_for(clerk)
    result = import_file(
        "customers",
        sheet(
            [*HEADER, "业务员"],
            ["", here.customer.name, "李雷", "022-81234567", "", clerk.name],
        ),
        actor=clerk,
    )
    assert [one.code for _row, one in result.problems] == ["exists_elsewhere"]
    assert CANARY not in str(result.as_json()["problems"]).replace(here.customer.name, "", 1)
    assert not result.duplicates
    assert DuplicateNotice.objects.get().via == "import"
    assert DuplicatePair.objects.count() == 1  # for the administrator


def test_the_search_through_all_files_finds_what_came_otherwise_and_repeating_it_changes_nothing():
    one = make_customer("烟台翔辰物流有限公司", phone="0535-6612345")
    make_customer("沈阳云盛汽车配件有限公司", phone="024-61112222")
    two = make_customer("翔辰物流（烟台）公司", phone="0535-6612345")
    DuplicateKeys.objects.filter(customer=one).delete()  # came by a way that keeps no keys
    actor = system_actor(os_user="test")
    done = archive_searched(actor=actor)
    assert (done.customers, done.found, done.open) == (3, 1, 1)
    pair = DuplicatePair.objects.get()
    assert {pair.first_id, pair.second_id} == {one.pk, two.pk}
    again = archive_searched(actor=actor)
    assert (again.customers, again.found, again.open) == (0, 0, 1)
    whole = archive_searched(actor=actor, everything=True)
    assert (whole.customers, whole.found, whole.open) == (3, 0, 1)
    pair.refresh_from_db()
    assert pair.version == 1
    with pytest.raises(NotAllowed):
        archive_searched(actor=actor_of_role("salesperson", team=make_team()))


def test_what_is_asked_is_found_by_the_index(here):
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")
        cursor.execute(
            "EXPLAIN SELECT customer_id FROM customers_duplicatekeys WHERE keys @> ARRAY[1] LIMIT 60"
        )
        plan = " ".join(line for (line,) in cursor.fetchall())
    assert "duplicate_keys" in plan
    found = duplicates_asked(
        actor=here.seller, row=entered_row(name=here.customer.name), via="typing"
    )
    assert [hint.customer.pk for hint in found.hints] == [here.customer.pk]
    assert found.strong
