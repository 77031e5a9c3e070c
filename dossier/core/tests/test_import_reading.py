"""Tables are recognised by content, rows keep the sheet's own numbers, columns are known by name."""

import gzip
import random
from datetime import date, datetime

import pytest
import xlsxwriter
from django.utils import translation
from hypothesis import given
from hypothesis import strategies as st

from dossier.core.errors import Refusal
from dossier.core.imports.cells import cell_text, column_letters
from dossier.core.imports.columns import normalised, suggest_mapping
from dossier.core.imports.fingerprint import Fingerprinter, Ordinals, fingerprint
from dossier.core.imports.pipeline import looks_like_total, read_records
from dossier.core.imports.reading import open_table
from dossier.core.imports.registry import kind_of, kinds

CUSTOMERS, EMPLOYEES, PRODUCTS, SALES = (
    kind_of(key).columns for key in ("customers", "employees", "products", "sales")
)
TEXT = "客户编号,公司名称,联系人\n000840,烟台翔辰物流有限公司,郑涛\n000841,邢台星众电子有限公司,吴敏霞\n"
ROWS = [(1, ["客户编号", "公司名称", "联系人"]), (2, ["000840", "烟台翔辰物流有限公司", "郑涛"]),
        (3, ["000841", "邢台星众电子有限公司", "吴敏霞"])]  # fmt: skip


def rows(data, **options):
    return list(open_table(data, name="upload", **options).rows())


def workbook(path, lines, merges=(), sheets=("表",)):
    book = xlsxwriter.Workbook(str(path))
    day = book.add_format({"num_format": "yyyy-mm-dd"})
    for name in sheets:
        sheet = book.add_worksheet(name)
        for at, cells in lines:
            for column, cell in enumerate(cells):
                if isinstance(cell, date):
                    sheet.write_datetime(at - 1, column, cell, day)
                elif cell != "":
                    sheet.write(at - 1, column, cell)
        for place, value in merges:
            sheet.merge_range(place, value)
    book.close()
    return path


# encodings


@pytest.mark.parametrize(
    ("codec", "mark"),
    [
        ("utf-8", b""),
        ("utf-8", b"\xef\xbb\xbf"),
        ("gb18030", b""),
        ("gb18030", b"\x84\x31\x95\x33"),
        ("utf-16-le", b"\xff\xfe"),
        ("utf-16-be", b"\xfe\xff"),
        ("utf-16-le", b""),
        ("utf-16-be", b""),
    ],
)
@pytest.mark.parametrize("packed", [False, True])
def test_encodings_are_found_by_content(codec, mark, packed):
    data = mark + (TEXT * 1).encode(codec)
    assert rows(gzip.compress(data) if packed else data) == ROWS


def test_traditional_text_in_big5_is_told_from_gb18030():
    lines = "客戶編號,公司名稱,聯絡人,地址\n" + "".join(
        f"{n:06},臺北精密機械股份有限公司,陳淑芬,臺北市中山區南京東路二段{n}號\n" for n in range(40)
    )
    table = open_table(lines.encode("big5"), name="x")
    assert table.encoding == "big5hkscs"
    assert next(table.rows())[1] == ["客戶編號", "公司名稱", "聯絡人", "地址"]
    assert open_table(lines.encode("gb18030"), name="x").encoding == "gb18030"


def test_western_text_is_not_read_as_chinese():
    data = "name,city\nAna Trujillo,México D.F.\nBlauer See,Münster\n".encode("cp1252")
    assert rows(data)[1:] == [(2, ["Ana Trujillo", "México D.F."]), (3, ["Blauer See", "Münster"])]


def test_an_encoding_given_overrules_what_would_be_found():
    data = "名,b\n一,2\n".encode("gb18030")
    assert open_table(data, name="x", encoding="gb18030").encoding == "gb18030"
    for wrong in ("ascii", "no-such-encoding"):
        with pytest.raises(Refusal) as caught:
            open_table(data, name="x", encoding=wrong)
        assert caught.value.code == "unknown_encoding"


def test_a_text_in_no_known_encoding_is_refused_with_its_line():
    data = "编号,名称\n1,客户\n".encode("gb18030") * 50 + b"3,\xff\xff\xff\n"
    with pytest.raises(Refusal) as caught:
        open_table(data, name="x")
    assert caught.value.code == "unknown_encoding"
    with pytest.raises(Refusal) as caught:
        open_table(data, name="x", encoding="gb18030")
    assert caught.value.params["row"] == 101


def test_a_utf8_text_cut_within_a_character_is_called_damaged():
    with pytest.raises(Refusal) as caught:
        open_table(TEXT.encode()[:-3], name="x")
    assert caught.value.code == "truncated_file"


# delimiters, quotes, line numbers


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_delimiters_are_found_by_content(delimiter):
    data = TEXT.replace(",", delimiter).encode()
    table = open_table(data, name="x")
    assert table.delimiter == delimiter
    assert list(table.rows()) == ROWS


def test_decimal_commas_do_not_hide_the_semicolon():
    data = b"code;price;rate\n" + b"".join(b"%d;1,50;0,%d\n" % (n, n) for n in range(30))
    assert open_table(data, name="x").delimiter == ";"


def test_a_title_row_does_not_hide_the_delimiter():
    data = ("××公司客户表,,\n" + TEXT).encode()
    assert rows(data)[1][1] == ROWS[0][1]
    assert rows(b"sep=;\na;b\n1;2\n") == [(2, ["a", "b"]), (3, ["1", "2"])]


def test_a_table_of_one_column_reads():
    assert rows("公司名称\n一公司\n二公司\n".encode()) == [
        (1, ["公司名称"]),
        (2, ["一公司"]),
        (3, ["二公司"]),
    ]


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_row_numbers_are_physical_lines(end):
    text = f'a,b{end}1,"first{end}second{end}third"{end}2,x{end}{end}{end}3,"y"{end}4,last'
    assert [number for number, _cells in rows(text.encode())] == [1, 2, 5, 8, 9]
    assert rows(text.encode())[1][1][1] == f"first{end}second{end}third"


def test_a_quotation_mark_never_closed_is_refused_with_its_line():
    for tail in (b'3,"open\n4,x\n5,y\n', b'3,"open', b'3,"' + b"x" * 200_000 + b"\n"):
        found = []
        with pytest.raises(Refusal) as caught:
            for row in open_table(b"a,b\n1,2\n" + tail, name="x").rows():
                found.append(row)  # noqa: PERF402 - what came before the refusal is looked at
        assert caught.value.code in {"truncated_file", "too_large"}
        assert caught.value.params["row"] == 3
        assert found == [(1, ["a", "b"]), (2, ["1", "2"])]


def test_single_nul_characters_are_shown_not_dropped():
    assert rows(b"a,b\n1,x\x00y\n")[1] == (2, ["1", "x␀y"])


def test_the_end_mark_of_old_systems_is_no_row():
    assert rows(b"a,b\n1,2\n\x1a") == [(1, ["a", "b"]), (2, ["1", "2"])]


# workbooks


def test_workbook_rows_and_columns_keep_the_sheets_own_numbers(tmp_path):
    path = workbook(
        tmp_path / "a.xlsx",
        [(4, ["", "", "编号", "名称"]), (6, ["", "", 840, "甲"]), (9, ["", "", 841.5, "乙"])],
    )
    assert rows(path) == [
        (4, ["", "", "编号", "名称"]),
        (6, ["", "", 840.0, "甲"]),
        (9, ["", "", 841.5, "乙"]),
    ]


def test_dates_numbers_and_truth_values_arrive_as_such(tmp_path):
    path = workbook(
        tmp_path / "a.xlsx", [(1, ["日期", "数", "否"]), (2, [date(2023, 5, 6), 1.25, True])]
    )
    assert rows(path)[1] == (2, [date(2023, 5, 6), 1.25, True])


def test_a_workbook_is_read_under_any_name_from_disk_or_memory(tmp_path):
    path = workbook(tmp_path / "really.csv", ROWS)
    assert rows(path) == rows(str(path)) == rows(path.read_bytes()) == ROWS


def test_the_first_visible_sheet_with_content_is_taken_unless_one_is_named(tmp_path):
    book = xlsxwriter.Workbook(str(tmp_path / "a.xlsx"))
    book.add_worksheet("空")
    hidden = book.add_worksheet("藏")
    hidden.write(0, 0, "hidden")
    hidden.hide()
    book.add_worksheet("数据").write(0, 0, "shown")
    book.close()
    table = open_table(tmp_path / "a.xlsx", name="a.xlsx")
    assert (table.sheet, table.sheets) == ("数据", ("空", "藏", "数据"))
    assert rows(tmp_path / "a.xlsx", sheet="藏") == [(1, ["hidden"])]
    with pytest.raises(Refusal) as caught:
        open_table(tmp_path / "a.xlsx", name="a.xlsx", sheet="无")
    assert (caught.value.code, caught.value.params["sheets"]) == ("unknown_sheet", "空, 藏, 数据")


def test_cells_merged_downwards_say_the_same_for_each_row(tmp_path):
    lines = [(2, ["名称", "业务员"]), (3, ["甲", ""]), (4, ["乙", ""]), (5, ["丙", "李"])]
    path = workbook(tmp_path / "m.xlsx", lines, merges=[("A1:B1", "客户表"), ("B3:B4", "王")])
    assert rows(path)[2:] == [(3, ["甲", "王"]), (4, ["乙", "王"]), (5, ["丙", "李"])]


# header and columns


def read(data, kind=CUSTOMERS, **options):
    return read_records(data, "upload", kind, **options)


def test_the_header_is_found_below_titles(tmp_path):
    lines = [
        (1, ["××公司客户基本信息表"]),
        (2, ["制表：王芳", "", "2024年5月"]),
        (4, ["基本信息", "", "联系"]),
    ]
    lines += [
        (5, ["客户编号", "公司名称", "联系电话"]),
        (6, ["1", "甲公司", "010-1"]),
        (7, ["2", "乙公司", "010-2"]),
    ]
    reading = read(workbook(tmp_path / "t.xlsx", lines))
    assert reading.header.row_number == 5
    assert [record.row for record in reading.records()] == [6, 7]
    assert read(TEXT.encode()).header.row_number == 1


def test_a_header_of_unknown_names_is_still_a_header():
    reading = read("甲列,乙列\n1,2\n3,4\n".encode())
    assert (reading.header.row_number, reading.columns, reading.unknown) == (
        1,
        {},
        ["甲列", "乙列"],
    )


def test_a_table_without_a_header_is_refused():
    with pytest.raises(Refusal) as caught:
        read(b"1,2,3\n4,5,6\n")
    assert caught.value.code == "no_header"


def test_a_header_with_nothing_below_is_empty():
    with pytest.raises(Refusal) as caught:
        read(TEXT.splitlines()[0].encode())
    assert caught.value.code == "empty_file"


def test_names_used_twice_and_empty_names_stay_apart():
    reading = read("公司名称,备用,备用,\n甲,一,二,三\n".encode() + ",,,四,五\n".encode())
    assert reading.header.names == ["公司名称", "备用", "备用 (2)"]
    first, second = reading.records()
    assert first.extra == {"备用": "一", "备用 (2)": "二", "D": "三"}
    assert second.extra == {"D": "四", "E": "五"}


@pytest.mark.parametrize(
    "name",
    [
        "客户编号",
        "客户编码",
        "code",
        "customer_id",
        "Customer ID",
        "CUSTOMER-ID",
        "客户 编号*",
        "ＣＯＤＥ",
        "客户编号（必填）",
    ],
)
def test_spellings_of_a_name_are_one_name(name):
    assert suggest_mapping([name], CUSTOMERS.specs) == {0: "code"}


def test_the_surer_column_gets_the_field_and_the_other_stays_extra():
    assert suggest_mapping(["电话", "联系电话", "公司地址"], CUSTOMERS.specs) == {
        1: "phone",
        2: "address",
    }
    assert suggest_mapping(["主要客户名称", "折扣金额", "税额"], SALES.specs, SALES.decoys) == {
        0: "customer_name"
    }
    assert suggest_mapping(["Legal Reprsentative"], CUSTOMERS.specs) == {0: "legal_representative"}
    assert suggest_mapping(["最近跟进日期", "随便"], SALES.specs) == {}


def test_the_same_word_means_what_its_kind_says():
    assert suggest_mapping(["职务", "负责人", "客户"], CUSTOMERS.specs) == {
        0: "contact_post",
        1: "owner",
        2: "name",
    }
    assert suggest_mapping(["职务"], EMPLOYEES.specs) == {0: "position"}
    assert suggest_mapping(["客户", "负责人", "类别"], SALES.specs) == {
        0: "customer_name", 1: "salesperson", 2: "product_class"}  # fmt: skip
    assert suggest_mapping(["名称", "单位"], PRODUCTS.specs) == {0: "name", 1: "unit"}


@pytest.mark.parametrize("kind", [one.columns for one in kinds()], ids=lambda kind: kind.kind)
def test_within_a_kind_no_name_belongs_to_two_fields(kind):
    owners = {}
    for spec in kind.specs:
        for name in {normalised(each) for each in (*spec.synonyms, spec.field)}:
            assert owners.setdefault(name, spec.field) == spec.field, name
    assert not owners.keys() & {normalised(name) for name in kind.decoys}
    assert kind.kept <= {spec.field for spec in kind.specs}
    assert [spec.field for spec in kind.specs] == list(
        dict.fromkeys(spec.field for spec in kind.specs)
    )


@pytest.mark.parametrize("kind", [one.columns for one in kinds()], ids=lambda kind: kind.kind)
@pytest.mark.parametrize("language", ["zh-hans", "en"])
def test_what_a_field_is_called_is_one_of_its_names(kind, language):
    with translation.override(language):
        labels = {spec.field: str(spec.label) for spec in kind.specs}
    for field, label in labels.items():
        assert suggest_mapping([label], kind.specs, kind.decoys) == {0: field}, label


# records


def test_blank_rows_and_repeated_headers_are_left_out_and_counted():
    text = TEXT + "客户编号,公司名称,联系人\n , \t,\n000842,丙公司,李\n"
    reading = read(text.encode())
    assert [record.row for record in reading.records()] == [2, 3, 6]
    assert reading.skipped == {"blank": 1, "header": 1}


@pytest.mark.parametrize(
    ("cells", "total"),
    [
        (["合计", "", "", "1200.00"], True),
        (["", "合 计：", "", 1200.0], True),
        (["Grand Total", "", "￥1,200"], True),
        (["小计", "", "", "5"], True),
        (["合计贸易有限公司", "甲", "010"], False),
        (["000840", "合计", "郑涛", "010"], False),
        (["S1", "2024-01-01", "甲", "5"], False),
        (["1", "2", "3"], False),
    ],
)
def test_lines_of_sums_are_recognised(cells, total):
    assert looks_like_total(cells) is total


def test_records_may_be_read_twice():
    reading = read(TEXT.encode())
    assert [r.values for r in reading.records()] == [r.values for r in reading.records()]


# fingerprints


def test_a_row_is_known_again_whatever_the_file(tmp_path):
    book = workbook(
        tmp_path / "a.xlsx", [(1, ["备注2", "公司名称", "客户编号"]), (2, ["x", " 甲　公司 ", 840])]
    )
    one = next(read(book).records())
    other = next(read("客户编号,公司名称,备注2,传真\n840,甲 公司,x,\n".encode()).records())
    assert one.fingerprint == other.fingerprint
    changed = next(read("客户编号,公司名称,备注2\n840,甲 公司,y\n".encode()).records())
    assert changed.fingerprint != one.fingerprint


def test_equal_rows_are_numbered():
    ordinals = Ordinals()
    assert [ordinals.of(mark) for mark in (b"a", b"b", b"a", b"a", b"b")] == [1, 1, 2, 3, 2]


cells = st.one_of(
    st.text(max_size=12),
    st.floats(allow_nan=False),
    st.booleans(),
    st.dates(),
    st.datetimes(),
    st.integers(),
)


@given(st.dictionaries(st.text(min_size=1, max_size=6), cells, max_size=6), st.randoms())
def test_the_fast_and_the_plain_fingerprint_agree_in_any_order(values, chance):
    names = list(values)
    chance.shuffle(names)
    row = [values[name] for name in names]
    fast = Fingerprinter((name, index) for index, name in enumerate(names))
    assert fast.of(row) == fingerprint(values)


@given(st.lists(st.text(alphabet="a\x1e\x1f=", max_size=4), min_size=2, max_size=2),
       st.lists(st.text(alphabet="a\x1e\x1f=", max_size=4), min_size=2, max_size=2))  # fmt: skip
def test_different_cells_have_different_fingerprints(one, other):
    def mark(pair):
        return fingerprint(dict(zip("ab", pair, strict=True)))

    same = [cell_text(cell) for cell in one] == [cell_text(cell) for cell in other]
    assert (mark(one) == mark(other)) is same


def test_texts_of_cells():
    assert [cell_text(c) for c in (840.0, 1.5, True, datetime.fromisoformat("2024-01-02"), " ａ ")] == [
        "840", "1.5", "TRUE", "2024-01-02", "ａ"]  # fmt: skip
    assert [column_letters(n) for n in (0, 25, 26, 701, 702, 16383)] == [
        "A",
        "Z",
        "AA",
        "ZZ",
        "AAA",
        "XFD",
    ]


# anything at all


@given(st.binary(max_size=400))
def test_no_bytes_raise_anything_but_a_refusal(data):
    try:
        list(open_table(data, name="x").rows())
    except Refusal as refusal:
        assert str(refusal)


def test_pieces_of_real_files_raise_nothing_but_refusals(tmp_path):
    data = workbook(tmp_path / "a.xlsx", ROWS).read_bytes()
    chance = random.Random(3)
    for _ in range(60):
        start, end = sorted(chance.randrange(len(data)) for _ in range(2))
        try:
            list(open_table(data[:start] + data[end:], name="x").rows())
        except Refusal as refusal:
            assert str(refusal)


# real files


@pytest.mark.parametrize(
    ("file", "kind", "header", "count", "unknown"),
    [
        ("员工表.xlsx", EMPLOYEES, 1, 10, []),
        ("客户基本信息表.xlsx", CUSTOMERS, 2, 3360, []),
        ("销售流水.csv", SALES, 1, 30000, []),
    ],
)
def test_a_departments_own_sheets_are_recognised_whole(
    shared_data, file, kind, header, count, unknown
):
    reading = read(shared_data / "sales-department" / file, kind)
    assert reading.header.row_number == header
    assert reading.unknown == unknown
    assert sum(1 for _record in reading.records()) == count


def test_half_a_million_lines_stream_with_their_repetitions(shared_data):
    path = shared_data / "online-retail-2009" / "online_retail_II_2009_2010.csv.gz"
    ordinals = Ordinals()
    reading = read(path, SALES)
    last = again = count = 0
    for record in reading.records():
        count += 1
        last = record.row
        again += ordinals.of(record.fingerprint) > 1
    assert (count, last, again) == (525_461, 525_462, 6_865)
