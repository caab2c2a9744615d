"""The memory that the app takes: `python -m bench.pages.memory`.

A real server, one visitor in Chromium: as it is served, after each page was opened, and while `pocket` trains. Of the
server and of all processes that it started, each counted by its proportional set size: what several share is counted
once. Chromium is not counted. Prints one JSON object, in MiB. Linux alone tells a proportional size.
"""

from __future__ import annotations

import json
import time

import psutil
from playwright.sync_api import Page

from bench.pages.browser import App, chromium, new_page, press_start, served, wait_until_idle

SETTLE_SECONDS = 20.0  # until the process that stands by for Start has imported what it needs
TRAIN_SECONDS = 60.0
PAGES = ("classify", "layers", "anatomy", "experiments")


def main() -> None:
    found = {}
    with chromium() as browser, served() as app, new_page(browser) as page:
        found["served"] = taken(app)
        page.goto(app.url)
        wait_until_idle(page)
        time.sleep(SETTLE_SECONDS)
        found["train, idle"] = taken(app)
        for name in PAGES:
            page.goto(f"{app.url}/{name}")
            wait_until_idle(page)
            time.sleep(3)
            found[name] = taken(app)
        found["in training, peak"] = most_in_training(app, page)
    print(json.dumps({"unit": "MiB", "proportional set size": found}, indent=1))


def most_in_training(app: App, page: Page) -> float:
    """Of looks half a second apart."""
    page.goto(app.url)
    wait_until_idle(page)
    press_start(page)
    most, end = 0.0, time.monotonic() + TRAIN_SECONDS
    while time.monotonic() < end:
        most = max(most, taken(app))
        time.sleep(0.5)
    return most


def taken(app: App) -> float:
    """MiB, of the server and what it has started."""
    server, total = psutil.Process(app.pid), 0
    for process in (server, *server.children(recursive=True)):
        try:
            total += process.memory_full_info().pss
        except psutil.NoSuchProcess:
            continue
    return round(total / 2**20, 1)


if __name__ == "__main__":
    main()
