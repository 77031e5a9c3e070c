"""Bad files, two tabs, lost sessions, cancelled and interrupted imports: said, and nothing is left (AUD-4)."""

from __future__ import annotations

import io
import threading
import zipfile

import openpyxl
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.utils import timezone

from dossier.core.imports import store, work
from dossier.core.imports.uploads import folder
from dossier.core.models import ImportRun
from dossier.customers.models import Customer
from tests.factories import client_for, make_account
from tests.imports import sheet

pytestmark = pytest.mark.usefixtures("committed_db")

HEADER = ["客户编号", "公司名称", "联系人", "联系电话"]
GOOD = sheet(HEADER, ["1", "甲厂", "王", "010-70000000"])
MANY = sheet(HEADER, *([str(n), f"{n}号厂", "王", f"010-7{n:07d}"] for n in range(1, 6001)))


@pytest.fixture(autouse=True)
def _own_home(settings, tmp_path):
    settings.HOME_DIR = tmp_path


@pytest.fixture
def keeper(committed_db):
    return client_for(make_account(roles=["customer_information_administrator"], login="keeper"))


def upload(client, data, name="客户.csv", **more):
    return client.post(
        "/imports/", {"kind": "customers", "file": SimpleUploadedFile(name, data)} | more
    )


def checked(client, data=GOOD, name="客户.csv"):
    """A run that was checked."""
    upload(client, data, name)
    run = ImportRun.objects.latest("pk")
    page = client.get(f"/imports/{run.pk}/columns/").context
    client.post(
        f"/imports/{run.pk}/columns/",
        {column["field_name"]: column["target"] for column in page["map_columns"]},
    )
    run.refresh_from_db()
    return run


def workbook(*rows):
    book = openpyxl.Workbook()
    for row in rows:
        book.active.append(row)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def bomb():
    """A workbook whose sheet unpacks to far more than it is packed in."""
    out = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(workbook(HEADER))) as good,
        zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as bad,
    ):
        for part in good.namelist():
            bad.writestr(part, good.read(part))
        with bad.open("xl/media/x.bin", "w", force_zip64=True) as stream:
            for _piece in range(401):
                stream.write(bytes(1 << 20))
    return out.getvalue()


OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
BAD = {
    "picture": (lambda: b"\x89PNG\r\n\x1a\n" + bytes(60), "This is an image"),
    "pdf": (lambda: b"%PDF-1.7\n" + bytes(60), "This is a PDF"),
    "archive": (lambda: b"Rar!\x1a\x07" + bytes(60), "This is an archive"),
    "program": (lambda: b"\x7fELF" + bytes(60), "This file is a program"),
    "web page": (lambda: b"<html><table><tr><td>1", "web page"),
    "bomb": (bomb, "unpacks to more than"),
    "empty": (lambda: b"", "Nothing is written"),
    "blanks": (lambda: b"\n\n , ,\n", "Nothing is written"),
    "header alone": (lambda: sheet(HEADER), "Nothing is written"),
    "wide": (lambda: sheet([f"c{n}" for n in range(20_000)], ["1"] * 20_000), "1000 columns"),
    "cut": (lambda: workbook(HEADER, ["1"] * 4)[:-300], "damaged or was cut short"),
    "password": (
        lambda: OLE + bytes(600) + "EncryptedPackage".encode("utf-16-le") + bytes(600),
        "protected by a password",
    ),
    "old and broken": (lambda: OLE + bytes(2000), "old Excel file (.xls) cannot be read"),
    "no text": (lambda: bytes(range(256)) * 20, "not a table"),
}


@pytest.mark.parametrize("sort", BAD)
def test_what_is_no_table_is_said_and_not_kept(keeper, sort):
    make, says = BAD[sort]
    response = upload(keeper, make(), "客户.xlsx")
    assert response.status_code == 400
    assert says in response.content.decode()
    assert not list(folder().iterdir())


def test_a_text_in_two_encodings_is_refused_with_the_line_never_garbled(keeper):
    rows = [[str(n), "华中电厂", "Wang", "010-70000000"] for n in range(1, 9)]
    mixed = sheet(["code", "company name", "contact", "phone"], *rows)
    mixed += "9,上海沪光电器厂,李,010-70000001\n".encode("gb18030")
    assert "鍗庝腑鐢靛巶" in mixed.decode("gb18030"), (
        "read as GB18030 it makes no error, only nonsense"
    )
    response = upload(keeper, mixed)
    assert response.status_code == 400
    assert "utf-8, line 10" in response.content.decode()


def test_the_same_file_in_two_tabs_comes_in_once(keeper):
    first, second = checked(keeper), checked(keeper)
    for run in (first, second):
        keeper.post(f"/imports/{run.pk}/", {"mode": "all"})
        run.refresh_from_db()
    assert [run.result["created"] for run in (first, second)] == [1, 0]
    assert (Customer.objects.count(), second.result["unchanged"]) == (1, 1)


def test_the_same_import_confirmed_in_two_tabs_at_once_comes_in_once_and_can_be_undone(
    keeper, monkeypatch
):
    run = checked(keeper)
    both = threading.Barrier(2, timeout=20)
    monkeypatch.setattr("dossier.core.imports.screens.begin", _meeting(both))
    answers = []

    def press():
        try:
            browser = Client(headers={"accept-language": "en"})
            browser.cookies = keeper.cookies
            answers.append(browser.post(f"/imports/{run.pk}/", {"mode": "valid"}).status_code)
        finally:
            connection.close()

    tabs = [threading.Thread(target=press) for _tab in range(2)]
    for tab in tabs:
        tab.start()
    for tab in tabs:
        tab.join(40)
    assert answers == [302, 302]
    run.refresh_from_db()
    assert (run.status, Customer.objects.count()) == ("done", 1)
    keeper.post(f"/imports/{run.pk}/undo/")
    assert not Customer.objects.exists()


def _meeting(both):
    def begin(*words, **more):
        both.wait()
        work.begin(*words, **more)

    return begin


def test_a_stale_tab_changes_nothing_of_an_import_that_is_done(keeper):
    run = checked(keeper)
    keeper.post(f"/imports/{run.pk}/", {"mode": "all"})
    for address, form in (
        ("columns/", {"column-1": "name"}),
        ("columns/", {"again": "1", "sheet": "x"}),
        ("files/", {"no_map": "1"}),
        ("cancel/", {}),
        ("", {"mode": "valid"}),
    ):
        keeper.post(f"/imports/{run.pk}/{address}", form)
    again = ImportRun.objects.get(pk=run.pk)
    assert (again.status, again.stored_as) == ("done", run.stored_as)
    assert again.options["transaction"]
    keeper.post(f"/imports/{run.pk}/undo/")
    assert not Customer.objects.exists()


def test_a_session_that_ended_during_the_upload_keeps_nothing(keeper):
    keeper.logout()
    response = upload(keeper, GOOD)
    assert response.status_code == 302
    assert response.headers["Location"] == "/sign-in/?next=/imports/"
    assert not list(folder().iterdir()) and not ImportRun.objects.exists()


def test_what_was_checked_can_be_discarded_with_its_files(keeper):
    run = checked(keeper)
    response = keeper.post(f"/imports/{run.pk}/cancel/", follow=True)
    assert "was discarded" in response.content.decode()
    assert not list(folder().iterdir())
    page = keeper.get(f"/imports/{run.pk}/").content.decode()
    assert "This import was discarded." in page and "Check again" not in page
    assert keeper.get(f"/imports/{run.pk}/annotated/").status_code == 404
    for step in ("columns/", "files/"):
        assert keeper.get(f"/imports/{run.pk}/{step}").headers["Location"] == f"/imports/{run.pk}/"
    assert keeper.get(f"/imports/{run.pk}/cancel/").status_code == 405


def job_of(run):
    from procrastinate.contrib.django.models import ProcrastinateJob

    return ProcrastinateJob.objects.filter(args__run_id=run.pk).latest("pk")


@pytest.mark.parametrize("what", ["check", "bring"])
def test_a_large_import_is_cancelled_before_its_job_begins(keeper, monkeypatch, what):
    run = checked(keeper) if what == "bring" else None
    monkeypatch.setattr(work, "SMALL", 10)
    if run is None:
        run = checked(keeper)
    else:
        keeper.post(f"/imports/{run.pk}/", {"mode": "all"})
    assert "Cancel the import" in keeper.get(f"/imports/{run.pk}/").content.decode()
    keeper.post(f"/imports/{run.pk}/cancel/")
    work.work_as(**job_of(run).args)
    run.refresh_from_db()
    assert (run.status, Customer.objects.count()) == ("failed", 0)
    page = keeper.get(f"/imports/{run.pk}/").content.decode()
    assert "This import was cancelled." in page and "Check again" in page


@pytest.mark.parametrize("what", ["check", "bring"])
def test_a_large_import_is_cancelled_while_it_is_under_way(keeper, monkeypatch, what):
    monkeypatch.setattr(work, "SMALL", 10)
    run = checked(keeper, MANY)
    if what == "bring":
        work.work_as(**job_of(run).args)
        keeper.post(f"/imports/{run.pk}/", {"mode": "all"})
    real = store.Meter.advance
    said = []

    def ask_to_stop(meter, count):
        if not said:  # what the person presses on the page, seen by another connection
            said.append("Being cancelled")
            thread = threading.Thread(target=press)
            thread.start()
            thread.join(20)
        meter._said = 0.0
        real(meter, count)

    def press():
        try:
            keeper.post(f"/imports/{run.pk}/cancel/")
            assert said[0] in keeper.get(f"/imports/{run.pk}/").content.decode()
        finally:
            connection.close()

    monkeypatch.setattr(store.Meter, "advance", ask_to_stop)
    work.work_as(**job_of(run).args)
    run.refresh_from_db()
    assert (run.status, run.result["refusal"]["code"]) == ("failed", "cancelled")
    assert not Customer.objects.exists()

    monkeypatch.setattr(store.Meter, "advance", real)  # and it can be taken up again
    page = keeper.get(f"/imports/{run.pk}/columns/").context
    keeper.post(
        f"/imports/{run.pk}/columns/",
        {column["field_name"]: column["target"] for column in page["map_columns"]},
    )
    work.work_as(**job_of(run).args)
    run.refresh_from_db()
    assert run.status == "checked"


def test_progress_says_how_many_rows_a_second(keeper, monkeypatch):
    monkeypatch.setattr(work, "SMALL", 10)
    run = checked(keeper, MANY)
    real, seen = store.Meter.advance, []

    def look(meter, count):
        meter._said = 0.0
        real(meter, count)
        run.refresh_from_db()
        seen.append(keeper.get(f"/imports/{run.pk}/progress/").content.decode())

    monkeypatch.setattr(store.Meter, "advance", look)
    work.work_as(**job_of(run).args)
    assert "2,500 of about 6,001 rows, " in seen[0] and "a second" in seen[0]
    assert 'aria-valuenow="41"' in seen[0]


@pytest.mark.parametrize("status", ["checking", "running"])
def test_what_a_restart_interrupted_says_that_it_did_nothing(keeper, monkeypatch, status):
    monkeypatch.setattr(work, "SMALL", 10)
    run = checked(keeper)
    ImportRun.objects.update(status=status)
    assert "Nothing was saved" not in keeper.get(f"/imports/{run.pk}/").content.decode(), "it waits"

    with connection.cursor() as cursor:  # the worker took the job and was killed
        cursor.execute("INSERT INTO procrastinate_workers DEFAULT VALUES RETURNING id")
        worker = cursor.fetchone()[0]
        cursor.execute(
            "UPDATE procrastinate_jobs SET status = 'doing', worker_id = %s WHERE id = %s",
            [worker, job_of(run).pk],
        )
        assert "Nothing was saved" not in keeper.get(f"/imports/{run.pk}/").content.decode()
        cursor.execute(
            "UPDATE procrastinate_workers SET last_heartbeat = %s",
            [timezone.now() - 2 * work._SILENT],
        )
    page = keeper.get(f"/imports/{run.pk}/").content.decode()
    assert "interrupted" in page and "Nothing was saved" in page and "Check again" in page
    assert keeper.get(f"/imports/{run.pk}/columns/").status_code == 200


def test_a_check_under_way_is_not_taken_for_dead(keeper, monkeypatch):
    """A small file is checked while its page waits; another tab sees that, not an interruption."""
    upload(keeper, GOOD)
    run = ImportRun.objects.get()
    seen = []
    real = work.bring_in

    def slow(**words):
        thread = threading.Thread(target=look)
        thread.start()
        thread.join(20)
        return real(**words)

    def look():
        try:
            seen.append(keeper.get(f"/imports/{run.pk}/").content.decode())
        finally:
            connection.close()

    monkeypatch.setattr(work, "bring_in", slow)
    keeper.post(f"/imports/{run.pk}/columns/", {"column-1": "name", "column-2": "contact"})
    assert "interrupted" not in seen[0] and "hx-trigger" in seen[0]
    run.refresh_from_db()
    assert run.status == "checked"


def test_the_rows_of_an_import_lead_to_their_records(keeper):
    run = checked(keeper, sheet(HEADER, ["1", "甲厂", "王", "010-70000000"], ["2", "乙厂", "", ""]))
    page = keeper.get(f"/imports/{run.pk}/")
    assert [row["cells"][1]["text"] for row in page.context["first"]["rows"]] == ["甲厂", "乙厂"]
    assert keeper.get(f"/imports/{run.pk}/rows/").headers["Location"] == f"/imports/{run.pk}/"
    keeper.post(f"/imports/{run.pk}/", {"mode": "valid"})
    made = Customer.objects.get()
    page = keeper.get(f"/imports/{run.pk}/rows/").content.decode()
    assert f'href="/customers/{made.pk}/"' in page and "乙厂" in page
    page = keeper.get(f"/imports/{run.pk}/rows/?outcome=rejected").content.decode()
    assert "甲厂" not in page and "No contact is named" in page
    assert f"/imports/{run.pk}/rows/?outcome=created" in (
        keeper.get(f"/imports/{run.pk}/").content.decode()
    )
