"""A list is taken out as it is shown, or whole; what was taken out changes nothing when brought in again (AUD-2, AUD-4)."""

from __future__ import annotations

import csv
import hashlib
import io
import json
from datetime import date, timedelta
from decimal import Decimal

import openpyxl
import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from django.utils.translation import override

from dossier.core.errors import NotAllowed, Refusal
from dossier.core.exporting.making import folder as folder_of_files
from dossier.core.exporting.making import make_file_as, remove_old_files
from dossier.core.models import Export, ExportFile
from dossier.core.screens import exporting as screens
from dossier.core.values import formula_like
from dossier.customers.models import Contact
from dossier.people.models import Role
from tests.factories import client_for, make_account, make_customer, make_employee, make_team
from tests.imports import import_file, sheet, state

BUSINESS = (
    "people_employee", "customers_customer", "customers_contact", "customers_bankaccount",
    "customers_question", "catalog_product",
)  # fmt: skip


@pytest.fixture
def folder(shared_data):
    return shared_data / "sales-department"


def taken(client, key, form, query=""):
    answer = client.post(f"/lists/{key}/export", {"query": query, "as": form})
    assert answer.status_code == 200, answer.content[:500]
    return b"".join(answer.streaming_content)


def rows_of(content):
    return list(csv.reader(io.StringIO(content.decode("utf-8-sig"))))


def cells_of(content):
    book = openpyxl.load_workbook(io.BytesIO(content), read_only=True)
    return [list(row) for row in book.worksheets[0].iter_rows(values_only=True)]


@pytest.mark.parametrize(("file_format", "language"), [("xlsx", "en"), ("csv", "zh-hans")])
def test_a_whole_export_brought_in_again_changes_nothing(
    committed_db, folder, language, file_format, monkeypatch
):
    monkeypatch.setattr(screens, "AT_ONCE", 10_000)  # no job works here
    import_file("employees", folder / "员工表.xlsx")
    import_file("customers", folder / "客户基本信息表.xlsx", valid_only=True)
    client = client_for(make_account(roles=["customer_information_administrator"]))
    client.defaults["HTTP_ACCEPT_LANGUAGE"] = language
    before = state(BUSINESS)
    for key, kind in (("customers", "customers"), ("people", "employees")):
        content = taken(client, key, f"complete.{file_format}")
        with override(language):
            result = import_file(kind, content, name=f"again.{file_format}")
        told = [(row, one.code, one.field) for row, one in result.problems][:10]
        assert (result.created, result.updated, result.rejected) == (0, 0, 0), told
        assert result.unchanged == result.rows > 0
        assert state(BUSINESS) == before


def test_products_with_formulas_as_names_come_back_as_they_were(committed_db):
    names = ["=1+1", "\u3000＝SUM(A1)", "+86 pump", "'=quoted", "@risk", "-5 °C valve", "plain"]
    import_file(
        "products",
        sheet(["产品编码", "产品名称", "标准售价"], *[[f"P{n}", name, n] for n, name in enumerate(names)]),
    )  # fmt: skip
    before = state(["catalog_product"])
    client = client_for(make_account(roles=["sales_manager"]))
    for file_format in ("csv", "xlsx"):
        content = taken(client, "products", f"complete.{file_format}")
        result = import_file("products", content, name=f"again.{file_format}")
        assert (result.created, result.updated, result.rejected) == (0, 0, 0)
        assert state(["catalog_product"]) == before
    csv_cells = [cell for row in rows_of(taken(client, "products", "shown.csv")) for cell in row]
    assert not [cell for cell in csv_cells if formula_like(cell)]


def test_a_file_holds_exactly_what_the_page_shows(db):
    team = make_team()
    chief = make_account(roles=["team_leader"], team=team)
    hers = make_employee(team=team)
    for number in range(60):  # more than a page
        make_customer(f"Alpha {number:02d}", owner=hers, grade="A" if number % 2 else "B")
    make_customer("Alpha of another team", owner=make_employee(team=make_team()))
    make_customer("Beta", owner=hers)

    rows = rows_of(
        taken(
            client_for(chief), "customers", "shown.csv", "q=alpha&grade=A&sort=-name&columns=name,grade"
        )
    )  # fmt: skip

    assert rows[0] == ["Customer name", "Grade"]
    assert [row[0] for row in rows[1:]] == [f"Alpha {n:02d}" for n in range(59, 0, -2)]


@pytest.mark.parametrize("form", ["shown", "complete"])
def test_a_longer_list_costs_no_more_queries(db, form):
    client = client_for(make_account(roles=["sales_manager"]))
    make_customer("Alpha", owner=make_employee())
    taken(client, "customers", f"{form}.csv")  # what is read once is read
    with CaptureQueriesContext(connection) as one:
        taken(client, "customers", f"{form}.csv")
    for number in range(12):
        make_customer(f"Beta {number}", owner=make_employee(), business_scope="cables")
    with CaptureQueriesContext(connection) as many:
        taken(client, "customers", f"{form}.csv")
    assert len(many) <= len(one)


def test_covered_values_stay_covered_and_the_record_names_those_that_are_not(db):
    client = client_for(make_account(roles=["finance"]))
    customer = make_customer("Alpha", contact="Li Lei")
    Contact.objects.filter(customer=customer).update(mobile="13812345678")

    assert "13812345678" not in taken(client, "customers", "complete.csv").decode()
    assert Export.objects.get().said[-1]["label"] != "Shown uncovered"

    client = client_for(make_account(roles=["sales_manager"]))
    assert "13812345678" in taken(client, "customers", "complete.csv").decode()
    said = {one["label"]: one["values"] for one in Export.objects.latest("pk").said}
    assert "Mobile" in " ".join(said["Shown uncovered"])


def test_numbers_and_days_are_numbers_and_days_in_a_workbook(db):
    make_customer("Alpha", registered_capital=Decimal("1234.50"), filed_on=date(2026, 3, 1))
    client = client_for(make_account(roles=["sales_manager"]))
    columns = "columns=name,registered_capital,filed_on"
    head, row = cells_of(taken(client, "customers", "shown.xlsx", columns))
    assert (row[0], row[1], row[2].date()) == ("Alpha", 1234.5, date(2026, 3, 1))
    assert head[0] == "Customer name"


def test_each_file_is_put_on_record_with_its_hash_and_without_what_was_searched_for(db):
    account = make_account(roles=["sales_manager"])
    make_customer("Secretive & Sons")
    content = taken(client_for(account), "customers", "shown.xlsx", "q=secretive&grade=")
    export = Export.objects.get()
    assert export.sha256 == hashlib.sha256(content).hexdigest()
    assert (export.rows, export.size, export.login) == (1, len(content), account.login)
    assert "ecretive" not in json.dumps(export.said)


@pytest.mark.parametrize(
    ("roles", "key", "wanted", "status"),
    [
        (["salesperson"], "customers", "shown.csv", 403),
        (["warehouse_keeper"], "people", "shown.csv", 403),
        (["sales_manager"], "nothing", "shown.csv", 404),
        (["sales_manager"], "customers", "shown.exe", 404),
        (["sales_manager"], "orders", "complete.csv", 404),
        (["sales_manager"], "customers", "", 404),
    ],
)
def test_who_may_not_or_asks_for_what_is_not_gets_no_file(db, roles, key, wanted, status):
    answer = client_for(make_account(roles=roles)).post(f"/lists/{key}/export", {"as": wanted})
    assert answer.status_code == status
    assert not Export.objects.exists()


def test_a_list_page_offers_files_to_those_alone_who_may_take_them(db):
    make_customer("Alpha")
    assert (
        b"/lists/customers/export"
        in client_for(make_account(roles=["sales_manager"])).get("/customers/").content
    )
    assert (
        b"/lists/customers/export"
        not in client_for(make_account(roles=["salesperson"])).get("/customers/").content
    )
    assert (
        client_for(make_account(roles=["sales_manager"])).get("/lists/customers/export").status_code
        == 405
    )


@pytest.fixture
def long_list(monkeypatch):
    monkeypatch.setattr(screens, "AT_ONCE", 2)
    for number in range(3):
        make_customer(f"Alpha {number}")


def test_a_long_list_is_made_by_a_job_and_fetched_by_its_maker_alone(db, long_list):
    account = make_account(roles=["sales_manager"])
    client = client_for(account)
    answer = client.post("/lists/customers/export", {"query": "sort=name", "as": "shown.csv"})
    made = ExportFile.objects.get()
    assert answer.status_code == 302 and answer["Location"] == f"/exports/files/{made.pk}"
    assert b"waits for its turn" in client.get(answer["Location"]).content
    assert client.get(f"/exports/files/{made.pk}/content").status_code == 404

    make_file_as(made.pk, account.login, "127.0.0.1", "en")

    assert b"3 rows" in client.get(f"/exports/files/{made.pk}").content
    answer = client.get(f"/exports/files/{made.pk}/content")
    content = b"".join(answer.streaming_content)
    assert answer["Content-Disposition"].startswith("attachment")
    assert [row[0] for row in rows_of(content)[1:]] == ["Alpha 0", "Alpha 1", "Alpha 2"]
    assert Export.objects.get().sha256 == hashlib.sha256(content).hexdigest()
    other = client_for(make_account(roles=["sales_manager", "general_manager"]))
    for address in (f"/exports/files/{made.pk}", f"/exports/files/{made.pk}/content"):
        assert other.get(address).status_code == 404


def test_a_made_file_is_refused_once_the_right_is_gone(db, long_list):
    account = make_account(roles=["sales_manager"])
    client = client_for(account)
    client.post("/lists/customers/export", {"as": "shown.csv"})
    made = ExportFile.objects.get()
    make_file_as(made.pk, account.login, "", "en")
    account.roles.set(Role.objects.filter(key="team_leader"))  # may take out, but of the team alone
    assert client.get(f"/exports/files/{made.pk}/content").status_code == 404
    account.roles.set(Role.objects.filter(key="salesperson"))
    assert client.get(f"/exports/files/{made.pk}").status_code == 404


def test_a_job_works_with_the_rights_of_today_and_leaves_nothing_half_done(db, long_list):
    account = make_account(roles=["sales_manager"])
    client_for(account).post("/lists/customers/export", {"as": "shown.csv"})
    made = ExportFile.objects.get()
    account.roles.set(Role.objects.filter(key="salesperson"))
    with pytest.raises(NotAllowed):
        make_file_as(made.pk, account.login, "", "en")
    made.refresh_from_db()
    assert (made.status, made.stored_as) == ("failed", "")
    assert not Export.objects.exists()


def test_a_job_that_is_refused_says_why_on_its_page(db, long_list, monkeypatch):
    monkeypatch.setattr("dossier.core.exporting.writing.MOST_ROWS", 2)
    account = make_account(roles=["sales_manager"])
    client = client_for(account)
    client.post("/lists/customers/export", {"as": "shown.xlsx"})
    made = ExportFile.objects.get()
    with pytest.raises(Refusal):
        make_file_as(made.pk, account.login, "", "en")
    assert b"take it out as CSV" in client.get(f"/exports/files/{made.pk}").content


def test_files_are_removed_after_a_day(db, long_list):
    account = make_account(roles=["sales_manager"])
    client = client_for(account)
    client.post("/lists/customers/export", {"as": "shown.csv"})
    made = ExportFile.objects.get()
    make_file_as(made.pk, account.login, "", "en")
    made.refresh_from_db()
    path = folder_of_files() / made.stored_as
    assert path.is_file() and remove_old_files() == 0
    ExportFile.objects.update(created_at=timezone.now() - timedelta(hours=25))
    assert remove_old_files() == 1
    assert not path.exists()
    assert b"no longer kept" in client.get(f"/exports/files/{made.pk}").content
