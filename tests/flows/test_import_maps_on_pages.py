"""Maps on the import pages: several files at once, missing ones added, mappings kept by name (AUD-4)."""

from __future__ import annotations

import json
from decimal import Decimal

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from dossier.core.imports import uploads, work
from dossier.core.imports.uploads import folder
from dossier.core.models import ImportRun, NamedMap
from dossier.customers.models import Customer
from dossier.sales.models import SalesOrderLine
from tests.factories import client_for, make_account
from tests.imports import MAPS, import_file, scalar, sheet

pytestmark = pytest.mark.usefixtures("committed_db")

HEADER = ["no", "first", "last", "town"]
JOINED = """
kind = "customers"
[constants]
remark = "from the fair"
[columns]
code = "no"
name = ["first", "last"]
contact = "last"
[lookups.phones]
file = "phones.csv"
key = "no"
match = "no"
[lookups.phones.columns]
phone = "number"
"""
ROWS = sheet(HEADER, ["1", "Nancy", "Davolio", "Paris"], ["2", "Andrew", "Fuller", "Rome"])
PHONES = sheet(["no", "number"], ["1", "010-70000001"], ["2", "010-70000002"])


@pytest.fixture(autouse=True)
def _own_home(settings, tmp_path):
    settings.HOME_DIR = tmp_path


@pytest.fixture
def keeper(committed_db):
    return client_for(make_account(roles=["customer_information_administrator"], login="keeper"))


def upload(client, *files, address="/imports/", **more):
    sent = [SimpleUploadedFile(name, data) for name, data in files]
    return client.post(address, {"kind": "customers"} | more | ({"file": sent} if sent else {}))


def latest():
    return ImportRun.objects.latest("pk")


def text_of(client, address):
    return client.get(address).content.decode()


def as_offered(client, run):
    """The choices of the columns page as it offers them."""
    page = client.get(f"/imports/{run.pk}/columns/").context
    return {column["field_name"]: column["target"] for column in page["map_columns"]}


def through(client, run, **more):
    """Columns as offered, then bring in."""
    client.post(f"/imports/{run.pk}/columns/", as_offered(client, run) | more)
    client.post(f"/imports/{run.pk}/", {"mode": "all"})
    run.refresh_from_db()
    return run


def test_northwind_comes_in_on_the_pages_as_by_command(keeper, shared_data, monkeypatch):
    monkeypatch.setattr(work, "SMALL", 10**6)  # no job works here
    source = shared_data / "northwind"
    extra = {
        "employees": [],
        "customers": [],
        "products": ["categories"],
        "sales": ["orders", "customers", "products", "categories"],
    }
    for kind, others in extra.items():
        main = "order_details" if kind == "sales" else kind
        files = [(f"{n}.csv", (source / f"{n}.csv").read_bytes()) for n in [*others, main]]
        files.append((f"northwind-{kind}.toml", (MAPS / f"northwind-{kind}.toml").read_bytes()))
        response = upload(keeper, *files, kind=kind)
        run = latest()
        assert response.headers["Location"] == f"/imports/{run.pk}/columns/", kind
        assert run.file_name == f"{main}.csv"
        through(keeper, run)
        assert (run.status, run.result["rejected"]) == ("done", 0), (kind, run.result)
    answers = json.loads((source / "answers_northwind.json").read_text(encoding="utf-8"))
    assert SalesOrderLine.objects.count() == 2155
    assert scalar("SELECT sum(amount) FROM sales_salesorderline") == Decimal(answers["net_total"])

    again = import_file("sales", source / "order_details.csv", map_name="northwind-sales.toml")
    assert (again.created, again.updated, again.unchanged) == (0, 0, 2155)


def test_missing_look_up_files_are_named_and_added_without_losing_what_was_given(keeper):
    response = upload(keeper, ("people.csv", ROWS), ("m.toml", JOINED.encode()))
    run = latest()
    assert response.headers["Location"] == f"/imports/{run.pk}/files/"
    page = text_of(keeper, f"/imports/{run.pk}/files/")
    assert "phones.csv" in page and "people.csv" in page and "m.toml" in page
    for step in ("", "columns/", "annotated/"):
        assert (
            keeper.get(f"/imports/{run.pk}/{step}").headers["Location"]
            == f"/imports/{run.pk}/files/"
        )

    still = keeper.post(f"/imports/{run.pk}/files/", {"main": "people.csv", "next": "1"})
    assert still.headers["Location"] == f"/imports/{run.pk}/files/"
    other = upload(
        keeper, ("other.csv", PHONES), address=f"/imports/{run.pk}/files/", main="people.csv"
    )
    assert other.headers["Location"] == f"/imports/{run.pk}/files/"
    added = upload(
        keeper,
        ("PHONES.csv", PHONES),
        address=f"/imports/{run.pk}/files/",
        main="people.csv",
        next="1",
    )
    assert added.headers["Location"] == f"/imports/{run.pk}/columns/"
    page = text_of(keeper, f"/imports/{run.pk}/columns/")
    assert "phones.csv: number" in page and "from the fair" in page

    through(keeper, run)
    assert run.status == "done", run.result
    assert list(Customer.objects.order_by("code").values_list("name", "main_phone", "remark")) == [
        ("Nancy Davolio", "010-70000001", "from the fair"),
        ("Andrew Fuller", "010-70000002", "from the fair"),
    ]
    assert keeper.get(f"/imports/{run.pk}/annotated/").status_code == 200


def test_the_main_file_is_asked_for_where_it_is_not_obvious(keeper):
    upload(keeper, ("a.csv", ROWS), ("b.csv", PHONES))
    run = latest()
    page = text_of(keeper, f"/imports/{run.pk}/files/")
    assert "Choose the main file" in page and "Without a map" in page
    unsaid = keeper.post(f"/imports/{run.pk}/files/", {"next": "1"})
    assert unsaid.headers["Location"] == f"/imports/{run.pk}/files/"
    said = keeper.post(f"/imports/{run.pk}/files/", {"main": "b.csv", "next": "1"})
    assert said.headers["Location"] == f"/imports/{run.pk}/columns/"
    run.refresh_from_db()
    assert (run.file_name, [one["name"] for one in run.options["files"]]) == ("b.csv", ["a.csv"])

    keeper.post(f"/imports/{run.pk}/files/", {"main": "a.csv", "remove": "b.csv"})
    run.refresh_from_db()
    assert (run.file_name, run.options["files"]) == ("a.csv", [])
    assert [file.name for file in folder().iterdir()] == [run.stored_as]


def test_a_file_given_again_replaces_the_one_of_the_same_name(keeper):
    upload(keeper, ("people.csv", ROWS), ("phones.csv", PHONES), ("m.toml", JOINED.encode()))
    run = latest()
    better = sheet(["no", "number"], ["1", "010-80000001"], ["2", "010-80000002"])
    upload(keeper, ("phones.csv", better), address=f"/imports/{run.pk}/files/", main="people.csv")
    run.refresh_from_db()
    assert len(list(folder().iterdir())) == 2
    through(keeper, run)
    assert set(Customer.objects.values_list("main_phone", flat=True)) == {
        "010-80000001",
        "010-80000002",
    }


def test_limits_hold_for_all_files_together_and_nothing_is_left_of_too_much(keeper, monkeypatch):
    monkeypatch.setattr(uploads, "_MOST_BYTES", len(ROWS) + len(PHONES) - 1)
    response = upload(keeper, ("a.csv", ROWS), ("b.csv", PHONES))
    assert response.status_code == 400 and "together" in response.content.decode()
    assert not list(folder().iterdir()) and not ImportRun.objects.exists()

    upload(keeper, ("a.csv", ROWS))
    run = latest()
    response = upload(keeper, ("b.csv", PHONES), address=f"/imports/{run.pk}/files/", main="a.csv")
    assert response.status_code == 400
    assert [file.name for file in folder().iterdir()] == [run.stored_as]

    monkeypatch.setattr(uploads, "MOST_FILES", 1)
    monkeypatch.setattr(uploads, "_MOST_BYTES", 10**6)
    response = upload(keeper, ("b.csv", PHONES), address=f"/imports/{run.pk}/files/", main="a.csv")
    assert response.status_code == 400 and "1 files at most" in response.content.decode()


@pytest.mark.parametrize(
    ("files", "more", "says"),
    [
        ([("a.csv", ROWS), ("a.csv", ROWS)], {}, "Two files are called “a.csv”"),
        ([("a.csv", ROWS), ("1.toml", b""), ("2.toml", b"")], {}, "One map is enough"),
        ([("a.csv", ROWS), ("1.toml", b"x =")], {}, "not valid TOML"),
        ([("a.csv", ROWS), ("1.toml", b"\xff\xfe\xff")], {}, "not text in UTF-8"),
        ([("a.csv", ROWS), ("1.toml", b"#" * 1_100_000)], {}, "larger than a map can be"),
        ([("a.csv", ROWS), ("1.toml", b'kind = "sales"')], {}, "This map is for “Sales lines”"),
        ([("1.toml", JOINED.encode())], {}, "Choose a file first"),
        ([("a.csv", ROWS)], {"saved": "999"}, "no such record"),
        ([("a.csv", ROWS)], {"saved": "x"}, "no longer kept"),
        (
            [("a.csv", ROWS), ("1.toml", JOINED.replace('"phones.csv"', '"../secret"').encode())],
            {},
            "named without a path leading out",
        ),
    ],
)
def test_what_cannot_be_used_is_said_and_not_kept(keeper, files, more, says):
    response = upload(keeper, *files, **more)
    assert response.status_code in (400, 404)
    assert says in response.content.decode()
    assert not list(folder().iterdir())


def test_a_map_on_the_pages_reads_no_file_of_another_import(keeper):
    upload(keeper, ("phones.csv", PHONES))
    secret = latest().stored_as
    for name in (secret, f"./{secret}"):
        text = JOINED.replace("phones.csv", name).encode()
        response = upload(keeper, ("people.csv", ROWS), ("m.toml", text))
        assert response.headers["Location"].endswith("/files/"), "named as missing, not read"


def test_a_mapping_is_saved_by_name_and_chosen_later(keeper):
    upload(keeper, ("people.csv", ROWS))
    run = latest()
    chosen = {"column-0": "code", "column-1": "name", "column-2": "contact", "column-3": "city"}
    keeper.post(f"/imports/{run.pk}/columns/", chosen | {"save_as": " Fair  2026 "})
    saved = NamedMap.objects.get()
    assert (saved.kind, saved.name, saved.saved_by) == ("customers", "Fair 2026", "keeper")
    assert "Fair 2026" in text_of(keeper, "/imports/?kind=customers")
    assert "Fair 2026" in text_of(keeper, "/imports/maps/")
    assert 'name = "first"' in text_of(keeper, f"/imports/maps/{saved.pk}/")

    moved = sheet(["title"], [], list(reversed(HEADER)), ["Bonn", "Leverling", "Janet", "3"])
    upload(keeper, ("other.csv", moved), saved=str(saved.pk))
    run = latest()
    assert as_offered(keeper, run) == {
        "column-0": "city",
        "column-1": "contact",
        "column-2": "name",
        "column-3": "code",
    }
    keeper.post(f"/imports/{run.pk}/files/", {"main": "other.csv", "no_map": "1"})
    run.refresh_from_db()
    assert run.options["given_map"] == ""

    people = client_for(make_account(roles=["system_administrator"]))
    assert "Fair 2026" not in text_of(people, "/imports/maps/")
    assert people.get(f"/imports/maps/{saved.pk}/").status_code == 404
    assert people.post(f"/imports/maps/{saved.pk}/remove/").status_code == 404
    assert keeper.get(f"/imports/maps/{saved.pk}/remove/").status_code == 200
    keeper.post(f"/imports/maps/{saved.pk}/remove/")
    assert not NamedMap.objects.exists()
    assert text_of(keeper, f"/imports/{run.pk}/columns/")


def test_columns_a_map_joins_stay_joined_and_what_it_fills_is_not_filled_twice(keeper):
    upload(keeper, ("people.csv", ROWS), ("phones.csv", PHONES), ("m.toml", JOINED.encode()))
    run = latest()
    offered = as_offered(keeper, run)
    assert (offered["column-1"], offered["column-2"]) == ("name", "name")
    assert "also fills Contact" in text_of(keeper, f"/imports/{run.pk}/columns/")
    address = f"/imports/{run.pk}/columns/"
    twice = keeper.post(address, offered | {"column-3": "phone"})
    assert twice.status_code == 400 and "phones.csv: number" in twice.content.decode()
    twice = keeper.post(address, offered | {"column-3": "name"})
    assert twice.status_code == 400 and "Two columns go to" in twice.content.decode()
