"""Every field of every form is given what nobody should type: an answer in words, nothing half done.

The forms are found on the pages themselves, so that a new form is tried without a line here.
"""

from __future__ import annotations

from urllib.parse import urlsplit

import pytest
from django.db import connection, transaction

from dossier.core.models import HistoryEntry
from dossier.customers.models import BankAccount, Contact, CustomerCategory, Question
from dossier.people.models import Role, Territory
from tests.factories import (
    client_for,
    make_account,
    make_customer,
    make_employee,
    make_family,
    make_order,
    make_product,
    make_team,
)
from tests.page_forms import Form, forms_on
from tests.permissions.addresses import addresses

pytestmark = pytest.mark.django_db

HOSTILE = (
    "x" * 5000,
    "甲" * 3000,
    "a\x00b\x07\x1b",
    "\u202egnp\u2066.exe",
    "-1",
    "１２３４５",
    "NaN",
    "Infinity",
    "1e18",
    "2026-02-30",
    "99999-01-01",
    "9" * 30,
    "<script>alert(1)</script>",
    "{{7*7}}{% debug %}",
    "' OR 1=1; DROP TABLE customers_customer --",
    "../../etc/passwd",
    "=HYPERLINK(1)",
)
# Two of these are tried alone in each field, the others as the page gave them.
ALONE = ("甲" * 3000, "a\x00b", "1e18", "2026-02-30", "9" * 30)
ANSWERS = (200, 302, 303, 400, 403, 404, 409, 413, 422, 429)
# Not forms of records: what they change is the browser's own sign-in.
APART = ("/sign-out/", "/sign-in/", "/i18n/setlang/", "/me/sessions/everywhere/end")


@pytest.fixture
def world():
    """One of everything, and a person who may do everything with it."""
    everything = [role.key for role in Role.objects.all()]
    me = make_account(roles=everything)
    other = make_employee("旁人")
    left = make_employee("前同事", status="left")
    customer = make_customer("试件有限公司", owner=me.employee)
    product = make_product("P1")
    values = {
        "people/<int:pk>/return/": left.pk,
        "people/": other.pk,
        "teams/": make_team("试件组").pk,
        "territories/": Territory.objects.create(name="华东").pk,
        "settings/accounts/": make_account(roles=["salesperson"]).pk,
        "settings/roles/": Role.objects.create(key="trial", name="试件角色").pk,
        "settings/categories/": CustomerCategory.objects.create(code="01", name="试件").pk,
        "customers/": customer.pk,
        "contacts/": Contact.objects.create(customer=customer, name="联系人二").pk,
        "accounts/": BankAccount.objects.create(customer=customer, bank="银行", number="6222").pk,
        "questions/": Question.objects.create(
            customer=customer, field="filed_on", given="2 月 30 日", code="impossible_date"
        ).pk,
        "products/": product.pk,
        "orders/": make_order(customer, lines=[{"product": product}]).pk,
    }
    make_family("系列")
    return client_for(me), values


def pages() -> list[str]:
    """Routes that may show a form."""
    return [
        address.route
        for address in addresses()
        if not address.route.startswith(("lookup/", "reveal/", "first-run", "imports/<"))
    ]


MOST_ALONE = 40  # inputs of one form that are tried one by one


def path_of(route: str, values: dict[str, int]) -> str | None:
    """The address of a page of the world; None where the world has no such record."""
    if "<" not in route:
        return "/" + route
    for start in sorted(values, key=len, reverse=True):
        if route.startswith(start):
            made = route.replace("<int:pk>", str(values[start]))
            return None if "<" in made else "/" + made
    made = route.replace("settings/numbers/<slug:key>", "settings/numbers/customer")
    return None if "<" in made else "/" + made


def state() -> int:
    """How many changes the history has seen."""
    return HistoryEntry.objects.count()


def tried(client, form: Form, changes: dict[str, str]):
    """What a form answers to these values; nothing of it stays."""
    mark = transaction.savepoint()
    before = state()
    try:
        response = client.post(
            form.action, form.values | changes, headers={"accept-language": "zh-hans"}
        )
        body = b"" if response.streaming else response.content
        return response.status_code, body.decode("utf-8", "replace"), state() - before
    finally:
        transaction.savepoint_rollback(mark)
        connection.run_on_commit = []


@pytest.mark.parametrize("route", pages())
def test_every_form_answers_whatever_is_typed(route, world):
    client, values = world
    path = path_of(route, values)
    if path is None:
        return
    page = client.get(path, headers={"accept-language": "zh-hans"})
    if page.status_code != 200 or not page.headers["Content-Type"].startswith("text/html"):
        return
    for form in forms_on(page.content.decode(), path):
        if urlsplit(form.action).path in APART:
            continue
        cases = [dict.fromkeys(form.typed, value) for value in HOSTILE]
        names = sorted(form.typed)
        cases += [
            {name: ALONE[(at + turn) % len(ALONE)]}
            for at, name in enumerate(
                names[:: 1 + len(names) // MOST_ALONE]
            )  # a table's inputs are alike
            for turn in (0, 2)
        ]
        for changes in cases:
            status, body, changed = tried(client, form, changes)
            told = {name: value[:20] for name, value in changes.items()}
            assert status in ANSWERS, (form.action, told, status)
            assert "<script>alert(1)</script>" not in body, (form.action, told)
            assert ">49<" not in body, (form.action, told)
            if status >= 400:
                assert changed == 0, (form.action, told, "refused, yet something was written")
            if status == 422 and len(changes) == 1:
                _says_why_and_keeps(form, changes, body, told)


def _says_why_and_keeps(form: Form, changes: dict[str, str], body: str, told) -> None:
    """A refused field is marked or named in Chinese, and what else was typed still stands there."""
    assert "invalid-feedback" in body or 'role="alert"' in body or "alert-danger" in body, (
        form.action,
        told,
    )
    for name in form.texts - set(changes):
        typed = form.values.get(name, "")
        if typed.isalnum():
            assert typed in body, (form.action, told, f"{name} was lost")


def test_the_forms_are_found(world):
    """The test above would pass without forms: those of records are there with their fields."""
    client, values = world
    for route, least in (
        ("customers/new", 20),
        ("products/new", 8),
        ("orders/new", 8),
        ("people/new/", 6),
        ("customers/<int:pk>/contacts/new", 10),
        ("settings/categories/new", 2),
    ):
        path = path_of(route, values)
        forms = forms_on(client.get(path).content.decode(), path)
        most = max((len(form.typed) for form in forms), default=0)
        assert most >= least, (route, most)
    assert len(routes_with_forms(client, values)) >= 39


def routes_with_forms(client, values) -> set[str]:
    """The routes on whose pages the test above tries something."""
    found = set()
    for route in pages():
        path = path_of(route, values)
        page = client.get(path) if path is not None else None
        if page is None or page.status_code != 200 or page.streaming:
            continue
        forms = forms_on(page.content.decode("utf-8", "replace"), path)
        if any(urlsplit(form.action).path not in APART for form in forms):
            found.add(route)
    return found
