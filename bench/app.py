"""How the app feels: from Start to the first loss, and interactions while training runs.

    python -m bench.app [--rounds 5]

A real server on fresh directories, bundled data, preset `pocket`, real clicks in Chromium on
this same machine. Prints one JSON object.

start_to_loss_seconds       from the click on Start to the first point on the loss chart
interaction_seconds         from a click (smoothing slider) to the redrawn chart, training at full tilt
viewers_cost                share of training's images/s that three more open Train pages take
"""

from __future__ import annotations

import argparse
import json
import statistics
import tempfile
import time
from pathlib import Path

from playwright.sync_api import Browser, Page, sync_playwright

from tests.browser.conftest import App, wait_until_idle
from tests.browser.install import find_chromium

POINTS = "document.querySelector('.st-key-loss-chart .live-chart')?.data?.[0]?.x?.length ?? 0"
STANDBY_SECONDS = 20  # what a visitor looks around before pressing Start; the spare process is ready by then
INTERACTIONS = 40
VIEWERS = 3
WATCH_SECONDS = 20


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=5)
    rounds = parser.parse_args().rounds
    with tempfile.TemporaryDirectory() as temporary, sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=find_chromium(), args=["--no-sandbox", "--disable-gpu", "--disable-background-networking"]
        )
        starts = []
        for number in range(rounds):
            app = App(Path(temporary) / str(number))
            try:
                app.wait_until_up()
                page = browser.new_page()
                starts.append(start_to_loss(page, app))
                if number == rounds - 1:
                    interactions, viewers = interaction_seconds(page), viewers_cost(browser, app)
                page.close()
            finally:
                app.close()
        browser.close()
    centiles = statistics.quantiles(interactions, n=20)
    result = {
        "rounds": rounds,
        "start_to_loss_seconds": {"median": round(statistics.median(starts), 2), "all": [round(s, 2) for s in starts]},
        "interaction_seconds": {
            "n": len(interactions),
            "median": round(statistics.median(interactions), 3),
            "p95": round(centiles[-1], 3),
        },
        "viewers_cost": viewers,
    }
    print(json.dumps(result, indent=1))


def start_to_loss(page: Page, app: App) -> float:
    page.goto(app.url)
    wait_until_idle(page)
    time.sleep(STANDBY_SECONDS)
    page.locator(".st-key-epochs input").fill("200")
    page.locator(".st-key-epochs input").press("Enter")
    time.sleep(1)
    began = time.perf_counter()
    page.locator(".st-key-start button").click()
    page.wait_for_function(f"({POINTS}) > 0", polling=20)
    return time.perf_counter() - began


def interaction_seconds(page: Page) -> list[float]:
    """From a press of an arrow key on the smoothing slider to the chart that is drawn with it."""
    slider = page.locator(".st-key-smoothing input[type=range]")
    slider.focus()
    seconds = []
    for number in range(INTERACTIONS):
        page.evaluate(
            """() => { window.drawn = false;
                       const chart = document.querySelector('.st-key-loss-chart .live-chart');
                       const wanted = () => { window.drawn = true; };
                       chart.once('plotly_react', wanted); }"""
        )
        began = time.perf_counter()
        slider.press("ArrowRight" if number % 2 else "ArrowLeft")
        page.wait_for_function("window.drawn", polling=10)
        seconds.append(time.perf_counter() - began)
        time.sleep(0.3)
    return seconds


def viewers_cost(browser: Browser, app: App) -> dict[str, object]:
    """Steps a second with and without three more visitors, in turn, several times."""
    ratios = []
    for _ in range(4):
        alone = steps_per_second(app)
        visitors = [browser.new_page() for _ in range(VIEWERS)]
        for visitor in visitors:
            visitor.goto(app.url)
            wait_until_idle(visitor)
        time.sleep(5)
        watched = steps_per_second(app)
        for visitor in visitors:
            visitor.close()
        time.sleep(3)
        ratios.append(1 - watched / alone)
    return {
        "viewers": VIEWERS,
        "median": round(statistics.median(ratios), 3),
        "all": [round(ratio, 3) for ratio in ratios],
        "note": "their browsers run on the same cores: an upper bound of what the server itself costs",
    }


def steps_per_second(app: App) -> float:
    metrics = max(app.runs.glob("*/metrics.jsonl"))
    before, began = _steps(metrics), time.perf_counter()
    time.sleep(WATCH_SECONDS)
    return (_steps(metrics) - before) / (time.perf_counter() - began)


def _steps(metrics: Path) -> int:
    return metrics.read_bytes().count(b'"kind": "step"')


if __name__ == "__main__":
    main()
