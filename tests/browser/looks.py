"""What holds for the look of every page, asked of the browser itself."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page

NODE_MODULES = Path(__file__).resolve().parents[2] / "node_modules"
DESK, PHONE = {"width": 1440, "height": 900}, {"width": 390, "height": 844}
DEMO_PASSWORD = "haichuan-2026"

# Controls a finger has to hit that are lower than 40 px; a link inside a sentence is none.
SMALL = """() => [...document.querySelectorAll(
  'main button, main .btn, main select, main input:not([type=hidden], [type=checkbox], [type=radio], [type=file]), .dock a, .dock button, .top button'
)].filter((e) => {
  const box = e.getBoundingClientRect();
  return e.checkVisibility({ checkVisibilityCSS: true, checkOpacity: true }) && box.width > 1 && box.height > 1
    && box.height < 39.5 && !e.closest('.ts-control, .ts-wrapper, label.pill') && !e.matches('.tomselected');
}).map((e) => e.outerHTML.slice(0, 90) + ' ' + Math.round(e.getBoundingClientRect().height))"""

# The colours are on the screen: set, and painted once.
SHOWN = """(theme) => document.documentElement.dataset.bsTheme === theme
  && new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(() => done(true))))"""

# In the dark only colours are asked again, and only of what differs from page to page. Rows come from
# one line of a template: five stand for all.
VIOLATIONS = """async (dark) => {
  const options = { resultTypes: ['violations'] };
  if (dark) options.runOnly = ['color-contrast'];
  const context = { include: [dark ? ['main'] : ['html']], exclude: [['tbody tr:nth-child(n+6)'], ['.recent li:nth-child(n+4)']] };
  const found = await axe.run(context, options);
  return found.violations
    .filter((v) => ['serious', 'critical'].includes(v.impact))
    .map((v) => [v.id, v.nodes.slice(0, 3).map((n) => n.html.slice(0, 140))]);
}"""


@cache
def axe() -> str:
    """The checker's source; run by the browser's own protocol, which the content policy does not touch."""
    return (NODE_MODULES / "axe-core" / "axe.min.js").read_text(encoding="utf-8")


def open_page(
    browser: Browser, faults: list[str], *, language: str = "zh"
) -> tuple[BrowserContext, Page]:
    """A browser of its own, at a desk, where nothing moves, and its first page."""
    context = browser.new_context(
        locale="zh-CN" if language == "zh" else "en-US",
        viewport=DESK,
        reduced_motion="reduce",
        color_scheme="light",
    )
    return context, listening(context, faults)


def listening(context: BrowserContext, faults: list[str]) -> Page:
    """A new page whose every error on the console lands in `faults`."""
    page = context.new_page()

    def heard(message: ConsoleMessage) -> None:
        if message.type == "error":
            faults.append(f"{page.url}: {message.text}")

    page.on("console", heard)
    page.on("pageerror", lambda error: faults.append(f"{page.url}: {error}"))
    return page


def sign_in(page: Page, address: str, login: str) -> None:
    """Sign in to the demonstration company."""
    page.goto(f"{address}/sign-in/")
    page.fill("input[name=login]", login)
    page.fill("input[name=password]", DEMO_PASSWORD)
    page.keyboard.press("Enter")
    page.wait_for_url(lambda url: "/sign-in" not in url)


# A closed menu that is only clipped: its shadow shows, and Tab goes through what nobody sees.
CLOSED_BUT_SHOWN = """() => [...document.querySelectorAll(".dropdown-menu:not(.show)")]
  .filter(menu => menu.checkVisibility()).map(menu => menu.outerHTML.slice(0, 80))"""


# A figure that is cut is another figure: ¥3,517,801.… stands for anything. Measured by its text, since
# scrollWidth is rounded and half a pixel is enough for the dots. So with the names in a phone's dock.
CUT_FIGURES = """() => [...document.querySelectorAll(".tile-value, .dock span")].filter((e) => {
  const text = document.createRange();
  text.selectNodeContents(e);
  return text.getBoundingClientRect().width > e.getBoundingClientRect().width + 0.05;
}).map((e) => e.outerHTML.slice(0, 80))"""


def wrong_looks(page: Page) -> list[str]:
    """What is wrong with the page that is open: light and dark, at a desk and on a phone."""
    wrong: list[str] = []
    page.evaluate(axe())
    for theme in ("light", "dark"):
        page.emulate_media(color_scheme=theme)
        page.wait_for_function(SHOWN, arg=theme)
        wrong += [f"{theme}: {found}" for found in page.evaluate(VIOLATIONS, theme == "dark")]
    page.emulate_media(color_scheme="light")
    wrong += [f"closed but shown: {menu}" for menu in page.evaluate(CLOSED_BUT_SHOWN)]
    for size in (PHONE, DESK):
        page.set_viewport_size(size)
        over = page.evaluate(
            "document.documentElement.scrollWidth - document.documentElement.clientWidth"
        )
        if over > 0:
            wrong.append(f"{over} px too wide at {size['width']} px")
        if size is PHONE:
            wrong += [f"lower than 40 px: {found}" for found in page.evaluate(SMALL)]
            wrong += [f"cut off: {found}" for found in page.evaluate(CUT_FIGURES)]
    return wrong
