"""A file is what it holds, never what it is called; nothing uploaded leads anywhere (SECURITY E 18, 23, 26, 27).

Bombs, definitions in XML and rare encodings (24, 25): `dossier/core/tests/test_import_bombs.py`.
"""

from __future__ import annotations

import re
import zipfile
from io import BytesIO
from urllib.parse import urlsplit

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from dossier.core.errors import Refusal
from dossier.core.imports.named_maps import read_map
from dossier.core.imports.registry import kind_of
from dossier.core.imports.uploads import folder, shown_name
from dossier.core.models import ImportRun
from tests.factories import client_for, make_account
from tests.page_forms import forms_on

pytestmark = pytest.mark.django_db

CSV = "客户名称,联系人,电话\n=1+1,张三,010-61234567\n".encode()
NAMES = (
    "../../../../etc/passwd.csv",
    "..\\..\\windows\\win.ini",
    "/etc/passwd",
    "C:\\autoexec.csv",
    "a\x00.csv",
    "CON.csv",
    "x.csv/../../y.csv",
    "x.php",
    "x.pHaR",
    "x.csv.exe",
    "x.exe.csv",
    "x.svg",
    "x.html",
    "X.XLSX",
    ".htaccess",
    "…" * 300 + ".csv",
    "\u202evsc.exe",
    "<img src=x onerror=alert(1)>.csv",
    "=cmd|'/c calc'!A1.csv",
)
WORKBOOK = BytesIO()
with zipfile.ZipFile(WORKBOOK, "w") as _book:
    _book.writestr("../../../../tmp/dossier-slip.txt", "slipped")
    _book.writestr("[Content_Types].xml", "<Types/>")
CONTENTS = {
    "table": (CSV, True),
    "html": (b"<html><script>alert(1)</script></html>", None),
    "svg": (b'<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"/>', None),
    "php": (b"<?php system($_GET['c']); ?>", None),
    "program": (b"MZ\x90\x00" + bytes(200), False),
    "elf": (b"\x7fELF" + bytes(200), False),
    "pdf": (b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n" + b"x" * 100, False),
    "png": (b"\x89PNG\r\n\x1a\n" + bytes(100), False),
    "zip": (WORKBOOK.getvalue(), False),
    "pickle": (b"\x80\x04\x95\x0a\x00\x00\x00\x00\x00\x00\x00cos\nsystem\n.", None),
}


@pytest.fixture
def keeper(settings, tmp_path):
    """Somebody who may bring in customers, in a home of the test's own."""
    settings.HOME_DIR = tmp_path / "home"
    return client_for(make_account(roles=["customer_information_administrator"]))


def upload(client, name, content, **more):
    """Send a file to the first page of an import."""
    file = SimpleUploadedFile("x.csv", content)
    file._name = name  # as a browser of an attacker sends it; the class itself would tidy it
    return client.post("/imports/", {"kind": "customers", "file": file, **more})


def stored(before):
    return set(folder().iterdir()) - before


@pytest.mark.parametrize("name", NAMES, ids=lambda name: ascii(name)[:24])
def test_no_name_leads_anywhere_nor_becomes_markup(keeper, name, tmp_path):
    before = set(folder().iterdir())
    answer = upload(keeper, name, CSV)
    assert answer.status_code in (302, 400)
    made = stored(before)
    assert all(re.fullmatch(r"[0-9a-f]{32}", path.name) for path in made)
    assert all(path.stat().st_mode & 0o777 == 0o600 for path in made)
    run = ImportRun.objects.order_by("-pk").first()
    if answer.status_code == 302:
        assert run.stored_as in {path.name for path in made}
        assert not re.search(r"[/\\\x00-\x1f\u202e]", run.file_name) and len(run.file_name) <= 255
        page = keeper.get(answer.headers["Location"]).content.decode()
        assert "<img src=x" not in page
    assert not (tmp_path.parent / "win.ini").exists()


@pytest.mark.parametrize("extension", ["csv", "xlsx", "TXT", "html", "php.csv"])
@pytest.mark.parametrize("sort", CONTENTS)
def test_the_content_decides_whatever_the_name(keeper, sort, extension):
    content, table = CONTENTS[sort]
    before = set(folder().iterdir())
    answer = upload(keeper, f"x.{extension}", content)
    assert answer.status_code in (302, 400), answer.status_code
    if table is not None:
        assert (answer.status_code == 302) is table, (sort, extension)
    if answer.status_code == 400:
        assert not stored(before), "what is refused is not kept"
    else:
        page = keeper.get(answer.headers["Location"], follow=True)
        assert b"<script>alert(1)" not in page.content and b"onload=" not in page.content


def test_nothing_in_an_archive_is_unpacked(keeper, tmp_path):
    from pathlib import Path

    assert upload(keeper, "x.xlsx", WORKBOOK.getvalue()).status_code == 400
    assert not Path("/tmp/dossier-slip.txt").exists()  # noqa: S108 # where the archive wants to write


def test_what_is_handed_out_is_a_download_of_a_known_kind(keeper):
    answer = upload(keeper, "x.csv", CSV)
    run = ImportRun.objects.order_by("-pk").first()
    assert answer.status_code == 302
    copy = keeper.get(f"/imports/{run.pk}/annotated/")
    assert copy.headers["Content-Disposition"] == f'attachment; filename="import-{run.pk}.xlsx"'
    assert copy.headers["X-Content-Type-Options"] == "nosniff"
    assert copy.headers["Content-Type"].startswith("application/vnd.openxmlformats")
    with zipfile.ZipFile(BytesIO(copy.content)) as book:
        sheets = "".join(book.read(n).decode() for n in book.namelist() if "sheet" in n)
    assert "<f>" not in sheets and "<f " not in sheets, "a formula typed by somebody stays a text"


@pytest.mark.parametrize(
    "file",
    [
        "../secrets/seal",
        "/etc/passwd",
        "..\\x.csv",
        "a/../../b.csv",
        "\\\\host\\share\\x.csv",
        "x\x00.csv",
    ],
)
def test_a_map_names_no_file_elsewhere(file):
    text = (
        'kind = "sales"\n[columns]\nquantity = "q"\n[lookups.a]\nfile = '
        + repr(file).replace("'", '"').replace("\\x00", "\\u0000")
        + '\nkey = "a"\nmatch = "q"\n'
    )
    with pytest.raises(Refusal):
        read_map(text, kind_of("sales"))


def test_a_name_kept_as_it_came_is_seen(monkeypatch, keeper):
    """The fault put in: without its tidying a name with a path would be kept."""
    assert shown_name("../../x.csv") == "x.csv"
    monkeypatch.setattr("dossier.core.imports.uploads.shown_name", lambda name: name)
    upload(keeper, "../../x.csv", CSV)
    run = ImportRun.objects.order_by("-pk").first()
    assert run is not None and run.file_name


@pytest.mark.parametrize(
    "odd",
    ["甲\x00公司", "\ud800".encode("utf-8", "surrogatepass"), "甲\x1b[31m", "\ufffe", "＝1+1"],
)
def test_odd_characters_come_all_the_way_or_are_refused(keeper, odd):
    """From the file to the check of its rows: an answer in words, never a fault."""
    cell = odd if isinstance(odd, bytes) else odd.encode()
    answer = upload(
        keeper, "x.csv", "客户名称,联系人,电话\n".encode() + cell + ",张三,010-61234567\n".encode()
    )
    assert answer.status_code in (302, 400)
    if answer.status_code == 302:
        url = answer.headers["Location"]
        page = keeper.get(url)
        for form in forms_on(page.content.decode(), url):
            if urlsplit(form.action).path == url:
                sent = keeper.post(form.action, form.values, follow=True)
                assert sent.status_code in (200, 400)
