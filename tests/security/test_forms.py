"""A form writes what stands on it and nothing else, and names only records within reach (SECURITY E 3, 8).

The forms are found on the pages, the columns in the models: a new one is tried without a line here.
"""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

import pytest
from django.apps import apps
from django.db import connection, transaction

from dossier.core.access import ScopedQuerySet
from dossier.core.models import HistoryEntry
from dossier.core.screens import lookups
from dossier.core.screens.forms import RefField
from tests.page_forms import Form, forms_on
from tests.permissions.addresses import addresses
from tests.permissions.matrix import cases, read_matrix
from tests.permissions.world import HEADS

pytestmark = pytest.mark.django_db

ASKERS = (
    "salesperson",
    "team_leader",
    "customer_information_administrator",
    "system_administrator",
)
APART = (
    "/sign-out/",
    "/sign-in/",
    "/i18n/setlang/",
    "/me/sessions/everywhere/end",
    "/me/password/",
)
# What blank inputs are filled with, so that the forms are taken.
FILL = {
    "name": "质量测试",
    "contact-name": "联系人",
    "phone": "010-61234567",
    "bank": "银行",
    "number": "N-7788",
    "login": "masslogin",
    "reason": "because",
    "code": "66",
    "left_on": "2026-01-31",
    "lines-0-product": "MATRIX",
    "lines-0-quantity": "1",
    "lines-0-price": "10",
    "currency": "CNY",
}
# Not compared: made anew each time, or moments.
FRESH = {
    "id",
    "created_at",
    "updated_at",
    "at",
    "key",
    "login",
    "password",
    "prefix",
    "digest",
    "last_seen_at",
    "xid",
    "result",
}
NAMED = {
    "is_superuser",
    "is_staff",
    "total",
    "role_ids",
    "roles",
    "grants",
    "permissions",
    "actor",
    "scope",
}


def columns() -> dict[str, str]:
    """Every column of every model, with a value that would be a change."""
    found: dict[str, str] = dict.fromkeys(NAMED, "1")
    for model in apps.get_models():
        if model.__module__.startswith("dossier."):
            for field in model._meta.get_fields():
                for name in {field.name, getattr(field, "attname", field.name)}:
                    found[name] = "on" if getattr(field, "choices", None) is None else "1"
    return found


def forged(world: Any, form: Form) -> dict[str, str]:
    """All columns that the form does not offer, as somebody would send them beside it."""
    foreign = world.foreign.employee.pk
    values = columns() | {
        "owner": str(foreign),
        "owner_id": str(foreign),
        "salesperson": str(foreign),
        "salesperson_id": str(foreign),
        "customer": str(world.foreign.has["customer"]["pk"]),
        "customer_id": str(world.foreign.has["customer"]["pk"]),
        "status": "archived",
        "version_": "99",
        "lines-0-amount": "1",
        "lines-0-salesperson": str(foreign),
        "lines-0-order": str(world.foreign.has["order"]["pk"]),
    }
    hidden = {
        "version",
        "base",
        "once_token",
        "next",
        "number",
        "password",
        "main",
        "kind",
        "remove",
    }
    kept = {"number", "password"} - form.typed
    return {
        name: value
        for name, value in values.items()
        if name not in form.typed and (name not in hidden or name in kept)
    }


def pages() -> list[Any]:
    """(asker, address) of every page with forms."""
    letters = {
        (r.name, r.method): r.letters for r in read_matrix() if r.relation in ("-", "any", "own")
    }
    heads = list(HEADS)
    found = []
    for address in addresses():
        row = letters.get((address.name, "GET"), "")
        for asker in ASKERS:
            if row and row[heads.index(asker)] == "o" and "import" not in address.name:
                found.append(pytest.param(address, asker, id=f"{address.name}-{HEADS[asker]}"))
                break
    return found


def written(client: Any, form: Form, extra: dict[str, str]) -> tuple[int, list[Any]]:
    """The answer to a form, and what it wrote; nothing of it stays."""
    last = HistoryEntry.objects.order_by("-id").values_list("id", flat=True).first() or 0
    mark = transaction.savepoint()
    try:
        values = {
            name: value if value.strip() else FILL.get(name, "")
            for name, value in form.values.items()
        }
        values |= {
            name: FILL[name] for name in form.typed & set(FILL) if not values.get(name, "").strip()
        }
        if form.action.startswith("/questions/"):  # "source" is another thing on a customer's form
            values |= {"source": "customer"} if "source" in form.typed else {}
        values |= {"remark": "changed"} if "remark" in form.typed else {}
        response = client.post(form.action, extra | values)
        rows = []
        entries = list(HistoryEntry.objects.filter(id__gt=last))
        made = {entry.row_id for entry in entries if entry.op == "I"}
        for entry in entries:
            before, after = entry.before or {}, entry.after or {}
            changed = {
                name: "new" if name.endswith("_id") and str(value) in made else value
                for name, value in after.items()
                if before.get(name) != value and name not in FRESH and not name.endswith("_at")
            }
            rows.append((entry.table_name, entry.op, tuple(sorted(map(repr, changed.items())))))
        return response.status_code, sorted(rows)
    finally:
        transaction.savepoint_rollback(mark)
        connection.run_on_commit = []


def forms_of(client: Any, path: str) -> list[Form]:
    """The forms of a page that write."""
    page = client.get(path)
    if page.status_code != 200 or page.streaming or b"<form" not in page.content:
        return []
    return [
        form
        for form in forms_on(page.content.decode(), path)
        if urlsplit(form.action).path not in APART
    ]


def differences(world: Any, asker: str, path: str) -> tuple[int, list[str]]:
    """How many forms of a page wrote something, and which wrote more when more was sent."""
    client, wrote, told = world.client(asker), 0, []
    for form in forms_of(client, path):
        plain = written(client, form, {})
        more = written(client, form, forged(world, form))
        wrote += bool(plain[1])
        if more != plain:
            told.append(f"{form.action}: {set(more[1]) ^ set(plain[1]) or (plain[0], more[0])}")
    return wrote, told


@pytest.mark.parametrize(("address", "asker"), pages())
def test_nothing_but_the_forms_own_fields_is_written(address, asker, world):
    path = next(path for _relation, path in cases(address, world, asker))
    _wrote, told = differences(world, asker, path)
    assert not told, "\n".join(told)


def test_the_forms_really_write(world):
    """The test above would pass if every form were refused."""
    wanted = {
        "customer-new", "customer-edit", "contact-new", "contact-edit", "bank-account-new", "order-edit",
        "category-new", "team-new", "role-new", "employee-new", "question-answer", "customer-archive",
        "product-new",
    }  # fmt: skip
    wrote = set()
    for address, asker in (parameter.values for parameter in pages()):
        if address.name in wanted:
            path = next(path for _relation, path in cases(address, world, asker))
            client = world.client(asker)
            if any(written(client, form, {})[1] for form in forms_of(client, path)):
                wrote.add(address.name)
    assert wrote == wanted


def test_a_form_that_takes_what_is_sent_is_seen(world, monkeypatch):
    """The fault put in: the service is given everything that was posted."""
    from dossier.customers.screens import parts

    real = parts.contact_add

    def careless(*, data, **more):
        made = real(data=data, **more)
        type(made).objects.filter(pk=made.pk).update(post="forged")
        return made

    address = next(a for a in addresses() if a.name == "contact-new")
    path = next(path for _relation, path in cases(address, world, "salesperson"))
    forged_only = {"fault": False}

    def post_reader(*, data, **more):
        return (careless if forged_only["fault"] else real)(data=data, **more)

    monkeypatch.setattr(parts, "contact_add", post_reader)
    client = world.client("salesperson")
    form = forms_of(client, path)[0]
    plain = written(client, form, {})
    forged_only["fault"] = True
    assert written(client, form, forged(world, form)) != plain


# Records named in inputs (3) ---------------------------------------------------------------------------


def foreign_values(world: Any) -> list[str]:
    """By what a form might name what is another's: codes and keys."""
    from dossier.customers.models import Customer
    from dossier.sales.models import SalesOrder

    customer = Customer.objects.get(**world.foreign.has["customer"])
    order = SalesOrder.objects.get(**world.foreign.has["order"])
    return [customer.code, str(customer.pk), customer.name, order.number]


@pytest.mark.parametrize("key", sorted(lookups._lookups))
def test_no_look_up_chooses_what_is_anothers(key, world):
    party = world.askers["salesperson"]
    item = lookups.get_lookup(key)
    for value in foreign_values(world):
        row = item.chosen(party.actor, value)
        owner = getattr(row, "owner_id", party.employee.pk)
        assert owner == party.employee.pk, (key, value)
        assert all(str(item.value(one)) != value for one in item.rows(party.actor, value[:50]))


def test_a_look_up_that_forgets_the_scope_is_seen(world, monkeypatch):
    monkeypatch.setattr(ScopedQuerySet, "for_user", lambda self, actor, action="view", **how: self)
    with pytest.raises(AssertionError):
        test_no_look_up_chooses_what_is_anothers("customer", world)


@pytest.mark.parametrize("asker", ["salesperson", "team_leader"])
def test_every_reference_of_every_form_refuses_what_is_anothers(asker, world):
    tried = set()
    actor = world.askers[asker].actor
    for address in addresses():
        if "import" in address.name or address.name in ("sign-in", "first-run"):
            continue
        path = next((p for r, p in cases(address, world, asker) if r in ("own", "any", "-")), "")
        client = world.client(asker)
        page = client.get(path) if path else None
        form = getattr(page, "context", None) and page.context.get("form")
        if page is None or page.status_code != 200 or not hasattr(form, "fields"):
            continue
        bound = [form, *getattr(page.context.get("lines"), "forms", ())]
        names = {
            one.add_prefix(name)
            for one in bound
            for name, field in one.fields.items()
            if isinstance(field, RefField)
            and all(field.lookup.chosen(actor, value) is None for value in foreign_values(world))
        }
        for html in forms_of(client, path):
            for name in sorted(names & html.typed):
                for value in foreign_values(world):
                    sent = Form(html.action, html.values | {name: value}, html.typed)
                    status, rows = written(client, sent, {})
                    assert status in (200, 400, 404, 409, 422), (address.name, name, value, status)
                    assert rows == [], (address.name, name, value, "something was written")
                    tried.add((address.name, name))
    assert {("order-new", "customer"), ("customer-edit", "head_office")} <= tried, tried
