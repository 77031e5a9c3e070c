"""Rows of a file that are one company or one person are found, whatever disguise they wear (CUS-3)."""

from __future__ import annotations

import csv
import json
from collections import defaultdict

import pytest

from dossier.config import cli
from dossier.core.errors import Refusal
from dossier.core.imports.mapping import parse_map
from dossier.customers.imports.file_check import check_file
from dossier.customers.rules import DuplicateRow, possible_duplicates
from dossier.customers.rules.fields_alike import FieldKind, comparable, likeness
from dossier.customers.rules.grouping import grouped
from dossier.customers.rules.records import Column, compare_records
from dossier.customers.tests.disguises import (
    COLUMNS,
    companies,
    pairs_of,
    persons,
    quality,
    true_pairs,
)
from tests.imports import MAPS, sheet

KINDS = {
    "given_name": FieldKind.NAME, "surname": FieldKind.SURNAME, "street_number": FieldKind.NUMBER,
    "address_1": FieldKind.ADDRESS, "suburb": FieldKind.TEXT, "postcode": FieldKind.CODE,
    "date_of_birth": FieldKind.DATE, "soc_sec_id": FieldKind.ID,
}  # fmt: skip


def checked(capsys, *arguments):
    """What the command writes as JSON, and its exit status."""
    status = cli.run(["duplicates", *map(str, arguments), "--json", "-"])
    return status, json.loads(capsys.readouterr().out)


def found_pairs(result):
    return pairs_of(group["rows"] for group in result["groups"])


def test_the_sales_departments_sheet(shared_data, capsys):
    folder = shared_data / "sales-department"
    truth = json.loads((folder / "truth.json").read_text(encoding="utf-8"))["customers"]
    status, said = checked(capsys, folder / "客户基本信息表.xlsx")
    precision, recall, _f1 = quality(found_pairs(said), pairs_of(truth["duplicate_groups"]))
    assert (status, said["compared"], said["rows"]) == (0, "companies", truth["rows"])
    assert precision >= 0.99
    assert recall >= 0.992
    group = next(group for group in said["groups"] if group["rows"] == [3, 2386])
    assert group["codes"] == ["002392", None]
    assert group["pairs"][0]["reasons"][0] == "same tax number"


@pytest.mark.parametrize(("name", "least"), [("dataset1", 0.99), ("dataset3", 0.99)])
@pytest.mark.parametrize("mapped", [True, False])
def test_febrls_persons(shared_data, capsys, name, least, mapped):
    if mapped and name == "dataset3":
        pytest.skip("dataset1 shows that the map and the names of the columns come to the same")
    file = shared_data / "febrl" / f"{name}.csv"
    of = defaultdict(list)
    with file.open(encoding="utf-8", newline="") as stream:
        for number, row in enumerate(csv.reader(stream), 1):
            if number > 1:
                of[row[0].split("-")[1]].append(number)
    options = ["--map", MAPS / "febrl-persons.toml"] if mapped else []
    status, said = checked(capsys, file, *options)
    assert (status, said["compared"], said["rows"]) == (0, "records", sum(map(len, of.values())))
    assert "rec_id" not in said["columns"].values()
    assert quality(found_pairs(said), pairs_of(of.values()))[2] >= least


@pytest.mark.parametrize(
    ("seed", "made", "columns", "least"),
    [
        (1, {"count": 700, "copies": 400, "slips": (1, 4)}, COLUMNS, 0.98),
        (2, {"count": 400, "copies": 700, "slips": (3, 8)}, COLUMNS, 0.95),
        (3, {"count": 700, "copies": 400, "slips": (1, 3), "household": (2, 5)}, COLUMNS, 0.98),
        (
            4,
            {"count": 700, "copies": 400, "slips": (1, 3), "household": (2, 5)},
            COLUMNS[:-1],
            0.97,
        ),
        (
            5,
            {"count": 700, "copies": 400, "slips": (1, 2), "household": (2, 5)},
            COLUMNS[:-2],
            0.92,
        ),
        (6, {"count": 700, "copies": 0, "slips": (0, 0), "household": (3, 5)}, COLUMNS, 1.0),
    ],
)
def test_persons_of_one_household_stay_apart_and_slips_are_seen_through(seed, made, columns, least):
    file = persons(seed, columns=columns, **made)
    pairs = compare_records([Column(name, KINDS[name]) for name in file.columns], file.rows)
    known = {(pair.first, pair.second) for pair in pairs}
    groups = grouped(
        ((pair.bits, pair.first, pair.second) for pair in pairs),
        lambda a, b: (min(a, b), max(a, b)) in known,
    )
    truth = true_pairs(file.person)
    if not truth:
        assert not groups
    else:
        assert quality(pairs_of(groups), truth)[2] >= least


@pytest.mark.parametrize("seed", range(4))
def test_companies_in_other_disguises(seed):
    file = companies(seed, count=1500, copies=300)
    ours = pairs_of(group.refs for group in possible_duplicates(file.rows))
    precision, recall, _f1 = quality(ours, true_pairs(file.company))
    assert recall >= 0.95
    assert precision >= 0.98


@pytest.mark.parametrize(
    ("other", "reason"),
    [
        (DuplicateRow(2, "翔辰物流（烟台）公司"), "name"),
        (DuplicateRow(2, "煙臺翔辰物流 有限公司"), "name"),
        (DuplicateRow(2, "烟台翔晨物流有限公司", phones=("01078922658",)), "name_letter"),
        (DuplicateRow(2, "烟台祥陈物流有限公司", phones=("01078922658",)), "name_sound"),
        (DuplicateRow(2, "翔辰物流有限公司", address="芝罘区建设路878号"), "name_place"),
        (DuplicateRow(2, "烟台翔晨物流有限公司", emails=("info@xiangchen.cn",)), "email_domain"),
    ],
)
def test_each_way_two_names_are_one_has_its_reason(other, reason):
    one = DuplicateRow(
        1, "烟台翔辰物流有限公司", "", ("01078922658",), "", "芝罘区建设路878号", ("li@xiangchen.cn",),
        "www.xiangchen.cn",
    )  # fmt: skip
    if reason == "email_domain":
        other = other._replace(phones=("01078922658",))
    (group,) = possible_duplicates([one, other])
    assert reason in group.reasons
    assert group.pairs[0].reasons


def test_a_switchboard_and_a_tower_of_many_say_little():
    shared = {"phones": ("01060000001",), "address": "朝阳区建国路1号"}
    names = [
        f"北京{a}{b}{trade}有限公司"
        for a in "云盛利明"
        for b in "美方辰恒"
        for trade in ("科技", "贸易")
    ]
    assert not possible_duplicates(
        DuplicateRow(at, name, address=shared["address"]) for at, name in enumerate(names)
    )


def test_no_chain_runs_away():
    pairs = [(9.0, 0, 1), (8.0, 1, 2), (7.0, 2, 3), (6.0, 3, 4)]
    alike = {(a, b) for _bits, a, b in pairs}
    groups = grouped(pairs, lambda a, b: (min(a, b), max(a, b)) in alike)
    assert all(len(group) <= 3 for group in groups)
    assert grouped([(1.0, 0, 1)], lambda a, b: True, lambda a, b: True) == []


def test_different_valid_tax_numbers_are_never_put_into_one_group():
    first, second = "91370682K48F2FMK2H", "912107271G56DECAXA"
    rows = [
        DuplicateRow(1, "烟台翔辰物流有限公司", first),
        DuplicateRow(2, "烟台翔辰物流有限公司"),
        DuplicateRow(3, "烟台翔辰物流有限公司", second),
    ]
    assert all(not {1, 3} <= set(group.refs) for group in possible_duplicates(rows))
    placeholder = "1" * 18
    assert not possible_duplicates(
        [DuplicateRow(1, "甲乙丙厂", placeholder), DuplicateRow(2, "丁戊己店", placeholder)]
    )


@pytest.mark.parametrize(
    ("kind", "first", "second", "alike"),
    [
        (FieldKind.DATE, "1949-7-22", "22.07.1949", 2),
        (FieldKind.DATE, "19490722", "1949 7 22", 2),
        (FieldKind.DATE, "19490722", "19490227", 1),
        (FieldKind.PHONE, "+86 138 0000 1234", "13800001234", 2),
        (FieldKind.PHONE, "010-78922658", "(010) 7892 2658", 2),
        (FieldKind.ADDRESS, "12 Mill St.", "12 mill street", 2),
        (FieldKind.NAME, "Müller", "muller", 2),
        (FieldKind.NAME, "jonathan", "johnathan", 1),
        (FieldKind.NAME, "peter", "maria", 0),
        (FieldKind.EMAIL, "A.B+news@Firm.cn", "a.b@firm.cn", 2),
        (FieldKind.ID, "6988048", "6980848", 1),
        (FieldKind.TEXT, "st james", "james st", 1),
    ],
)
def test_values_are_compared_by_what_they_are(kind, first, second, alike):
    assert likeness(kind, comparable(kind, first), comparable(kind, second)) == alike


def test_words_for_nothing_say_nothing():
    assert [comparable(FieldKind.PHONE, word) for word in ("无", "N/A", "-", "")] == [""] * 4


# The command ----------------------------------------------------------------------------------------

PEOPLE = sheet(
    ["Vorname", "Nachname", "geb", "Ort"],
    ["Anna", "Müller", "1949-07-22", "Köln"],
    ["Karl", "Bauer", "1962-01-30", "Bonn"],
    ["Ana", "Muller", "22.07.1949", "Köln"],
)  # fmt: skip


def test_a_map_says_what_columns_hold():
    mapping = parse_map(
        '[columns]\na = "Vorname"\nb = "Nachname"\nc = "geb"\nd = "Ort"\n'
        '[compare]\na = "name"\nb = "surname"\nc = "date"\nd = "text"\n'
    )
    said = check_file(PEOPLE, "people.csv", mapping).as_json()
    assert [group["rows"] for group in said["groups"]] == [[2, 4]]
    assert "geb: same" in said["groups"][0]["pairs"][0]["reasons"]


def test_a_map_of_companies_by_kind():
    data = sheet(
        ["firma", "fon"], ["烟台翔辰物流有限公司", "010-78922658"], ["翔辰物流（烟台）公司", ""]
    )
    mapping = parse_map(
        '[columns]\nx = "firma"\ny = "fon"\n[compare]\nx = "company"\ny = "phone"\n'
    )
    said = check_file(data, "f.csv", mapping).as_json()
    assert (said["compared"], [group["rows"] for group in said["groups"]]) == (
        "companies",
        [[2, 3]],
    )


@pytest.mark.parametrize(
    "text",
    [
        '[columns]\na = "Vorname"\n[compare]\nb = "name"\n',
        '[columns]\na = "Vorname"\n[compare]\na = "colour"\n',
        '[columns]\na = "nowhere"\n',
        'kind = "customers"\n[columns]\nphone = "geb"\n',
        "[compare]\na = 1\n",
    ],
)
def test_a_map_that_means_nothing_is_refused(text):
    with pytest.raises(Refusal) as caught:
        check_file(PEOPLE, "people.csv", parse_map(text))
    assert caught.value.field == "map"


def test_a_file_of_unknown_columns_is_refused_with_what_it_has():
    with pytest.raises(Refusal) as caught:
        check_file(sheet(["colour", "shape"], ["red", "round"], ["red", "round"]), "things.csv")
    assert caught.value.code == "no_columns"
    assert "shape" in caught.value.message


def test_the_command_refuses_what_it_cannot_do(capsys, tmp_path):
    assert cli.run(["duplicates"]) == 1
    assert cli.run(["duplicates", str(tmp_path / "none.csv")]) == 1
    assert cli.run(["duplicates", str(tmp_path), "--archive"]) == 1
    assert "no file" in capsys.readouterr().err


def test_lines_of_sums_are_no_rows():
    data = sheet(
        ["公司名称", "电话"], ["甲乙丙物流有限公司", "010-60000001"], ["合计", "2"], ["合计", "2"]
    )
    assert check_file(data, "f.csv").rows == 1
