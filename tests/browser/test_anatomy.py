"""The Anatomy page in a browser: its table can be found, read with the keyboard, and scrolled on a phone."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Page

pytestmark = pytest.mark.browser


def test_the_table_scrolls_within_a_narrow_page(
    page: Page, app_url: str, open_page: Callable[[Page, str], None]
) -> None:
    page.set_viewport_size({"width": 390, "height": 844})
    open_page(page, f"{app_url}/anatomy")
    table = page.locator(".st-key-cost-table .cost-table")
    table.wait_for()
    assert "× 1 × " in table.inner_text()
    width, inner = table.evaluate("element => [element.clientWidth, element.scrollWidth]")
    assert width < 390 < inner
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    table.focus()
    page.keyboard.press("ArrowRight")
    page.wait_for_function("document.querySelector('.cost-table').scrollLeft > 0")
    page.locator(".st-key-anatomy-code code").first.wait_for()
