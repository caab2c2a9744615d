"""The answer: its bars, its evidence, the test images behind it, and how it came about."""

from __future__ import annotations

import re
import shutil
from decimal import Decimal

import pytest
from playwright.sync_api import expect

from bench.pages.browser import wait_until_idle
from nin.data import dataset
from nin.model.network import NiN, initialise
from nin.presets import PRESETS
from nin.storage.checkpoint import Checkpoint, save_checkpoint
from nin.storage.files import write_json
from nin.storage.run import Run, RunConfig
from tests.browser.classify.hands import (
    answer,
    draw_with_mouse,
)
from tests.browser.live_run import LiveRun

pytestmark = pytest.mark.browser
expect.set_options(timeout=60_000)  # as for actions (`page` in conftest.py): a busy machine is no fault


def test_bars_follow_the_pen_without_being_made_anew(page, app_url, open_page):
    open_page(page, f"{app_url}/classify")
    answer(page).evaluate("e => { e.querySelector('.answer-row').mine = true; }")
    for row in (30, 60):
        before = answer(page).get_attribute("data-item")
        draw_with_mouse(page, [(20, row), (80, row)])
        expect(answer(page)).not_to_have_attribute("data-item", before)
    assert answer(page).evaluate("e => e.querySelector('.answer-row').mine === true")


def test_the_evidence_adds_up_to_the_printed_digit(page, app_url, open_page):
    open_page(page, f"{app_url}/classify")
    evidence = page.locator(".st-key-evidence")
    expect(evidence.locator(".evidence-class")).to_have_count(10)
    for choice in (0, 4, 9):
        evidence.locator(".evidence-class").nth(choice).click()
        cells = [float(text.replace("−", "-")) for text in evidence.locator(".evidence-cells span").all_inner_texts()]
        printed = float(evidence.locator(".evidence-class small").nth(choice).inner_text().replace("−", "-"))
        assert round(sum(cells), 3) == printed
        expect(evidence.locator(".evidence-formula")).to_contain_text(f"{printed:.3f}".replace("-", "−"))
    evidence.locator("select").select_option("2")
    cells = [float(text.replace("−", "-")) for text in evidence.locator(".evidence-cells span").all_inner_texts()]
    sums = [float(text.replace("−", "-")) for text in evidence.locator(".evidence-class small").all_inner_texts()]
    assert round(sum(cells), 3) == round(sums[9] - sums[2], 3)
    percentages = page.locator(".st-key-prediction .answer-value").all_inner_texts()
    assert sum(Decimal(text.removesuffix("%")) for text in percentages) == 100
    in_the_table = evidence.locator("tbody td:last-child").all_inner_texts()
    assert in_the_table == percentages


def test_the_test_set_explorer_and_its_images(page, app_url, open_page):
    open_page(page, f"{app_url}/classify")
    page.get_by_text("Test set", exact=True).click()
    cell = page.locator(".confusion button.wrong:not([disabled])").first
    expect(cell).to_be_visible()
    counts = page.locator(".confusion button").all_inner_texts()
    assert sum(int(count) for count in counts if count) == len(dataset.load().test.labels)
    count = int(cell.inner_text())
    cell.click()
    images = page.locator(".st-key-classify_cell .gallery-item")
    expect(images).to_have_count(count)
    expect(cell).to_have_attribute("aria-pressed", "true")
    expect(cell).to_be_focused()
    before = answer(page).get_attribute("data-item")
    # The answer stays in view in short, and comes into view whole when another picture is chosen.
    bar = page.locator(".answer-bar button")
    images.last.scroll_into_view_if_needed()
    expect(bar).to_be_visible()
    images.first.click()
    expect(answer(page)).not_to_have_attribute("data-item", before)
    expect(page.locator(".st-key-prediction .answer-label")).to_be_in_viewport()
    expect(bar).to_be_hidden()
    expect(page.locator(".answer-bar [role=status]")).to_contain_text(page.locator(".answer-label").inner_text())
    expect(page.locator("[aria-live] .answer-row")).to_have_count(0)


def test_the_answer_and_the_list_of_weights_follow_a_run_in_training(page, app, open_page):
    live = LiveRun(PRESETS["pocket"].architecture, app.runs / "19990102-follows")
    told = page.locator(".st-key-classify-step")
    try:
        open_page(page, f"{app.url}/classify")
        box = page.locator(".st-key-weights input")
        box.click()
        box.fill("19990102-follows")
        page.get_by_role("option").filter(has_text="19990102-follows").click()
        expect(told).to_contain_text("after step 1.")
        live.save(77)
        write_json(live.run.path / "status.json", {**live.run.status(), "step": 77})
        expect(told).to_contain_text("after step 77.")
        expect(box).to_have_value("19990102-follows (training, step 77)")
        live.end()
        expect(told).to_have_count(0)
        expect(box).to_have_value(re.compile("19990102-follows .done"))
    finally:
        shutil.rmtree(live.run.path)


def test_how_the_answer_changed_while_a_run_learned(page, app, open_page):
    architecture = PRESETS["pocket"].architecture
    run = Run.create(RunConfig(preset="pocket"), app.runs / "19990101-learned")
    for step in (0, 10, 20):
        weights = initialise(NiN(architecture), "he", seed=step).state_dict()
        save_checkpoint(Checkpoint(architecture, weights, "pocket", normalise=True), run.checkpoint_path(step))
    run.checkpoint_path(15).write_bytes(b"damaged")
    write_json(run.path / "status.json", {"state": "done", "step": 20})
    try:
        open_page(page, f"{app.url}/classify")
        expect(answer(page)).to_be_visible()
        wait_until_idle(page)
        box = page.locator(".st-key-weights input")
        box.click()
        box.fill("19990101-learned")
        page.get_by_role("option").filter(has_text="19990101-learned").click()
        expect(page.locator(".st-key-evidence")).to_contain_text("divided by the sum of all ten")
        page.get_by_text("As it learned", exact=True).click()
        history = page.locator(".st-key-classify-history")
        expect(history).to_contain_text("at 3 moments of its training")
        expect(history.locator("[data-testid=stVegaLiteChart]")).to_be_visible()
        expect(page.locator("[data-testid=stException]")).to_have_count(0)
    finally:
        shutil.rmtree(run.path)
