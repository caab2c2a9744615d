"""The real app in a real browser, for measurements and for tests: served from fresh directories, training where asked.

Everything that a measurement starts ends with it, also when it is cut short.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Iterable, Iterator
from pathlib import Path

import psutil
from playwright.sync_api import Browser, Page, Playwright, sync_playwright

from nin.paths import ROOT
from nin.storage.run import Run, all_runs

START_SECONDS = 60
BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
# Of a run that is trained: the first page shows the curves of a stored one.
CHART = "document.querySelector('.st-key-loss-chart:not(.st-key-stored-run .st-key-loss-chart) .live-chart')"
POINTS = f"({CHART}?.data?.[0]?.x?.length ?? 0)"
STANDBY_SECONDS = 20  # what a visitor looks around before pressing Start; the spare process is ready by then
MANY_EPOCHS = 200  # more than any measurement lasts


class App:
    """A running server."""

    def __init__(self, directory: Path) -> None:
        directory.mkdir(parents=True, exist_ok=True)
        self.runs = directory / "runs"
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]
        self.url = f"http://127.0.0.1:{self.port}"
        environment = {
            **os.environ,
            "NIN_RUNS": str(self.runs),
            "NIN_QUEUE": str(directory / "queue"),
            "NIN_DATA": "sample",
            "OMP_WAIT_POLICY": "PASSIVE",
        }
        self.log = directory / "server.log"
        arguments = ["--server.port", str(self.port), "--server.headless", "true", "--server.address", "127.0.0.1"]
        with self.log.open("wb") as log:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "streamlit", "run", "app.py", *arguments],
                cwd=ROOT,
                env=environment,
                stdout=log,
                stderr=subprocess.STDOUT,
            )

    @property
    def pid(self) -> int:
        return self._process.pid

    def wait_until_up(self) -> None:
        deadline = time.monotonic() + START_SECONDS
        while time.monotonic() < deadline:
            try:
                with urllib.request.urlopen(f"{self.url}/_stcore/health", timeout=1):  # noqa: S310 (our own address)
                    return
            except (urllib.error.URLError, OSError):
                time.sleep(0.1)
        raise TimeoutError(f"the server did not come up:\n{self.log.read_text()}")

    def close(self) -> None:
        """End the server and whatever it started: no test leaves a training behind."""
        started = psutil.Process(self._process.pid).children(recursive=True)
        self._process.terminate()
        self._process.wait(timeout=20)
        for process in started:
            try:
                process.kill()
            except psutil.NoSuchProcess:
                continue


def find_chromium() -> str | None:
    """The executable of a browser on this machine, or None where playwright's own is to be used."""
    return next((path for name in BROWSERS if (path := shutil.which(name))), None)


def launch(playwright: Playwright) -> Browser:
    return playwright.chromium.launch(
        executable_path=find_chromium(), args=["--no-sandbox", "--disable-gpu", "--disable-background-networking"]
    )


def wait_until_idle(page: Page) -> None:
    page.wait_for_selector("[data-testid=stApp][data-test-connection-state=CONNECTED]")
    page.wait_for_selector("[data-testid=stApp][data-test-script-state=notRunning]")


@contextlib.contextmanager
def chromium() -> Iterator[Browser]:
    """A browser on this machine, whose end is every measurement's."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))  # so that contexts are left, this one and those within
    with sync_playwright() as playwright:
        browser = launch(playwright)
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
