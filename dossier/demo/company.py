"""The demonstration company as tables, the way a company's own spreadsheets would hold it.

Pure and deterministic: the same seed, size and last day give the same rows. Rows are dictionaries by
the field names of the imports, so that the company enters through the same door as real files. The
large company (see `size.py`) is the same one grown: more teams, more customers, more lines a day.
"""

from __future__ import annotations

import random
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal
from functools import cached_property, lru_cache
from itertools import accumulate, repeat
from typing import Any, NamedTuple, TypeVar

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


_EXTRA_SHARE = 12  # of the customers of a grown company, for each further salesperson
_TEAM_SIZE = 8
_SEASON = {1: 0.7, 2: 0.5, 3: 1.0, 6: 1.1, 9: 1.2, 10: 1.2, 11: 1.4, 12: 1.3}
_ORDERS_A_DAY = 9.5
_LINES_OF_AN_ORDER = ((1, 2, 3, 4, 6), (38, 28, 18, 11, 5))
_CROWDED = 20  # names tried of two characters before one of three is made


class Buyer(NamedTuple):
    """What the sales need of a customer."""

    code: str
    name: str
    owner: str


@dataclass
class Company:
    """The generator. ``divisions`` come from the reference data; ``today`` is the last day of its life.

    ``lines`` None lets the sales come as they come (about nine orders a day); a number gives exactly so
    many lines. ``further_teams`` are sales teams beside the two of the twelve people.
    """

    divisions: Sequence[Division]
    today: date
    seed: int = 2026
    customers_count: int = 2_000
    lines: int | None = None
    further_teams: int = 0

    def __post_init__(self) -> None:
        self.start = self.today - timedelta(days=365 * YEARS)
        self.products_made = list(self._products())

    @cached_property
    def buyers(self) -> list[Buyer]:
        """The customers that buy; remembered when all customers were given once."""
        for _row in self.customers():
            pass
        return self.buyers

    @cached_property
    def further_people(self) -> tuple[Row, ...]:
        """The leaders and salespeople of the further teams; no two people have one name."""
        draw = random.Random(f"{self.seed}/further")  # noqa: S311 - a demonstration, not a secret
        names = {name for _number, name, *_rest in PEOPLE}
        found: list[Row] = []
        for team in range(self.further_teams):
            leader = f"E{101 + team * _TEAM_SIZE}"
            for place in range(_TEAM_SIZE):
                while (name := _person(draw)) in names:
                    pass
                names.add(name)
                number = f"E{101 + team * _TEAM_SIZE + place}"
                found.append(
                    {
                        "number": number,
                        "name": name,
                        "team": further_team(team),
                        "position": "主管" if place == 0 else "销售员",
                        "supervisor": "E003" if place == 0 else leader,
                        "status": "在职",
                        "hired_on": date(
                            2018 + draw.randrange(6), 1 + draw.randrange(12), 15
                        ).isoformat(),
                        "mobile": _mobile(draw),
                        "email": f"{number.lower()}@haichuan.example",
                    }
                )
        return tuple(found)

    # -- tables -----------------------------------------------------------------------------------

    def employees(self) -> Iterator[Row]:
        """Twelve people, and those of the further teams; their numbers, teams and posts."""
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
        yield from self.further_people

    def products(self) -> Iterator[Row]:
        """What it sells."""
        yield from self.products_made

    def customers(self) -> Iterator[Row]:
        """Its customer files, a little untidy as files are; made anew at each call."""
        buyers: list[Buyer] = []
        for row in self._customers():
            if row["category"] != "潜在客户":
                buyers.append(Buyer(row["code"], row["name"], row["owner"]))
            yield row
        self.__dict__["buyers"] = buyers

    def sales(self) -> Iterator[Row]:
        """Three years of order lines: few customers buy much, autumn is strong, some lines come back."""
        draw = random.Random(f"{self.seed}/sales")  # noqa: S311 - a demonstration, not a secret
        buyers = self.buyers.copy()
        weights = list(accumulate(1 / (position + 8) ** 0.75 for position in range(len(buyers))))
        draw.shuffle(buyers)
        number = 0
        for on, orders in self._days(draw):
            for lines in orders:
                number += 1
                buyer = draw.choices(buyers, cum_weights=weights)[0]
                yield from self._order(draw, f"S{number:06d}", on, buyer, lines or _lines_of(draw))

    # -- parts ------------------------------------------------------------------------------------

    def _days(self, draw: random.Random) -> Iterator[tuple[date, Iterator[int | None]]]:
        """Each day of business with the number of lines of each of its orders (None: as it comes)."""
        days = (self.today - self.start).days
        if self.lines is None:
            for day in range(days):
                on = self.start + timedelta(days=day)
                if on.weekday() < 5 or draw.random() >= 0.9:
                    yield on, repeat(None, _poisson(draw, _ORDERS_A_DAY * self._weight(day)))
            return
        open_days = [
            (day, self._weight(day))
            for day in range(days)
            if (self.start + timedelta(days=day)).weekday() < 5 or draw.random() >= 0.9
        ]
        left, weight_left = self.lines, sum(weight for _day, weight in open_days)
        for day, weight in open_days:
            share = weight / weight_left
            mean = left * share
            lines = (
                left if share >= 1 else min(left, max(0, round(draw.gauss(mean, 1.5 * mean**0.5))))
            )
            left, weight_left = left - lines, max(weight_left - weight, 1e-9)
            if day == open_days[-1][0]:
                lines, left = lines + left, 0
            yield self.start + timedelta(days=day), _split(draw, lines)

    def _weight(self, day: int) -> float:
        """How busy a day is: its season, and the company grows."""
        days = (self.today - self.start).days
        on = self.start + timedelta(days=day)
        return _SEASON.get(on.month, 1.0) * (0.8 + 0.5 * day / days)

    @cached_property
    def _product_weights(self) -> list[float]:
        return list(accumulate(item["_weight"] for item in self.products_made))

    def _order(
        self, draw: random.Random, number: str, on: date, buyer: Buyer, lines: int
    ) -> Iterator[Row]:
        day = on.isoformat()
        for _line in range(lines):
            product = draw.choices(self.products_made, cum_weights=self._product_weights)[0]
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
                "date": day,
                "customer_code": buyer.code,
                "customer_name": buyer.name,
                "product_code": product["code"],
                "product_name": product["name"],
                "quantity": str(quantity),
                "unit_price": str(price),
                "discount": str(factor),
                "amount": str(amount),
                "cost": "" if draw.random() < 0.01 else str(cost),
                "other_cost": str(draw.choices((0, 50, 120, 300), (70, 16, 10, 4))[0]),
                "salesperson": buyer.owner or "陈海涛",
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
        owners |= {one["number"]: one["name"] for one in self.further_people}
        shares = OWNERS | {one["number"]: _EXTRA_SHARE for one in self.further_people}
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
            tries = 0
            while (
                brand := draw.choice(words.BRAND_FIRST)
                + draw.choice(words.BRAND_SECOND)
                + (draw.choice(words.BRAND_SECOND) if tries > _CROWDED else "")
            ) + trade + place in taken:
                tries += 1
            taken.add(brand + trade + place)
            owner = _pick(draw, shares.items())
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


def further_team(place: int) -> str:
    """The name of a further sales team: 销售三部, 销售四部 …"""
    return f"销售{'三四五六七八九十'[place]}部"


def _pick(draw: random.Random, choices: Iterable[tuple[T, float]]) -> T:
    values, weights = _weighted(tuple(choices))
    picked: T = draw.choices(values, cum_weights=weights)[0]
    return picked


@lru_cache(maxsize=64)
def _weighted(choices: tuple[tuple[T, float], ...]) -> tuple[list[T], list[float]]:
    return [value for value, _weight in choices], list(accumulate(weight for _v, weight in choices))


def _lines_of(draw: random.Random) -> int:
    """How many lines an order has."""
    return draw.choices(*_LINES_OF_AN_ORDER)[0]


def _split(draw: random.Random, lines: int) -> Iterator[int]:
    """Orders that together have so many lines."""
    while lines > 0:
        taken = min(lines, _lines_of(draw))
        lines -= taken
        yield taken


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
