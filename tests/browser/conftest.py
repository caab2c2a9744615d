"""The real app in a real browser: a fresh server on directories of its own."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import pytest
from playwright.sync_api import Browser, Page, Playwright, sync_playwright

from tests.browser.install import find_chromium

ROOT = Path(__file__).resolve().parent.parent.parent
START_SECONDS = 60


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
                with urllib.request.urlopen(f"{self.url}/_stcore/health", timeout=1):
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


@pytest.fixture(scope="session")
def app(tmp_path_factory: pytest.TempPathFactory) -> Iterator[App]:
    """One server for all browser tests of a session."""
    app = App(tmp_path_factory.mktemp("app"))
    try:
        app.wait_until_up()
        yield app
    finally:
        app.close()


@pytest.fixture(scope="session")
def app_url(app: App) -> str:
    return app.url


@pytest.fixture(scope="session")
def playwright() -> Iterator[Playwright]:
    with sync_playwright() as playwright:
        yield playwright


@pytest.fixture(scope="session")
def browser(playwright: Playwright) -> Iterator[Browser]:
    browser = playwright.chromium.launch(
        executable_path=find_chromium(),
        args=["--no-sandbox", "--disable-gpu", "--disable-background-networking"],
    )
    yield browser
    browser.close()


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    """A tab of its own, in which nothing may raise."""
    page = browser.new_page(viewport={"width": 1440, "height": 900})
    errors: list[str] = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.set_default_timeout(60_000)
    yield page
    page.close()
    assert not errors, errors


@pytest.fixture(scope="session")
def open_page() -> Callable[[Page, str], None]:
    """Open an address and wait until the app has nothing more to do."""

    def open_page(page: Page, url: str) -> None:
        page.goto(url)
        wait_until_idle(page)

    return open_page


def wait_until_idle(page: Page) -> None:
    page.wait_for_selector("[data-testid=stApp][data-test-connection-state=CONNECTED]")
    page.wait_for_selector("[data-testid=stApp][data-test-script-state=notRunning]")
