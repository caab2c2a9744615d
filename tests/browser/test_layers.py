"""The Layers page as a person uses it, against numbers computed here from the same weights."""

from __future__ import annotations

import io
import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from playwright.sync_api import Browser, Locator, Page, expect

from nin.atomic import write_json
from nin.checkpoint import Checkpoint, save_checkpoint
from nin.data import load
from nin.features import Features, capture, network_input
from nin.lesion import Lesion, logits_with
from nin.model import NiN, initialise
from nin.presets import PRESETS
from nin.runs import Run, RunConfig, this_process
from nin.sources import CLASS_NAMES
from tests.browser.conftest import App, wait_until_idle

pytestmark = pytest.mark.browser

BOOK = [
    [1, 96, 54, 54], [1, 96, 26, 26], [1, 256, 26, 26], [1, 256, 12, 12], [1, 384, 12, 12],
    [1, 384, 5, 5], [1, 384, 5, 5], [1, 10, 5, 5], [1, 10, 1, 1], [1, 10],
]  # fmt: skip
STEPS = (0, 10, 200)
RUN_NAME = "20250101-000000-layers-{}"  # long ago: the newest run stays the one that a test starts


def write_run(app: App, preset: str, steps: tuple[int, ...]) -> Run:
    """A finished run whose checkpoints are networks with seeded weights."""
    run = Run.create(RunConfig(preset=preset), app.runs / RUN_NAME.format(preset))
    for step in steps:
        add_checkpoint(run, preset, step)
    write_json(run.path / "status.json", {"state": "done", "step": steps[-1]})
    return run


def add_checkpoint(run: Run, preset: str, step: int) -> None:
    model = initialise(NiN(PRESETS[preset].architecture), "he", seed=step)
    save_checkpoint(Checkpoint(model.architecture, model.state_dict(), preset, True, step), run.checkpoint_path(step))


@dataclass
class Seen:
    """What the page should show: the network and its features for the item it opens with."""

    model: NiN
    features: Features


def seen_by(preset: str, step: int) -> Seen:
    model = initialise(NiN(PRESETS[preset].architecture), "he", seed=step).eval()
    test = load("sample").test
    boot = test.images[(test.labels == CLASS_NAMES.index("Ankle boot")).nonzero()[0, 0]]
    checkpoint = Checkpoint(model.architecture, {}, preset, True)
    return Seen(model, capture(model, network_input(boot, checkpoint)))


@pytest.fixture(scope="module")
def runs(app: App) -> dict[str, Run]:
    return {"pocket": write_run(app, "pocket", STEPS), "classic": write_run(app, "classic", (0,))}


@pytest.fixture
def layers(app: App, page: Page, open_page: Callable[[Page, str], None], runs: dict[str, Run]) -> Page:
    """The Layers page with the pocket network's weights."""
    open_page(page, f"{app.url}/layers")
    choose(page, "weights", RUN_NAME.format("pocket"))
    return page


def choose(page: Page, key: str, text: str) -> None:
    box = page.locator(f".st-key-{key} input")
    box.click()
    box.fill(text)
    page.get_by_role("option").filter(has_text=text).first.click()
    settle(page)


def settle(page: Page) -> None:
    page.wait_for_timeout(250)  # what was just clicked has to reach the server first
    wait_until_idle(page)


def tiles(page: Page, where: str = "mosaic") -> Locator:
    return page.locator(f".st-key-{where} .mosaic-tile")


def no_errors(page: Page) -> None:
    assert page.get_by_text("BidiComponent Error").count() == 0
    assert page.locator("[data-testid=stException]").count() == 0
    assert page.locator("[data-testid=stAlertContentError]").all_inner_texts() == []


def test_classic_has_the_books_stages_and_every_channel(app: App, layers: Page) -> None:
    page = layers
    choose(page, "weights", RUN_NAME.format("classic"))
    expect(page.locator(".st-key-layer-table tbody tr")).to_have_count(len(BOOK))
    printed = page.locator(".st-key-layer-table tbody tr td:last-child").all_inner_texts()
    assert [text.strip() for text in printed] == [f"torch.Size({shape})" for shape in BOOK]
    for stage, shape in enumerate(BOOK):
        card = page.locator(f".journey-stages [data-index='{stage}']")
        card.click()
        expect(tiles(page)).to_have_count(shape[1])
        channels = page.eval_on_selector_all(
            ".st-key-mosaic .mosaic-tile", "all => all.map(t => Number(t.dataset.channel))"
        )
        assert channels == list(range(shape[1]))
        assert "\n".join(card.locator("span").all_inner_texts()).endswith(str(shape))
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


def open_tool(page: Page, name: str) -> None:
    page.locator(".st-key-layers_tool").get_by_text(name, exact=True).click()
    settle(page)


def test_time_lapse_slider_play_and_export(layers: Page) -> None:
    page = layers
    open_tool(page, "Time-lapse")
    caption, slider = page.locator(".player-caption"), page.locator(".player-slider")

    def expected(step: int) -> str:
        probabilities = seen_by("pocket", step).features.logits.softmax(1)[0]
        return f"step {step}: {CLASS_NAMES[probabilities.argmax()]}, {probabilities.max():.1%}"

    expect(caption).to_have_text(expected(200))
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


def test_lesions_change_the_answer_as_the_network_says(layers: Page) -> None:
    page = layers
    open_tool(page, "Lesion lab")
    tiles(page).nth(5).click()
    expect(page.locator(".st-key-lesion_this")).to_contain_text("channel 5")
    page.locator(".st-key-lesion_this button").click()
    settle(page)
    page.locator(".st-key-lesion_bypass").get_by_text("1.2", exact=True).click()
    settle(page)
    seen = seen_by("pocket", STEPS[-1])
    lesions = [Lesion("1.2"), Lesion("0.5", frozenset({5}))]
    hurt = logits_with(seen.model, lesions, seen.features.input)[0]
    rows = page.locator(".st-key-lesion-answers tbody tr").all_inner_texts()
    for class_id, row in enumerate(rows):
        before, after = re.search(r"(-?[\d.]+) → (-?[\d.]+)", row).groups()
        assert float(before) == pytest.approx(seen.features.logits[0, class_id].item(), abs=2e-3)
        assert float(after) == pytest.approx(hurt[class_id].item(), abs=2e-3)
    page.locator(".st-key-lesion_measure button").click()
    page.locator(".st-key-lesion-accuracy").get_by_text("points").wait_for()
    page.locator(".st-key-lesion_heal button").click()
    expect(page.get_by_text("the network is whole")).to_be_visible()
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
            return f"{seen_by('pocket', step).features.logits.softmax(1).max():.1%}"

        best = page.locator(".journey-bar.best b")
        expect(best).to_have_text(answer(0))
        page.evaluate("() => { window.tile = document.querySelector('.st-key-mosaic .mosaic-tile'); }")
        add_checkpoint(run, "pocket", 64)
        expect(best).to_have_text(answer(64))
        assert page.evaluate("() => window.tile.isConnected"), "the maps were drawn anew instead of in place"
    finally:
        write_json(run.path / "status.json", {**status, "state": "done"})
    settle(page)
    no_errors(page)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_a_phone_shows_it_without_overflow(
    app: App, browser: Browser, runs: dict[str, Run], scheme: str, open_page: Callable[[Page, str], None]
) -> None:
    page = browser.new_page(viewport={"width": 390, "height": 844}, color_scheme=scheme, has_touch=True)
    page.set_default_timeout(60_000)
    open_page(page, f"{app.url}/layers")
    tiles(page).first.wait_for()
    for tool in ("What excites it", "Filters", "Time-lapse", "Lesion lab", "Side by side", "Download"):
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
