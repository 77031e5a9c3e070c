"""Every page a link leads to: no serious fault under axe in either theme, nothing too wide, no error
on the console, nothing the content policy refuses, controls a finger can hit on a phone."""

from __future__ import annotations

import re
from collections import deque
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest
from django.urls import Resolver404, URLPattern, URLResolver, get_resolver, resolve, reverse
from django.urls.converters import IntConverter
from playwright.sync_api import Browser, BrowserContext, Page

from tests.browser.looks import open_page, sign_in, wrong_looks
from tests.browser.test_walk import sheet

pytestmark = [pytest.mark.browser, pytest.mark.slow]

LINKS = """() => [...document.querySelectorAll('a[href], tr[data-href]')]
  .map((e) => e.getAttribute('href') || e.dataset.href)"""

DOUBTFUL = [
    ["客户编号", "公司名称", "联系人", "手机", "业务员", "建档日期"],
    ["009001", "保定恒信电子有限公司", "吴敏霞", "13812345678", "李明", "2023-02-30"],
    ["009002", "烟台翔辰物流有限公司", "", "", "李明", "2023.1.27"],
]


def kind(address: str) -> tuple[str, ...] | None:
    """Which page an address is: its name, what is not a number, the tab. None: not of the program."""
    parts = urlsplit(address)
    try:
        match = resolve(parts.path)
    except Resolver404:
        return None
    words = sorted(value for value in match.kwargs.values() if isinstance(value, str))
    return (match.url_name or "", *words, *parse_qs(parts.query).get("tab", []))


def addresses(resolver: URLResolver) -> list[str]:
    """Every address of the program, with the first record for a number; none where a word is asked."""
    found: list[str] = []
    for entry in resolver.url_patterns:
        if isinstance(entry, URLResolver):
            if not entry.namespace:  # the API has operations, not pages
                found += addresses(entry)
        elif isinstance(entry, URLPattern) and entry.name:
            asked = entry.pattern.converters
            if all(isinstance(kept, IntConverter) for kept in asked.values()):
                found.append(reverse(entry.name, kwargs=dict.fromkeys(asked, 1)))
    return found


class Crawl:
    """Follows links from page to page and looks at each kind of page once."""

    def __init__(self, chromium: Browser, address: str) -> None:
        self.chromium, self.address = chromium, address
        self.seen: set[tuple[str, ...]] = set()
        self.wrong: dict[str, list[str]] = {}
        self.faults: list[str] = []

    def look(self, page: Page) -> None:
        """Look at the page that is open."""
        parts = urlsplit(page.url)
        where = f"{parts.path}?{parts.query}" if parts.query else parts.path
        self.seen.add(kind(where) or (where,))
        if found := wrong_looks(page):
            self.wrong[where] = found

    def follow(self, login: str, *starts: str) -> None:
        """Every kind of page this reader gets to by links, not yet seen by another."""
        context, page = open_page(self.chromium, self.faults)
        sign_in(page, self.address, login)
        waiting, met = deque([urlsplit(page.url).path, *starts]), set(starts)
        first = waiting[0]
        while waiting:
            link = waiting.popleft()
            if link != first and kind(link) in {None, *self.seen}:
                continue
            if not self.is_page(context, link, guessed=link in starts):
                continue
            page.goto(self.address + link)
            if kind(page.url.removeprefix(self.address)) not in self.seen:
                self.look(page)
            fresh = [to for to in page.evaluate(LINKS) if to.startswith("/") and to not in met]
            met.update(fresh)
            waiting.extend(fresh)
        context.close()

    def is_page(self, context: BrowserContext, link: str, *, guessed: bool) -> bool:
        """It answers with a whole page: no file, no part of one, nothing kept from this reader.

        A fault is noted, and a link of a page that leads nowhere; an address guessed may be no page.
        """
        answer = context.request.get(self.address + link)
        if answer.status >= 500 or (answer.status >= 400 and not guessed):
            self.faults.append(f"{answer.status} {link}")
        return (
            answer.status == 200
            and answer.headers.get("content-type", "").startswith("text/html")
            and "<html" in answer.text()
        )


def doubtful_import(crawl: Crawl, folder: Path) -> None:
    """An import whose rows leave questions, looked at step by step; a territory, so that there is one."""
    context, page = open_page(crawl.chromium, crawl.faults)
    sign_in(page, crawl.address, "sunli")
    page.goto(f"{crawl.address}/territories/new/")
    page.fill("[name=name]", "华北")
    page.locator("[data-key-save]").click()
    page.wait_for_url("**/territories/")
    page.goto(f"{crawl.address}/imports/")
    page.locator("input[name=kind][value=customers]").check(force=True)
    page.locator("input[name=file]").set_input_files(str(sheet(folder / "客户.xlsx", DOUBTFUL)))
    page.locator(".save-bar button[type=submit]").click()
    page.wait_for_url(re.compile(r"/imports/\d+/columns/"))
    crawl.look(page)
    page.locator(".save-bar button[type=submit]").first.click()
    check = page.locator("form:has([name=mode]) button[data-key-save]")
    check.wait_for(timeout=60_000)
    crawl.look(page)
    if page.locator("input[name=mode][value=valid]").count():
        page.locator("input[name=mode][value=valid]").check()
    check.click()
    page.locator(".done-mark").wait_for(timeout=60_000)
    context.close()


def test_every_page_is_accessible_and_fits(company, chromium, tmp_path):
    crawl = Crawl(chromium, company.address)
    doubtful_import(crawl, tmp_path)
    starts = (
        "/search/?q=tj",
        "/search/?q=zzqqzz",
        "/customers/?q=zzqqzz",
        "/customers/?group=grade",
    )
    crawl.follow("sunli", *starts)
    crawl.follow("admin")
    rest = addresses(get_resolver())  # what only a rarer state of a record links to
    crawl.follow("sunli", *rest)
    crawl.follow("admin", *rest)
    assert crawl.wrong == {}
    assert crawl.faults == []

    visited = {which[0] for which in crawl.seen}
    assert {"home", "customer", "customer-edit", "order-edit", "report", "role"} <= visited
    assert len(crawl.seen) >= 60


def test_pages_that_refuse_are_accessible(company, chromium):
    """Signed out, not found, not allowed, a form without its token."""
    context, page = open_page(chromium, [])  # the browser itself reports the status as an error
    page.goto(f"{company.address}/sign-in/")
    wrong = {"sign-in": wrong_looks(page)}
    sign_in(page, company.address, "zhangwei")
    for path, status in (("/customers/999999/", 404), ("/settings/roles/", 403)):
        answer = page.goto(company.address + path)
        assert answer is not None
        assert answer.status == status
        wrong[path] = wrong_looks(page)
    page.goto(f"{company.address}/customers/new")
    page.evaluate("document.querySelector('#form [name=csrfmiddlewaretoken]').remove()")
    page.evaluate("document.querySelector('#form').submit()")
    page.locator(".plain-no").wait_for()
    wrong["csrf"] = wrong_looks(page)
    context.close()
    assert {path: found for path, found in wrong.items() if found} == {}
