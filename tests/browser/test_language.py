"""A browser that speaks Chinese opens the app in Chinese; the other language is one click away, and nothing is lost by it."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from bench.pages.browser import wait_until_idle
from tests.browser.hands import choose, settle

pytestmark = pytest.mark.browser
expect.set_options(timeout=60_000)  # a busy machine is no fault


@pytest.fixture
def chinese(browser: Browser) -> Iterator[Page]:
    context = browser.new_context(locale="zh-CN", viewport={"width": 1440, "height": 900})
    page = context.new_page()
    page.set_default_timeout(60_000)
    yield page
    context.close()


def speak(page: Page, language: str) -> None:
    page.locator(".st-key-language button").filter(has_text=language).click()
    settle(page)


def test_a_chinese_browser_opens_in_chinese_and_switching_keeps_settings_and_item(chinese: Page, app_url: str) -> None:
    page = chinese
    page.goto(f"{app_url}/classify")
    wait_until_idle(page)
    expect(page).to_have_title(re.compile("分类"))
    expect(page).to_have_url(re.compile("lang=zh"))
    assert page.evaluate("document.documentElement.lang") == "zh-CN"
    expect(page.locator(".st-key-upload")).to_contain_text("每个文件最大")  # Streamlit's own words
    choose(page, "recipe", "book-sgd")
    page.locator(".st-key-classify_random button").click()
    settle(page)
    about = page.locator(".answer-about").inner_text()
    number = re.fullmatch(r"测试图像 (\d+)", about)
    assert number

    speak(page, "English")
    expect(page.locator(".answer-about")).to_have_text(f"Test image {number[1]}")
    expect(page.locator(".st-key-recipe input")).to_have_value("book-sgd · SGD 0.1, 10 epochs")
    expect(page.locator(".st-key-upload")).to_contain_text("per file")
    expect(page).to_have_url(re.compile("lang=en"))
    expect(page).to_have_url(re.compile("recipe=book-sgd"))

    page.reload()  # the address goes before the browser's language
    wait_until_idle(page)
    expect(page).to_have_title(re.compile("Classify"))
    expect(page.locator(".st-key-recipe input")).to_have_value("book-sgd · SGD 0.1, 10 epochs")
