"""The first page: an item goes through the network before anything is trained."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Page

from bench.pages.browser import App
from tests.browser.hands import settle

pytestmark = pytest.mark.browser


def test_an_item_is_sent_through_the_network_and_a_stage_opens_in_layers(
    app: App, page: Page, open_page: Callable[[Page, str], None]
) -> None:
    open_page(page, app.url)
    best = page.locator(".st-key-welcome_network .journey-bar.best")
    best.filter(has_text="Ankle boot").wait_for()
    page.locator(".st-key-welcome_items").get_by_text("Trouser").click()
    best.filter(has_text="Trouser").wait_for()
    page.locator(".st-key-welcome_network .journey-card[data-index='4']").click()
    page.get_by_role("heading", name="Layers").first.wait_for()
    settle(page)
    assert page.locator(".st-key-journey .journey-card[aria-pressed=true]").get_attribute("data-index") == "4"
    assert page.locator(".st-key-weights input").first.input_value().startswith("classic ")
