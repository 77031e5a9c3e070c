"""Pages that are only looked at."""

from __future__ import annotations

import html
import re
from urllib.parse import quote

from bench.client import form_of
from bench.load.worker import Worker

_NEXT = re.compile(r'rel="next" href="([^"]+)"')
_ORDER = re.compile(r'href="/orders/(\d+)"')
_FOUND = re.compile(r'"/customers/(\d+)/"')
_TABLE = {"HX-Request": "true", "HX-Target": "list"}
_FILTERS = (
    "grade=A",
    "grade=B1",
    "grade=C",
    "category=important",
    "sort=-updated_at",
    "sort=-filed_on",
)
_REPORTS = ("by1=month&by2=salesperson", "by1=product", "by1=month", "by1=customer")


def browse(worker: Worker) -> None:
    """The customer list, narrowed, and one page on."""
    worker.remember(worker.read("customer list", "/customers/").text)
    worker.think()
    narrowed = worker.read(
        "customer list, filtered", f"/customers/?{worker.draw.choice(_FILTERS)}", headers=_TABLE
    )
    following = _NEXT.search(narrowed.text)
    if following:
        worker.think()
        path = html.unescape(following[1])
        worker.remember(worker.read("customer list, next page", path, headers=_TABLE).text)


def search(worker: Worker) -> None:
    """A name typed character by character, then the first hit, or the page of all hits."""
    name = worker.draw.choice(worker.world.names)
    page = ""
    for length in range(1, min(4, len(name)) + 1):
        path = f"/search/suggest?q={quote(name[:length])}"
        page = worker.read("search suggestions", path, headers={"HX-Request": "true"}).text
        worker.wait(worker.draw.uniform(0.15, 0.5))
    found = _FOUND.search(page)
    if found and worker.draw.random() < 0.8:
        worker.read("customer", f"/customers/{found[1]}/")
    else:
        worker.read("search page", f"/search/?q={quote(name[:3])}")


def look_at_customer(worker: Worker) -> None:
    """A customer's page and one of its tabs."""
    customer = worker.some_customer()
    if customer is None:
        browse(worker)
        return
    worker.read("customer", f"/customers/{customer}/")
    worker.think()
    tab = worker.draw.choice(("timeline", "notes", "orders"))
    path = f"/customers/{customer}/{'timeline' if tab == 'timeline' else f'?tab={tab}'}"
    worker.read(f"customer, {tab}", path)


def orders(worker: Worker) -> None:
    """The orders, one of them, the lines."""
    page = worker.read("order list", "/orders/").text
    worker.think()
    found = _ORDER.findall(page)
    if found:
        worker.read("order", f"/orders/{worker.draw.choice(found)}")
        worker.think()
    worker.read("line list", "/orders/lines/")


def desk(worker: Worker) -> None:
    """What waits on the start page."""
    worker.read("start page", "/")
    worker.think()
    name, path = worker.draw.choice(
        (("questions", "/questions/"), ("completeness", "/completeness/"))
    )
    worker.read(name, path)


def report(worker: Worker) -> None:
    """The sales report in one of its cuts, over what the person sees."""
    worker.read("report", f"/reports/sales/?{worker.draw.choice(_REPORTS)}")


def take_out(worker: Worker) -> None:
    """The narrowed list as a file: handed over at once where it is short, else made by a job."""
    query = worker.draw.choice(_FILTERS[:4])
    page = worker.read("customer list, filtered", f"/customers/?{query}")
    if page.status != 200:
        return
    fields = {"csrfmiddlewaretoken": form_of(page.text)["csrfmiddlewaretoken"], "query": query}
    worker.think()
    answer = worker.submit(
        "export", "/lists/customers/export", fields | {"as": "shown.csv"}, fine=(200, 302)
    )
    place = answer.location
    while place and (answer.status == 302 or "every 1s" in answer.text):
        worker.wait(1)
        answer = worker.read("export, being made", place, headers={"HX-Request": "true"})
