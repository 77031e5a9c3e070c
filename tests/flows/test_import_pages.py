"""The import pages: file, columns, check, done, copy, undo (AUD-4)."""

from __future__ import annotations

import hashlib
import io

import openpyxl
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from dossier.core.imports import work
from dossier.core.imports.uploads import folder
from dossier.core.models import Export, ImportRun, SavedMapping
from dossier.customers.models import Customer
from dossier.sales.models import SalesOrderLine
from tests.factories import client_for, make_account, make_customer
from tests.imports import sheet

pytestmark = pytest.mark.usefixtures("committed_db")

HEADER = ["编号", "公司名称", "找谁", "联系电话"]


@pytest.fixture(autouse=True)
def _own_home(settings, tmp_path):
    settings.HOME_DIR = tmp_path


@pytest.fixture
def keeper(committed_db):
    return client_for(make_account(roles=["customer_information_administrator"], login="keeper"))


def upload(client, data, kind="customers", name="客户.csv", **more):
    return client.post("/imports/", {"kind": kind, "file": SimpleUploadedFile(name, data)} | more)


def only_run():
    return ImportRun.objects.get()


def chosen(**columns):
    return {f"column-{at[1:]}": field for at, field in columns.items()}


def test_a_file_from_choosing_to_done(keeper):
    data = sheet(HEADER, ["1", "甲厂", "王", "010-70000000"], ["2", "乙厂", "", "010-70000001"])
    assert keeper.get("/imports/?kind=customers").status_code == 200

    response = upload(keeper, data, name="../../客户.csv")
    run = only_run()
    assert response.headers["Location"] == f"/imports/{run.pk}/columns/"
    assert run.file_name == "客户.csv"
    assert [file.name for file in folder().iterdir()] == [run.stored_as]

    page = keeper.get(f"/imports/{run.pk}/columns/").content.decode()
    assert "找谁" in page and "No column found yet for:" in page

    response = keeper.post(
        f"/imports/{run.pk}/columns/",
        chosen(c0="code", c1="name", c2="contact", c3="phone") | {"remember": "1"},
    )
    assert response.headers["Location"] == f"/imports/{run.pk}/"
    page = keeper.get(f"/imports/{run.pk}/").content.decode()
    assert "Check before saving" in page and "No contact is named" in page
    assert not Customer.objects.exists()
    assert keeper.get(f"/imports/{run.pk}/annotated/").headers["Content-Type"].endswith("sheet")

    keeper.post(f"/imports/{run.pk}/", {"mode": "valid"})
    run.refresh_from_db()
    assert run.status == "done"
    assert list(Customer.objects.values_list("code", "name", "main_contact")) == [
        ("000001", "甲厂", "王")
    ]
    page = keeper.get(f"/imports/{run.pk}/").content.decode()
    assert "1 row is in." in page and "Undo this import" in page

    keeper.post(f"/imports/{run.pk}/", {"mode": "valid"})  # the same form twice
    assert Customer.objects.count() == 1

    copy = keeper.get(f"/imports/{run.pk}/annotated/").content
    record = Export.objects.latest("pk")
    assert (record.login, record.kind, record.rows) == ("keeper", "customers.customer", 2)
    assert record.sha256 == hashlib.sha256(copy).hexdigest()
    book = openpyxl.load_workbook(io.BytesIO(copy))
    book.active.cell(3, 4).value = "李"
    out = io.BytesIO()
    book.save(out)
    upload(keeper, out.getvalue(), name="改好.xlsx")
    second = ImportRun.objects.latest("pk")
    page = keeper.get(f"/imports/{second.pk}/columns/").content.decode()
    keeper.post(
        f"/imports/{second.pk}/columns/", chosen(c1="code", c2="name", c3="contact", c4="phone")
    )
    keeper.post(f"/imports/{second.pk}/", {"mode": "all"})
    second.refresh_from_db()
    assert (second.status, second.result["created"], second.result["unchanged"]) == (
        "done",
        1,
        1,
    ), second.result

    assert keeper.get(f"/imports/{second.pk}/undo/").status_code == 200
    keeper.post(f"/imports/{second.pk}/undo/")
    assert list(Customer.objects.values_list("name", flat=True)) == ["甲厂"]
    assert "This import was undone." in keeper.get(f"/imports/{second.pk}/").content.decode()
    assert "改好.xlsx" in keeper.get("/imports/earlier/").content.decode()


def test_a_mapping_is_remembered_by_its_header(keeper):
    data = sheet(HEADER, ["1", "甲厂", "王", "010-70000000"])
    upload(keeper, data)
    run = only_run()
    keeper.post(
        f"/imports/{run.pk}/columns/",
        chosen(c1="name", c2="contact", c3="phone") | {"remember": "1"},
    )
    assert SavedMapping.objects.count() == 1
    upload(keeper, sheet(list(reversed(HEADER)), ["010-70000009", "李", "乙厂", "5"]))
    page = keeper.get(f"/imports/{ImportRun.objects.latest('pk').pk}/columns/").content.decode()
    assert "as last time" in page
    assert page.count("selected") >= 3


def test_lines_may_create_what_is_missing(keeper):
    make_customer("甲厂", code="000001")
    header = ["单号", "日期", "客户编码", "产品编码", "数量", "单价"]
    data = sheet(
        header, ["S1", "2024-01-01", "1", "P1", "2", "5"], ["S2", "2024-01-01", "", "P1", "1", "5"]
    )
    upload(keeper, data, kind="sales", currency="USD", unassigned="散客")
    run = only_run()
    fields = ["order_number", "date", "customer_code", "product_code", "quantity", "unit_price"]
    keeper.post(
        f"/imports/{run.pk}/columns/", {f"column-{at}": field for at, field in enumerate(fields)}
    )
    page = keeper.get(f"/imports/{run.pk}/").content.decode()
    assert "Unknown product" in page and "Create products that are missing" in page
    keeper.post(f"/imports/{run.pk}/", {"again": "1", "create_missing": "products"})
    assert "Unknown product" not in keeper.get(f"/imports/{run.pk}/").content.decode()
    keeper.post(f"/imports/{run.pk}/", {"mode": "all", "create_missing": "products"})
    assert set(SalesOrderLine.objects.values_list("currency", "customer__name")) == {
        ("USD", "甲厂"),
        ("USD", "散客"),
    }


@pytest.mark.parametrize(
    ("data", "says"),
    [
        (b"\x89PNG\r\n\x1a\n" + bytes(40), "image"),
        (b"PK\x03\x04 cut", "damaged"),
        (b"", "Nothing is written"),
        ("公司名称\n".encode(), "Nothing is written"),
    ],
)
def test_a_bad_file_is_refused_and_not_kept(keeper, data, says):
    response = upload(keeper, data)
    assert response.status_code == 400
    assert says in response.content.decode()
    assert not list(folder().iterdir())


def test_bad_choices_of_columns_are_said(keeper):
    upload(keeper, sheet(HEADER, ["1", "甲厂", "王", "010-70000000"]))
    run = only_run()
    address = f"/imports/{run.pk}/columns/"
    twice = keeper.post(address, chosen(c1="name", c2="name"))
    assert twice.status_code == 400 and "Two columns go to" in twice.content.decode()
    assert keeper.post(address, chosen(c1="password")).status_code == 400
    assert keeper.post(address, {}).status_code == 400
    assert (
        keeper.post(
            "/imports/", {"kind": "robots", "file": SimpleUploadedFile("x.csv", b"a")}
        ).status_code
        == 400
    )


def test_others_runs_and_people_without_the_right(keeper):
    upload(keeper, sheet(HEADER, ["1", "甲厂", "王", "010-70000000"]))
    run = only_run()
    nobody = client_for(make_account(roles=["salesperson"]))
    assert nobody.get("/imports/").status_code == 403
    assert "/imports/" not in nobody.get("/", follow=True).content.decode()
    clerk = client_for(make_account(roles=["sales_clerk"]))
    for page in ("", "columns/", "annotated/", "undo/", "progress/"):
        assert clerk.get(f"/imports/{run.pk}/{page}").status_code == 404, page
    assert (
        clerk.post(
            "/imports/", {"kind": "customers", "file": SimpleUploadedFile("x.csv", b"a,b\n1,2")}
        ).status_code
        == 403
    )
    assert "客户.csv" not in clerk.get("/imports/earlier/").content.decode()


def test_a_large_file_is_a_job_with_progress(keeper, monkeypatch):
    monkeypatch.setattr(work, "SMALL", 10)
    upload(keeper, sheet(HEADER, ["1", "甲厂", "王", "010-70000000"]))
    run = only_run()
    keeper.post(f"/imports/{run.pk}/columns/", chosen(c1="name", c2="contact", c3="phone"))
    assert "hx-trigger" in keeper.get(f"/imports/{run.pk}/").content.decode()
    assert keeper.get(f"/imports/{run.pk}/progress/").status_code == 200
    from procrastinate.contrib.django.models import ProcrastinateJob

    job = ProcrastinateJob.objects.get(task_name="core.work_on_import")
    assert job.args["login"] == "keeper"

    work.work_as(**job.args)

    run.refresh_from_db()
    assert run.status == "checked"
    done = keeper.get(f"/imports/{run.pk}/progress/")
    assert (done.status_code, done.headers["HX-Redirect"]) == (204, f"/imports/{run.pk}/")
    work.work_as(**job.args)  # a job done again does nothing
    assert ImportRun.objects.get().status == "checked"


def test_a_run_whose_process_is_gone_is_shown_as_failed(keeper):
    upload(keeper, sheet(HEADER, ["1", "甲厂", "王", "010-70000000"]))
    run = only_run()
    ImportRun.objects.update(status="running")
    page = keeper.get(f"/imports/{run.pk}/").content.decode()
    assert "interrupted" in page and "Nothing was saved" in page
    assert only_run().status == "failed"


def test_covered_values_of_anothers_file_are_not_read_from_its_import(keeper):
    """Who may not uncover telephones sees what an import did, not what stands in its file (ORG-4)."""
    upload(keeper, sheet(["工号", "姓名", "手机"], ["E1", "王芳", "13800138000"]), kind="employees")
    run = only_run()
    keeper.post(f"/imports/{run.pk}/columns/", chosen(c0="number", c1="name", c2="mobile"))
    admin = client_for(make_account(roles=["system_administrator"], login="boss"))
    assert admin.get(f"/imports/{run.pk}/").status_code == 403
    assert admin.get(f"/imports/{run.pk}/columns/").status_code == 403
    keeper.post(f"/imports/{run.pk}/", {"mode": "valid"})

    assert "13800138000" in keeper.get(f"/imports/{run.pk}/rows/").content.decode()
    page = admin.get(f"/imports/{run.pk}/").content.decode()
    assert "1 row is in." in page and f"/imports/{run.pk}/rows/" not in page
    for part in ("rows", "annotated"):
        answer = admin.get(f"/imports/{run.pk}/{part}/")
        told = answer.content.decode()
        assert answer.status_code == 403 and "13800138000" not in told
        assert "covered for you" in told


def test_undoing_names_only_what_it_would_do(keeper):
    upload(keeper, sheet(["工号", "姓名"], ["E1", "王芳"]), kind="employees")
    run = only_run()
    keeper.post(f"/imports/{run.pk}/columns/", chosen(c0="number", c1="name"))
    keeper.post(f"/imports/{run.pk}/", {"mode": "valid"})
    page = keeper.get(f"/imports/{run.pk}/undo/").content.decode()
    assert "1 new record is removed." in page and "put back" not in page


def test_an_import_from_the_command_line_is_called_the_systems(keeper):
    ImportRun.objects.create(
        kind="customers", file_name="a.csv", started_by="system:root", status="done"
    )
    for path in ("/imports/earlier/", f"/imports/{only_run().pk}/"):
        page = keeper.get(path).content.decode()
        assert "System (root)" in page and "system:root" not in page
