"""Stages, mosaic, channel and pixel, against numbers computed here from the same weights."""

from __future__ import annotations

import re
from collections.abc import Callable

import numpy as np
import pytest
from playwright.sync_api import Browser, Page, expect

from bench.pages.browser import App
from nin.storage.run import Run
from tests.browser.hands import choose, settle
from tests.browser.layers.hands import RUN_NAME, STEPS, no_errors, open_tool, seen_by, tiles

pytestmark = pytest.mark.browser

BOOK = [
    [1, 96, 54, 54], [1, 96, 26, 26], [1, 256, 26, 26], [1, 256, 12, 12], [1, 384, 12, 12],
    [1, 384, 5, 5], [1, 384, 5, 5], [1, 10, 5, 5], [1, 10, 1, 1], [1, 10],
]  # fmt: skip


def test_classic_has_the_books_stages_and_every_channel(app: App, layers: Page) -> None:
    page = layers
    choose(page, "weights", RUN_NAME.format("classic"))
    expect(page.locator(".st-key-layer-table tbody tr")).to_have_count(len(BOOK))
    printed = page.locator(".st-key-layer-table tbody tr td:nth-child(3)").all_inner_texts()
    assert [text.strip() for text in printed] == [f"torch.Size({shape})" for shape in BOOK]
    for stage, shape in enumerate(BOOK):
        card = page.locator(f".journey-stages [data-index='{stage}']")
        card.click()
        expect(tiles(page)).to_have_count(shape[1])
        channels = page.eval_on_selector_all(
            ".st-key-mosaic .mosaic-tile", "all => all.map(t => Number(t.dataset.channel))"
        )
        assert channels == list(range(shape[1]))
        expect(card).to_contain_text(str(shape))
    settle(page)
    no_errors(page)


def test_inside_a_block(layers: Page) -> None:
    page = layers
    page.locator("[data-index='1']").click()
    inside = page.locator(".journey-inside .journey-card")
    expect(inside).to_have_count(6)
    assert [card.get_attribute("data-index") for card in inside.all()] == [f"1.{i}" for i in range(6)]
    for name in ("1.0", "1.3"):
        page.locator(f"[data-index='{name}']").click()
        expect(page.get_by_text(f"Output of {name}")).to_be_visible()
    settle(page)
    no_errors(page)


def test_mosaic_hover_click_and_keyboard(layers: Page) -> None:
    page = layers
    maps = seen_by("pocket", STEPS[-1]).features["0"][0].numpy()
    tile = tiles(page).nth(7)
    tile.scroll_into_view_if_needed()
    box = tile.bounding_box()
    side = box["width"] / maps.shape[-1]
    tile.hover(position={"x": 4.5 * side, "y": 9.5 * side})
    tip = page.locator(".st-key-mosaic .map-tip")
    expect(tip).to_contain_text("channel 7 · row 9 · column 4")
    assert float(tip.inner_text().split("·")[-1]) == pytest.approx(maps[7, 9, 4], rel=1e-4, abs=1e-5)
    # Pixel-sharp: as many numbers as the map has, enlarged by the style sheet alone.
    assert tile.locator("canvas").evaluate("c => [c.width, c.height, getComputedStyle(c).imageRendering]") == [
        14, 14, "pixelated",
    ]  # fmt: skip
    tile.click()
    expect(page.locator(".st-key-channel-detail")).to_contain_text("Channel 7")
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowRight")
    expect(page.locator(".st-key-channel-detail")).to_contain_text("Channel 9")
    page.keyboard.press("End")
    expect(page.locator(".st-key-channel-detail")).to_contain_text("Channel 47")
    # The order changes the places, never the set; the strongest comes first.
    choose(page, "layers_order", "strongest")
    expect(tiles(page).first).to_have_attribute("data-channel", str(np.abs(maps).max((1, 2)).argmax()))
    assert len({t.get_attribute("data-channel") for t in tiles(page).all()}) == 48
    no_errors(page)


def test_a_pixel_is_followed_through_the_block(layers: Page) -> None:
    page = layers
    features = seen_by("pocket", STEPS[-1]).features
    page.locator("[data-index='0.0']").click()
    expect(page.get_by_text("Output of 0.0")).to_be_visible()
    tiles(page).nth(3).click()
    canvas = page.locator(".channel-view-map")
    canvas.scroll_into_view_if_needed()
    side = canvas.bounding_box()["width"] / 14
    canvas.click(position={"x": 5.5 * side, "y": 6.5 * side})
    expect(page.locator(".channel-view-readout")).to_contain_text("Row 6, column 5")
    # 5x5, stride 2, padding 2: row 6 sees rows 10 to 14, column 5 columns 8 to 12.
    expect(page.locator(".channel-view-readout")).to_contain_text("rows 10 to 14 and columns 8 to 12")
    scope = page.locator(".st-key-pixel-microscope")
    expect(scope).to_contain_text("channel 3 at row 6, column 5")
    said = re.search(r"network's own number: (-?[\d.]+)", scope.inner_text())
    value = features["0.0"][0, 3, 6, 5].item()
    assert float(said[1]) == pytest.approx(value, abs=1e-6)
    total = re.findall(r"= (-?[\d.]+)", scope.inner_text())[1]
    assert float(total) == pytest.approx(value, abs=1e-4)
    differences = re.findall(r"with the same weights: (\S+) at this pixel, (\S+) over", scope.inner_text())
    assert len(differences) == 2
    assert all(float(here) <= float(anywhere) < 1e-4 for here, anywhere in differences)
    # A number of a vector, read by pointing at it.
    figure = scope.locator(".scope-figure").filter(has_text=re.compile("^Linear")).first.locator("canvas")
    height = figure.bounding_box()["height"]
    figure.hover(position={"x": 5, "y": height * 20.5 / 48})
    expect(scope).to_contain_text(f"nn.Linear: {features['0.2'][0, 20, 6, 5].item():.3g}"[:14])
    # The keyboard moves the pixel.
    canvas.focus()
    page.keyboard.press("ArrowDown")
    expect(scope).to_contain_text("channel 3 at row 7, column 5")
    no_errors(page)


def test_the_microscope_by_keyboard(layers: Page) -> None:
    page, scope = layers, layers.locator(".st-key-pixel-microscope")
    page.locator("[data-index='1']").click()
    expect(page.get_by_text("Output of 1 ")).to_be_visible()
    # Which channel of the spatial convolution is taken apart: the page draws it anew and the focus stays.
    entering = scope.get_by_role("slider", name="In: the channels at this pixel")
    entering.focus()
    page.keyboard.press("Home")
    expect(scope).to_contain_text("Convolution 1.0: channel 0 at")
    expect(entering).to_be_focused()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowDown")
    expect(scope).to_contain_text("Convolution 1.0: channel 2 at")
    expect(entering).to_be_focused()
    expect(entering).to_have_attribute("aria-valuetext", re.compile("^Channel 2 at this pixel"))
    # Which of its input channels.
    inputs = scope.get_by_role("slider", name="What each of the 48 input channels adds")
    inputs.focus()
    page.keyboard.press("End")
    page.keyboard.press("ArrowLeft")
    expect(inputs).to_have_attribute("aria-valuenow", "46")
    expect(scope).to_contain_text("Input channel 46 adds")
    # Where the convolution itself is open, there is nothing to choose.
    page.locator("[data-index='1.0']").click()
    expect(page.get_by_text("Output of 1.0")).to_be_visible()
    expect(entering).to_have_count(0)
    expect(scope).not_to_contain_text("click it in the column")
    no_errors(page)


def test_the_microscope_follows_the_theme(layers: Page) -> None:
    products = layers.locator(".st-key-pixel-microscope").get_by_text("Products", exact=True)
    expect(products).to_be_visible()
    background = "getComputedStyle(document.querySelector('[data-testid=stApp]')).backgroundColor"
    light = layers.evaluate(background)
    layers.emulate_media(color_scheme="dark")  # as a system does at sunset
    layers.wait_for_function(f"{background} !== '{light}'")
    layers.wait_for_timeout(500)
    expect(products).to_be_visible()
    no_errors(layers)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_a_phone_shows_it_without_overflow(
    app: App, browser: Browser, runs: dict[str, Run], scheme: str, open_page: Callable[[Page, str], None]
) -> None:
    page = browser.new_page(viewport={"width": 390, "height": 844}, color_scheme=scheme, has_touch=True)
    page.set_default_timeout(60_000)
    open_page(page, f"{app.url}/layers")
    tiles(page).first.wait_for()
    for tool in ("What excites it", "Filters", "Time-lapse", "Ablation", "Side by side", "Download"):
        open_tool(page, tool)
        assert page.evaluate("() => document.querySelector('[data-testid=stMain]').scrollWidth") <= 390
    tiles(page).nth(2).tap()
    expect(page.locator(".st-key-channel-detail")).to_contain_text("Channel 2")
    no_errors(page)
    page.close()


def test_the_network_takes_another_size(layers: Page) -> None:
    page = layers
    choose(page, "weights", RUN_NAME.format("classic"))
    page.locator(".st-key-layers_size_224").get_by_text("112 px").click()
    expect(page.locator(".st-key-layer-table")).to_contain_text("torch.Size([1, 96, 26, 26])")
    expect(page.locator(".st-key-layer-table")).to_contain_text("torch.Size([1, 10, 2, 2])")
    no_errors(page)
