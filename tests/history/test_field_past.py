"""What a field held, and taking an old value again, within reach and masking (AUD-1)."""

from __future__ import annotations

import pytest

from dossier.core.access import system_actor
from dossier.core.models import HistoryEntry
from dossier.core.services import command
from dossier.customers.models import Contact, Customer
from tests.factories import (
    client_for,
    make_account,
    make_customer,
    make_employee,
    make_product,
)

CANARY = "13900008417"


@pytest.fixture
def owned(committed_db):
    """A customer of a salesperson whose remark was edited twice, and that salesperson's client."""
    employee = make_employee()
    with command(system_actor(), why="filed"):
        customer = make_customer("天津格致", owner=employee, remark="first words")
    for text in ("second words", "third words"):
        with command(system_actor(), why=f"edit to {text}"):
            customer.remark = text
            customer.save(update_fields=["remark"])
    client = client_for(make_account(roles=["salesperson"], employee=employee))
    return customer, client


def url(customer, name="remark", entry=""):
    return f"/history/customer/{customer.pk}/{name}{f'/{entry}' if entry else ''}"


def entry_of(customer, text):
    return HistoryEntry.objects.get(
        row_id=str(customer.pk), table_name="customers_customer", after__remark=text
    ).pk


def test_a_field_tells_its_values_newest_first_with_who_and_why(owned):
    customer, client = owned
    page = client.get(url(customer)).content.decode()
    assert (
        page.index("third words") < page.index("edit to second words") < page.index("first words")
    )
    assert "系统" in page
    assert page.count("Take this value again") == 2
    panel = client.get(url(customer), headers={"HX-Request": "true"}).content.decode()
    assert "third words" in panel and "<html" not in panel
    assert url(customer) in client.get(f"/customers/{customer.pk}/").content.decode()


def test_an_old_value_is_taken_again_by_an_ordinary_edit(owned):
    customer, client = owned
    address = url(customer, entry=entry_of(customer, "first words"))
    shown = client.get(address).content.decode()
    assert "first words" in shown and "third words" in shown
    customer.refresh_from_db()
    version = customer.version
    data = {"version": version, "reason": "right after all"}
    assert client.post(address, data).headers["Location"] == f"/customers/{customer.pk}/"
    customer.refresh_from_db()
    assert (customer.remark, customer.version) == ("first words", version + 1)
    entry = HistoryEntry.objects.filter(row_id=str(customer.pk), op="U").latest("pk")
    assert "right after all" in entry.transaction.context["why"]


def test_a_stale_page_takes_nothing_again(owned):
    customer, client = owned
    address = url(customer, entry=entry_of(customer, "first words"))
    answer = client.post(address, {"version": customer.version + 7})
    assert answer.status_code == 409
    customer.refresh_from_db()
    assert customer.remark == "third words"


def test_an_old_value_no_longer_allowed_is_refused_with_its_reason(owned):
    customer, client = owned
    head = make_customer("总部", owner=customer.owner)
    with command(system_actor(), why="joined"):
        customer.head_office = head
        customer.save(update_fields=["head_office"])
    with command(system_actor(), why="left"):
        customer.head_office = None
        customer.save(update_fields=["head_office"])
    with command(system_actor(), why="no longer topmost"):
        head.head_office = make_customer("集团", owner=customer.owner)
        head.save(update_fields=["head_office"])
    past = HistoryEntry.objects.get(row_id=str(customer.pk), after__head_office_id=head.pk)
    customer.refresh_from_db()
    answer = client.post(url(customer, "head_office", past.pk), {"version": customer.version})
    assert answer.status_code == 422
    assert "itself belongs to a head office" in answer.content.decode()
    customer.refresh_from_db()
    assert customer.head_office is None


def test_outside_the_reach_a_field_has_no_past(owned):
    customer, _client = owned
    other = client_for(make_account(roles=["salesperson"], employee=make_employee()))
    entry = entry_of(customer, "first words")
    for address in (url(customer), url(customer, entry=entry)):
        answer = other.get(address)
        assert answer.status_code == 404
        assert "first words" not in answer.content.decode()
    assert other.post(url(customer, entry=entry), {"version": customer.version}).status_code == 404


def test_readers_see_the_past_but_take_nothing_again(owned):
    customer, _client = owned
    reader = client_for(make_account(roles=["auditor"]))
    page = reader.get(url(customer)).content.decode()
    assert "first words" in page and "Take this value again" not in page
    address = url(customer, entry=entry_of(customer, "first words"))
    assert reader.get(address).status_code == 403
    assert reader.post(address, {"version": customer.version}).status_code == 403


def test_bad_names_numbers_and_methods(owned):
    customer, client = owned
    stranger = make_customer("别家", owner=customer.owner, remark="other words")
    for address in (
        url(customer, "no_such_field"),
        url(customer, "search_text"),
        url(customer, "version"),
        "/history/nothing/1/remark",
        "/history/customer/999999/remark",
        url(customer, entry=999_999_999),
        url(customer, entry=entry_of(stranger, "other words")),
    ):
        assert client.get(address).status_code == 404, address
    assert client.post(url(customer)).status_code == 405
    assert client.delete(url(customer, entry=1)).status_code == 405


def test_covered_values_are_covered_in_their_past_too(owned):
    customer, client = owned
    with command(system_actor(), why="added"):
        contact = Contact.objects.create(customer=customer, name="赵", mobile=CANARY)
    with command(system_actor(), why="new number"):
        contact.mobile = "13711112222"
        contact.save(update_fields=["mobile"])
    old = HistoryEntry.objects.get(table_name="customers_contact", after__mobile=CANARY).pk
    address = f"/history/contact/{contact.pk}/mobile"
    owner = client.get(address).content.decode()
    assert CANARY in owner and "Take this value again" in owner
    manager = client_for(make_account(roles=["sales_manager"], employee=make_employee()))
    for path in (address, f"{address}/{old}"):
        shown = manager.get(path)
        assert CANARY not in shown.content.decode()
    assert manager.get(f"{address}/{old}").status_code == 403
    assert "139" in manager.get(address).content.decode()


def test_nothing_of_an_archived_file_is_taken_again(owned):
    customer, client = owned
    Customer.objects.filter(pk=customer.pk).update(status="archived")
    assert "Take this value again" not in client.get(url(customer)).content.decode()
    assert client.get(url(customer, entry=entry_of(customer, "first words"))).status_code == 403


def test_products_and_employees_tell_their_past_by_the_same_declaration(committed_db):
    manager = client_for(
        make_account(roles=["customer_information_administrator"], employee=make_employee())
    )
    product, employee = make_product("P-1", name="泵"), make_employee("孙")
    for row, field, kind, page in (
        (product, "specification", "product", f"/products/{product.pk}"),
        (employee, "position", "employee", f"/people/{employee.pk}/"),
    ):
        for text in ("old words", "new words"):
            with command(system_actor(), why="edit"):
                setattr(row, field, text)
                row.save(update_fields=[field])
        address = f"/history/{kind}/{row.pk}/{field}"
        assert address in manager.get(page).content.decode()
        assert "old words" in manager.get(address).content.decode()
        past = HistoryEntry.objects.get(
            table_name=row._meta.db_table, row_id=str(row.pk), **{f"after__{field}": "old words"}
        )
        row.refresh_from_db()
        answer = manager.post(f"{address}/{past.pk}", {"version": row.version})
        assert answer.status_code == 302, answer.content.decode()
        row.refresh_from_db()
        assert getattr(row, field) == "old words"
    seller = client_for(make_account(roles=["salesperson"], employee=make_employee()))
    assert seller.get(f"/history/employee/{employee.pk}/position").status_code in (403, 404)
    assert seller.get(f"/history/product/{product.pk}/cost").status_code == 404
    assert (
        "Take this value again"
        not in seller.get(f"/history/product/{product.pk}/specification").content.decode()
    )
