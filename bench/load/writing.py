"""Pages that write: through the real forms, with their versions and submission keys."""

from __future__ import annotations

import csv
import io
import re
from random import Random

from bench.client import form_of
from bench.load.browser import Answer
from bench.load.journal import What, Write
from bench.load.worker import Worker

_COUNTED = re.compile(r"count (\d+) ")
_NUMBER = re.compile(r"/(\d+)/?(?:\?.*)?$")
_BRANDS = "鑫盛隆昌泰恒源丰华瑞祥和润达信诚德永兴宏宇嘉美佳优卓越博思创智联通科强凯旋金银铜玉宝海江河湖森木"
_PLACES = ("天津", "济南", "青岛", "郑州", "南京", "苏州", "北京", "沈阳", "石家庄")
_TRADES = ("机械", "化工", "食品", "医药", "电子", "建材", "仪表", "环保", "包装", "纺织")
ROWS = 300  # of a file that is brought in
_UNDER_WAY = 'hx-trigger="every 1s"'  # the page asks again by itself
_HEADINGS = ("客户名称", "联系人", "联系电话", "公司地址", "备注")


def company_name(draw: Random) -> str:
    """A name hardly anybody has."""
    brand = "".join(draw.sample(_BRANDS, 4))
    return f"{draw.choice(_PLACES)}{brand}{draw.choice(_TRADES)}有限公司"


def telephone(draw: Random) -> str:
    """A mobile number hardly anybody has."""
    return f"1{draw.choice('3578')}{draw.randrange(10**9):09d}"


def edit_customer(worker: Worker) -> None:
    """Open one's customer, open the form, change the remark, save."""
    customer = worker.some_customer()
    if customer is None or customer in worker.world.shared:
        return
    worker.read("customer", f"/customers/{customer}/")
    worker.think()
    path = f"/customers/{customer}/edit"
    fields = worker.form("customer, form", path, "remark")
    if fields is None:
        return
    worker.think()
    write = worker.journal.begin(
        What.EDIT, worker.person.login, row=customer, saw=_plain(fields["remark"])
    )
    fields["remark"] = f"{write.token} visited"
    _save(worker, write, path, fields)


def count_shared(worker: Worker) -> None:
    """Count a customer that others are counting too one up: a lost update would lose a number."""
    customer = worker.draw.choice(worker.person.shared)
    path = f"/customers/{customer}/edit"
    fields = worker.form("customer, form", path, "remark")
    if fields is None:
        return
    seen = _COUNTED.search(fields["remark"])
    count = int(seen[1]) if seen else 0
    worker.think()
    write = worker.journal.begin(
        What.COUNT, worker.person.login, row=customer, saw=_plain(fields["remark"]),
        expected={"count": count + 1},
    )  # fmt: skip
    fields["remark"] = f"count {count + 1} {write.token}"
    _save(worker, write, path, fields)


def _save(worker: Worker, write: Write, path: str, fields: dict[str, str]) -> None:
    """Save; somebody else's faster change is an answer too, and so is the question about look-alikes."""
    kind = "customer, saved"
    answer = worker.submit(kind, path, fields, write, fine=(302, 409))
    worker.settle(write, answer)


def add_note(worker: Worker) -> None:
    """What was heard of a customer."""
    customer = worker.some_customer()
    if customer is None:
        return
    path = f"/customers/{customer}/notes/new"
    fields = worker.form("note, form", path, "once_token")
    if fields is None:
        return
    worker.think()
    write = worker.journal.begin(What.NOTE, worker.person.login, again=_twice(worker))
    fields |= {"kind": "need", "text": f"{write.token} wants a quotation"}
    worker.settle(write, worker.submit("note, saved", path, fields, write))


def enter_customer(worker: Worker) -> None:
    """A new file: name, contact, telephone; what looks alike is entered all the same."""
    path = "/customers/new"
    fields = worker.form("customer, new form", path, "once_token")
    if fields is None:
        return
    worker.think()
    write = worker.journal.begin(What.CUSTOMER, worker.person.login, again=_twice(worker))
    fields |= {
        "name": company_name(worker.draw),
        "phone": telephone(worker.draw),
        "contact-name": "王经理",
        "remark": f"{write.token} new",
        "duplicates_seen": "1",
    }
    write.expected = {"name": fields["name"], "contacts": 1}
    worker.settle(write, worker.submit("customer, entered", path, fields, write))


def enter_order(worker: Worker) -> None:
    """An order of one to three lines for one of one's customers."""
    customer = worker.some_customer()
    if customer is None:
        return
    page = worker.read("customer, orders", f"/customers/{customer}/?tab=orders").text
    link = re.search(r'href="(/orders/new\?customer=[^"]+)"', page)
    if link is None:
        return
    worker.think()
    fields = worker.form("order, new form", link[1], "once_token")
    if fields is None:
        return
    write = worker.journal.begin(What.ORDER, worker.person.login, again=_twice(worker))
    lines = worker.draw.choice((1, 2, 2))
    for at in range(lines):
        code, _key = worker.draw.choice(worker.world.products)
        fields |= {f"lines-{at}-product": code, f"lines-{at}-quantity": str(at + 2)}
        fields[f"lines-{at}-price"] = "12.50"
        worker.wait(worker.draw.uniform(0, worker.pace.shortest))
    fields["remark"] = f"{write.token} by hand"
    write.expected = {"lines": lines, "total": sum((at + 2) * 1250 for at in range(lines))}
    answer = worker.submit("order, entered", "/orders/new", fields, write)
    number = _NUMBER.search(answer.location)
    if worker.settle(write, answer) and number:
        worker.orders.append(int(number[1]))


def amend_order(worker: Worker) -> None:
    """Another remark on an order entered earlier."""
    order = worker.draw.choice(worker.orders)
    path = f"/orders/{order}/edit"
    fields = worker.form("order, form", path, "remark")
    if fields is None:
        return
    worker.think()
    write = worker.journal.begin(
        What.AMEND, worker.person.login, row=order, saw=_plain(fields["remark"])
    )
    fields["remark"] = f"{write.token} changed"
    worker.settle(write, worker.submit("order, saved", path, fields, write, fine=(302, 409)))


def bring_in(worker: Worker) -> None:
    """A sheet of customers, from choosing the file to the page that says what came of it."""
    page = worker.read("import, first page", "/imports/?kind=customers")
    if page.status != 200:
        return
    worker.think()
    write = worker.journal.begin(What.IMPORT, worker.person.login, expected={"rows": ROWS})
    fields = {
        "csrfmiddlewaretoken": form_of(page.text)["csrfmiddlewaretoken"],
        "kind": "customers",
    }
    files = {"file": (f"{write.token}.csv", sheet(worker.draw, write.token))}
    sent = worker.submit("import, file sent", "/imports/", fields, files=files)
    if sent.status != 302:
        return
    columns = worker.form("import, columns", sent.location, "column-0")
    if columns is None:
        return
    worker.think()
    checked = worker.submit("import, checked", sent.location, columns)
    preview = _worked_on(worker, "import, preview", checked)
    if preview.status != 200 or 'name="mode"' not in preview.text:
        return  # an import that was killed in its check says so, and is begun anew by a person
    worker.think()
    decided = form_of(preview.text, "mode") | {"mode": "all"}
    decided.pop("duplicates", None)
    brought = worker.submit("import, brought in", checked.location, decided, write)
    if "/undo/" in _worked_on(worker, "import, result", brought).text:
        worker.settle(write, brought)


def _worked_on(worker: Worker, name: str, answer: Answer) -> Answer:
    """The page an import leads to, once the job that works on it is done."""
    if answer.status != 302:
        return answer
    page = worker.read(name, answer.location)
    while page.status == 200 and _UNDER_WAY in page.text:
        worker.wait(1)
        page = worker.read("import, under way", answer.location)
    return page


def sheet(draw: Random, token: str) -> bytes:
    """A file of so many customers; each row bears the mark of its write."""
    out = io.StringIO()
    rows = csv.writer(out)
    rows.writerow(_HEADINGS)
    for at in range(ROWS):
        rows.writerow(
            (company_name(draw), "李工", telephone(draw), f"解放路{at}号", f"{token} row {at}")
        )
    return out.getvalue().encode()


def _twice(worker: Worker) -> bool:
    return worker.draw.random() < worker.pace.again


def _plain(text: str) -> str:
    """A text area's value as it is stored."""
    return text.replace("\r\n", "\n").strip()
