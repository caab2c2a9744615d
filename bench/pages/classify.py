"""How Classify feels: from pen-up to new bars, and how long a large photo takes to prepare.

    python -m bench.pages.classify [--strokes 40] [--rounds 20] [--training]

1. A real server on fresh directories, the weights that Classify answers with by default, real
   strokes of a mouse in Chromium on this same machine. Both moments are taken in the page: the
   release of the button, as the browser stamps it, and the first frame after the new bars are
   in the document. With --training three times: idle, while a run that was started by a click
   on Start trains, and with the weights of that very run.
2. `nin.classify.preprocess.preprocess` on decoded photos of 12 megapixels, several kinds.

Prints one JSON object; times are in milliseconds.
"""

from __future__ import annotations

import argparse
import json
import time
from collections.abc import Iterator

import numpy as np
from PIL import Image, ImageDraw, ImageFilter
from playwright.sync_api import Page

from bench.pages.browser import chromium, new_page, served, start_training, summary, wait_until_idle
from nin.classify.preprocess import preprocess

PROMISED = {"idle": 250, "training": 500, "weights_in_training": 500}
PAUSE_MS = 800  # between strokes: a person's hand moves on
LONGEST_SECONDS = 5  # with no new bars until then there will be none
PHOTO = (4000, 3000)

# Bars of a stroke are new when the picture that they belong to is another one; a run's weights
# bring new bars without a stroke, which have the picture that was there before.
WATCH = """() => {
  window.strokes = [];
  const bars = document.querySelector('.st-key-prediction .answer');
  addEventListener('pointerup', (event) => {
    if (event.target.closest('.st-key-canvas')) {
      window.strokes.push({ up: event.timeStamp, item: bars.dataset.item, shown: null });
    }
  }, true);
  new MutationObserver(() => {
    const stroke = window.strokes.at(-1);
    if (!stroke || stroke.shown !== null || stroke.item === bars.dataset.item) return;
    stroke.shown = -1; // seen; the frame that shows it is still to come
    requestAnimationFrame((now) => { stroke.shown = Math.max(now, performance.now()); });
  }).observe(bars, { attributes: true, attributeFilter: ['data-item'] });
}"""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--strokes", type=int, default=40)
    parser.add_argument("--rounds", type=int, default=20)
    parser.add_argument("--training", action="store_true", help="also while a pocket network is trained")
    options = parser.parse_args()
    result = {
        "pen_up_to_bars_ms": pen_up_to_bars(options.strokes, training=options.training),
        "twelve_megapixels_ms": {name: prepare(photo, options.rounds) for name, photo in photos()},
    }
    print(json.dumps(result, indent=1))


def pen_up_to_bars(strokes: int, *, training: bool) -> dict[str, object]:
    found = {}
    with chromium() as browser, served() as app, new_page(browser) as page:
        page.goto(f"{app.url}/classify")
        found["idle"] = draw(page, strokes)
        if training:
            start_training(page, app)
            page.locator(".st-key-nav").get_by_role("link", name="Classify").click()
            found["training"] = draw(page, strokes)
            choose_the_run(page)
            found["weights_in_training"] = draw(page, strokes)
    return {name: {**summary(times, digits=1), "promised_p95": PROMISED[name]} for name, times in found.items()}


def draw(page: Page, strokes: int) -> list[float]:
    """Random strokes on the sheet; from pen-up to the bars of each, in milliseconds.

    A stroke that changes no pixel of the 28x28 (inside of what is filled already) has no new bars and does not count.
    """
    wait_until_idle(page)
    page.locator(".st-key-prediction .answer[data-item]").wait_for()
    page.wait_for_timeout(3000)  # whatever the page's arrival set off has settled
    page.locator(".st-key-canvas canvas").scroll_into_view_if_needed()
    page.evaluate(WATCH)
    box = page.locator(".st-key-canvas canvas").bounding_box()
    random = np.random.default_rng(0)
    times: list[float] = []
    number = 0
    while len(times) < strokes + 2:
        if number % 8 == 0:  # before the sheet is so full that a stroke changes nothing
            page.locator(".st-key-canvas [data-tool=clear]").dispatch_event("click")
            page.wait_for_timeout(PAUSE_MS)
        number += 1
        (x1, y1), (x2, y2) = random.uniform(0.1, 0.9, (2, 2)) * box["width"] + (box["x"], box["y"])
        page.mouse.move(x1, y1)
        page.mouse.down()
        page.mouse.move(x2, y2, steps=5)
        page.mouse.up()
        if (shown := _wait_for_bars(page)) is not None:
            times.append(shown)
        page.wait_for_timeout(PAUSE_MS)
    return times[2:]  # the first ones load what all later ones use


def _wait_for_bars(page: Page) -> float | None:
    deadline = time.monotonic() + LONGEST_SECONDS
    while time.monotonic() < deadline:
        page.wait_for_timeout(100)
        if (shown := page.evaluate("(s => s.shown > 0 ? s.shown - s.up : null)(window.strokes.at(-1))")) is not None:
            return float(shown)
    return None


def choose_the_run(page: Page) -> None:
    box = page.locator(".st-key-weights input")
    box.click()
    page.get_by_role("option").filter(has_text="run ").first.click()


def prepare(photo: Image.Image, rounds: int) -> dict[str, float]:
    preprocess(photo)
    times = []
    for _ in range(rounds):
        began = time.perf_counter()
        preprocess(photo)
        times.append(1000 * (time.perf_counter() - began))
    return {**summary(times, digits=1), "promised": 50}


def photos() -> Iterator[tuple[str, Image.Image]]:
    """A shirt of 12 megapixels: as a phone sees it, on a dark ground, transparent, as an outline."""
    width, height = PHOTO
    yield "shadow", _on_a_table((228, 222, 212), (62, 84, 120), width, height)
    yield "dark", _on_a_table((34, 36, 44), (205, 186, 140), width, height)
    clear = Image.new("RGBA", PHOTO, (0, 0, 0, 0))
    ImageDraw.Draw(clear).polygon(_shirt(width, height), fill=(190, 60, 50, 255))
    yield "transparent", clear
    drawn = Image.new("RGBA", PHOTO, "white")
    corners = _shirt(width, height)
    ImageDraw.Draw(drawn).line([*corners, corners[0]], fill="black", width=40, joint="curve")
    yield "outline", drawn


def _on_a_table(ground: tuple[int, ...], cloth: tuple[int, ...], width: int, height: int) -> Image.Image:
    """Light that falls from one side, a soft shadow, grain."""
    shadow = Image.new("L", PHOTO, 0)
    ImageDraw.Draw(shadow).polygon([(x + 90, y + 110) for x, y in _shirt(width, height)], fill=90)
    # Blurred when small: a blur of the large one takes seconds and looks the same.
    shadow = shadow.resize((400, 300)).filter(ImageFilter.GaussianBlur(8)).resize(PHOTO)
    table = Image.composite(
        Image.new("RGB", PHOTO, tuple(c // 3 for c in ground)), Image.new("RGB", PHOTO, ground), shadow
    )
    ImageDraw.Draw(table).polygon(_shirt(width, height), fill=cloth)
    pixels = np.asarray(table, dtype=np.float32) * np.linspace(0.82, 1.05, width, dtype=np.float32)[None, :, None]
    pixels += np.random.default_rng(0).normal(0, 5, (height, width, 1)).astype(np.float32)
    return Image.fromarray(pixels.clip(0, 255).astype(np.uint8)).convert("RGBA")


def _shirt(width: int, height: int) -> list[tuple[float, float]]:
    corners = [(38, 20), (62, 20), (84, 36), (76, 50), (68, 44), (68, 82), (32, 82), (32, 44), (24, 50), (16, 36)]
    return [(width * (x - 50) / 133 + width / 2, height * y / 100) for x, y in corners]


if __name__ == "__main__":
    main()
