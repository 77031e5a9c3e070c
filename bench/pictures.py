"""`make pictures`: the README's pictures, taken from the demonstration company in a real browser.

The company is the one of a fixed seed and day, so that pictures differ only where pages do, and in the
times at which its records were entered.
"""

from __future__ import annotations

import base64
import csv
import re
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import Browser, Page, sync_playwright

from bench.client import PASSWORD
from bench.data import inside
from bench.processes import Home

FOLDER = Path(__file__).resolve().parents[1] / "docs" / "pictures"
LAST_DAY = "2026-11-20"
_LOGIN = "chenhaitao"  # sales manager
_IMPORTER = "sunli"  # customer-information administrator
_WIDTH, _HEIGHT = 1280, 800
_FLAGS = (
    "--no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking"
    " --disable-component-update --disable-sync"
).split()
_PAGES = {
    "home": "/",
    "customers": "/customers/",
    "customer": "/customers/12/",
    "report": "/reports/sales/",
}
# What the preview of an import is for: half is right, half has to be looked at.
_SHEET = (
    ("客户编码", "客户名称", "联系人", "联系电话", "税号", "业务员", "建档日期"),
    ("009001", "烟台海诺仪表有限公司", "王建军", "0535-6612345", "91370600MA3C4D5E65", "张伟", "2026-11-02"),
    ("9002", "天津格致检测技术有限公司", "李敏", "022－28391234", "", "吴敏", "2026年11月5日"),
    ("009003", "青岛瑞丰机械制造有限公司", "赵强", "13800138000", "913702007654321", "刘洋", "2026-02-30"),
    ("009004", "石家庄恒通商贸有限公司", "", "0311-8765432", "", "周涛", "2026-11-08"),
    ("009002", "天津市格致检测技术有限公司", "李敏", "022-28391234", "", "吴敏", "2026-11-05"),
    ("009006", "郑州中原电子科技有限公司", "孙丽华", "0371-65123456", "", "王芳", "2026-11-11"),
)  # fmt: skip


def main() -> int:
    """Take all pictures; what was written goes to the terminal."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="dossier-pictures-") as place:
        home = Home(Path(place) / "home")
        Path(place).chmod(0o755)  # the database may run as a user of its own
        inside(home, "company", LAST_DAY)
        with home.serving() as serving, _browser() as browser:
            address = f"http://127.0.0.1:{serving.port}"
            page = _signed_in(browser, address, _LOGIN)
            for name, path in _PAGES.items():
                page.goto(address + path)
                _take(browser, page, name)
            page = _signed_in(browser, address, _IMPORTER)
            _preview(page, address, Path(place) / "客户.csv")
            _take(browser, page, "import")
    return 0


@contextmanager
def _browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=_FLAGS)
        try:
            yield browser
        finally:
            browser.close()


def _signed_in(browser: Browser, address: str, login: str) -> Page:
    context = browser.new_context(
        viewport={"width": _WIDTH, "height": _HEIGHT}, locale="zh-CN", reduced_motion="reduce"
    )
    page = context.new_page()
    page.goto(f"{address}/sign-in/")
    page.fill("input[name=login]", login)
    page.fill("input[name=password]", PASSWORD)
    page.keyboard.press("Enter")
    page.wait_for_url(lambda url: "/sign-in" not in url)
    return page


def _preview(page: Page, address: str, sheet: Path) -> None:
    """The check of a sheet, before anything is brought in."""
    with sheet.open("w", encoding="utf-8", newline="") as out:
        csv.writer(out).writerows(_SHEET)
    page.goto(f"{address}/imports/")
    page.locator("input[name=kind][value=customers]").check(force=True)
    page.locator("input[name=file]").set_input_files(str(sheet))
    page.locator(".save-bar button[type=submit]").click()
    page.wait_for_url(re.compile(r"/imports/\d+/columns/"))
    page.locator(".save-bar button[type=submit]").first.click()
    page.locator("form:has([name=mode]) button[data-key-save]").wait_for(timeout=60_000)


def _take(browser: Browser, page: Page, name: str) -> None:
    """Write the page as it stands; WebP, because a picture is loaded with every look at the README."""
    page.wait_for_load_state("networkidle")
    page.wait_for_timeout(500)  # charts draw after their data came
    shot = base64.b64encode(page.screenshot()).decode()
    blank = browser.new_page()
    encoded = blank.evaluate(
        """async (png) => {
          const picture = new Image(); picture.src = 'data:image/png;base64,' + png; await picture.decode();
          const canvas = document.createElement('canvas');
          canvas.width = picture.width; canvas.height = picture.height;
          canvas.getContext('2d').drawImage(picture, 0, 0);
          return canvas.toDataURL('image/webp', 0.82).split(',')[1];
        }""",
        shot,
    )
    blank.close()
    file = FOLDER / f"{name}.webp"
    file.write_bytes(base64.b64decode(encoded))
    sys.stdout.write(f"{file} {file.stat().st_size // 1024} KB\n")


if __name__ == "__main__":
    sys.exit(main())
