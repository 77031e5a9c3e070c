"""The demonstration company as tables, the way a company's own spreadsheets would hold it.

Pure and deterministic: the same seed, size and last day give the same rows. Rows are dictionaries by
the field names of the imports, so that the company enters through the same door as real files.
"""

from __future__ import annotations

import random
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal
from typing import Any, TypeVar

from dossier.core.reference.regions import DISTRICT, Division
from dossier.demo import words

Row = dict[str, Any]
T = TypeVar("T")

COMPANY = "海川仪器设备有限公司"
YEARS = 3

# number, name, team, position, supervisor's number, login, roles
PEOPLE: tuple[tuple[str, str, str, str, str, str, tuple[str, ...]], ...] = (
    ("E001", "周建国", "公司", "总经理", "", "zhoujianguo", ("general_manager",)),
    (
        "E002",
        "许静",
        "行政部",
        "行政经理",
        "E001",
        "xujing",
        ("administration_manager", "archivist"),
    ),
    ("E003", "陈海涛", "销售部", "销售经理", "E001", "chenhaitao", ("sales_manager", "marketing")),
    ("E004", "李明", "销售一部", "主管", "E003", "liming", ("team_leader",)),
    ("E005", "王芳", "销售二部", "主管", "E003", "wangfang", ("team_leader",)),
    ("E006", "张伟", "销售一部", "销售员", "E004", "zhangwei", ("salesperson",)),
    ("E007", "刘洋", "销售一部", "大客户代表", "E004", "liuyang", ("key_account",)),
    ("E008", "吴敏", "销售二部", "销售员", "E005", "wumin", ("salesperson",)),
    ("E009", "赵磊", "销售二部", "电话销售", "E005", "zhaolei", ("telephone_sales",)),
    (
        "E010",
        "孙丽",
        "销售部",
        "客户信息管理员",
        "E003",
        "sunli",
        ("customer_information_administrator", "sales_clerk"),
    ),
    (
        "E011",
        "钱慧",
        "财务部",
        "财务主管",
        "E001",
        "qianhui",
        ("finance_supervisor", "finance", "auditor"),
    ),
    (
        "E012",
        "马强",
        "储运部",
        "仓库主管",
        "E002",
        "maqiang",
        ("warehouse_keeper", "logistics", "purchasing", "production", "customer_service"),
    ),
)
TEAM_PARENTS = {
    "行政部": "公司",
    "销售部": "公司",
    "财务部": "公司",
    "储运部": "公司",
    "销售一部": "销售部",
    "销售二部": "销售部",
}
ADMINISTRATOR = "admin"
OWNERS = {
    "E004": 6,
    "E005": 6,
    "E006": 24,
    "E007": 18,
    "E008": 24,
    "E009": 18,
}  # share of customers

# Sales territories: name → the one above, provinces, the team that works them.
TERRITORIES: dict[str, tuple[str, tuple[str, ...], str]] = {
    "北方大区": ("", (), ""),
    "华东大区": ("", (), ""),
    "京津冀": ("北方大区", ("11", "12", "13"), "销售二部"),
    "东北": ("北方大区", ("21",), "销售二部"),
    "鲁豫": ("华东大区", ("37", "41"), "销售一部"),
    "苏沪": ("华东大区", ("31", "32"), "销售一部"),
}

# Where the company sells: province code → share.
MARKETS = {"37": 34, "12": 14, "13": 14, "41": 10, "32": 10, "11": 8, "21": 6, "31": 4}


@dataclass
class Company:
    """The generator. ``divisions`` come from the reference data; ``today`` is the last day of its life."""

    divisions: Sequence[Division]
    today: date
    seed: int = 2026
    customers_count: int = 2_000

    def __post_init__(self) -> None:
        self.start = self.today - timedelta(days=365 * YEARS)
        self.products_made = list(self._products())
        self.customers_made = list(self._customers())

    # -- tables -----------------------------------------------------------------------------------

    def employees(self) -> Iterator[Row]:
        """Twelve people; their numbers, teams and posts."""
        draw = random.Random(f"{self.seed}/employees")  # noqa: S311 - a demonstration, not a secret
        for number, name, team, position, supervisor, login, _roles in PEOPLE:
            yield {
                "number": number,
                "name": name,
                "team": team,
                "position": position,
                "supervisor": supervisor,
                "status": "在职",
                "hired_on": date(
                    2015 + draw.randrange(8), 1 + draw.randrange(12), 1 + draw.randrange(28)
                ).isoformat(),
                "mobile": _mobile(draw),
                "email": f"{login}@haichuan.example",
            }

    def products(self) -> Iterator[Row]:
        """What it sells."""
        yield from self.products_made

    def customers(self) -> Iterator[Row]:
        """Its customer files, a little untidy as files are."""
        yield from self.customers_made

    def sales(self) -> Iterator[Row]:
        """Three years of order lines: few customers buy much, autumn is strong, some lines come back."""
        draw = random.Random(f"{self.seed}/sales")  # noqa: S311 - a demonstration, not a secret
        buyers = [row for row in self.customers_made if row["category"] != "潜在客户"]
        weights = [1 / (position + 8) ** 0.75 for position in range(len(buyers))]
        draw.shuffle(buyers)
        days = (self.today - self.start).days
        number = 0
        for day in range(days):
            on = self.start + timedelta(days=day)
            if on.weekday() >= 5 and draw.random() < 0.9:
                continue
            season = {1: 0.7, 2: 0.5, 3: 1.0, 6: 1.1, 9: 1.2, 10: 1.2, 11: 1.4, 12: 1.3}.get(
                on.month, 1.0
            )
            growth = 0.8 + 0.5 * day / days
            for _order in range(_poisson(draw, 9.5 * season * growth)):
                number += 1
                buyer = draw.choices(buyers, weights)[0]
                yield from self._order(draw, f"S{number:06d}", on, buyer)

    # -- parts ------------------------------------------------------------------------------------

    def _order(self, draw: random.Random, number: str, on: date, buyer: Row) -> Iterator[Row]:
        for _line in range(draw.choices((1, 2, 3, 4, 6), (38, 28, 18, 11, 5))[0]):
            product = draw.choices(
                self.products_made, [item["_weight"] for item in self.products_made]
            )[0]
            price = Decimal(product["list_price"])
            quantity = (
                1
                if price > 20_000
                else draw.choices((1, 2, 3, 5, 10, 20), (34, 20, 14, 14, 12, 6))[0]
            )
            if draw.random() < 0.012:
                quantity = -1  # one comes back
            factor = Decimal(
                draw.choices(("1", "0.95", "0.9", "0.85", "0.8"), (46, 24, 16, 9, 5))[0]
            )
            amount = _cents(quantity * price * factor)
            cost = _cents(
                quantity * Decimal(product["cost"]) * Decimal(draw.randrange(96, 106)) / 100
            )
            yield {
                "order_number": number,
                "date": on.isoformat(),
                "customer_code": buyer["code"],
                "customer_name": buyer["name"],
                "product_code": product["code"],
                "product_name": product["name"],
                "quantity": str(quantity),
                "unit_price": str(price),
                "discount": str(factor),
                "amount": str(amount),
                "cost": "" if draw.random() < 0.01 else str(cost),
                "other_cost": str(draw.choices((0, 50, 120, 300), (70, 16, 10, 4))[0]),
                "salesperson": buyer["owner"] or "陈海涛",
            }

    def _products(self) -> Iterator[Row]:
        position = 0
        for family, product_class, items in words.PRODUCTS:
            for name, unit, price, share in items:
                position += 1
                yield {
                    "code": f"P{position:03d}",
                    "name": name,
                    "unit": unit,
                    "product_class": product_class,
                    "family": family,
                    "list_price": str(price),
                    "cost": str(_cents(Decimal(price) * Decimal(str(share)))),
                    "tax_rate": "0.13",
                    "_weight": 60 / (price**0.55) + 0.2,
                }

    def _customers(self) -> Iterator[Row]:
        draw = random.Random(f"{self.seed}/customers")  # noqa: S311 - a demonstration, not a secret
        markets = [d for d in self.divisions if d.level == DISTRICT and d.code[:2] in MARKETS]
        by_province: dict[str, list[Division]] = {}
        for division in markets:
            by_province.setdefault(division.code[:2], []).append(division)
        cities = {d.code: d for d in self.divisions}
        owners = {number: name for number, name, *_rest in PEOPLE}
        taken: set[str] = set()
        for position in range(1, self.customers_count + 1):
            district = draw.choice(by_province[_pick(draw, MARKETS.items())])
            city = cities.get(f"{district.code[:4]}00", district)
            if city.name.endswith("直辖县级行政区划"):
                city = district  # a town straight under its province
            place = _short(
                city.name
                if city.name not in ("市辖区", "县")
                else cities[f"{district.code[:2]}0000"].name
            )
            trade, section = _trade(draw)
            while (
                brand := draw.choice(words.BRAND_FIRST) + draw.choice(words.BRAND_SECOND)
            ) + trade + place in taken:
                pass
            taken.add(brand + trade + place)
            owner = _pick(draw, OWNERS.items())
            filed = (
                self.start
                - timedelta(days=200)
                + timedelta(days=draw.randrange((self.today - self.start).days + 190))
            )
            landline = f"0{draw.choice(('10', '22', '311', '531', '532', '535', '371', '25', '24', '21'))}-{draw.randrange(6_000_000, 8_999_999)}{draw.randrange(10)}"
            yield {
                "code": f"{position:06d}",
                "name": f"{place}{brand}{trade}{_pick(draw, words.LEGAL_FORMS)}",
                "short_name": f"{brand}{trade}",
                "address": f"{district.full_name}{draw.choice(words.ROADS)}{draw.randrange(1, 900)}号"
                if draw.random() < 0.93
                else "",
                "contact": _person(draw),
                "contact_post": _pick(draw, words.POSTS),
                "phone": landline,
                "mobile": _mobile(draw) if draw.random() < 0.8 else "",
                "email": f"{draw.choice('abcdefghjkmn')}{draw.randrange(10000, 99999)}@example.com"
                if draw.random() < 0.6
                else "",
                "industry": section,
                "enterprise_form": _pick(draw, words.FORMS),
                "category": _pick(draw, words.CATEGORIES),
                "grade": _pick(draw, (("A", 4), ("A1", 7), ("B", 25), ("B1", 18), ("C", 46))),
                "credit_class": _pick(draw, (("A", 62), ("B", 28), ("C", 10))),
                "tax_number": _tax_number(draw, district.code) if draw.random() < 0.9 else "",
                "legal_representative": _person(draw) if draw.random() < 0.7 else "",
                "bank_name": f"{draw.choice(words.BANKS)}{place}支行"
                if draw.random() < 0.6
                else "无",
                "bank_account": f"62{draw.randrange(10**16, 10**17)}"
                if draw.random() < 0.6
                else "",
                "owner": owners[owner] if draw.random() < 0.985 else "",
                "filed_on": filed.isoformat(),
                "remark": draw.choice(words.REMARKS) if draw.random() < 0.12 else "",
            }


def _pick(draw: random.Random, choices: Iterable[tuple[T, float]]) -> T:
    known = list(choices)
    return draw.choices([value for value, _weight in known], [weight for _value, weight in known])[
        0
    ]


def _trade(draw: random.Random) -> tuple[str, str]:
    trade, section, _share = draw.choices(words.TRADES, [share for *_rest, share in words.TRADES])[
        0
    ]
    return trade, section


def _person(draw: random.Random) -> str:
    return draw.choice(words.SURNAMES) + "".join(
        draw.choice(words.GIVEN) for _ in range(draw.choice((1, 2, 2)))
    )


def _mobile(draw: random.Random) -> str:
    return f"1{draw.choice('3578')}{draw.randrange(10**8, 10**9)}"


def _short(place: str) -> str:
    for ending in ("特别行政区", "自治州", "自治县", "地区", "市", "盟", "省"):
        if place.endswith(ending) and len(place) - len(ending) >= 2:
            return place.removesuffix(ending)
    return place


def _cents(amount: Decimal) -> Decimal:
    return amount.quantize(Decimal("0.01"), ROUND_HALF_UP)


def _poisson(draw: random.Random, mean: float) -> int:
    """How many orders come on a day (Knuth's method; the mean is small)."""
    limit, count, product = pow(2.718281828459045, -mean), 0, draw.random()
    while product > limit:
        count += 1
        product *= draw.random()
    return count


def _tax_number(draw: random.Random, region: str) -> str:
    """A unified social credit code with a right check digit (GB 32100-2015); of no real company."""
    from stdnum.cn import uscc

    letters = "0123456789ABCDEFGHJKLMNPQRTUWXY"
    base = f"91{region}" + "".join(draw.choice(letters) for _ in range(9))
    return base + str(uscc.calc_check_digit(base))
