"""An experiment in the browser, from a click to the table, and after a reload."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

pytestmark = pytest.mark.browser
SECONDS = 240_000  # for two tiny runs on a busy machine


def test_a_small_experiment_from_click_to_table(
    page: Page, app_url: str, open_page: Callable[[Page, str], None]
) -> None:
    page.set_default_timeout(SECONDS)
    open_page(page, f"{app_url}/experiments?exercise=own")
    for label, value in (("Values, with commas between", "0.001, 0.004"), ("Training images", "64"), ("Epochs", "1")):
        field = page.get_by_test_id("stMain").get_by_label(label, exact=True)
        field.fill(value)
        field.press("Enter")
        page.wait_for_selector("[data-testid=stApp][data-test-script-state=notRunning]")
    page.get_by_role("button", name="Go", exact=True).click()
    expect(page.locator(".st-key-experiment-progress")).to_contain_text("of 2 done", timeout=SECONDS)
    expect(page.locator(".st-key-experiment-results")).to_contain_text("Your result", timeout=SECONDS)
    expect(page.get_by_role("button", name="Done", exact=True)).to_be_visible(timeout=SECONDS)
    expect(page.locator(".st-key-experiment-results [data-testid=stDataFrame]")).to_be_visible()
    page.reload()
    page.wait_for_selector("[data-testid=stApp][data-test-script-state=notRunning]")
    expect(page.get_by_role("heading", name="Your own", exact=True)).to_be_visible()
