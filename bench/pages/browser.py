"""The real app in a real browser, for measurements: served from fresh directories, training where asked.

Everything that a measurement starts ends with it, also when it is cut short.
"""

from __future__ import annotations

import contextlib
import signal
import statistics
import sys
import tempfile
import time
from collections.abc import Iterable, Iterator
from pathlib import Path

from playwright.sync_api import Browser, Page, sync_playwright

from nin.storage.run import Run, all_runs
from tests.browser.conftest import App, wait_until_idle
from tests.browser.install import find_chromium

CHART = "document.querySelector('.st-key-loss-chart .live-chart')"
POINTS = f"({CHART}?.data?.[0]?.x?.length ?? 0)"
STANDBY_SECONDS = 20  # what a visitor looks around before pressing Start; the spare process is ready by then
MANY_EPOCHS = 200  # more than any measurement lasts


@contextlib.contextmanager
def chromium() -> Iterator[Browser]:
    """A browser on this machine, whose end is every measurement's."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))  # so that contexts are left, this one and those within
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=find_chromium(), args=["--no-sandbox", "--disable-gpu", "--disable-background-networking"]
        )
        yield browser
        browser.close()


@contextlib.contextmanager
def served() -> Iterator[App]:
    """A server with runs and queue of its own, bundled data."""
    with tempfile.TemporaryDirectory() as directory:
        app = App(Path(directory))
        try:
            app.wait_until_up()
            yield app
        finally:
            app.close()


@contextlib.contextmanager
def new_page(browser: Browser) -> Iterator[Page]:
    page = browser.new_page(viewport={"width": 1440, "height": 900})
    page.set_default_timeout(120_000)
    with contextlib.closing(page):
        yield page


def open_train(page: Page, app: App) -> None:
    """The Train page, set to train for long, with a visitor who has looked around."""
    page.goto(app.url)
    wait_until_idle(page)
    page.locator(".st-key-epochs input").fill(str(MANY_EPOCHS))
    page.locator(".st-key-epochs input").press("Enter")
    time.sleep(STANDBY_SECONDS)


def press_start(page: Page) -> float:
    """Seconds until the chart shows a loss."""
    began = time.perf_counter()
    page.locator(".st-key-start button").click()
    page.wait_for_function(f"{POINTS} > 0", polling=20)
    return time.perf_counter() - began


def start_training(page: Page, app: App) -> None:
    """A run of `pocket` with some hundred steps behind it."""
    open_train(page, app)
    press_start(page)
    page.wait_for_function(f"{POINTS} > 100")


def newest_run(app: App) -> Run:
    return all_runs(app.runs)[0]


def summary(values: Iterable[float], digits: int = 3) -> dict[str, float]:
    values = sorted(values)
    return {
        "n": len(values),
        "median": round(statistics.median(values), digits),
        "p95": round(statistics.quantiles(values, n=20, method="inclusive")[-1], digits),
        "worst": round(values[-1], digits),
    }
