"""Opening customers' pages: list, profile, contact, home, search; nobody sees what is not theirs."""

from __future__ import annotations

from dataclasses import replace

import pytest
from django.urls import reverse

from dossier.customers.models import Customer
from dossier.customers.services import customer_archive
from dossier.customers.tests.pages import ACCOUNT_NUMBER, CANARY, MOBILE, body, world
from dossier.people.models import Employee
from tests.factories import actor_for, client_for, make_account, make_customer

pytestmark = pytest.mark.django_db


@pytest.fixture
def here():
    return world()


def own_pages(here):
    pk = here.customer.pk
    contact = here.customer.contacts.get().pk
    account = here.customer.bank_accounts.get().pk
    question = here.customer.questions.first().pk
    return {
        "view": [
            reverse("customer", args=[pk]),
            reverse("customer-timeline", args=[pk]),
            reverse("contact", args=[contact]),
        ],
        "change": [
            reverse("customer-edit", args=[pk]),
            reverse("contact-new", args=[pk]),
            reverse("contact-edit", args=[contact]),
            reverse("bank-account-new", args=[pk]),
            reverse("bank-account-edit", args=[account]),
            reverse("question-answer", args=[question]),
        ],
        "keep": [
            reverse("customer-archive", args=[pk]),
            reverse("customer-restore", args=[pk]),
            reverse("customer-assign", args=[pk]),
        ],
    }


def everywhere():
    return [
        reverse("home"),
        reverse("customers"),
        f"{reverse('customers')}?q={CANARY}",
        f"{reverse('search')}?q={CANARY}",
        f"{reverse('search-suggest')}?q={CANARY}",
        f"{reverse('lookup', args=['customer'])}?q={CANARY}",
        reverse("questions"),
        f"{reverse('customers')}?q=022-81234567",
        f"{reverse('search')}?q=kanarienvogel",
        f"{reverse('customer-duplicates')}?name={CANARY}天津格致科技有限公司&phone=022-81234567",
    ]


@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_the_owner_opens_everything(here, language):
    here.mine.cookies["django_language"] = language
    pages = own_pages(here)
    for url in [*pages["view"], *pages["change"], *everywhere()]:
        assert here.mine.get(url).status_code == 200, url


def test_the_owner_finds_the_customer_everywhere(here):
    for url in everywhere():
        if "duplicates" not in url:
            assert CANARY in body(here.mine.get(url)), url


def test_for_a_stranger_it_does_not_exist(here):
    for urls in own_pages(here).values():
        for url in urls:
            response = here.stranger.get(url)
            assert response.status_code in (403, 404), url
            assert CANARY not in body(response) and "王芳" not in body(response)
    for url in everywhere():
        response = here.stranger.get(url)
        assert response.status_code == 200, url
        # the page repeats what was typed; the customer itself is not there
        assert str(here.customer.code) not in body(response), url
        assert f'/customers/{here.customer.pk}/"' not in body(response), url


def test_without_the_right_to_change_it_is_only_read(here):
    pages = own_pages(here)
    for url in pages["view"]:
        assert here.reader.get(url).status_code == 200
    for url in [*pages["change"], *pages["keep"], reverse("customer-new")]:
        assert here.reader.get(url).status_code == 403, url


def test_signed_out_nothing_is_shown(here):
    own = [url for urls in own_pages(here).values() for url in urls]
    for url in [*own, *everywhere(), reverse("customer-new")]:
        assert here.anonymous.get(url).status_code == 302, url


@pytest.mark.parametrize("pk", ["999999", "0", "99999999999999999999999999"])
def test_an_unknown_number_is_not_found(here, pk):
    for path in (
        "/customers/{}/",
        "/customers/{}/edit",
        "/contacts/{}/",
        "/questions/{}/",
        "/accounts/{}/edit",
    ):
        assert here.mine.get(path.format(pk)).status_code == 404, path


def test_sensitive_values_are_covered_for_all_but_the_owner(here):
    pages = own_pages(here)
    for client in (here.leader, here.reader):
        urls = [*pages["view"], *everywhere(), f"{reverse('customers')}?q={MOBILE}"]
        if client is here.leader:
            urls += pages["change"]
        for url in urls:
            text = body(client.get(url)).replace(f"q={MOBILE}", "").replace(f'value="{MOBILE}"', "")
            assert "FAMILYCANARY" not in text, url
            assert ACCOUNT_NUMBER not in text, url
            assert MOBILE not in text or "search" in url, url
    assert MOBILE in body(here.mine.get(pages["view"][0]))
    assert "FAMILYCANARY" in body(here.mine.get(pages["view"][2]))


def test_a_covered_mobile_finds_nobody(here):
    listing = body(here.reader.get(reverse("customers"), {"q": MOBILE[-8:]}))
    assert CANARY not in listing


def test_a_contacts_mobile_is_covered_in_the_list_where_it_is_the_only_number(here):
    one = make_customer("only mobile", phone="13900001111")
    one.phone = ""
    one.save()
    text = body(here.reader.get(reverse("customers"), {"q": "only"}))
    assert "13900001111" not in text
    assert "139••••1111" in text


@pytest.mark.parametrize(
    "query",
    [
        "sort=owner__password",
        "sort=-pk",
        "region=zz",
        "grade=Z",
        "filed_on_from=2023-02-30",
        "registered_capital_from=NaN",
        "columns=password",
        "after=xx",
        "q=%00",
        "owner=%27%3B--",
        "questions=2",
        "industry=Q99999",
    ],
)
def test_an_address_that_cannot_be_read_is_refused_kindly(here, query):
    assert here.mine.get(f"{reverse('customers')}?{query}").status_code == 400


@pytest.mark.parametrize(
    "query", ["_connector=OR", "owner__password__startswith=a", "pk__in=1", "x=" + "9" * 3000]
)
def test_unknown_parameters_change_nothing(here, query):
    response = here.mine.get(f"{reverse('customers')}?{query}")
    assert response.status_code == 200
    assert CANARY in body(response)


@pytest.mark.parametrize(
    "query",
    [
        "status=active",
        "questions=1",
        "sort=-filed_on",
        "sort=updated_at",
        "sort=-registered_capital",
        "credit_class_stated=A&credit_class_stated=B",
        "region=12",
        "industry=I",
        "filed_on_from=2020-01-01&filed_on_to=2199-01-01",
        "columns=code,name,owner,region,updated_at",
    ],
)
def test_filters_and_orders_answer(here, query):
    assert here.mine.get(f"{reverse('customers')}?{query}").status_code == 200


def test_fragments_in_any_order_find_it_and_wildcards_do_not(here):
    for text in (
        "格致 天津",
        "tjgz",
        "gezhi tianjin",
        "８１２３４５６７",
        "022-81234567",
        here.customer.code,
        "王芳",
    ):
        assert CANARY in body(here.mine.get(reverse("customers"), {"q": text})), text
    for text in ("%", "_", "格致 上海", "\\"):
        assert f"/customers/{here.customer.pk}/" not in body(
            here.mine.get(reverse("customers"), {"q": text})
        ), text


def test_archived_ones_leave_the_list_but_are_found(here):
    leader = make_account(roles=["sales_manager"])
    customer_archive(actor=actor_for(leader), customer_id=here.customer.pk, reason="moved away")
    assert f"/customers/{here.customer.pk}/" not in body(here.mine.get(reverse("customers")))
    assert CANARY in body(here.mine.get(reverse("customers"), {"status": "archived"}))
    assert CANARY in body(here.mine.get(reverse("search"), {"q": "tjgz"}))


def test_a_filter_does_not_bring_archived_ones_back_to_the_list(here):
    leader = make_account(roles=["sales_manager"])
    customer_archive(actor=actor_for(leader), customer_id=here.customer.pk, reason="moved away")
    own, mine = {"owner": here.seller.employee_id}, reverse("customers")
    assert CANARY not in body(here.mine.get(mine, own))  # the number on the first page counts alike
    assert CANARY in body(here.mine.get(mine, own | {"status": "archived"}))


def test_a_search_says_what_was_sought_and_leads_on(here):
    found = body(here.mine.get(reverse("search"), {"q": "tjgz"}))
    assert "Results for “tjgz”" in found and 'value="tjgz"' in found
    new = reverse("customer-new")
    missing = body(here.mine.get(reverse("search"), {"q": "无此公司"}))
    assert f"{new}?name=%E6%97%A0%E6%AD%A4%E5%85%AC%E5%8F%B8" in missing
    assert f"{new}?name=" not in body(here.mine.get(reverse("search"), {"q": "zzzz"}))
    void = body(here.reader.get(reverse("search"), {"q": "无此公司"}))
    assert "Nothing found" in void and new not in void


def test_who_owns_no_customer_has_no_empty_tile(here):
    leader = client_for(make_account(roles=["sales_manager"]))
    labels = [tile["label"] for tile in leader.get(reverse("home")).context["tiles"]]
    assert "My customers" not in labels and "Customers within my reach" in labels
    assert "My customers" in [
        t["label"] for t in here.stranger.get(reverse("home")).context["tiles"]
    ]


def test_a_contact_lights_up_the_customers_in_the_menu(here):
    contact = here.customer.contacts.get()
    page = here.mine.get(reverse("contact", args=[contact.pk])).context["page"]
    assert [item["url"] for item in page["nav"] if item["active"]] == [reverse("customers")]


def test_the_list_costs_the_same_for_many(here, django_assert_max_num_queries):
    owner = Employee.objects.get(pk=here.seller.employee_id)
    for position in range(30):
        make_customer(f"more {position}", owner=owner)
    here.mine.get(reverse("customers"))  # the first page of a session keeps the session
    with django_assert_max_num_queries(8):
        here.mine.get(reverse("customers"))


def test_an_empty_archive_leads_to_the_import():
    client = client_for(make_account(roles=["customer_information_administrator"]))
    response = client.get(reverse("home"))
    assert response.context["first_run"]
    assert len(response.context["steps"]) == 4


def test_a_role_without_customers_has_a_home_page(here):
    client = client_for(make_account(roles=["system_administrator"]))
    response = client.get(reverse("home"))
    assert response.status_code == 200
    assert CANARY not in body(response)
    assert client.get(reverse("customers")).status_code == 403


def test_a_territory_reaches_its_divisions_and_no_other(here):
    reader = replace(
        here.seller,
        employee_id=None,
        region_codes=("370600",),
        grants={"customers.customer.view": frozenset({"territory"})},
    )
    inside = make_customer("in Laiyang", region_id="370682")
    make_customer("in Beijing", region_id="110105")
    make_customer("nowhere")
    assert list(Customer.objects.for_user(reader)) == [inside]
