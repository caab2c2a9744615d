"""How the Train page feels: `python -m bench.pages.train [start] [interactions] [rest]`.

A real server on fresh directories, bundled data, preset `pocket`, real clicks in Chromium on this
same machine; all three parts unless some are named. Prints one JSON object, times in seconds.

start          from the click on Start to the first point on the loss chart
interactions   with training at full tilt, from a key or click to what it asked for:
  smoothing      the chart drawn with the new smoothing (not just drawn again)
  learning_rate  the new rate in the run directory, where training reads it
  to_classify    the page Classify, complete; the first visit of all stands apart
  to_train       the page Train again, its curve drawn
  stop           the page says that the run is stopping; ..._done: that it has stopped
rest           changes of page, in turns with training that rests meanwhile and without, then with no training
"""

from __future__ import annotations

import argparse
import json
import random
import re
import time

from playwright.sync_api import Browser, Page

from bench.pages.browser import (
    CHART,
    POINTS,
    App,
    chromium,
    new_page,
    newest_run,
    open_train,
    press_start,
    served,
    start_training,
    summary,
    wait_until_idle,
)
from nin.process.page_priority import REQUEST

PARTS = ("start", "interactions", "rest")
STARTS, INTERACTIONS, VISITS, STOPS = 5, 40, 20, 8
REST_ROUNDS, VISITS_A_ROUND = 4, 6


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("parts", nargs="*", metavar="part", help=f"{', '.join(PARTS)}; all when none is named")
    parts = parser.parse_args().parts or PARTS
    if unknown := set(parts) - set(PARTS):
        parser.error(f"there is no part {unknown.pop()}: choose from {', '.join(PARTS)}")
    result: dict[str, object] = {}
    with chromium() as browser:
        if "start" in parts:
            result["start"] = summary(start_to_loss(browser) for _ in range(STARTS))
        for part, measure in {"interactions": interactions, "rest": rest}.items():
            if part in parts:
                with served() as app, new_page(browser) as page:
                    start_training(page, app)
                    result[part] = measure(app, page)
    print(json.dumps(result, indent=1))


def start_to_loss(browser: Browser) -> float:
    with served() as app, new_page(browser) as page:
        open_train(page, app)
        return press_start(page)


def interactions(app: App, page: Page) -> dict[str, object]:
    rates = [move_learning_rate(app, page, number) for number in range(INTERACTIONS)]
    smoothings = [move_smoothing(page, number) for number in range(INTERACTIONS)]
    first_visit, *visits = [visit_classify_and_return(page) for _ in range(VISITS + 1)]
    stops = [stop_and_start(page) for _ in range(STOPS)]
    to_classify, to_train = zip(*visits, strict=True)
    said, done = zip(*stops, strict=True)
    return {
        "smoothing": summary(smoothings),
        "learning_rate": summary(rates),
        "to_classify": summary(to_classify),
        "to_classify_first_visit": round(first_visit[0], 3),
        "to_train": summary(to_train),
        "stop": summary(said),
        "stop_done": summary(done),
    }


def press(page: Page, slider: str, key: str) -> None:
    page.locator(f".st-key-{slider} input[type=range]").press(key)


def pause() -> None:
    """Interactions fall anywhere between two ticks of the live parts."""
    time.sleep(random.uniform(0.3, 1.0))  # noqa: S311, nothing to hide


def move_smoothing(page: Page, number: int) -> float:
    """To 1, where the smoothed curve is the raw one, and to 100, where it is not."""
    wanted = number % 2 == 0
    is_raw = f"{CHART}.data[0].y.every((loss, n) => loss === {CHART}.data[1].y[n])"
    began = time.perf_counter()
    press(page, "smoothing", "Home" if wanted else "End")
    page.wait_for_function(f"({is_raw}) === {json.dumps(wanted)}", polling=10)
    seconds = time.perf_counter() - began
    pause()
    return seconds


def move_learning_rate(app: App, page: Page, number: int) -> float:
    run = newest_run(app)
    before = run.wanted().lr
    began = time.perf_counter()
    press(page, "lr", "ArrowRight" if number % 2 else "ArrowLeft")
    while run.wanted().lr == before:
        time.sleep(0.005)
    seconds = time.perf_counter() - began
    pause()
    return seconds


def visit_classify_and_return(page: Page) -> tuple[float, float]:
    began = time.perf_counter()
    page.locator(".st-key-nav a", has_text="Classify").click()
    page.locator(".st-key-evidence").wait_for()
    wait_until_idle(page)
    there = time.perf_counter() - began
    pause()
    began = time.perf_counter()
    page.locator(".st-key-nav a", has_text="Train").click()
    page.wait_for_function(f"{POINTS} > 0", polling=10)
    back = time.perf_counter() - began
    pause()
    return there, back


def stop_and_start(page: Page) -> tuple[float, float]:
    status = page.locator(".st-key-run-status")
    began = time.perf_counter()
    page.locator(".st-key-stop button").click()
    status.get_by_text(re.compile("Stopp(ing|ed)")).first.wait_for()
    said = time.perf_counter() - began
    status.get_by_text("Stopped").first.wait_for()
    done = time.perf_counter() - began
    page.locator(".st-key-start button:enabled").wait_for()
    press_start(page)
    status.get_by_text("Training").first.wait_for()
    pause()
    return said, done


# Rest


def rest(app: App, page: Page) -> dict[str, object]:
    """Resting, not, not, resting, ..."""
    asked = app.runs.parent / "queue" / REQUEST
    visits: dict[str, list[tuple[float, float]]] = {"resting": [], "not_resting": [], "no_training": []}
    visit_classify_and_return(page)
    for round_ in range(REST_ROUNDS):
        for kind in ("resting", "not_resting")[:: 1 if round_ % 2 == 0 else -1]:
            asked.unlink(missing_ok=True)
            if kind == "not_resting":
                asked.symlink_to(asked.parent / "nowhere" / REQUEST)  # which nobody can touch
            visits[kind] += [visit_classify_and_return(page) for _ in range(VISITS_A_ROUND)]
    page.locator(".st-key-stop button").click()
    page.locator(".st-key-start button:enabled").wait_for()
    visits["no_training"] = [visit_classify_and_return(page) for _ in range(REST_ROUNDS * VISITS_A_ROUND)]
    return {
        kind: {
            way: summary(times)
            for way, times in zip(("to_classify", "to_train"), zip(*pairs, strict=True), strict=True)
        }
        for kind, pairs in visits.items()
    }


if __name__ == "__main__":
    main()
