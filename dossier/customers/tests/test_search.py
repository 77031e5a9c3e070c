"""Searching customers: any fragment in any order finds them, nobody finds what is not theirs (CUS-4, ORG-4)."""

from __future__ import annotations

from dataclasses import replace

import pytest
from django.urls import reverse
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from dossier.core import search as core_search
from dossier.core.search import bare
from dossier.customers.models import Contact, Customer, CustomerAlias
from dossier.customers.rules import spoken
from dossier.customers.selectors import best_customers, search
from dossier.customers.services._rows import store_derived
from tests.factories import (
    actor_for,
    client_for,
    make_account,
    make_customer,
    make_employee,
    make_team,
)

pytestmark = pytest.mark.django_db

NAME, OTHER = "重庆众瑞机械制造有限公司", "上海绿源环保科技股份有限公司"
MOBILE = "13900007421"


@pytest.fixture(autouse=True)
def _statistics_anew():
    core_search._looked_up.clear()
    yield
    core_search._looked_up.clear()


@pytest.fixture
def seller():
    return make_account(roles=["salesperson"])


def named(owner, name=NAME, **more):
    customer = make_customer(name, owner=owner, **more)
    store_derived(customer)
    customer.refresh_from_db()
    return customer


def found(actor, text):
    """Names found by the list's search, which the box must find as well."""
    rows = search(actor, Customer.objects.for_user(actor), text)
    names = set(rows.values_list("name", flat=True))
    box = {one.name for one in best_customers(actor, text, 50)}
    assert box == names, text
    return names


@pytest.mark.parametrize(
    "typed",
    [
        *("众瑞", "瑞机", "众", "机械 重庆", "公司 众瑞 重庆", "重慶", "众瑞机械制造有限公司"),
        *("cqzr", "zrjx", "cq", "CQZR", "chongqing", "zhongrui", "ruijixie", "rui", "zhong cq"),
        *("2233", "0234455", "023-4455 2233", "55-22", "KH00077", "kh00077", "0077", "ALT9"),
        *("赵六", "渝众瑞", "yzr", "众瑞 2233 kh", "（众瑞）", "众瑞机械制造有限公司 cq 赵六"),
    ],
)
def test_any_fragment_finds_the_customer_and_no_other(seller, typed):
    one = named(
        seller.employee, code="KH00077", phone="023-44552233", contact="赵六", short_name="渝众瑞"
    )
    CustomerAlias.objects.create(customer=one, code="ALT9")
    store_derived(one)
    named(seller.employee, OTHER, code="Q5", phone="021-66990011")
    assert found(actor_for(seller), typed) == {NAME}


@pytest.mark.parametrize(
    "typed",
    [
        "重瑞",
        "瑞众",
        "绿源 众瑞",
        "hongqing",
        "xzq",
        "2234",
        "44552234",
        "%",
        "_",
        "\\",
        "'",
        "-",
    ],
)
def test_what_is_not_there_is_not_found(seller, typed):
    named(seller.employee, phone="023-44552233")
    named(seller.employee, OTHER, phone="021-66990011")
    assert found(actor_for(seller), typed) == set()


def test_any_two_characters_and_any_order_of_fragments_find_it(seller):
    name = "天津格致（滨海）信息技术有限公司"
    named(seller.employee, name)
    named(seller.employee, OTHER)
    actor = actor_for(seller)
    whole = bare(name)

    @settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
    @given(st.lists(st.integers(0, len(whole) - 2), min_size=1, max_size=5), st.randoms())
    def holds(places, order):
        pieces = [whole[at : at + 2] for at in places]
        order.shuffle(pieces)
        assert name in found(actor, " ".join(pieces))

    holds()


def test_reading_in_order_finds_the_same_as_the_index(seller, monkeypatch):
    named(seller.employee, phone="023-44552233")
    named(seller.employee, OTHER, phone="021-66990011")
    actor = actor_for(seller)
    for typed in ("公司", "gs", "有限公司 gs", "kj", "zz", "机械 gs", "02", "gongsi", "ongs", "a"):
        by_index = found(actor, typed)
        monkeypatch.setattr(core_search, "spread_of", lambda *_a: core_search.Spread.EVERYWHERE)
        assert found(actor, typed) == by_index, typed
        monkeypatch.undo()


# -- the order of what is found ----------------------------------------------------------------------------


def test_the_one_meant_stands_first(seller):
    kept = {
        "anywhere": named(seller.employee, "安徽大众瑞丰商贸有限公司"),
        "short": named(seller.employee, "渝中机电有限公司", short_name="众瑞机电"),
        "begins": named(seller.employee, "众瑞（重庆）食品有限公司"),
        "code": named(seller.employee, "中元有限公司", code="ZR1"),
        "sound": named(seller.employee, "中荣实业有限公司"),
    }
    actor = actor_for(seller)
    names = {one.name: key for key, one in kept.items()}

    def order(text):
        return [names[one.name] for one in best_customers(actor, text, 10)]

    assert order("众瑞") == ["begins", "short", "anywhere"]
    assert order("zr1") == ["code"]
    assert order("zr") == ["short", "sound", "begins", "code", "anywhere"]  # 渝, 中荣, 众瑞


def test_archived_customers_stand_last_and_an_alias_first(seller):
    old = named(seller.employee, "众瑞一号有限公司", status="archived")
    new = named(seller.employee, "重庆众瑞有限公司")
    CustomerAlias.objects.create(customer=old, code="OLD1")
    actor = actor_for(seller)
    assert [one.pk for one in best_customers(actor, "众瑞", 10)] == [new.pk, old.pk]
    assert [one.pk for one in best_customers(actor, "old1", 10)] == [old.pk]


def test_more_than_can_be_weighed_still_shows_those_that_begin_so(seller):
    for number in range(230):
        make_customer(f"安庆众瑞{number}号有限公司", owner=seller.employee)
    named(seller.employee, "众瑞总店有限公司")
    best = best_customers(actor_for(seller), "众瑞", 6)
    assert best[0].name == "众瑞总店有限公司"
    assert len(best) == 6


# -- scope and masks ---------------------------------------------------------------------------------------


def everywhere(text):
    return [
        f"{reverse('search')}?q={text}",
        f"{reverse('search-suggest')}?q={text}",
        f"{reverse('customers')}?q={text}",
        f"{reverse('lookup', args=['customer'])}?q={text}",
    ]


@pytest.mark.parametrize(
    "typed", ["众瑞", "cqzr", "zhongrui", "2233", "KH00077", "ALT9", "赵六", MOBILE]
)
def test_outside_the_scope_nothing_is_found_suggested_or_counted(seller, typed):
    one = named(seller.employee, code="KH00077", phone="023-44552233", contact="赵六")
    CustomerAlias.objects.create(customer=one, code="ALT9")
    store_derived(one)
    stranger = client_for(make_account(roles=["salesperson"]))
    nothing = {url: stranger.get(url).content for url in everywhere("qzqzqz9")}
    for url, empty in zip(everywhere(typed), nothing.values(), strict=True):
        page = stranger.get(url).content.decode()
        assert "众瑞" not in page.replace(f"“{typed}”", "").replace(f'value="{typed}"', "").replace(
            f">{typed}<", ""
        ).replace("q=%E4%BC%97%E7%91%9E", ""), url
        assert "KH00077" not in page or typed == "KH00077"
        assert ("find-item-main" in page) is ("find-item-main" in empty.decode())
        assert ("pager-count" in page) is ("pager-count" in empty.decode())


def test_a_right_taken_away_acts_on_the_next_search(seller):
    named(seller.employee)
    client = client_for(seller)
    url = f"{reverse('search-suggest')}?q=众瑞"
    assert NAME in client.get(url).content.decode()
    seller.roles.clear()
    assert NAME not in client.get(url).content.decode()


def test_a_leader_finds_those_of_the_team_and_of_those_who_join_it():
    team = make_team("north")
    leader = make_account(roles=["team_leader"], team=team)
    member, other = make_employee(team=team), make_employee(team=make_team("south"))
    named(member)
    named(other, OTHER)
    assert found(actor_for(leader), "公司") == {NAME}
    other.team = team
    other.save()
    assert found(actor_for(leader), "公司") == {NAME, OTHER}


def with_mobile(owner):
    customer = named(owner, phone="023-44552233")
    Contact.objects.filter(customer=customer).update(mobile=MOBILE)
    store_derived(customer)
    return customer


@pytest.mark.parametrize("typed", [MOBILE, "139-0000-7421", "+86 13900007421"])
def test_a_masked_telephone_finds_the_customer_only_for_those_who_may_see_it(seller, typed):
    customer = with_mobile(seller.employee)
    actor = actor_for(seller)
    assert found(actor, typed) == {NAME}  # one's own customers are seen plainly
    everything = frozenset({"all"})
    reader = replace(
        actor_for(make_account(roles=[])), grants={"customers.customer.view": everything}
    )
    assert Customer.objects.for_user(reader).filter(pk=customer.pk).exists()
    assert found(reader, typed) == set()
    unmasker = replace(
        reader,
        grants={"customers.customer.view": everything, "customers.customer.unmask": everything},
    )
    assert found(unmasker, typed) == {NAME}
    elsewhere = replace(
        unmasker,
        grants={
            "customers.customer.view": everything,
            "customers.customer.unmask": frozenset({"own"}),
        },
    )
    assert found(elsewhere, typed) == set()


@pytest.mark.parametrize("typed", ["7421", "00007421", "3900007421", "139000"])
def test_a_piece_of_a_masked_telephone_finds_nothing_for_anybody(seller, typed):
    customer = with_mobile(seller.employee)
    assert typed not in customer.search_text
    assert found(actor_for(seller), typed) == set()


def test_no_query_names_the_guarded_numbers_for_those_without_the_right(
    seller, django_assert_max_num_queries
):
    with_mobile(seller.employee)
    reader = replace(
        actor_for(make_account(roles=[], bare=True)),
        grants={"customers.customer.view": frozenset({"all"})},
    )
    with django_assert_max_num_queries(5) as asked:
        list(search(reader, Customer.objects.for_user(reader), MOBILE).values_list("pk"))
    assert not any('guarded_numbers" @>' in one["sql"] for one in asked.captured_queries)


def test_the_sound_of_a_name_is_kept_as_it_was():
    said = spoken("重庆众瑞（吕）ABC")
    assert said.full == "chongqingzhongruilvabc"
    assert said.initials == "cqzrlabc"
