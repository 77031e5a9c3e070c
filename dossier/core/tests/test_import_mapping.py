"""Map files: columns, constants, values and look-ups, said clearly when they do not fit the file."""

from pathlib import Path

import pytest

from dossier.core.errors import Refusal
from dossier.core.imports.lookups import find_lookup_file
from dossier.core.imports.mapping import ByIndex, dump_mapping, load_map, parse_map
from dossier.core.imports.pipeline import read_records
from dossier.core.imports.registry import kind_of

CUSTOMERS, EMPLOYEES, PRODUCTS, SALES = (
    kind_of(key).columns for key in ("customers", "employees", "products", "sales")
)
MAPS = Path(__file__).resolve().parents[3] / "docs" / "howto" / "maps"
LINES = b"order_id,product_id,qty,note\n10,1,5,a\n11,2,6,\n12,9,7,c\n"
ORDERS = b"order_id,order_date,customer_id\n10,1996-07-04,VINET\n11,1996-07-05,TOMSP\n"
PRODUCT_FILE = b"product_id,name,category_id\n1,Chai,7\n2,Chang,8\n9,Tofu,\n"
CATEGORIES = b"category_id,category_name\n7,Tea\n8,Beer\n"
MAP = """
kind = "sales"
discount = "off"
[constants]
currency = "USD"
[columns]
order_number = "order_id"
product_code = "product_id"
quantity = "qty"
[lookups.orders]
file = "orders.csv"
key = "order_id"
match = "order_id"
[lookups.orders.columns]
date = "order_date"
[lookups.products]
file = "products.csv"
key = "product_id"
match = "product_id"
[lookups.categories]
file = "categories.csv"
key = "category_id"
match = "products.category_id"
[lookups.categories.columns]
family = "category_name"
"""


@pytest.fixture
def folder(tmp_path):
    for name, data in (
        ("lines.csv", LINES),
        ("orders.csv", ORDERS),
        ("products.csv", PRODUCT_FILE),
        ("categories.csv", CATEGORIES),
    ):
        (tmp_path / name).write_bytes(data)
    return tmp_path


def records(data, text, kind=SALES, **options):
    return list(read_records(data, "lines.csv", kind, parse_map(text), **options).records())


def refusal(text, data=LINES, kind=SALES, **options):
    with pytest.raises(Refusal) as caught:
        records(data, text, kind, **options)
    return caught.value


def test_fields_come_from_columns_lookups_chains_and_constants(folder):
    first, second, third = records(folder / "lines.csv", MAP)
    assert first.values == {
        "order_number": "10", "product_code": "1", "quantity": "5",
        "date": "1996-07-04", "family": "Tea", "currency": "USD"}  # fmt: skip
    assert first.extra == {"note": "a"}
    assert (second.values["date"], second.values["family"], second.unmatched) == (
        "1996-07-05",
        "Beer",
        (),
    )
    assert (third.values["date"], third.values["family"]) == ("", "")
    assert third.unmatched == (("orders", "12"),)


def test_lookup_files_may_be_handed_in(folder):
    beside = {"orders.csv": ORDERS, "products.csv": PRODUCT_FILE, "categories.csv": CATEGORIES}
    assert records(LINES, MAP, beside=beside)[0].values["family"] == "Tea"


def test_a_map_from_a_page_reads_no_file_of_the_server(folder):
    found = refusal(MAP)
    assert (found.code, found.params["detail"]) == ("bad_map", "file")


def test_a_row_is_the_same_row_with_another_constant(folder):
    one, other = (
        records(folder / "lines.csv", MAP.replace("USD", code))[0] for code in ("USD", "EUR")
    )
    assert one.fingerprint == other.fingerprint


def test_joined_columns_columns_by_number_and_value_maps():
    text = """
    [columns]
    name = ["first", "last"]
    number = { index = 1 }
    status = "left"
    [values.status]
    "1" = "left"
    "0" = "in_post"
    """
    data = b"id,first,last,left\n1,Nancy,Davolio,0\n2,,Fuller,1\n3,A,B,?\n"
    found = [record.values for record in records(data, text, EMPLOYEES)]
    assert found == [
        {"number": "1", "status": "in_post", "name": "Nancy Davolio"},
        {"number": "2", "status": "left", "name": "Fuller"},
        {"number": "3", "status": "?", "name": "A B"},
    ]


def test_only_named_columns_are_used_unless_the_map_leaves_the_rest_open():
    text = '[columns]\norder_number = "order_id"\n'
    assert list(records(LINES, text)[0].values) == ["order_number"]
    opened = records(LINES, "suggest = true\n" + text)[0].values
    assert opened == {"order_number": "10", "product_code": "1", "quantity": "5", "remark": "a"}


def test_header_row_delimiter_and_encoding_given_by_the_map():
    text = (
        'header_row = 2\ndelimiter = ";"\nencoding = "gb18030"\n[columns]\norder_number = "单号"\n'
    )
    data = "名称;单号;数量\n甲;单号;五\n乙;1;2\n".encode("gb18030")
    assert [(r.row, r.values) for r in records(data, text)] == [(3, {"order_number": "1"})]
    assert refusal("header_row = 9\n").code == "bad_map"


def test_an_unknown_column_is_named_with_those_there_are(folder):
    found = refusal('[columns]\norder_number = "orderid"\n')
    assert (found.code, found.params["column"]) == ("unknown_column", "orderid")
    assert "order_id, product_id, qty, note" in str(found)
    assert refusal("[columns]\norder_number = { index = 5 }\n").code == "unknown_column"
    found = refusal(MAP.replace('"category_name"', '"title"'), folder / "lines.csv")
    assert (found.code, found.params["column"], found.params["file"]) == (
        "unknown_column",
        "title",
        "categories.csv",
    )
    found = refusal(
        MAP.replace('"products.category_id"', '"products.nothing"'), folder / "lines.csv"
    )
    assert (found.code, found.params["column"]) == ("unknown_column", "nothing")
    found = refusal(
        MAP.replace('"products.category_id"', '"nobody.category_id"'), folder / "lines.csv"
    )
    assert (found.code, found.params["column"]) == ("unknown_column", "nobody.category_id")


def test_an_unknown_field_is_named_with_those_there_are():
    found = refusal('[columns]\norder_no = "order_id"\n')
    assert (found.code, found.field) == ("unknown_field", "order_no")
    assert "order_number" in str(found)


@pytest.mark.parametrize(
    ("text", "detail"),
    [
        ("columns = [", "toml"),
        ("colums = 1", "unknown"),
        ('discount = "share"', "unknown"),
        ("[columns]\nname = 5", "type"),
        ("[columns]\nname = []", "type"),
        ("[columns]\nname = { index = 0 }", "type"),
        ("[columns]\nname = { index = true }", "type"),
        ("columns = 3", "type"),
        ("header_row = 0", "type"),
        ('header_row = "1"', "type"),
        ('delimiter = "ab"', "type"),
        ("[constants]\nx = [1]", "type"),
        ("[values]\nx = 1", "type"),
        ("[lookups]\nx = 1", "type"),
        ('[lookups.x]\nfile = "a.csv"\nkey = "a"', "missing"),
        ('[lookups.x]\nfile = "a.csv"\nkey = "a"\nmatch = "b"\nfiles = 1', "unknown"),
        ('[columns]\nname = "a"\n[constants]\nname = "b"', "twice"),
        ("a = " + "[" * 5000, "toml"),
    ],
)
def test_a_map_that_is_wrong_says_where(text, detail):
    with pytest.raises(Refusal) as caught:
        parse_map(text)
    assert (caught.value.code, caught.value.params["detail"]) == ("bad_map", detail)
    assert str(caught.value)


@pytest.mark.parametrize(
    "name",
    ["../secret.csv", "/etc/passwd", "a/../../secret.csv", "..\\secret.csv", "C:\\secret.csv", "C:secret.csv",
     "\\\\host\\share\\x.csv", "a\x00.csv", "", " ", "~/x.csv", "file:///etc/passwd", "link.csv", "out/passwd"],
)  # fmt: skip
def test_lookup_files_never_lie_outside_the_folder(tmp_path, name):
    inside = tmp_path / "inside"
    inside.mkdir()
    (tmp_path / "secret.csv").write_bytes(ORDERS)
    (inside / "link.csv").symlink_to(tmp_path / "secret.csv")
    (inside / "out").symlink_to("/etc")
    with pytest.raises(Refusal) as caught:
        find_lookup_file(name, [inside, None], {})
    assert caught.value.params["detail"] == "path"


def test_lookup_files_are_found_beside_the_map_first_then_beside_the_file(tmp_path):
    (tmp_path / "a").mkdir()
    (tmp_path / "b" / "deep").mkdir(parents=True)
    (tmp_path / "b" / "deep" / "x.csv").write_bytes(b"b")
    folders = [tmp_path / "a", tmp_path / "b"]
    assert (
        find_lookup_file("deep/x.csv", folders, {}) == (tmp_path / "b" / "deep" / "x.csv").resolve()
    )
    with pytest.raises(Refusal) as caught:
        find_lookup_file("missing.csv", folders, {})
    assert caught.value.params["detail"] == "file"


def test_a_key_that_stands_for_two_things_is_refused(folder):
    (folder / "orders.csv").write_bytes(ORDERS + b"10,1996-07-04,OTHER\n")
    assert (
        records(folder / "lines.csv", MAP)[0].values["date"] == "1996-07-04"
    )  # equal where it matters
    (folder / "orders.csv").write_bytes(ORDERS + b"10,1999-01-01,VINET\n")
    found = refusal(MAP, folder / "lines.csv")
    assert (found.params["detail"], found.params["value"]) == ("ambiguous", "10")


def test_what_was_recognised_can_be_saved_and_used_again():
    first = read_records(LINES, "lines.csv", SALES)
    saved = parse_map(dump_mapping(first.mapping))
    assert saved == first.mapping
    again = read_records(LINES, "lines.csv", SALES, saved)
    assert [r.values for r in again.records()] == [r.values for r in first.records()]


def test_every_part_of_a_map_survives_saving():
    text = MAP + '[values.family]\n"a\\"b\\\\" = "x\\ny"\n"中 文" = 1\n'
    made = parse_map("header_row = 3\nsheet = \"表 '1'\"\nsuggest = true\n" + text)
    made.columns["remark"] = ("a", ByIndex(3))
    made.compare["remark"] = "text"
    assert parse_map(dump_mapping(made)) == made


@pytest.mark.parametrize("path", sorted(MAPS.glob("*.toml")), ids=lambda path: path.stem)
def test_the_maps_in_the_handbook_read_and_fit_their_kind(path):
    made = load_map(path)
    assert made.kind is not None
    if made.kind == "duplicates":  # for `dossier duplicates`: fields are named freely
        assert set(made.compare) == set(made.fields())
        return
    known = {spec.field for spec in kind_of(made.kind).columns.specs}
    assert set(made.fields()) <= known


@pytest.mark.parametrize(
    ("file", "map_name", "kind", "count", "first"),
    [
        ("order_details.csv", "northwind-sales", SALES, 2155,
         {"order_number": "10248", "date": "1996-07-04", "customer_code": "VINET", "salesperson": "5",
          "product_name": "Queso Cabrales", "family": "Dairy Products", "discount": "0", "currency": "USD"}),
        ("customers.csv", "northwind-customers", CUSTOMERS, 91,
         {"code": "ALFKI", "address": "Obere Str. 57 Berlin 12209 Germany", "contact_post": "Sales Representative"}),
        ("employees.csv", "northwind-employees", EMPLOYEES, 9,
         {"number": "1", "name": "Nancy Davolio", "supervisor": "2", "hired_on": "1992-05-01"}),
        ("products.csv", "northwind-products", PRODUCTS, 77,
         {"code": "1", "family": "Beverages", "list_price": "18", "status": "active"}),
    ],
)  # fmt: skip
def test_northwind_comes_in_with_its_maps(shared_data, file, map_name, kind, count, first):
    mapping = load_map(MAPS / f"{map_name}.toml")
    found = list(read_records(shared_data / "northwind" / file, file, kind, mapping).records())
    assert len(found) == count
    assert found[0].values.items() >= first.items()
    assert not any(record.unmatched for record in found)


def test_stock_codes_that_differ_by_case_stay_apart(shared_data):
    path = shared_data / "online-retail-2009" / "online_retail_II_2009_2010.csv.gz"
    reading = read_records(path, path.name, SALES, load_map(MAPS / "online-retail-sales.toml"))
    assert reading.unknown == ["Country"]
    codes = {record.values["product_code"] for record in reading.records()}
    assert len(codes) > len({code.upper() for code in codes})
