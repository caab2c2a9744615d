"""What the tests of the Layers page do and look at, and the networks that it shows them."""

from __future__ import annotations

from dataclasses import dataclass

from playwright.sync_api import Locator, Page

from bench.pages.browser import App
from nin.data.dataset import load
from nin.data.fashion_mnist import CLASS_NAMES
from nin.explain.activations import Features, capture
from nin.model.network import NiN, initialise
from nin.presets import PRESETS
from nin.storage.checkpoint import Checkpoint, network_input, save_checkpoint
from nin.storage.files import write_json
from nin.storage.run import Run, RunConfig
from tests.browser.hands import settle

STEPS = (0, 10, 200)
RUN_NAME = (
    "2025-layers-{}"  # long ago: the newest run stays the one that a test starts; no date: lists show it as it is
)


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


def tiles(page: Page, where: str = "mosaic") -> Locator:
    return page.locator(f".st-key-{where} .mosaic-tile")


def no_errors(page: Page) -> None:
    assert page.get_by_text("BidiComponent Error").count() == 0
    assert page.locator("[data-testid=stException]").count() == 0
    assert page.locator("[data-testid=stAlertContentError]").all_inner_texts() == []


def open_tool(page: Page, name: str) -> None:
    page.locator(".st-key-layers_tool").get_by_text(name, exact=True).click()
    settle(page)
