"""What is below the maps: time-lapse, ablation, top images, two side by side, downloads; and a run that is followed."""

from __future__ import annotations

import io
import re
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from playwright.sync_api import Page, expect

from bench.pages.browser import App, wait_until_idle
from nin.data.fashion_mnist import CLASS_NAMES
from nin.explain.ablation import Ablation, logits_with
from nin.explain.class_maps import shares
from nin.storage.files import write_json
from nin.storage.process_id import this_process
from nin.storage.run import Run, RunConfig
from tests.browser.hands import choose, settle
from tests.browser.layers.hands import RUN_NAME, STEPS, add_checkpoint, no_errors, open_tool, seen_by, tiles

pytestmark = pytest.mark.browser


def test_time_lapse_slider_play_and_export(layers: Page) -> None:
    page = layers
    open_tool(page, "Time-lapse")
    caption, slider = page.locator(".player-caption"), page.locator(".player-slider")

    def expected(step: int) -> str:
        probabilities = seen_by("pocket", step).features.logits.softmax(1)[0]
        return f"step {step}: {CLASS_NAMES[probabilities.argmax()]}, {probabilities.max():.1%}"

    expect(caption).to_have_text(expected(200))
    expect(slider).to_have_accessible_name("Moment of the training")
    slider.focus()
    page.keyboard.press("Home")
    expect(caption).to_have_text(expected(0))
    page.keyboard.press("ArrowRight")
    expect(caption).to_have_text(expected(10))
    page.keyboard.press("Home")
    play = page.locator(".player-play")
    play.click()
    assert play.get_attribute("aria-pressed") == "true"
    expect(caption).to_have_text(expected(200))
    expect(play).to_have_attribute("aria-pressed", "false")
    expect(page.locator(".player-tile")).to_have_count(48)
    expect(page.locator(".player-class")).to_have_count(10)
    for kind in ("gif", "webp"):
        with page.expect_download() as download:
            page.locator(f".st-key-film_{kind} button").click()
        with Image.open(io.BytesIO(Path(download.value.path()).read_bytes())) as film:
            assert film.format == kind.upper()
            assert film.n_frames == len(STEPS)
    choose(page, "film_layer", "kernels")
    expect(page.locator(".player-tile canvas").first).to_have_js_property("width", 5)
    no_errors(page)


def test_ablations_change_the_answer_as_the_network_says(layers: Page) -> None:
    page = layers
    open_tool(page, "Ablation")
    tiles(page).nth(5).click()
    expect(page.locator(".st-key-ablation_this")).to_contain_text("channel 5")
    page.locator(".st-key-ablation_this button").click()
    settle(page)
    page.locator(".st-key-ablation_bypass").get_by_text("1.2", exact=True).click()
    settle(page)
    seen = seen_by("pocket", STEPS[-1])
    ablations = [Ablation("1.2"), Ablation("0.5", frozenset({5}))]
    without = logits_with(seen.model, ablations, seen.features.input)[0]
    rows = page.locator(".st-key-ablation-answers tbody tr").all_inner_texts()
    for class_id, row in enumerate(rows):
        before, after = re.search(r"(-?[\d.]+) → (-?[\d.]+)", row).groups()
        assert float(before) == pytest.approx(seen.features.logits[0, class_id].item(), abs=2e-3)
        assert float(after) == pytest.approx(without[class_id].item(), abs=2e-3)
    page.locator(".st-key-ablation_measure button").click()
    page.locator(".st-key-ablation-accuracy").get_by_text("points").wait_for()
    # The journey, the maps and the pixel show the network without them.
    expect(page.locator(".journey-stages [data-index='0'] .journey-off")).to_have_text("1 off")
    expect(page.locator(".journey-bar.best b")).to_have_text(f"{without.softmax(0).max():.1%}")
    expect(tiles(page).nth(5)).to_have_class(re.compile("silent"))
    expect(page.locator(".channel-view-made")).to_contain_text("Switched off")
    page.locator(".st-key-ablation_undo button").click()
    expect(page.get_by_text("Nothing is switched off")).to_be_visible()
    expect(tiles(page).nth(5)).not_to_have_class(re.compile("silent"))
    no_errors(page)


def test_exemplars_side_by_side_filters_and_downloads(layers: Page) -> None:
    page = layers
    features = seen_by("pocket", STEPS[-1]).features
    open_tool(page, "Filters")
    expect(page.locator(".st-key-layer-tools .mosaic").first.locator(".mosaic-tile")).to_have_count(48)
    open_tool(page, "Side by side")
    for place in "ab":
        expect(tiles(page, f"compare-{place}")).to_have_count(48)
    open_tool(page, "Download")
    with page.expect_download() as download:
        page.locator(".st-key-download_npy button").click()
    np.testing.assert_allclose(np.load(download.value.path()), features["0"][0], rtol=1e-4, atol=1e-5)
    with page.expect_download() as download:
        page.locator(".st-key-download_csv button").click()
    lines = Path(download.value.path()).read_text().splitlines()
    assert len(lines) == 1 + len(features.layers)
    open_tool(page, "What excites it")
    page.locator(".st-key-exciting_search button").click()
    page.locator(".exciting figure").first.wait_for()
    no_errors(page)


def test_a_run_in_training_is_followed(app: App, runs: dict[str, Run], layers: Page) -> None:
    page, run = layers, Run.create(RunConfig(preset="pocket"), app.runs / RUN_NAME.format("live"))
    add_checkpoint(run, "pocket", 0)
    status = {"state": "running", "step": 0, **this_process()}
    write_json(run.path / "status.json", status)
    try:
        page.reload()
        wait_until_idle(page)
        choose(page, "weights", RUN_NAME.format("live"))

        def answer(step: int) -> str:
            probabilities = seen_by("pocket", step).features.logits.softmax(1)[0]
            return shares(probabilities)[probabilities.argmax()]

        best = page.locator(".journey-bar.best b")
        expect(best).to_have_text(answer(0))
        page.evaluate("() => { window.tile = document.querySelector('.st-key-mosaic .mosaic-tile'); }")
        page.locator(".st-key-pixel-microscope [data-name=window]").focus()
        readout = page.locator(".st-key-pixel-microscope .scope-readout").first
        before = readout.inner_text()
        tiles(page).nth(7).hover(position={"x": 30, "y": 30})
        tip = page.locator(".st-key-mosaic .map-tip")
        row, column = map(int, re.search(r"row (\d+) · column (\d+)", tip.inner_text()).groups())
        add_checkpoint(run, "pocket", 64)
        expect(best).to_have_text(answer(64))
        assert page.evaluate("() => window.tile.isConnected"), "the maps were drawn anew instead of in place"
        # What is being read goes on being read, with the new numbers.
        value = float(seen_by("pocket", 64).features["0"][0, 7, row, column])
        expect(tip).to_be_visible()
        assert float(tip.inner_text().split("·")[-1]) == pytest.approx(value, rel=1e-4, abs=1e-5)
        expect(readout).to_contain_text("Row 0, column 0 of the window")
        assert readout.inner_text() != before
    finally:
        write_json(run.path / "status.json", {**status, "state": "done"})
    settle(page)
    no_errors(page)
