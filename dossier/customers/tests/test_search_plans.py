"""Searching and listing many customers is served by indexes, with the planner left as it is (CUS-4)."""

from __future__ import annotations

import json
import random
import re
from dataclasses import replace
from datetime import date

import pytest
from django.db import connection, connections
from django.urls import reverse

from dossier.core import search as core_search
from dossier.customers.derived import derive
from dossier.customers.models import Customer
from dossier.customers.screens.lists import CUSTOMERS
from dossier.customers.selectors import search
from tests.factories import actor_for, client_for, make_account, make_customer, make_employee


def fill(owner_ids, count):
    """Customers by one statement; the terms are those of the services."""
    draw = random.Random(5)
    places, trades = ("北京", "上海", "天津", "重庆", "济南"), ("科技", "贸易", "机械", "食品")
    brands = "鑫盛隆昌泰恒源丰华瑞祥和润达信诚德永兴宏宇"
    rows = []
    for number in range(count):
        name = (
            f"{draw.choice(places)}{''.join(draw.sample(brands, 3))}{draw.choice(trades)}有限公司"
        )
        made = derive(name=name, code=f"G{number:06d}", phone=f"010-{61000000 + number * 37}")
        rows.append(
            (f"G{number:06d}", name, draw.choice(owner_ids), made.sort_key, made.search_text,
             "{" + ",".join(map(str, made.search_terms)) + "}")
        )  # fmt: skip
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO customers_customer (kind, status, code, name, owner_id, sort_key, search_text,"
            " search_terms, main_contact, main_phone, version, created_at, updated_at, not_applicable,"
            " guarded_numbers, short_name, invoice_name, category, grade, credit_class_stated, direct,"
            " nature, industry_given, tax_number, legal_representative, enterprise_form,"
            " organisation_form, scale, business_line, business_scope, address, registered_address,"
            " delivery_address, invoice_address, postal_code, phone, fax, email, website, source,"
            " remark, archive_reason, ended_by, name_key, pinyin)"
            " SELECT 'customer', 'active', code, name, owner, sort, found, terms::integer[], 'x', '1', 1,"
            " now(), now(), '{}', '{}', '', '', '', '', '', '', '', '', '', '', '', '', '', '', '', '',"
            " '', '', '', '', '', '', '', '', '', '', '', '', '', ''"
            " FROM unnest(%s::text[], %s::text[], %s::bigint[], %s::text[], %s::text[], %s::text[])"
            " AS g (code, name, owner, sort, found, terms)",
            [list(column) for column in zip(*rows, strict=True)],
        )


def nodes(queryset):
    """Every step of the plan of a query."""
    plan = json.loads(queryset.explain(format="json"))[0]["Plan"]
    steps, waiting = [], [plan]
    while waiting:
        step = waiting.pop()
        steps.append(step)
        waiting.extend(step.get("Plans", ()))
    return steps


def test_searching_many_customers_reads_an_index_and_never_the_table(committed_db):
    core_search._looked_up.clear()  # of another test
    owners = [make_employee().pk for _ in range(20)]
    account = make_account(roles=["salesperson"], employee=None)
    actor = replace(
        actor_for(account),
        employee_id=owners[0],
        grants={"customers.customer.view": frozenset({"own"})},
    )
    everybody = replace(actor, grants={"customers.customer.view": frozenset({"all"})})
    fill(owners, 20_000)
    with connections["owner"].cursor() as cursor:
        cursor.execute("VACUUM ANALYZE customers_customer")
    for reader in (actor, everybody):
        for typed in ("鑫盛", "盛隆 济南", "xslc", "xinsh", "6123", "G000777", "龘"):
            rows = search(reader, Customer.objects.for_user(reader), typed)
            steps = nodes(rows.order_by("sort_key", "pk")[:51])
            assert not [s for s in steps if s["Node Type"] == "Seq Scan"], (typed, steps)
            assert any(s.get("Index Name") == "customer_terms" for s in steps), (typed, steps)
    spread = core_search.spread_of(Customer, core_search.fragments("公司"))
    assert spread is core_search.Spread.EVERYWHERE
    rows = search(everybody, Customer.objects.for_user(everybody), "公司")
    steps = nodes(rows.order_by("sort_key", "pk")[:51])
    assert any(s.get("Index Name") == "customer_sort" for s in steps), steps


def test_every_order_of_the_list_is_read_from_an_index(committed_db):
    owners = [make_employee().pk for _ in range(20)]
    fill(owners, 20_000)
    with connections["owner"].cursor() as cursor:
        cursor.execute("VACUUM ANALYZE customers_customer, customers_standing")
    for column in CUSTOMERS.columns:
        if not column.sort:
            continue
        rows = Customer.objects.filter(standing__isnull=False).annotate(_sort=column.order())
        for order in (("_sort", "pk"), ("-_sort", "-pk")):
            steps = nodes(rows.order_by(*order)[:51])
            assert not [s for s in steps if s["Node Type"] in ("Seq Scan", "Sort")], column.key


def test_a_group_of_few_customers_is_found_without_reading_the_others(committed_db):
    fill([make_employee().pk for _ in range(20)], 20_000)
    few = list(Customer.objects.order_by("pk").values_list("pk", flat=True)[:10])
    Customer.objects.filter(pk__in=few).update(grade="A1", category="major")
    Customer.objects.filter(pk__in=few[:5]).update(status="draft")
    with connections["owner"].cursor() as cursor:
        cursor.execute("VACUUM ANALYZE customers_customer, customers_standing")
    wanted = {"grade": "A1", "category": "major", "status": "draft"}
    columns = {column.key: column for column in CUSTOMERS.columns}
    for grouping in CUSTOMERS.groupings:
        if grouping.key not in wanted:
            continue
        rows = Customer.objects.filter(standing__isnull=False)
        rows = rows.filter(grouping.where([wanted[grouping.key]]))
        for key in ("name", "filed_on"):
            ordered = rows.annotate(_sort=columns[key].order()).order_by("_sort", "pk")
            steps = nodes(ordered[:51])
            read = max(s["Plan Rows"] for s in steps)
            assert not [s for s in steps if s["Node Type"] == "Seq Scan"], (grouping.key, key)
            assert read < 1_000, (grouping.key, key, steps)


@pytest.mark.parametrize("key", [c.key for c in CUSTOMERS.columns if c.sort])
@pytest.mark.parametrize("sign", ["", "-"])
@pytest.mark.django_db
def test_pages_show_every_customer_once_under_every_order(key, sign):
    account = make_account(roles=["salesperson"])
    for number in range(115):
        make_customer(
            f"{'甲乙丙丁'[number % 4]}公司{number % 7}",
            owner=account.employee,
            filed_on=date(2026, 1, 1 + number % 3) if number % 5 else None,
            credit_limit=number % 4 if number % 3 else None,
            employee_count=number % 6 or None,
        )
    client = client_for(account)
    seen, at = [], f"{reverse('customers')}?sort={sign}{key}&columns=code,name"
    for _page in range(4):
        page = client.get(at).content.decode()
        seen += re.findall(r'data-href="([^"]+)"', page)
        following = re.search(r'rel="next" href="([^"]+)"', page)
        if following is None:
            break
        at = following[1].replace("&amp;", "&")
    assert len(seen) == len(set(seen)) == 115
