"""What was chosen on the Layers page stays chosen, and what goes with it follows."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from tests.browser.hands import choose, settle
from tests.browser.layers.hands import RUN_NAME, no_errors, open_tool, tiles

pytestmark = pytest.mark.browser


def open_stage(page: Page, index: str) -> None:
    page.locator(f".journey-stages [data-index='{index}']").click()
    expect(page.get_by_text(f"Output of {index} ")).to_be_visible()
    settle(page)


def weights(page: Page) -> str:
    return page.locator(".st-key-weights input").input_value()


def test_on_the_way_to_train_and_back(layers: Page) -> None:
    page = layers
    choose(page, "layers_order", "strongest")
    open_tool(page, "Filters")
    page.locator(".st-key-nav a", has_text="Train").click()
    page.locator(".st-key-loss-chart").wait_for()
    settle(page)
    page.locator(".st-key-nav a", has_text="Layers").click()
    tiles(page).first.wait_for()
    settle(page)
    assert RUN_NAME.format("pocket") in weights(page)
    assert "strongest" in page.locator(".st-key-layers_order input").input_value()
    expect(page.locator(".st-key-layer-tools .mosaic-tile").first).to_be_visible()
    no_errors(page)


def test_a_reload_and_a_friend_with_the_address_find_the_same(layers: Page) -> None:
    page = layers
    page.locator(".st-key-layers_item_number input").fill("12")
    page.locator(".st-key-layers_item_number input").press("Enter")
    settle(page)
    open_stage(page, "2")
    tiles(page).nth(5).click()
    open_tool(page, "Filters")
    page.locator("[class*=st-key-layers_size] button").first.click()
    settle(page)
    shown = what_is_shown(page)
    assert shown["item"] == "12"
    page.reload()
    tiles(page).first.wait_for()
    settle(page)
    assert what_is_shown(page) == shown
    no_errors(page)
    with page.context.browser.new_context().new_page() as friend:
        friend.goto(page.url)
        tiles(friend).first.wait_for()
        settle(friend)
        assert what_is_shown(friend) == shown


def what_is_shown(page: Page) -> dict[str, str]:
    return {
        "weights": weights(page),
        "item": page.locator(".st-key-layers_item_number input").input_value(),
        "stage": page.locator(".journey-card[aria-pressed=true]").get_attribute("data-index"),
        "channel": page.locator(".st-key-channel-detail").get_by_role("heading").first.inner_text(),
        "size": page.locator("[class*=st-key-layers_size] [aria-checked=true]").first.inner_text(),
        "tool": page.locator(".st-key-layers_tool [aria-checked=true]").first.inner_text(),
    }


def test_class_names_belong_to_the_last_layers_alone(layers: Page) -> None:
    open_stage(layers, "7")
    expect(tiles(layers).first).to_have_attribute("data-label", "T-shirt/top")
    open_stage(layers, "0")
    assert layers.locator(".st-key-mosaic .mosaic-tile[data-label]").count() == 0


def test_a_stage_that_other_weights_have_not_got(layers: Page) -> None:
    page = layers
    choose(page, "weights", RUN_NAME.format("classic"))
    open_stage(page, "8")
    choose(page, "weights", RUN_NAME.format("pocket"))
    choose(page, "weights", RUN_NAME.format("classic"))
    pressed = page.locator(".journey-card[aria-pressed=true]").get_attribute("data-index")
    expect(page.get_by_text(f"Output of {pressed} ")).to_be_visible()
    no_errors(page)


def test_what_is_taken_out_stays_out_while_another_tool_is_open(layers: Page) -> None:
    page = layers
    open_tool(page, "Ablation")
    page.locator(".st-key-ablation_bypass").get_by_text("1.2", exact=True).click()
    settle(page)
    open_tool(page, "Filters")
    open_tool(page, "Ablation")
    expect(page.get_by_text("1×1 convolution 1.2 taken out")).to_be_visible()


def test_side_by_side_compares_the_tile_that_was_clicked_last(layers: Page) -> None:
    page = layers
    open_tool(page, "Side by side")
    expect(page.locator(".st-key-compare_weights input")).to_have_value("the same")
    compared = page.locator(".st-key-layer-tools")
    for click, channel in (("compare-a", 7), ("compare-b", 11), ("mosaic", 3), ("compare-a", 7)):
        tiles(page, click).nth(channel).click()
        expect(compared).to_contain_text(f"Channel {channel}:")
        settle(page)
        for place in ("compare-a", "compare-b"):
            expect(tiles(page, place).nth(channel)).to_have_attribute("aria-selected", "true")
    choose(page, "compare_weights", "pocket-sketch")
    tiles(page, "mosaic").nth(5).click()
    expect(compared).to_contain_text("Channel 5:")
    assert "pocket-sketch" in page.locator(".st-key-compare_weights input").input_value()
    no_errors(page)


def test_the_time_lapse_goes_with_the_layer(layers: Page) -> None:
    page = layers
    open_tool(page, "Time-lapse")
    open_stage(page, "1")
    expect(page.locator(".st-key-film_layer input")).to_have_value("1 · NiN block 96 @ 3×3")
    no_errors(page)
