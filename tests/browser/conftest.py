"""The real app in a real browser: a fresh server on directories of its own."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Browser, Page, Playwright, sync_playwright

from bench.pages.browser import App, launch, wait_until_idle
from nin.storage.files import write_json

# Images/s. Unless they are known, the server's spare process measures for a minute, on the cores that the tests need.
SPEEDS = {"classic": 20.0, "classic-112": 80.0, "paper": 500.0, "pocket": 2000.0}


@pytest.fixture(scope="session")
def app(tmp_path_factory: pytest.TempPathFactory) -> Iterator[App]:
    """One server for all browser tests of a session."""
    directory = tmp_path_factory.mktemp("app")
    measured = {name: {"128": [speed, True], "16": [speed / 4, True]} for name, speed in SPEEDS.items()}
    write_json(directory / "runs" / "speed.json", {"cpu": measured})
    app = App(directory)
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
    browser = launch(playwright)
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
