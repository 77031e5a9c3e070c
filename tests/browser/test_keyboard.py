"""Everything by the keyboard: search, walk through a list, open, edit, save; nothing typed is lost."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from tests.browser.looks import listening, open_page, sign_in

pytestmark = [pytest.mark.browser, pytest.mark.slow]


@pytest.fixture(scope="module")
def signed_in(company, chromium) -> Iterator[tuple[BrowserContext, list[str]]]:
    """The administrator of customer information, signed in once."""
    faults: list[str] = []
    context, page = open_page(chromium, faults)
    sign_in(page, company.address, "sunli")
    yield context, faults
    context.close()


@pytest.fixture
def clerk(signed_in) -> Iterator[Page]:
    """A page of his or her own; what reaches the console fails the test."""
    context, faults = signed_in
    page = listening(context, faults)
    yield page
    page.close(run_before_unload=False)
    assert faults == []


def focused(page: Page) -> str:
    """The id of what has the focus."""
    return page.evaluate("document.activeElement.id")


def test_search_is_one_key_away_and_escape_leaves_it(clerk, company):
    clerk.goto(f"{company.address}/products/")
    for key in ("/", "Control+k"):
        clerk.keyboard.press(key)
        assert focused(clerk) == "find", key
        clerk.keyboard.press("Escape")
        assert focused(clerk) == "", key
    clerk.locator("#list-q").focus()
    clerk.keyboard.press("Control+k")  # also while typing elsewhere
    assert focused(clerk) == "find"


@pytest.mark.parametrize(
    ("language", "title", "save", "customers"),
    [("zh", "快捷键", "保存", "客户"), ("en", "Keyboard", "Save", "Customers")],
)
def test_question_mark_lists_every_key_and_escape_closes_it(
    language, title, save, customers, company, chromium
):
    context, page = open_page(chromium, [], language=language)
    sign_in(page, company.address, "sunli")
    page.keyboard.press("?")
    dialog = page.locator("dialog#keys")
    expect(dialog).to_be_visible()
    expect(dialog.locator("h2")).to_have_text(title)
    rows = {
        row.locator("dt").inner_text(): row.locator("dd").inner_text()
        for row in dialog.locator("dl > div").all()
    }
    assert rows["s · Ctrl S · Ctrl Enter"] == save
    assert rows["g c"] == customers
    assert {"/ · Ctrl K", "j k · ↓ ↑", "Enter", "j k", "n", "e", "Esc", "?"} <= rows.keys()
    # each second key after g leads somewhere, and none is forgotten
    assert {key for key in rows if key.startswith("g ")} == {
        f"g {link.get_attribute('data-go')}" for link in page.locator("[data-go]").all()
    }
    page.keyboard.press("Escape")
    expect(dialog).to_be_hidden()
    context.close()


def test_a_list_is_walked_by_letters_or_arrows_and_enter_opens_the_record(clerk, company):
    clerk.goto(f"{company.address}/customers/")
    rows = clerk.locator("#list tbody tr")
    clerk.keyboard.press("j")
    clerk.keyboard.press("ArrowDown")
    clerk.keyboard.press("j")
    expect(rows.nth(2)).to_have_class(re.compile("here"))
    clerk.keyboard.press("ArrowUp")
    expect(rows.nth(1)).to_have_class(re.compile("here"))
    expect(clerk.locator("tr.here")).to_have_count(1)
    wanted = rows.nth(1).get_attribute("data-href")
    assert clerk.evaluate("document.activeElement.closest('tr').dataset.href") == wanted
    clerk.keyboard.press("Enter")
    clerk.wait_for_url(lambda url: url.endswith(wanted.split("?")[0]) or wanted in url)
    clerk.keyboard.press("g")
    clerk.keyboard.press("c")
    clerk.wait_for_url("**/customers/")
    clerk.keyboard.press("j")
    clerk.keyboard.press("Escape")
    expect(clerk.locator("tr.here")).to_have_count(0)


def test_records_are_walked_in_the_order_of_the_list_also_over_the_edge_of_its_page(clerk, company):
    clerk.goto(f"{company.address}/customers/?sort=-code")
    rows = [
        row.get_attribute("data-href") for row in clerk.locator("#list tbody tr[data-href]").all()
    ]
    clerk.locator("#list tbody tr").nth(len(rows) - 2).locator("a").first.click()
    clerk.wait_for_url(f"**{rows[-2]}")
    clerk.keyboard.press("j")
    clerk.wait_for_url(f"**{rows[-1]}")
    clerk.keyboard.press("j")
    clerk.wait_for_url(lambda url: not url.endswith((rows[-1], rows[-2])))
    beyond = clerk.url
    assert not beyond.endswith(tuple(rows))
    clerk.keyboard.press("k")  # back over the edge
    clerk.wait_for_url(f"**{rows[-1]}")
    clerk.goto(f"{company.address}/customers/")
    clerk.goto(f"{company.address}/products/")
    clerk.locator("#list tbody tr a").first.click()
    expect(clerk.locator("[data-key-prev]")).to_have_class(re.compile("disabled"))


@pytest.mark.parametrize("key", ["Control+s", "Control+Enter"])
def test_a_form_is_saved_from_within_a_field(clerk, company, key):
    clerk.goto(f"{company.address}/customers/3/")
    clerk.keyboard.press("e")
    clerk.wait_for_url("**/edit**")
    clerk.fill("[name=remark]", f"要求随货附检定证书 {key}")
    expect(clerk.locator("[data-dirty-text]")).to_be_visible()
    clerk.keyboard.press(key)
    clerk.wait_for_url("**/customers/3/")
    expect(clerk.locator("main")).to_contain_text(f"要求随货附检定证书 {key}")


def test_unsaved_changes_are_not_left_without_asking(clerk, company):
    asked: list[str] = []

    def stay(dialog) -> None:
        asked.append(dialog.type)
        dialog.dismiss()

    clerk.goto(f"{company.address}/customers/4/edit")
    clerk.locator("[name=remark]").press_sequentially("未保存")
    clerk.once("dialog", stay)
    clerk.locator("[data-go=c]").click()
    expect(clerk.locator("[name=remark]")).to_have_value(re.compile("未保存$"))
    assert asked == ["beforeunload"]
    assert clerk.url.endswith("/customers/4/edit")
    clerk.once("dialog", lambda dialog: dialog.accept())
    clerk.locator("[data-go=c]").click()
    clerk.wait_for_url("**/customers/")


@pytest.mark.parametrize(
    ("path", "needed"),
    [
        ("customers/new", "id_name"),
        ("products/new", "id_code"),
        ("orders/new", "id_customer-ts-control"),
    ],
)
def test_a_new_record_begins_with_the_cursor_in_the_first_field_it_needs(
    path, needed, clerk, company
):
    clerk.goto(f"{company.address}/{path}")
    clerk.wait_for_function("document.activeElement !== document.body")
    assert focused(clerk) == needed
    assert clerk.locator(".ts-dropdown:visible").count() == 0  # nothing covers the form yet
    clerk.keyboard.type("x")  # and it listens
    assert clerk.evaluate("document.activeElement.value") == "x"
    if needed.endswith("ts-control"):
        clerk.locator(".ts-dropdown:visible").wait_for()


def test_lines_of_an_order_are_entered_without_the_mouse(clerk, company):
    clerk.goto(f"{company.address}/orders/new")
    lines = clerk.locator("[data-lines] tbody [data-line]:not([hidden])")
    had = lines.count()
    product = lines.nth(0).locator("[data-col=product] .ts-control input")
    product.focus()
    clerk.keyboard.type("P031", delay=20)
    clerk.locator(".ts-dropdown .option.active", has_text="P031").wait_for()
    clerk.keyboard.press("Enter")
    price = lines.nth(0).locator("[data-col=price] input")
    expect(price).not_to_have_value("")  # the product brought it
    lines.nth(0).locator("[data-col=quantity] input").fill("3")
    price.fill("680.10")
    expect(clerk.locator("[data-sum=quantity]")).to_have_text("3")
    expect(clerk.locator("[data-sum=amount]")).to_have_text("2,040.30")
    last = lines.nth(had - 1)
    last.locator("input:visible").last.focus()
    clerk.keyboard.press("Enter")
    expect(lines).to_have_count(had + 1)
    assert clerk.evaluate("document.activeElement.closest('[data-line]').rowIndex") == had + 1
    lines.nth(0).locator("[data-line-remove]").click()
    expect(clerk.locator("[data-sum=amount]")).to_have_text("0.00")


def test_on_paper_a_record_stands_alone_in_black_ink(clerk, company):
    clerk.emulate_media(media="print", color_scheme="dark")
    clerk.goto(f"{company.address}/customers/1/")
    for gone in (".side", ".top", ".dock", ".page-actions", ".tabs"):
        expect(clerk.locator(gone).first).to_be_hidden()
    expect(clerk.locator("h1")).to_be_visible()
    shown = clerk.evaluate(
        "[getComputedStyle(document.querySelector('.fact dd')).color,"
        " getComputedStyle(document.querySelector('.card')).backgroundColor]"
    )
    assert shown == ["rgb(0, 0, 0)", "rgba(0, 0, 0, 0)"]
