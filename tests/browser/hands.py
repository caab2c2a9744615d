"""What the tests of several pages do."""

from __future__ import annotations

from playwright.sync_api import Page

from bench.pages.browser import wait_until_idle


def choose(page: Page, key: str, text: str) -> None:
    """The entry with this text, in the box of this key."""
    box = page.locator(f".st-key-{key} input")
    box.click()
    box.fill(text)
    page.get_by_role("option").filter(has_text=text).first.click()
    settle(page)


def settle(page: Page) -> None:
    page.wait_for_timeout(250)  # what was just pressed has to reach the server first
    wait_until_idle(page)
