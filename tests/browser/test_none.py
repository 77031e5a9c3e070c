"""'Not applicable' by mouse and keyboard: the tick clears the value, a value takes the tick away (CUS-7)."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, expect

from tests.browser.looks import open_page, sign_in

pytestmark = [pytest.mark.browser, pytest.mark.slow]


@pytest.fixture
def form(company, chromium) -> Iterator[Page]:
    """The form of a new customer."""
    faults: list[str] = []
    context, page = open_page(chromium, faults)
    sign_in(page, company.address, "sunli")
    page.goto(f"{company.address}/customers/new")
    yield page
    page.close(run_before_unload=False)
    context.close()
    assert [fault for fault in faults if "409" not in fault] == []


def test_the_tick_clears_a_choice_and_gives_it_back(form):
    grade, tick = form.locator("#id_grade"), form.locator("[name=na_grade]")
    grade.select_option("A")
    tick.focus()
    form.keyboard.press("Space")
    expect(grade).to_have_value("")
    expect(form.locator("#field-grade")).to_have_class("field is-na")
    form.keyboard.press("Space")
    expect(grade).to_have_value("A")
    expect(form.locator("#field-grade")).to_have_class("field")


def test_a_choice_or_a_text_takes_the_tick_away(form):
    for name, fill in (
        ("grade", lambda: form.locator("#id_grade").select_option("B")),
        ("fax", lambda: form.locator("#id_fax").fill("022-81234567")),
    ):
        tick = form.locator(f"[name=na_{name}]")
        tick.check()
        fill()
        form.locator("#id_name").focus()
        expect(tick).not_to_be_checked()


def test_a_look_up_is_cleared_by_the_tick_and_takes_it_away(form):
    industry, tick = form.locator("#id_industry"), form.locator("[name=na_industry]")
    search = form.locator("#field-industry .ts-control input")

    def pick(text):
        search.click()
        search.press_sequentially(text)
        form.locator("#field-industry .ts-dropdown .option", has_text=text).first.click()

    pick("I65")
    expect(industry).to_have_value("I65")
    tick.check()
    expect(industry).to_have_value("")
    pick("C13")
    expect(industry).to_have_value("C13")
    expect(tick).not_to_be_checked()


def test_on_a_conflict_the_choice_sets_value_and_tick(company, chromium, form):
    """The clerk edits in two windows; what was saved in the one is chosen or not in the other."""
    form.goto(f"{company.address}/customers/")
    edit = form.locator("[data-rows] td a").first.get_attribute("href") + "edit"
    other = form.context.new_page()
    for page in (form, other):
        page.goto(f"{company.address}{edit}")
    other.locator("[name=na_website]").check()
    other.locator("#id_scale").fill("200人")
    other.locator("[data-key-save]").click()
    other.wait_for_url(lambda url: "edit" not in url)
    form.locator("#id_fax").fill("022-81234567")
    form.locator("[data-key-save]").click()
    website = form.locator("[data-conflict=website]")
    expect(website.locator("[value=theirs]")).to_be_checked()
    expect(form.locator("[name=na_website]")).to_be_checked()
    website.locator("[value=mine]").check()
    expect(form.locator("[name=na_website]")).not_to_be_checked()
    expect(form.locator("#field-website")).to_have_class("field")
    form.locator("[data-conflict=scale] [value=mine]").check()
    expect(form.locator("#id_scale")).to_have_value("")
    form.locator("[data-key-save]").click()
    form.wait_for_url(lambda url: "edit" not in url)
    form.goto(f"{company.address}{edit}")
    expect(form.locator("[name=na_website]")).not_to_be_checked()
    expect(form.locator("#id_scale")).to_have_value("")
    expect(form.locator("#id_fax")).to_have_value("022-81234567")
