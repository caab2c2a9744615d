"""The Layers page, opened."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Page

from bench.pages.browser import App
from nin.storage.run import Run
from tests.browser.layers.hands import STEPS, write_run


@pytest.fixture(scope="session")
def runs(app: App) -> dict[str, Run]:
    return {"pocket": write_run(app, "pocket", STEPS), "classic": write_run(app, "classic", (0,))}


@pytest.fixture
def layers(app: App, page: Page, open_page: Callable[[Page, str], None], runs: dict[str, Run]) -> Page:
    """The Layers page with the pocket network's weights."""
    open_page(page, f"{app.url}/layers?weights=run:{runs['pocket'].id}")
    return page
