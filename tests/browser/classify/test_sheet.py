"""The sheet to draw on, with mouse and finger, and the work that it keeps."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from bench.pages.browser import wait_until_idle
from tests.browser.classify.hands import (
    INK,
    T_SHIRT,
    answer,
    draw_with_finger,
    draw_with_mouse,
)

pytestmark = pytest.mark.browser
expect.set_options(timeout=60_000)  # as for actions (`page` in conftest.py): a busy machine is no fault


def test_a_t_shirt_drawn_with_the_mouse(page, app_url, open_page):
    open_page(page, f"{app_url}/classify")
    draw_with_mouse(page, [*T_SHIRT, T_SHIRT[0]])
    expect(answer(page)).to_have_attribute("data-label", "T-shirt/top")
    expect(page.locator(".st-key-prediction .answer-row")).to_have_count(10)
    expect(page.locator(".st-key-seen-by-network img").first).to_be_visible()
    expect(page.locator("[data-testid=stException]")).to_have_count(0)


def test_a_t_shirt_drawn_with_a_finger_on_a_phone(browser, app_url, open_page):
    context = browser.new_context(viewport={"width": 390, "height": 844}, has_touch=True, is_mobile=True)
    page = context.new_page()
    open_page(page, f"{app_url}/classify")
    page.locator(".st-key-canvas canvas").scroll_into_view_if_needed()
    draw_with_finger(page, [*T_SHIRT, T_SHIRT[0]])
    expect(answer(page)).to_have_attribute("data-label", "T-shirt/top")
    main = page.locator("[data-testid=stMain]")
    assert main.evaluate("e => e.scrollWidth - e.clientWidth") == 0
    context.close()


def test_undo_clear_and_eraser(page, app_url, open_page):
    open_page(page, f"{app_url}/classify")
    tool = lambda name: page.locator(f".st-key-canvas [data-tool={name}]")  # noqa: E731
    ink = lambda: page.locator(".st-key-canvas canvas").evaluate(INK)  # noqa: E731
    expect(tool("undo")).to_be_disabled()
    expect(tool("redo")).to_be_disabled()
    draw_with_mouse(page, [(20, 20), (80, 20)])
    one = ink()
    draw_with_mouse(page, [(20, 60), (80, 60)])
    two = ink()
    assert two > one > 0
    tool("undo").click()
    assert ink() == one
    # A palm on a button, while the pen is down, takes nothing away under it.
    canvas = page.locator(".st-key-canvas canvas").first.bounding_box()
    assert canvas is not None
    page.mouse.move(canvas["x"] + canvas["width"] * 0.2, canvas["y"] + canvas["height"] * 0.6)
    page.mouse.down()
    tool("undo").dispatch_event("click")
    page.mouse.move(canvas["x"] + canvas["width"] * 0.8, canvas["y"] + canvas["height"] * 0.6, steps=5)
    page.mouse.up()
    assert ink() > one
    tool("undo").click()
    assert ink() == one
    tool("eraser").click()
    draw_with_mouse(page, [(15, 20), (50, 20)])
    assert 0 < ink() < one
    erased = ink()
    assert 0 < erased < one
    tool("clear").click()
    assert ink() == 0
    expect(tool("pen")).to_have_attribute("aria-pressed", "true")  # who clears the sheet wants to draw
    expect(page.locator(".st-key-prediction .answer-label")).to_have_text(re.compile("The sheet is blank"))
    tool("undo").click()
    assert ink() == erased
    page.keyboard.press("Control+z")
    assert ink() == one
    page.keyboard.press("Control+Shift+Z")
    assert ink() == erased
    page.keyboard.press("Control+y")
    assert ink() == 0
    expect(tool("redo")).to_be_disabled()


def test_the_sheet_is_large_enough_to_draw_on_at_any_width(page, app_url, open_page):
    open_page(page, f"{app_url}/classify")
    for width in (320, 641, 700, 769, 800, 1000, 1280):
        page.set_viewport_size({"width": width, "height": 720})
        page.wait_for_function("document.querySelector('.st-key-canvas canvas')?.getBoundingClientRect().width >= 240")


def test_work_outlives_another_page_and_a_reload(page, app_url, open_page):
    open_page(page, f"{app_url}/classify")
    tool = lambda name: page.locator(f".st-key-canvas [data-tool={name}]")  # noqa: E731
    kept = page.locator(".st-key-recent button, .recent button")
    draw_with_mouse(page, [*T_SHIRT, T_SHIRT[0]])
    expect(answer(page)).to_have_attribute("data-label", "T-shirt/top")
    drawn = answer(page).get_attribute("data-item")
    page.get_by_role("button", name="A test image").click()
    expect(page.locator(".answer-about")).to_contain_text("Test image")
    shown = answer(page).get_attribute("data-item")
    for name in ("Train", "Classify"):
        page.locator(".st-key-nav").get_by_role("link", name=name).click()
        expect(page.get_by_role("heading", level=1)).to_contain_text(name)
        wait_until_idle(page)
    page.wait_for_function(f"({INK})(document.querySelector('.st-key-canvas canvas')) > 500")
    for reloaded in (False, True):
        if reloaded:
            page.reload()
        expect(answer(page)).to_have_attribute("data-item", shown)
        expect(kept).to_have_count(2)
        expect(tool("undo")).to_be_enabled()
        page.wait_for_function(f"({INK})(document.querySelector('.st-key-canvas canvas')) > 500")
    wait_until_idle(page)
    # Back to the drawing: from the strip, after the sheet was cleared and something else was drawn.
    tool("clear").click()
    draw_with_mouse(page, [(40, 20), (60, 80)])
    expect(kept).to_have_count(3)
    kept.last.click()
    expect(answer(page)).to_have_attribute("data-item", drawn)
    page.wait_for_function(f"({INK})(document.querySelector('.st-key-canvas canvas')) > 1500")


def test_the_item_travels_to_layers_and_the_drawing_is_still_there_on_return(page, app_url, open_page):
    open_page(page, f"{app_url}/classify")
    draw_with_mouse(page, [*T_SHIRT, T_SHIRT[0]])
    expect(answer(page)).to_have_attribute("data-label", "T-shirt/top")
    item = answer(page).get_attribute("data-item")
    page.locator(".st-key-nav").get_by_role("link", name="Layers").click()
    expect(page.get_by_role("heading", level=1, name="Layers")).to_be_visible()
    expect(page.locator(".st-key-prediction")).to_have_count(0)  # of the page before, nothing is left
    expect(page.get_by_text("Your drawing", exact=True)).to_be_visible()
    page.locator(".st-key-nav").get_by_role("link", name="Classify").click()
    expect(answer(page)).to_have_attribute("data-item", item)
    page.wait_for_function(f"({INK})(document.querySelector('.st-key-canvas canvas')) > 500")
