"""A text that is a script, in every text field: no page runs it, and the content policy has nothing to refuse
(SECURITY E 17, 19). A policy that reports nothing where a script stands would prove nothing: that is tried too."""

from __future__ import annotations

import re
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, Page

from tests.browser.looks import open_page, sign_in

pytestmark = [pytest.mark.browser, pytest.mark.slow]

MARK = "xzq"
PAYLOADS = (
    f"{MARK}\"'><img src=x onerror=alert(1)><svg onload=alert(2)>",
    f"{MARK}</script><script>alert(3)</script>",
    f"{MARK}{{{{constructor.constructor('alert(4)')()}}}}",
    f'{MARK}<a href="javascript:alert(5)">x</a><iframe src=javascript:alert(6)>',
)
KINDS_OF_TEXT = (None, "", "text")
FILLABLE = "main input[type=text]:visible, main input:not([type]):visible, main textarea:visible"
# Inputs that take no free text.
NOT_TEXT = re.compile(
    r"date|phone|mobile|email|tax|_on$|birth|code|number|capital|staff|count|bank$|share|website|year|revenue"
)
HEARD = """() => {
  window.heard = [];
  document.addEventListener('securitypolicyviolation', (e) => window.heard.push(e.violatedDirective + ' ' + e.blockedURI + ' ' + e.sample));
}"""


class Watched:
    """A page that notes every dialog, every error and every refusal of the content policy."""

    def __init__(self, chromium: Browser) -> None:
        self.faults: list[str] = []
        self.context, self.page = open_page(chromium, self.faults, language="en")
        self.context.add_init_script(f"({HEARD})()")
        self.page.on("dialog", self._dialog)

    def _dialog(self, dialog) -> None:
        if dialog.type == "beforeunload":  # the page asks whether what was typed may be lost
            dialog.accept()
            return
        self.faults.append(f"{self.page.url}: a dialog said {dialog.message}")
        dialog.dismiss()

    def visit(self, address: str) -> None:
        """Open a page and let its scripts run."""
        self.page.goto(address)
        self.page.wait_for_load_state("networkidle")
        self.faults += [f"{address}: {said}" for said in self.page.evaluate("window.heard || []")]


def fill(page: Page) -> int:
    """Put a payload into every input of free text on the page; how many took one."""
    filled = 0
    for at, box in enumerate(page.locator(FILLABLE).all()):
        name = box.get_attribute("name") or ""
        if not name or NOT_TEXT.search(name) or box.get_attribute("readonly") is not None:
            continue
        if box.get_attribute("inputmode") not in KINDS_OF_TEXT:  # a number, a telephone, a day
            continue
        longest = int(box.get_attribute("maxlength") or 200)
        box.fill(PAYLOADS[at % len(PAYLOADS)][:longest])
        filled += 1
    return filled


def save(page: Page) -> None:
    """Send the form and wait for what it answers."""
    with page.expect_navigation(timeout=60_000):
        page.keyboard.press("Control+Enter")
    page.wait_for_load_state("networkidle")


def test_no_text_is_ever_run(company, chromium):
    seen = Watched(chromium)
    page, base = seen.page, company.address
    sign_in(page, base, "sunli")
    filled = 0
    for path, more in (
        ("/customers/new", {"phone": "010-61234567"}),
        ("/products/new", {"code": "XZQ1"}),
        ("/people/new/", {}),
        ("/teams/new/", {}),
        ("/territories/new/", {}),
        ("/settings/categories/new", {"code": "97"}),
    ):
        seen.visit(base + path)
        filled += fill(page)
        for name, value in more.items():
            page.fill(f"main [name={name}]", value)
        save(page)
        if path == "/customers/new":
            assert "/customers/new" not in page.url, page.locator(
                ".invalid-feedback, .alert"
            ).all_inner_texts()
            customer = urlsplit(page.url).path
            seen.visit(f"{base}{customer}contacts/new")
            filled += fill(page)
            save(page)
    assert filled >= 20, filled
    for path in (
        customer,
        f"{customer}edit",
        f"{customer}contacts/new",
        "/customers/",
        f"/customers/?q={MARK}",
        f"/search/?q={MARK}",
        f"/search/suggest?q={MARK}",
        "/products/",
        f"/products/?q={MARK}",
        "/people/",
        "/teams/",
        "/territories/",
        "/settings/categories/",
        f"/orders/new?customer={customer.strip('/').split('/')[1]}",
        "/reports/sales/?by1=customer",
        "/questions/",
        "/",
        "/sign-in/?next=javascript:alert(1)",
        "/customers/?q=%3Cscript%3Ealert(7)%3C/script%3E",
    ):
        seen.visit(base + path)
    # The texts stand there as texts, also in the suggestions a script draws.
    seen.visit(f"{base}/customers/?q={MARK}")
    assert MARK in page.locator("main").inner_text()
    page.keyboard.press("/")
    page.keyboard.type(MARK)
    page.wait_for_timeout(1500)
    seen.faults += page.evaluate("window.heard || []")
    # A form refused (422) or a record that is not there (404) is an answer, not a script that ran.
    assert [fault for fault in seen.faults if "responded with a status of 4" not in fault] == []
    seen.context.close()


def test_a_script_in_a_page_is_heard_of(company, chromium):
    """The fault put in: a page that carries the text as markup is refused by the policy, and we hear of it."""
    seen = Watched(chromium)

    def careless(route) -> None:
        answer = route.fetch()
        route.fulfill(
            response=answer, body=answer.text().replace("</body>", PAYLOADS[0] + "</body>")
        )

    seen.page.route("**/sign-in/", careless)
    seen.visit(f"{company.address}/sign-in/")
    assert any("script-src" in fault for fault in seen.faults), seen.faults
    assert not any("dialog" in fault for fault in seen.faults), (
        "the policy itself lets no script run"
    )
    seen.context.close()
