"""How long the Layers page makes people wait: `python -m bench.pages.layers [--training]`.

1. capture: every layer's output against a plain forward pass, interleaved, as a ratio.
2. In Chromium, on the book's network at 224 px: from the click on a stage with 384 channels to
   the last tile drawn, and from the click on a tile to the answer beside it.

With --training a network is trained on the same machine meanwhile.
"""

from __future__ import annotations

import argparse
import statistics
import time

import torch
from playwright.sync_api import Page

from bench.pages.browser import App, chromium, new_page, served, start_training, wait_until_idle
from nin.explain.activations import capture
from nin.model.network import NiN, initialise
from nin.presets import PRESETS
from nin.storage.checkpoint import Checkpoint, save_checkpoint
from nin.storage.files import write_json
from nin.storage.run import Run, RunConfig

ROUNDS = 15

# Both run in the page, so that the way from this process to the browser is not counted.
OPEN_STAGE = """async ([stage, count]) => {
  const began = performance.now();
  document.querySelector(`.journey-stages [data-index='${stage}']`).click();
  const open = () => document.querySelectorAll('.st-key-mosaic .mosaic-tile').length === count
    && [...document.querySelectorAll('h3')].some((title) => title.textContent.startsWith(`Output of ${stage} `));
  while (!open()) {
    if (performance.now() - began > 30000) throw new Error(`stage ${stage} did not open`);
    await new Promise(requestAnimationFrame);
  }
  await new Promise(requestAnimationFrame);
  return performance.now() - began;
}"""
CHOOSE_TILE = """async (channel) => {
  const began = performance.now();
  document.querySelector(`.st-key-mosaic [data-channel='${channel}']`).click();
  const said = () => document.querySelector('.st-key-channel-detail h3').textContent;
  while (said().trim() !== `Channel ${channel}`) {
    if (performance.now() - began > 30000) throw new Error(`channel ${channel} was not shown but ${said()}`);
    await new Promise(requestAnimationFrame);
  }
  await new Promise(requestAnimationFrame);
  return performance.now() - began;
}"""


def measure_capture() -> None:
    for name, preset in PRESETS.items():
        model = initialise(NiN(preset.architecture), "he", seed=0).eval()
        size = preset.architecture.input_size
        x = torch.rand(1, 1, size, size)
        plain, captured = [], []
        for _ in range(ROUNDS):
            for times in (plain, captured, captured, plain):  # what drifts meanwhile cancels out
                began = time.perf_counter()
                with torch.inference_mode():
                    model(x) if times is plain else capture(model, x)
                times.append(1000 * (time.perf_counter() - began))
        median = statistics.median(captured) / statistics.median(plain)
        print(
            f"capture {name:<12} {median:.2f} x a plain forward pass ({statistics.median(plain):.1f} ms), medians of "
            f"{len(plain)}; the fastest of each {min(captured) / min(plain):.2f} x ({min(plain):.1f} ms)"
        )


def measure_page(page: Page, url: str) -> None:
    page.goto(f"{url}/layers")
    wait_until_idle(page)
    box = page.locator(".st-key-weights input")
    box.click()
    box.fill("bench")
    page.get_by_role("option").filter(has_text="bench").click()
    page.get_by_text("torch.Size([1, 384, 12, 12])").wait_for()
    wait_until_idle(page)
    opened, chosen = [], []
    for stage, count in (("4", 384), ("7", 10)):  # warm: what is computed once is computed here
        page.evaluate(OPEN_STAGE, [stage, count])
    for round_ in range(ROUNDS):
        page.evaluate(OPEN_STAGE, ["7", 10])
        wait_until_idle(page)
        opened.append(page.evaluate(OPEN_STAGE, ["4", 384]))
        wait_until_idle(page)
        chosen.append(page.evaluate(CHOOSE_TILE, 20 + 3 * round_))
        wait_until_idle(page)
    for what, times in (("384 channels drawn", opened), ("a tile's click answered", chosen)):
        print(f"{what:<24} median {statistics.median(times):.0f} ms, largest {max(times):.0f} ms, n = {len(times)}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--training", action="store_true", help="while a pocket network is trained")
    options = parser.parse_args()
    with chromium() as browser, served() as app, new_page(browser) as page:
        made_up_run(app)
        if options.training:
            start_training(page, app)
        measure_capture()
        measure_page(page, app.url)


def made_up_run(app: App) -> None:
    """The book's network at 224 px, not trained, as a run called "bench"."""
    run = Run.create(RunConfig(preset="classic"), app.runs / "bench")
    model = initialise(NiN(PRESETS["classic"].architecture), "he", seed=0)
    checkpoint = Checkpoint(model.architecture, model.state_dict(), "classic", normalise=True)
    save_checkpoint(checkpoint, run.checkpoint_path(0))
    write_json(run.path / "status.json", {"state": "done", "step": 0})


if __name__ == "__main__":
    main()
