"""Files with known duplicates, made from a seed: persons with slips of the keyboard, companies in disguise."""

from __future__ import annotations

import random
from collections import defaultdict
from collections.abc import Iterable, Sequence
from itertools import combinations
from typing import NamedTuple

from dossier.customers.rules import DuplicateRow

GIVEN = (
    "james mary john patricia robert jennifer michael linda william elizabeth david barbara richard susan joseph"
    " jessica thomas sarah charles karen christopher nancy daniel lisa matthew betty anthony margaret mark sandra"
    " emma olivia lachlan joshua kayla jacob isabella harry sophie ella jack mia noah chloe ethan ruby liam grace"
).split()
SURNAMES = (
    "smith johnson williams brown jones garcia miller davis rodriguez martinez hernandez lopez gonzalez wilson"
    " anderson thomas taylor moore jackson martin lee perez thompson white harris sanchez clark ramirez lewis"
    " robinson walker young allen king wright scott torres nguyen hill flores green adams nelson baker hall"
    " rivera campbell mitchell carter roberts clarke webb ryan white morrison waller berry"
).split()
ROADS = "station church victoria albert mill park george high queen king london north south river bridge hill".split()
FORMS = "street road avenue place crescent circuit close".split()
SUBURBS = (
    "kingston burwood richmond preston ashfield carlton newtown ballina dubbo orange geelong toowoomba cairns"
    " mildura bendigo hobart launceston albury wagga tamworth armidale lismore nowra goulburn bathurst cessnock"
).split()
LETTERS = "abcdefghijklmnopqrstuvwxyz"


class Persons(NamedTuple):
    """Rows of ``columns`` and, for each, the number of the person it is."""

    columns: tuple[str, ...]
    rows: list[list[str]]
    person: list[int]


COLUMNS = (
    "given_name", "surname", "street_number", "address_1", "suburb", "postcode", "date_of_birth", "soc_sec_id",
)  # fmt: skip


def persons(
    seed: int,
    *,
    count: int,
    copies: int,
    slips: tuple[int, int],
    household: tuple[int, int] = (1, 1),
    columns: Sequence[str] = COLUMNS,
) -> Persons:
    """``count`` persons living in households of a size between the two given, ``copies`` of them again
    with as many slips (each in any column) as the two given bounds say."""
    draw = random.Random(seed)
    people: list[list[str]] = []
    while len(people) < count:
        home = [
            draw.choice(SURNAMES), str(draw.randint(1, 200)), f"{draw.choice(ROADS)} {draw.choice(FORMS)}",
            draw.choice(SUBURBS), str(draw.randint(2000, 8999)),
        ]  # fmt: skip
        names = draw.sample(GIVEN, draw.randint(*household))
        for given in names:
            born = f"{draw.randint(1920, 2015)}{draw.randint(1, 12):02}{draw.randint(1, 28):02}"
            people.append([given, *home, born, str(draw.randint(1_000_000, 9_999_999))])
    rows = [(list(row), at) for at, row in enumerate(people)]
    for _ in range(copies):
        at = draw.randrange(len(people))
        row = list(people[at])
        for _slip in range(draw.randint(*slips)):
            column = draw.randrange(len(row))
            row[column] = slip(draw, row[column])
        rows.append((row, at))
    draw.shuffle(rows)
    kept = [COLUMNS.index(name) for name in columns]
    return Persons(
        tuple(columns), [[row[at] for at in kept] for row, _at in rows], [at for _row, at in rows]
    )


def slip(draw: random.Random, text: str) -> str:
    """One mistake: a sign wrong, left out, put in, two changed over, or the cell left empty."""
    if not text:
        return text
    at = draw.randrange(len(text))
    sign = draw.choice("0123456789" if text[at].isdigit() else LETTERS)
    what = draw.random()
    if what < 0.35:
        return text[:at] + sign + text[at + 1 :]
    if what < 0.55:
        return text[:at] + text[at + 1 :]
    if what < 0.75:
        return text[:at] + sign + text[at:]
    if what < 0.92 and at + 1 < len(text):
        return text[:at] + text[at + 1] + text[at] + text[at + 2 :]
    return ""


def pairs_of(groups: Iterable[Iterable[int]]) -> set[tuple[int, int]]:
    """All pairs within groups."""
    return {pair for group in groups for pair in combinations(sorted(group), 2)}


def true_pairs(person: Sequence[int]) -> set[tuple[int, int]]:
    """The pairs of rows that are one person."""
    found: defaultdict[int, list[int]] = defaultdict(list)
    for position, one in enumerate(person):
        found[one].append(position)
    return pairs_of(found.values())


def quality(ours: set[tuple[int, int]], theirs: set[tuple[int, int]]) -> tuple[float, float, float]:
    """(precision, recall, F1) of pairs."""
    right = len(ours & theirs)
    precision = right / len(ours) if ours else 1.0
    recall = right / len(theirs) if theirs else 1.0
    return precision, recall, 2 * precision * recall / (precision + recall or 1)


# Companies ------------------------------------------------------------------------------------------

TOWNS = {
    "烟台": "山东省烟台市芝罘区", "沈阳": "辽宁省沈阳市和平区", "南京": "江苏省南京市秦淮区", "绵阳": "四川省绵阳市涪城区",
    "荆门": "湖北省荆门市东宝区", "梅州": "广东省梅州市梅江区", "衡阳": "湖南省衡阳市蒸湘区", "桂林": "广西桂林市象山区",
    "洛阳": "河南省洛阳市西工区", "宝鸡": "陕西省宝鸡市金台区", "九江": "江西省九江市浔阳区", "绍兴": "浙江省绍兴市越城区",
}  # fmt: skip
FANCY = "翔辰云盛利明美方辰恒启光程天正龙锦金达海鑫康润嘉合星华丰瑞东信通飞新佳博远宏图中天泰和顺安永昌德隆"
TRADES = "物流 汽车配件 机械制造 食品 贸易 科技 化工 电子 建材 环保工程 印刷包装 能源 装饰工程 教育科技".split()
TRADITIONAL = str.maketrans("龙东华贸电机阳云东信达环业", "龍東華貿電機陽雲東信達環業")
USCC_SIGNS = "0123456789ABCDEFGHJKLMNPQRTUWXY"


def tax_number(draw: random.Random) -> str:
    """A unified social credit code whose check digit is right."""
    body = "9137" + "".join(draw.choice("0123456789") for _ in range(4))
    body += "".join(draw.choice(USCC_SIGNS) for _ in range(9))
    total = sum(USCC_SIGNS.index(sign) * pow(3, at, 31) for at, sign in enumerate(body))
    return body + USCC_SIGNS[(31 - total % 31) % 31]


class CompanyFile(NamedTuple):
    """Rows to compare and, for each, the number of the company it is."""

    rows: list[DuplicateRow]
    company: list[int]


def companies(seed: int, *, count: int, copies: int) -> CompanyFile:
    """``count`` companies, ``copies`` of them again in disguise.

    A fifth share a switchboard with others, a tenth stand in the first house of their road; names occur in
    several towns. A copy keeps two to four of tax number, telephones, address and e-mail.
    """
    draw = random.Random(seed)
    boards = [f"010{draw.randint(60000000, 69999999)}" for _ in range(max(count // 40, 2))]
    made: list[DuplicateRow] = []
    names: set[tuple[str, str]] = set()
    while len(made) < count:
        town = draw.choice(list(TOWNS))
        core = "".join(draw.sample(FANCY, 2)) + draw.choice(TRADES)
        if (town, core) in names:
            continue
        names.add((town, core))
        road = draw.choice("建设路 解放路 中山路 长江路 新华路".split())
        number = 1 if draw.random() < 0.1 else draw.randint(2, 999)
        phones = [f"1{draw.randint(3000000000, 8999999999)}"]
        phones.append(
            draw.choice(boards) if draw.random() < 0.2 else f"0535{draw.randint(2000000, 8999999)}"
        )
        made.append(
            DuplicateRow(
                0, f"{town}{core}有限公司", tax_number(draw), tuple(phones), "", f"{TOWNS[town]}{road}{number}号",
                (f"{draw.choice('abcdefgh')}{draw.randint(1000, 99999)}@163.com",), "", "",
            )
        )  # fmt: skip
    rows = [(row, at) for at, row in enumerate(made)]
    for _ in range(copies):
        at = draw.randrange(count)
        rows.append((disguised(draw, made[at]), at))
    draw.shuffle(rows)
    return CompanyFile(
        [row._replace(ref=at) for at, (row, _company) in enumerate(rows)],
        [company for _row, company in rows],
    )


def disguised(draw: random.Random, row: DuplicateRow) -> DuplicateRow:
    """The company as somebody else entered it: its name otherwise, some of its values lost or new."""
    name = disguise(draw, row.name)
    kept = draw.sample(["tax", "phones", "address", "email"], draw.choice((2, 3, 3, 4)))
    return row._replace(
        name=name,
        tax_number=row.tax_number if "tax" in kept else "",
        phones=row.phones if "phones" in kept else (f"1{draw.randint(3000000000, 8999999999)}",),
        address=row.address if "address" in kept else "",
        emails=row.emails if "email" in kept else (),
    )


def disguise(draw: random.Random, name: str) -> str:
    """One of the ways in which people write a company's name otherwise."""
    town, core = name[:2], name[2:].removesuffix("有限公司")
    at = draw.randrange(2)
    wrong = draw.choice([sign for sign in FANCY if sign not in core])
    return draw.choice(
        [
            f"{core}（{town}）有限公司",
            f"{core}({town})有限责任公司",
            f"{town}市{core}公司",
            f"{town}{core}股份有限公司",
            f" {town}{core[:2]} {core[2:]}有限公司　",
            name.translate(TRADITIONAL),
            f"{core}有限公司",
            f"{town}{core[:at]}{wrong}{core[at + 1 :]}有限公司",
            f"{town}{core}有限公司（总部）",
            f"【{town}】{core}有限公司",
        ]
    )
