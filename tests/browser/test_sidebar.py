"""The sidebar keeps what was set and the page goes on, wherever the visitor goes and whatever is pressed."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Page

from bench.pages.browser import POINTS as COUNT
from bench.pages.browser import App, wait_until_idle
from nin.storage.run import RunConfig
from tests.browser.hands import choose, settle
from tests.browser.live_run import SteppingRun

pytestmark = pytest.mark.browser

OpenPage = Callable[[Page, str], None]
StartRun = Callable[..., SteppingRun]

POINTS = f"() => {COUNT}"
APART = ("fetch_data", "language", "tour-next")  # not pressed: a download, other words, the way to another page


@pytest.fixture
def start_run(app: App) -> Iterator[StartRun]:
    started = []

    def start(**config: object) -> SteppingRun:
        name = f"20991231-{len(started):06d}-pocket-step"
        started.append(SteppingRun(app.runs / name, RunConfig(**{"preset": "pocket", "epochs": 20, **config})))
        return started[-1]

    yield start
    for run in started:
        run.end()
        shutil.rmtree(run.run.path)


def settings(page: Page) -> dict[str, str]:
    """What the controls show."""
    wait_until_idle(page)
    page.locator(".st-key-epochs input").wait_for()
    return {
        **{key: page.locator(f".st-key-{key} input").first.input_value() for key in ("preset", "recipe", "epochs")},
        "lr": page.locator(".st-key-lr input[type=range]").get_attribute("aria-valuetext"),
    }


def go_to(page: Page, name: str) -> None:
    page.locator(".st-key-nav").get_by_text(name, exact=True).click()
    page.get_by_role("heading", name=name).first.wait_for()
    settle(page)


def set_lr_and_epochs(page: Page) -> None:
    page.locator(".st-key-lr input[type=range]").press("ArrowLeft")
    settle(page)
    page.locator(".st-key-epochs input").fill("7")
    page.locator(".st-key-epochs input").press("Enter")
    settle(page)


def test_settings_stay_on_the_way_to_another_page_and_back(app: App, page: Page, open_page: OpenPage) -> None:
    open_page(page, app.url)
    choose(page, "preset", "paper")
    choose(page, "recipe", "book-sgd")
    set_lr_and_epochs(page)
    chosen = settings(page)
    assert chosen["preset"].startswith("paper")
    for name in ("Classify", "Train"):
        go_to(page, name)
        assert settings(page) == chosen, name


def test_settings_stay_where_the_tour_leads_to_another_page(app: App, page: Page, open_page: OpenPage) -> None:
    open_page(page, app.url)
    choose(page, "preset", "paper")
    set_lr_and_epochs(page)
    chosen = settings(page)
    page.locator("button:visible", has_text="Guided tour").click()
    page.locator(".st-key-tour-next-1 button").click()
    page.get_by_role("heading", name="Classify").first.wait_for()
    settle(page)
    assert settings(page) == chosen


def test_a_run_is_steered_from_where_it_is_on_every_page(
    app: App, page: Page, open_page: OpenPage, start_run: StartRun
) -> None:
    run = start_run(recipe="book-adam", lr=0.0012).run
    open_page(page, f"{app.url}/?run={run.id}")
    set_lr_and_epochs(page)
    chosen = settings(page)
    assert (chosen["lr"], chosen["epochs"]) == ("0.001", "7")
    # Running, on a page without charts.
    go_to(page, "Classify")
    assert settings(page) == chosen
    page.locator(".st-key-pause button").click()
    page.wait_for_selector(".st-key-pause button >> text=Resume")
    # Paused.
    go_to(page, "Train")
    assert settings(page) == chosen
    page.locator(".st-key-lr input[type=range]").press("ArrowRight")  # by one position from there
    settle(page)
    assert (run.wanted().lr, run.wanted().epochs) == (0.0012, 7)
    page.reload()
    settle(page)
    assert settings(page) == chosen | {"lr": "0.0012"}
    # Stopped.
    page.locator(".st-key-stop button").click()
    page.wait_for_selector(".st-key-start button:enabled")
    set_lr_and_epochs(page)
    for name in ("Layers", "Train"):
        go_to(page, name)
        assert settings(page) == chosen, name


def test_whatever_is_pressed_the_page_goes_on(app: App, page: Page, open_page: OpenPage, start_run: StartRun) -> None:
    run = start_run().run
    page.set_viewport_size({"width": 1440, "height": 1600})
    open_page(page, f"{app.url}/?run={run.id}")
    news(page)
    pressed = set()
    while waiting := [control for control in controls(page) if control not in pressed]:
        control = min(waiting, key=lambda control: control[0] == "stop")  # it ends the news
        pressed.add(control)
        press(page, *control)
        if control[0] == "stop":
            page.wait_for_selector(".st-key-run-status >> text=Stopped")
            break
        if control[0] == "pause":
            page.wait_for_selector(".st-key-pause button >> text=Resume")
            press(page, *control)
        news(page)
    assert {"lr", "epochs", "smoothing", "reference", "pause", "stop"} <= {key.partition("-")[0] for key, _ in pressed}
    assert any(kind == "stDataFrame" for _, kind in pressed)


def news(page: Page) -> None:
    """Wait until the curve has grown and the sidebar tells another step."""
    points, told = page.evaluate(POINTS), page.locator(".st-key-run-status [role=progressbar]").first
    before = page.locator(".st-key-run-status").inner_text()
    told.wait_for()
    page.wait_for_function(f"({POINTS})() > {points}", timeout=30_000)
    page.wait_for_function(
        "before => document.querySelector('.st-key-run-status').innerText !== before", arg=before, timeout=30_000
    )


# Where each kind of widget is pressed.
TARGETS = {
    "stSlider": "input[type=range]:enabled",
    "stSelectbox": "input:enabled",
    "stNumberInput": "[data-testid=stNumberInputStepUp]:enabled",
    "stButton": "button:enabled",
    "stButtonGroup": "button:enabled:last-of-type",
    "stCheckbox": "input:enabled",
    "stDataFrame": "canvas",
}


def controls(page: Page) -> list[tuple[str, str]]:
    """Key and kind of all that can be pressed now, on the page and in the sidebar."""
    found = page.evaluate(
        """targets => [...document.querySelectorAll('.stElementContainer[class*="st-key-"]')].flatMap(element => {
          const key = [...element.classList].find(name => name.startsWith('st-key-')).slice(7);
          const kind = Object.keys(targets).find(kind => element.querySelector(`[data-testid=${kind}]`));
          return kind && element.checkVisibility() && element.querySelector(targets[kind]) ? [[key, kind]] : [];
        })""",
        TARGETS,
    )
    return [(key, kind) for key, kind in found if not key.startswith(APART)]


def press(page: Page, key: str, kind: str) -> None:
    target = page.locator(f".st-key-{key}").locator(TARGETS[kind]).first
    match kind:
        case "stSlider":
            target.press("ArrowRight")
        case "stSelectbox":
            target.click()
            page.get_by_role("option").last.click()
        case "stDataFrame":
            target.click(position={"x": 17, "y": 52}, force=True)  # the first row's box; a scroller lies on it
        case _:
            target.click(force=kind == "stCheckbox")  # whose input lies under its picture
    page.wait_for_timeout(300)  # to reach the server
