"""Every number can be read: by pointing, by finger, by keyboard; and what it is made of stands beside it."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from bench.pages.browser import App
from nin.storage.run import Run
from tests.browser.hands import choose, settle
from tests.browser.layers.hands import RUN_NAME, STEPS, no_errors, seen_by, tiles

pytestmark = pytest.mark.browser


def numbers(text: str) -> list[float]:
    return [float(number) for number in re.findall(r"[+-]?\d+\.?\d*", text.replace("−", "-"))]


def spot(canvas: Locator, row: int, column: int, side: int) -> dict[str, float]:
    """The middle of one of `side` x `side` squares."""
    box = canvas.bounding_box()
    return {"x": (column + 0.5) * box["width"] / side, "y": (row + 0.5) * box["height"] / side}


def test_the_pixel_that_is_pointed_at_answers_beside_the_map(layers: Page) -> None:
    page, maps = layers, seen_by("pocket", STEPS[-1]).features["0"][0].numpy()
    tiles(page).nth(3).click()
    detail = page.locator(".st-key-channel-detail")
    expect(detail).to_contain_text("Channel 3")
    settle(page)
    canvas = page.locator(".channel-view-map")
    canvas.scroll_into_view_if_needed()
    canvas.hover(position=spot(canvas, 6, 5, 14))
    expect(page.locator(".channel-view-readout")).to_contain_text(f"Row 6, column 5 is {maps[3, 6, 5]:.5g}"[:22])
    *terms, total = page.locator(".channel-view-made li").all()
    added = [numbers(term.locator("b").inner_text())[0] for term in terms]
    before_relu, after = numbers(total.locator("b").inner_text())
    assert sum(added) == pytest.approx(before_relu, abs=1e-9)  # to the printed digit
    assert after == pytest.approx(maps[3, 6, 5], abs=1e-3)
    below = detail.locator(".channel-view-made").bounding_box()["y"] - canvas.bounding_box()["y"]
    assert below < canvas.bounding_box()["height"] + 150
    page.mouse.move(5, 5)  # what was chosen counts again
    expect(page.locator(".channel-view-readout")).not_to_contain_text("Row 6, column 5 is")
    # The picture answers, too: pixel (13, 11) lies at the centre of what row 6, column 5 sees.
    picture = page.locator(".channel-view-input")
    picture.hover(position=spot(picture, 12, 10, 28))
    expect(page.locator(".channel-view-readout")).to_contain_text("Row 6, column 5 is")
    no_errors(page)


def test_another_stage_shows_the_same_place(layers: Page) -> None:
    page = layers
    canvas = page.locator(".channel-view-map")
    canvas.click(position=spot(canvas, 12, 2, 14))
    expect(page.locator(".channel-view-readout")).to_contain_text("Row 12, column 2")
    settle(page)
    page.locator(".journey-stages [data-index='3']").click()
    expect(page.locator(".channel-view-readout")).to_contain_text("Row 5, column 0")
    page.locator(".st-key-layer-table tr", has_text="Global average pool").click()
    expect(page.get_by_text("Output of 6 ")).to_be_visible()
    expect(page.locator(".st-key-channel-detail")).to_contain_text("logit")
    settle(page)
    page.locator(".journey-stages [data-index='0']").click()
    expect(page.locator(".channel-view-readout")).to_contain_text("Row 12, column 2")
    no_errors(page)


def test_by_keyboard(layers: Page) -> None:
    page, maps = layers, seen_by("pocket", STEPS[-1]).features["0"][0].numpy()
    tiles(page).nth(7).click()
    page.keyboard.press("Shift+ArrowDown")
    page.keyboard.press("Shift+ArrowRight")
    tip = page.locator(".st-key-mosaic .map-tip")
    expect(tip).to_contain_text("channel 7 · row 7 · column 8")
    page.keyboard.press("ArrowRight")
    expect(tip).to_contain_text("channel 8 · row 7 · column 8")
    assert float(tip.inner_text().split("·")[-1]) == pytest.approx(maps[8, 7, 8], rel=1e-4, abs=1e-5)
    expect(page.locator(".st-key-channel-detail")).to_contain_text("Channel 8")
    settle(page)
    kernel = page.locator(".st-key-pixel-microscope [data-name=window]")
    kernel.focus()
    page.keyboard.press("ArrowRight")
    expect(page.locator(".st-key-pixel-microscope .scope-readout").first).to_contain_text(
        "Row 0, column 1 of the window"
    )
    page.keyboard.press("Tab")
    expect(page.locator(".st-key-pixel-microscope .scope-readout").first).to_have_text(
        "Point at a square to read its numbers."
    )
    no_errors(page)


def test_by_finger(app: App, browser: Browser, runs: dict[str, Run], open_page: Callable[[Page, str], None]) -> None:
    page = browser.new_page(viewport={"width": 390, "height": 844}, has_touch=True)
    page.set_default_timeout(60_000)
    open_page(page, f"{app.url}/layers")
    choose(page, "weights", RUN_NAME.format("pocket"))
    maps = seen_by("pocket", STEPS[-1]).features["0"][0].numpy()
    tile = tiles(page).nth(7)
    tile.tap(position=spot(tile, 9, 4, 14))
    tip = page.locator(".st-key-mosaic .map-tip")
    expect(tip).to_contain_text("channel 7 · row 9 · column 4")
    assert float(tip.inner_text().split("·")[-1]) == pytest.approx(maps[7, 9, 4], rel=1e-4, abs=1e-5)
    settle(page)
    canvas = page.locator(".channel-view-map")
    canvas.tap(position=spot(canvas, 6, 5, 14))
    expect(page.locator(".channel-view-readout")).to_contain_text("Row 6, column 5")
    settle(page)
    squares = page.locator(".st-key-pixel-microscope .scope-patch canvas").nth(1)
    squares.tap(position=spot(squares, 2, 3, 5))
    settle(page)
    expect(page.locator(".st-key-pixel-microscope .scope-readout").first).to_contain_text(
        "Row 2, column 3 of the window"
    )
    no_errors(page)
    page.close()
