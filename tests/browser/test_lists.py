"""Lists in the browser: rows are ticked, cells edited and groups opened, by keyboard and by thumb (CUS-4)."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from tests.browser.looks import PHONE, listening, open_page, sign_in, wrong_looks

pytestmark = [pytest.mark.browser, pytest.mark.slow]


@pytest.fixture(scope="module")
def signed_in(company, chromium) -> Iterator[tuple[BrowserContext, list[str]]]:
    """The sales manager, who changes every customer."""
    faults: list[str] = []
    context, page = open_page(chromium, faults)
    sign_in(page, company.address, "chenhaitao")
    yield context, faults
    context.close()


@pytest.fixture
def manager(signed_in) -> Iterator[Page]:
    """A page of his own; what reaches the console fails the test, but for refusals of a cell."""
    context, faults = signed_in
    page = listening(context, faults)
    yield page
    page.close(run_before_unload=False)
    refused = re.compile(r"status of (409|422)")
    assert [fault for fault in faults if not refused.search(fault)] == []
    faults.clear()


def cell(page: Page, row: int, name: str):
    """A cell by its row and field."""
    return page.locator("#list tbody tr[data-row]").nth(row).locator(f"td[data-edit={name}]")


def test_x_ticks_the_row_shift_ticks_a_range_and_the_bar_leads_to_these(manager, company):
    manager.goto(f"{company.address}/customers/")
    boxes = manager.locator("tbody .tick input")
    bar = manager.locator(".tick-bar")
    expect(bar).to_be_hidden()
    manager.keyboard.press("j")
    manager.keyboard.press("x")
    expect(boxes.nth(0)).to_be_checked()
    expect(bar).to_be_visible()
    manager.keyboard.press("x")
    expect(bar).to_be_hidden()
    boxes.nth(1).click()
    boxes.nth(4).click(modifiers=["Shift"])
    expect(manager.locator("tbody .tick input:checked")).to_have_count(4)
    expect(bar.locator("[data-tick-words]")).to_contain_text("4")
    whole = manager.locator("[data-tick-all]")
    assert whole.evaluate("(box) => box.indeterminate")
    whole.click()
    expect(manager.locator("tbody .tick input:checked")).to_have_count(boxes.count())
    bar.locator("[data-tick-none]").click()
    expect(bar).to_be_hidden()
    keys = [boxes.nth(at).get_attribute("value") for at in (2, 0)]
    for at in (2, 0):
        boxes.nth(at).click()
    bar.locator("[data-tick-go]").click()
    manager.wait_for_url("**/lists/customers/change?**")
    assert manager.locator("[name=ids]").first.input_value().split(",") == keys[::-1]
    expect(manager.locator(".page-sub")).to_contain_text("2")


def test_a_value_is_changed_where_it_stands_without_the_mouse(manager, company):
    manager.goto(f"{company.address}/customers/?columns=name,grade,credit_limit")
    manager.keyboard.press("j")
    manager.keyboard.press("j")
    manager.keyboard.press("ArrowRight")
    manager.keyboard.press("Enter")
    grade = cell(manager, 1, "grade")
    select = grade.locator("select")
    expect(select).to_be_focused()
    was = select.input_value()
    manager.keyboard.press("Escape")
    expect(grade.locator("form")).to_have_count(0)
    expect(grade.locator(".pencil")).to_be_focused()
    manager.keyboard.press("Enter")
    wanted = "B1" if was != "B1" else "C"
    select.select_option(wanted)
    manager.keyboard.press("Control+Enter")
    expect(grade).to_contain_text(wanted)
    expect(grade.locator(".pencil")).to_be_focused()
    expect(manager.locator("tr.here")).to_have_count(1)
    manager.keyboard.press("ArrowLeft")
    assert manager.evaluate("document.activeElement.matches('tr.here td a')")
    assert manager.url.endswith("columns=name,grade,credit_limit")


def test_a_refused_value_stays_in_the_cell_with_the_reason(manager, company):
    manager.goto(f"{company.address}/customers/?columns=name,credit_limit")
    limit = cell(manager, 2, "credit_limit")
    limit.dblclick()
    field = limit.locator("[name=credit_limit]")
    expect(field).to_be_focused()
    field.fill("abc")
    manager.keyboard.press("Enter")
    expect(limit.locator("[role=alert]")).to_contain_text("abc")
    expect(limit.locator("[name=credit_limit]")).to_have_value("abc")
    expect(limit.locator("[name=credit_limit]")).to_be_focused()
    other = cell(manager, 3, "credit_limit")  # a second one is opened, and both keep what is typed
    other.hover()
    other.locator(".pencil").click()
    expect(other.locator("[name=credit_limit]")).to_be_focused()
    other.locator("[name=credit_limit]").fill("77")
    limit.locator("[name=credit_limit]").fill("12000.50")
    manager.keyboard.press("Control+s")
    expect(other.locator("[name=credit_limit]")).to_have_value("77")
    expect(limit).to_have_text(re.compile(r"12,000\.50"))
    assert "/customers/?" in manager.url


def test_a_click_on_a_value_still_opens_the_record(manager, company):
    manager.goto(f"{company.address}/customers/")
    wanted = manager.locator("#list tbody tr").nth(3).get_attribute("data-href")
    cell(manager, 3, "category").click(position={"x": 5, "y": 10})
    manager.wait_for_url(f"**{wanted}")


def test_a_conflict_is_told_at_the_cell_and_nothing_is_overwritten(manager, company):
    manager.goto(f"{company.address}/customers/?columns=name,employee_count")
    mine = cell(manager, 4, "employee_count")
    mine.hover()
    mine.locator(".pencil").click()
    other = manager.context.new_page()
    other.goto(manager.url)
    theirs = cell(other, 4, "employee_count")
    theirs.hover()
    theirs.locator(".pencil").click()
    theirs.locator("[name=employee_count]").fill("22")
    other.keyboard.press("Enter")
    expect(theirs).to_have_text("22")
    other.close()
    mine.locator("[name=employee_count]").fill("11")
    manager.keyboard.press("Enter")
    expect(mine.locator(".cell-conflict")).to_contain_text("陈海涛")
    expect(mine.locator(".cell-conflict")).to_contain_text("22")
    expect(mine.locator("[name=employee_count]")).to_have_value("11")
    manager.reload()
    expect(cell(manager, 4, "employee_count")).to_have_text("22")


def test_by_thumb_rows_are_ticked_and_values_changed(manager, company):
    manager.set_viewport_size(PHONE)
    manager.goto(f"{company.address}/customers/?columns=name,grade")
    box = manager.locator("tbody .tick").nth(0).bounding_box()
    assert box["width"] >= 40 and box["height"] >= 40
    manager.locator("tbody .tick input").nth(0).click()
    bar = manager.locator(".tick-bar").bounding_box()
    dock = manager.locator(".dock").bounding_box()
    assert bar["y"] + bar["height"] <= dock["y"] + 1
    manager.locator(".row-pencil").nth(1).click()
    grade = cell(manager, 1, "grade")
    size = grade.locator(".pencil").bounding_box()
    assert size["height"] >= 40
    grade.locator(".pencil").click()
    grade.locator("select").select_option("A1")
    grade.locator("[data-key-save]").click()
    expect(grade).to_contain_text("A1")


@pytest.mark.parametrize("state", ["ticked", "open", "refused", "grouped"])
def test_each_state_of_a_list_looks_right_and_is_readable_to_all(state, manager, company):
    group = "?group=grade" if state == "grouped" else "?columns=name,grade,credit_limit"
    manager.goto(f"{company.address}/customers/{group}")
    if state == "ticked":
        manager.locator("tbody .tick input").nth(0).click()
    elif state != "grouped":
        limit = cell(manager, 0, "credit_limit")
        limit.hover()
        limit.locator(".pencil").click()
        limit.locator("[name=credit_limit]").fill("abc")
        if state == "refused":
            manager.keyboard.press("Enter")
            limit.locator("[role=alert]").wait_for()
    assert wrong_looks(manager) == []


def test_grouping_is_chosen_above_the_list_and_kept_in_the_address(manager, company):
    manager.goto(f"{company.address}/customers/")
    manager.locator("select[name=group]").select_option("grade")
    manager.wait_for_url("**group=grade**")
    heading = manager.locator("tr.group a").first
    expect(heading).to_be_visible()
    manager.locator(".pager a[rel=next]").click()
    manager.wait_for_url("**after=**")
    assert "group=grade" in manager.url
    name = manager.locator("tr.group a").first.inner_text()
    manager.locator("tr.group a").first.click()
    manager.wait_for_url("**within=grade**")
    expect(manager.locator(".chip-value")).to_have_text(name)
