"""Hostile and broken files are refused in time, in little memory, with a word on what they are."""

import gzip
import json
import random
import struct
import subprocess
import sys
import zipfile
import zlib
from pathlib import Path

import pytest
import xlsxwriter

from dossier.core.errors import Refusal
from dossier.core.imports.limits import Limits
from dossier.core.imports.reading import open_table

ROOT = Path(__file__).resolve().parents[3]
SPREADSHEET = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"


def workbook(path, rows):
    book = xlsxwriter.Workbook(str(path))
    sheet = book.add_worksheet("表")
    for at, cells in enumerate(rows):
        sheet.write_row(at, 0, cells)
    book.close()
    return path


def repacked(source, target, change, *, add=()):
    """A copy of an archive with its parts passed through ``change(name, data)``."""
    with zipfile.ZipFile(source) as old, zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as new:
        for info in old.infolist():
            new.writestr(info.filename, change(info.filename, old.read(info)))
        for name, data in add:
            new.writestr(name, data)
    return target


def blanks(mebi):
    """A raw deflate stream of ``mebi`` MiB of blanks, about a thousandth of that long."""
    packer = zlib.compressobj(9, zlib.DEFLATED, -15)
    block = packer.compress(b" " * (1 << 20)) + packer.flush(zlib.Z_FULL_FLUSH)
    return block * mebi + b"\x03\x00"


def raw_zip(parts):
    """An archive of (name, raw deflate stream, declared size), declared as told, true or not."""
    body, directory = b"", b""
    for name, data, declared in parts:
        known = name.encode()
        head = struct.pack("<HHHHHIIIHH", 20, 0, 8, 0, 0, 0, len(data), declared, len(known), 0)
        directory += (
            b"PK\x01\x02"
            + struct.pack("<H", 20)
            + head
            + struct.pack("<HHHII", 0, 0, 0, 0, len(body))
        )
        directory += known
        body += b"PK\x03\x04" + head + known + data
    end = struct.pack("<HHHHIIH", 0, 0, len(parts), len(parts), len(directory), len(body), 0)
    return body + directory + b"PK\x05\x06" + end


def refused(path_or_bytes, **options):
    with pytest.raises(Refusal) as caught:
        table = open_table(path_or_bytes, name="upload.xlsx", **options)
        for _row in table.rows():
            pass
    return caught.value


def measured(path):
    """(refusal code, seconds, peak MiB of the worker, of its helper) of opening a file in a fresh process."""
    script = (
        "import json, resource, sys, time\n"
        "from dossier.core.errors import Refusal\n"
        "from dossier.core.imports.reading import open_table\n"
        "start = time.monotonic(); code = ''\n"
        "try:\n    sum(1 for _ in open_table(sys.argv[1], name='x').rows())\n"
        "except Refusal as refusal:\n    code = refusal.code\n"
        # what the process itself took; its maxrss would begin with that of whoever started it
        "own = next(line for line in open('/proc/self/status') if line.startswith('VmHWM'))\n"
        "peak = [int(own.split()[1]) // 1024, resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss // 1024]\n"
        "print(json.dumps([code, time.monotonic() - start, *peak]))\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", script, str(path)], capture_output=True, cwd=ROOT, timeout=120
    )
    assert done.returncode == 0, done.stderr.decode()
    return json.loads(done.stdout)


def check_cheap(path, code="too_large"):
    found, seconds, worker, helper = measured(path)
    assert found == code
    assert seconds < 10
    assert worker < 512
    assert helper < 512


# archives that unpack to far more than they are


def test_a_zip_bomb_of_ten_gigabytes_is_refused_in_time_and_memory(tmp_path):
    bomb = tmp_path / "bomb.xlsx"
    stream = blanks(10_240)
    bomb.write_bytes(raw_zip([("xl/workbook.xml", stream, (10_240 << 20) & 0xFFFFFFFF)]))
    assert bomb.stat().st_size < 16 << 20
    check_cheap(bomb)


@pytest.mark.parametrize("declared", [0, 1, 1000, 0x7FFFFFFF])
def test_declared_sizes_are_not_believed(declared):
    bomb = raw_zip([("xl/workbook.xml", blanks(30), declared)])
    refusal = refused(bomb, limits=Limits(inflated_bytes=20 << 20))
    assert refusal.code == "too_large"
    assert refusal.params["what"] == "inflated_bytes"


def test_a_small_part_that_lies_about_its_size_is_damaged():
    assert refused(raw_zip([("xl/workbook.xml", blanks(1), 0)])).code == "truncated_file"


def test_many_parts_share_one_budget():
    parts = [(f"xl/worksheets/sheet{number}.xml", blanks(6), 6 << 20) for number in range(5)]
    # the checksum of each part is wrong too, so the first is refused as damaged when it fits the budget
    assert refused(raw_zip(parts), limits=Limits(inflated_bytes=5 << 20)).code == "too_large"


def test_too_many_parts_are_refused_before_they_are_listed(tmp_path):
    path = tmp_path / "many.xlsx"
    with zipfile.ZipFile(path, "w") as archive:
        for number in range(2_500):
            archive.writestr(f"xl/{number}.xml", b"")
    refusal = refused(path)
    assert (refusal.code, refusal.params["what"]) == ("too_large", "entries")


def test_a_gzip_bomb_is_refused_in_time_and_memory(tmp_path):
    bomb = tmp_path / "bomb.csv.gz"
    header = b"\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\xff"
    bomb.write_bytes(header + blanks(2_048) + bytes(8))
    check_cheap(bomb)


def test_a_gzip_bomb_of_line_ends_is_refused(tmp_path):
    bomb = tmp_path / "lines.csv.gz"
    packer = zlib.compressobj(9, zlib.DEFLATED, -15)
    block = packer.compress(b"\n" * (1 << 20)) + packer.flush(zlib.Z_FULL_FLUSH)
    bomb.write_bytes(
        b"\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\xff" + block * 300 + b"\x03\x00" + bytes(8)
    )
    check_cheap(bomb)


def test_two_cells_at_opposite_corners_do_not_take_half_a_terabyte(tmp_path):
    book = workbook(tmp_path / "plain.xlsx", [["a"]])
    sheet = (
        f'<?xml version="1.0"?><worksheet xmlns="{SPREADSHEET}"><sheetData><row r="1"><c r="A1"><v>1</v></c></row>'
        '<row r="1048576"><c r="XFD1048576"><v>1</v></c></row></sheetData></worksheet>'
    ).encode()
    path = repacked(
        book,
        tmp_path / "corners.xlsx",
        lambda name, data: sheet if name.endswith("sheet1.xml") else data,
    )
    assert path.stat().st_size < 20_000
    check_cheap(path)


def test_a_long_text_referred_to_from_very_many_cells_is_refused(tmp_path):
    book = workbook(tmp_path / "plain.xlsx", [["x" * 30_000]])
    cells = "".join(
        f'<row r="{row}"><c r="A{row}" t="s"><v>0</v></c></row>' for row in range(1, 200_001)
    )
    sheet = f'<worksheet xmlns="{SPREADSHEET}"><sheetData>{cells}</sheetData></worksheet>'.encode()
    path = repacked(
        book,
        tmp_path / "shared.xlsx",
        lambda name, data: sheet if name.endswith("sheet1.xml") else data,
    )
    check_cheap(path)


# XML that defines things


@pytest.mark.parametrize(
    "prolog",
    [
        b'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY e SYSTEM "http://127.0.0.1:9/">]>',
        b'<!DOCTYPE lolz [<!ENTITY a "ha"><!ENTITY b "&a;&a;">]>',
        b'<?xml version="1.0"?>' + b"<!-- pad -->" * 60_000 + b"<!DOCTYPE x []>",
        b'\xef\xbb\xbf<?xml version="1.0"?>\n<!doctype x>',
        '<?xml version="1.0" encoding="UTF-16"?><!DOCTYPE x []>'.encode("utf-16"),
        '<!DOCTYPE x [<!ENTITY a "b">]>'.encode("utf-16-be"),
        '<!DOCTYPE x [<!ENTITY a "b">]>'.encode("utf-32"),
        b'<?xml version="1.0" encoding="UTF-7"?>+ADwAIQ-DOCTYPE x+AD4-',
        b"<?xml version='1.0' encoding='ISO-2022-JP'?><x/>",
        b'<?xml version="1.0" encoding="cp037"?><x/>',
    ],
)
@pytest.mark.parametrize(
    "part",
    ["xl/workbook.xml", "xl/sharedStrings.xml", "xl/worksheets/sheet1.xml", "docProps/app.xml"],
)
def test_definitions_and_rare_encodings_in_any_part_are_refused(tmp_path, prolog, part):
    book = workbook(tmp_path / "plain.xlsx", [["a", "b"], ["c", "d"]])
    path = repacked(
        book, tmp_path / "xxe.xlsx", lambda name, data: prolog + data if name == part else data
    )
    assert refused(path).code == "unsafe_xml"


def test_a_definition_lying_across_two_pieces_is_found(tmp_path):
    book = workbook(tmp_path / "plain.xlsx", [["a"]])
    for shift in range(256 * 1024 - 12, 256 * 1024 + 2):
        path = tmp_path / "across.xlsx"
        padded = b" " * shift + b"<!DOCTYPE x>"
        repacked(
            book,
            path,
            lambda name, data, more=padded: b"<a/>" + more if name == "docProps/app.xml" else data,
        )
        assert refused(path).code == "unsafe_xml"


# files cut short, damaged, locked


@pytest.mark.parametrize("share", [0.1, 0.5, 0.9, 0.99])
def test_a_truncated_workbook_is_called_damaged(tmp_path, share):
    data = workbook(tmp_path / "plain.xlsx", [[f"名称{n}", n] for n in range(500)]).read_bytes()
    assert refused(data[: int(len(data) * share)]).code == "truncated_file"


def test_a_workbook_with_one_flipped_byte_never_reads_wrongly(tmp_path):
    data = workbook(tmp_path / "plain.xlsx", [[f"名称{n}", n] for n in range(200)]).read_bytes()
    whole = list(open_table(data, name="x").rows())
    chance = random.Random(7)
    for _ in range(25):
        at = chance.randrange(len(data))
        flipped = data[:at] + bytes([data[at] ^ 0x40]) + data[at + 1 :]
        try:
            assert list(open_table(flipped, name="x").rows()) == whole
        except Refusal:
            continue


@pytest.mark.parametrize("cut", [30, -1, -5, -9])
def test_a_truncated_gzip_is_called_damaged(cut):
    data = gzip.compress(
        b"code,name\n" + b"".join(b"%d,name %d\n" % (n, n * n) for n in range(2_000))
    )
    assert refused(data[:cut]).code == "truncated_file"


def test_gzip_followed_by_rubbish_is_called_damaged():
    assert refused(gzip.compress(b"a,b\n1,2\n") + b"rubbish").code == "truncated_file"


def test_an_encrypted_workbook_is_named_as_such(tmp_path):
    ole = (
        b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
        + bytes(1016)
        + "EncryptedPackage".encode("utf-16-le")
        + bytes(512)
    )
    assert refused(ole).code == "encrypted_file"
    data = bytearray(workbook(tmp_path / "plain.xlsx", [["a"]]).read_bytes())
    at = data.find(b"PK\x01\x02")
    data[at + 8] |= 1
    assert refused(bytes(data)).code == "encrypted_file"


# what is no table at all


@pytest.mark.parametrize(
    ("data", "hint"),
    [
        (b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n1 0 obj", "pdf"),
        (b"\x89PNG\r\n\x1a\n" + bytes(range(256)), "image"),
        (b"\xff\xd8\xff\xe0\x00\x10JFIF" + bytes(64), "image"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"garbage" * 300, "xls"),
        (b"<html><table><tr><td>a</td></tr></table></html>", "web"),
        (
            b'<?xml version="1.0"?><Workbook xmlns="urn:schemas-microsoft-com:office:spreadsheet"/>',
            "web",
        ),
        (b"{\\rtf1 hello}", "document"),
        (b"\x7fELF" + bytes(60), "program"),
        (b"MZ\x90\x00\x03" + bytes(60), "program"),
        (b"Rar!\x1a\x07\x00", "archive"),
        (random.Random(1).randbytes(5_000), ""),
        (bytes(range(32)) * 100, ""),
    ],
)
def test_other_kinds_of_file_are_recognised_whatever_their_name(data, hint):
    refusal = refused(data)
    assert (refusal.code, refusal.params["hint"]) == ("not_a_table", hint)


def test_archives_and_documents_are_not_workbooks(tmp_path):
    path = tmp_path / "a.xlsx"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("data.csv", "a,b\n1,2\n")
    assert refused(path).params["hint"] == "archive"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("word/document.xml", "<a/>")
    assert refused(path).params["hint"] == "document"
    assert refused(gzip.compress(path.read_bytes())).params["hint"] == "archive"


def test_a_workbook_of_broken_xml_is_refused(tmp_path):
    book = workbook(tmp_path / "plain.xlsx", [["a"]])
    path = repacked(
        book,
        tmp_path / "b.xlsx",
        lambda name, data: b"<oops" if name == "xl/workbook.xml" else data,
    )
    assert refused(path).code == "not_a_table"


@pytest.mark.parametrize(
    "data", [b"", b"\xef\xbb\xbf", b"\n\n \r\n", gzip.compress(b"", mtime=0), b",,,\n,,,\n"]
)
def test_empty_files_are_named_as_such(data):
    assert refused(data).code == "empty_file"


def test_an_empty_workbook_is_named_as_such(tmp_path):
    assert refused(workbook(tmp_path / "e.xlsx", [])).code == "empty_file"


# limits of rows, columns and cells


def test_five_thousand_columns_are_refused_with_the_row(tmp_path):
    wide = ["c"] * 5_000
    refusal = refused(workbook(tmp_path / "wide.xlsx", [["a"], wide]))
    assert (refusal.code, refusal.params["what"], refusal.params["row"]) == (
        "too_large",
        "columns",
        2,
    )
    refusal = refused(b"a,b\n" + ",".join(wide).encode() + b"\n")
    assert (refusal.code, refusal.params["what"], refusal.params["row"]) == (
        "too_large",
        "columns",
        2,
    )


def test_too_many_rows_are_refused(tmp_path):
    limits = Limits(rows=50)
    assert refused(b"a,b\n" * 51, limits=limits).params["what"] == "rows"
    assert refused(b"a,b\n" * 500, limits=limits).params["what"] == "rows"
    assert (
        refused(workbook(tmp_path / "r.xlsx", [["a"]] * 51), limits=limits).params["what"] == "rows"
    )
    assert len(list(open_table(b"a,b\n" * 50, name="x", limits=limits).rows())) == 50


@pytest.mark.parametrize("cell", [b"x" * 32_768, b'"' + b"x\n" * 20_000 + b'"', b"x" * 200_000])
def test_a_cell_longer_than_a_cell_can_be_is_refused_with_its_place(cell):
    refusal = refused(b"a,b\n1," + cell + b"\n")
    assert refusal.code in {"too_large", "truncated_file"}
    assert refusal.params["row"] == 2
    assert next(iter(open_table(b"a,b\n1," + b"x" * 32_767 + b"\n", name="x").rows()))


def test_stored_size_is_bounded(tmp_path):
    path = workbook(tmp_path / "a.xlsx", [["a"]])
    assert refused(path, limits=Limits(stored_bytes=100)).params["what"] == "stored_bytes"
    assert (
        refused(
            gzip.compress(random.Random(2).randbytes(500)), limits=Limits(stored_bytes=100)
        ).code
        == "too_large"
    )


def test_nothing_is_left_in_the_temporary_folder(tmp_path, monkeypatch):
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path / "t"))
    (tmp_path / "t").mkdir()
    data = workbook(tmp_path / "a.xlsx", [["a"], ["b"]]).read_bytes()
    table = open_table(data, name="a.xlsx")
    assert len(list(table.rows())) == 2
    table.close()
    refused(data, sheet="nowhere")
    assert list((tmp_path / "t").iterdir()) == []
