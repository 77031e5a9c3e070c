"""The frame of a long page: menu and bar stay in sight, and a field jumped to lies clear of them."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page

from tests.browser.looks import open_page, sign_in

pytestmark = [pytest.mark.browser, pytest.mark.slow]


def top(page: Page, selector: str) -> float:
    """How far below the upper edge of the window something lies."""
    return page.locator(selector).first.evaluate("e => e.getBoundingClientRect().top")


def test_menu_and_bar_stay_while_a_long_form_scrolls(company, chromium):
    context, page = open_page(chromium, [])
    sign_in(page, company.address, "sunli")
    page.goto(f"{company.address}/customers/new#id_website")
    page.wait_for_function("window.scrollY > 300")
    assert (top(page, ".side"), top(page, "header.top")) == (0, 0)
    bar = page.locator("header.top").evaluate("e => e.offsetHeight")
    assert top(page, "label[for=id_website]") >= bar
    assert top(page, "#id_website") < top(page, ".save-bar")
    context.close()
