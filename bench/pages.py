"""Search and list pages at a size: `python -m bench.pages fill 1000000`, then `python -m bench.pages measure`.

Works on the running program of DOSSIER_HOME with its demonstration company. `fill` adds customers straight
into the table (no history, no contacts: they are there to be searched and listed), in a few minutes per
million; never do that to a home that is used. `measure` asks the program over HTTP as a team leader, a
salesperson and the general manager, and prints medians and 95th percentiles in milliseconds.
"""

from __future__ import annotations

import argparse
import http.client
import os
import random
import re
import statistics
import sys
import threading
import time
from collections.abc import Iterator
from urllib.parse import quote, urlencode

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "dossier.config.settings")

PASSWORD = "haichuan-2026"  # noqa: S105 - of the demonstration company
PEOPLE = {"leader": "liming", "salesperson": "zhangwei", "manager": "zhoujianguo"}
SALESPEOPLE, TEAM = 200, 8

_PLACES = (
    "北京 上海 天津 重庆 广州 深圳 杭州 南京 苏州 成都 武汉 西安 郑州 青岛 济南 烟台 大连 沈阳 长春 哈尔滨 "
    "石家庄 太原 合肥 南昌 长沙 福州 厦门 昆明 贵阳 南宁 海口 兰州 银川 西宁 宁波 温州 无锡 常州 徐州 东莞 "
    "佛山 中山 珠海 惠州 泉州 潍坊 临沂 洛阳 唐山 保定"
).split()
_BRAND = (
    "鑫盛隆昌泰恒源丰华瑞祥和润达信诚德永兴宏宇天地大中新世嘉美佳优卓越远博思创智联通科力强凯旋金银铜铁玉宝"
    "海江河湖山川林森木叶花草云风雷星月日光明亮辉煌春夏秋冬东南西北龙凤虎马飞翔腾跃奔驰安康健福禄寿喜乐平格"
    "致众汇聚鼎立方圆正道宽广厚博雅文武英雄杰俊豪迈航顺利万千百亿兆同合协共享益民惠邦国家园庄田野牧耕犁"
)
_TRADE = (
    "科技 贸易 商贸 机械 电子 信息技术 建筑工程 建材 食品 医药 医疗器械 化工 物流 运输 服装 纺织 家具 装饰 "
    "广告 文化传媒 教育咨询 汽车配件 五金制品 塑料制品 包装材料 环保设备 新能源 软件 网络科技 投资管理 农业开发 "
    "餐饮管理 酒店 物业服务 印刷 仪器仪表 自动化设备 钢结构 光电 生物科技"
).split()
_TRADE_WEIGHTS = [len(_TRADE) / (n + 1) for n in range(len(_TRADE))]
_FORMS = ("有限公司", "有限责任公司", "股份有限公司", "集团有限公司", "厂", "经营部", "中心")
_FORM_WEIGHTS = (70, 10, 5, 3, 5, 4, 3)


def _customers(start: int, stop: int) -> Iterator[tuple[str, str, str, str]]:
    """(code, name, short name, telephone) of made-up customers; the same numbers give the same."""
    draw = random.Random(start)  # noqa: S311 - made-up data
    for number in range(start, stop):
        brand = "".join(draw.choices(_BRAND, k=draw.choice((2, 2, 2, 3, 4))))
        place, trade = draw.choice(_PLACES), draw.choices(_TRADE, _TRADE_WEIGHTS)[0]
        name = f"{place}{brand}{trade}{draw.choices(_FORMS, _FORM_WEIGHTS)[0]}"
        if draw.random() < 0.7:
            phone = f"1{draw.choice('3578')}{draw.randrange(10**9):09d}"
        else:
            phone = f"0{draw.randrange(310, 990)}-{draw.randrange(2 * 10**6, 9 * 10**6)}"
        yield f"B{number:08d}", name, f"{place[:2]}{brand}", phone


def fill(size: int) -> None:
    """Bring the home to so many customers, spread over 200 salespeople; indexes made anew if it is much."""
    import django

    django.setup()
    from django.conf import settings
    from psycopg import connect

    from dossier.core.imports.stages import copied
    from dossier.customers.derived import ContactFacts, derive
    from dossier.customers.imports.writing import blank
    from dossier.customers.models import Customer

    with connect(settings.OWNER_DATABASE_URL, autocommit=True) as db:
        have = db.execute("SELECT count(*) FROM customers_customer").fetchone()[0]
        owners = _salespeople(db)
        if have >= size:
            say(f"{have:,} customers are there")
            return
        start = db.execute(
            "SELECT coalesce(max(right(code, 8)::int), -1) + 1 FROM customers_customer WHERE code LIKE 'B%'"
        ).fetchone()[0]
        blanks = blank(Customer) | {"status": "active", "kind": "customer"}
        columns = [*blanks, "version", "created_at", "updated_at"]
        tables = "customers_customer"
        index = db.execute(
            "SELECT indexdef FROM pg_indexes WHERE indexname = 'customer_terms'"
        ).fetchone()[0]
        rebuild = size - have > 200_000
        db.execute(f"ALTER TABLE {tables} DISABLE TRIGGER history_insert")
        if rebuild:
            db.execute("DROP INDEX customer_terms")
        began = time.monotonic()
        ids = db.execute(
            "SELECT nextval(pg_get_serial_sequence('customers_customer', 'id')) FROM generate_series(1, %s)",
            [size - have],
        ).fetchall()
        draw = random.Random(start)  # noqa: S311 - made-up data
        now = time.time()
        with db.cursor().copy(f"COPY {tables} ({', '.join(columns)}) FROM STDIN") as copy:
            for (pk,), (code, name, short, phone) in zip(
                ids, _customers(start, start + size - have), strict=True
            ):
                mobile = f"1{draw.choice('3578')}{draw.randrange(10**9):09d}"
                values = (
                    blanks
                    | derive(
                        name=name,
                        short_name=short,
                        code=code,
                        phone=phone,
                        contacts=[ContactFacts("王芳", mobile=mobile, is_main=True)],
                    )._asdict()
                )
                at = time.strftime("%Y-%m-%d %H:%M:%S+00", time.gmtime(now - draw.randrange(10**8)))
                values |= {
                    "id": pk,
                    "code": code,
                    "name": name,
                    "short_name": short,
                    "invoice_name": name,
                    "phone": phone,
                    "main_contact": "王芳",
                    "main_phone": phone,
                    "owner_id": draw.choice(owners),
                    "grade": draw.choice(("A", "A1", "B", "B1", "C")),
                    "category": draw.choice(("important", "major", "ordinary", "potential")),
                    "filed_on": at[:10],
                    "address": f"{name[:2]}市中山路{draw.randrange(999)}号",
                    "status": "archived" if draw.random() < 0.03 else "active",
                }
                copy.write(
                    "\t".join(copied(values.get(c, 1 if c == "version" else at)) for c in columns)
                    + "\n"
                )
        say(f"{size - have:,} rows in {time.monotonic() - began:.0f} s")
        if rebuild:
            began = time.monotonic()
            db.execute("SET maintenance_work_mem = '512MB'")
            db.execute(index)
            say(f"index in {time.monotonic() - began:.0f} s")
        db.execute(f"ALTER TABLE {tables} ENABLE ALWAYS TRIGGER history_insert")
        db.execute(f"VACUUM ANALYZE {tables}")


def _salespeople(db) -> list[int]:
    """200 salespeople in teams of eight; the first seven in the leader's team, beside the demo's own."""
    made = db.execute("SELECT count(*) FROM people_employee WHERE number LIKE 'BENCH%'").fetchone()[
        0
    ]
    if not made:
        db.execute("SELECT set_config('dossier.context', '{\"login\": \"system:bench\"}', false)")
        team = db.execute(
            "SELECT t.id FROM people_team t JOIN people_account a ON a.employee_id = t.leader_id WHERE a.login = %s",
            [PEOPLE["leader"]],
        ).fetchone()[0]
        for number in range(SALESPEOPLE):
            if number >= TEAM - 2 and (number - TEAM + 2) % TEAM == 0:
                team = db.execute(
                    "INSERT INTO people_team (name, version, created_at, updated_at) VALUES (%s, 1, now(), now()) RETURNING id",
                    [f"bench {number}"],
                ).fetchone()[0]
            db.execute(
                "INSERT INTO people_employee (number, name, team_id, status, position, email, mobile, remark, version, created_at, updated_at)"
                " VALUES (%s, %s, %s, 'in_post', '', '', '', '', 1, now(), now())",
                [f"BENCH{number:03d}", f"销售{number}", team],
            )
    rows = db.execute(
        "SELECT id FROM people_employee WHERE number LIKE 'BENCH%' UNION"
        " SELECT employee_id FROM people_account WHERE login IN ('zhangwei', 'wumin') ORDER BY 1"
    ).fetchall()
    return [row[0] for row in rows]


def say(line: str) -> None:
    """A line on the terminal."""
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


# -- measuring ----------------------------------------------------------------------------------------------


class Reader:
    """A signed-in person with one connection that is kept open."""

    def __init__(self, port: int, login: str) -> None:
        self.connection = http.client.HTTPConnection("localhost", port, timeout=60)
        self.cookies: dict[str, str] = {}
        page = self._send("GET", "/sign-in/")
        token = re.search(rb'name="csrfmiddlewaretoken" value="([^"]+)"', page)
        assert token is not None
        form = {"login": login, "password": PASSWORD, "csrfmiddlewaretoken": token[1].decode()}
        self._send("POST", "/sign-in/", urlencode(form))

    def _send(self, method: str, path: str, body: str | None = None) -> bytes:
        headers = {"Cookie": "; ".join(f"{k}={v}" for k, v in self.cookies.items())}
        if body is not None:
            headers["Content-Type"] = "application/x-www-form-urlencoded"
        self.connection.request(method, path, body, headers)
        answer = self.connection.getresponse()
        for name, value in answer.getheaders():
            if name.lower() == "set-cookie":
                key, _eq, rest = value.partition("=")
                self.cookies[key] = rest.split(";")[0]
        self.status = answer.status
        return answer.read()

    def get(self, path: str) -> bytes:
        """The page; an error where it is not answered with 200."""
        page = self._send("GET", path)
        if self.status != 200:
            raise RuntimeError(f"{path}: {self.status}")
        return page

    def times(self, paths: list[str], rounds: int) -> list[float]:
        """Milliseconds of each request, the paths in turn."""
        found = []
        for path in paths:
            self.get(path)
        for number in range(rounds):
            began = time.perf_counter()
            self.get(paths[number % len(paths)])
            found.append((time.perf_counter() - began) * 1000)
        return found


def _fragments() -> dict[str, list[str]]:
    """What is typed, by kind: frequent and rare ones of names that are there."""
    names = [name for _c, name, _s, _p in _customers(0, 40)]
    phones = [phone for _c, _n, _s, phone in _customers(0, 40)]
    from dossier.customers.rules import spoken

    return {
        "two characters of a brand": [name[2:4] for name in names],
        "two characters, frequent": ["科技", "公司", "贸易", "有限", "天津", "机械"],
        "two fragments": [f"{name[:2]} {name[2:4]}" for name in names],
        "initials": [spoken(name[:4]).initials for name in names],
        "two initials": [spoken(name[:2]).initials for name in names],
        "pinyin": [spoken(name[2:4]).full for name in names],
        "telephone tail": [phone[-4:] for phone in phones],
        "code": [f"B{n:08d}" for n in range(40)],
        "nothing there": ["龘龖", "qxqxq", "00000000000", "科技龘"],
        "wide apart": ["厂 有限公司", "光电 银川", "b0000 物业"],
    }


def measure(port: int, rounds: int, only: str) -> None:
    """Print what each page and search costs: median, 95th percentile, longest."""
    people = {who: Reader(port, login) for who, login in PEOPLE.items()}
    pages = {
        "list": ["/customers/"],
        "list, next pages": [],
        "list by -updated": ["/customers/?sort=-updated_at&columns=code,name,updated_at"],
        "list by -filed_on": ["/customers/?sort=-filed_on"],
        "list of grade B1": ["/customers/?grade=B1"],
    }
    for kind, words in _fragments().items():
        pages[f"suggest: {kind}"] = [f"/search/suggest?q={quote(word)}" for word in words]
    for kind, words in _fragments().items():
        pages[f"list?q: {kind}"] = [f"/customers/?q={quote(word)}" for word in words]
    for name, paths in pages.items():
        if only and not re.search(only, name):
            continue
        line = [f"{name:42}"]
        for who, reader in people.items():
            asked = paths or _next_pages(reader)
            found = reader.times(asked, max(rounds, len(asked)))
            p95 = statistics.quantiles(found, n=20)[-1]
            line.append(f"{who} {statistics.median(found):6.1f} {p95:6.1f} {max(found):6.0f}")
        say(" | ".join(line))


def _next_pages(reader: Reader) -> list[str]:
    paths, at = [], "/customers/"
    for _page in range(10):
        found = re.search(rb'rel="next" href="([^"]+)"', reader.get(at))
        if found is None:
            break
        at = found[1].decode().replace("&amp;", "&")
        paths.append(at)
    return paths


def load(port: int, path: str, clients: int, seconds: float) -> None:
    """Requests per second with several people at once."""
    readers = [Reader(port, PEOPLE["leader"]) for _ in range(clients)]
    counts = [0] * clients
    until = time.monotonic() + seconds

    def run(position: int) -> None:
        while time.monotonic() < until:
            readers[position].get(path)
            counts[position] += 1

    threads = [threading.Thread(target=run, args=[n]) for n in range(clients)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    say(f"{path}: {sum(counts) / seconds:.0f} requests a second, {clients} clients")


def main() -> int:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("what", choices=("fill", "measure", "load"))
    parser.add_argument("size", nargs="?", type=int, default=100_000)
    parser.add_argument("--port", type=int, default=8000)
    parser.add_argument("--rounds", type=int, default=40)
    parser.add_argument("--only", default="", help="a pattern of the measures to make")
    parser.add_argument("--clients", type=int, default=8)
    given = parser.parse_args()
    if given.what == "fill":
        fill(given.size)
    elif given.what == "measure":
        measure(given.port, given.rounds, given.only)
    else:
        load(given.port, "/customers/", given.clients, 5)
    return 0


if __name__ == "__main__":
    sys.exit(main())
