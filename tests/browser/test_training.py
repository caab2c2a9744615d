"""The lab's main job, as a person does it: start, watch, steer, stop."""

from __future__ import annotations

import json
import re
import shutil
import time
from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from bench.pages.browser import POINTS as COUNT
from bench.pages.browser import App
from nin.storage.files import write_json
from nin.storage.run import Run, RunConfig
from tests.browser.hands import choose
from tests.browser.live_run import SteppingRun
from tests.running import wait_until

pytestmark = pytest.mark.browser

POINTS = f"() => {COUNT}"
MARKS = "() => document.querySelector('.st-key-loss-chart .live-chart').layout.annotations.map(note => note.text)"


def metrics(app: App) -> list[dict]:
    newest = max(app.runs.glob("*/metrics.jsonl"), key=lambda path: path.parent.name)
    return [json.loads(line) for line in newest.read_text().splitlines()]


@pytest.fixture
def training(app: App, page: Page, open_page: Callable[[Page, str], None]) -> Iterator[Page]:
    """The Train page with a run that has begun, stopped at the end whatever the test did."""
    open_page(page, app.url)
    page.locator(".st-key-start button").click()
    page.wait_for_function(f"({POINTS})() > 2")
    yield page
    if page.locator(".st-key-stop button").is_enabled():
        page.locator(".st-key-stop button").click()
        page.wait_for_selector(".st-key-start button:enabled")


def test_train_from_the_sidebar(
    app: App, training: Page, browser: Browser, open_page: Callable[[Page, str], None]
) -> None:
    page = training
    before = page.evaluate(POINTS)
    page.wait_for_function(f"({POINTS})() > {before}")

    # A zoom made by hand stays while points come in, on the very same drawing.
    page.evaluate(
        """() => {
          window.drawing = document.querySelector('.st-key-loss-chart .live-chart');
          window.updates = 0;
          window.drawing.on('plotly_react', () => window.updates++);
          return Plotly.relayout(window.drawing, {'xaxis.range[0]': 1, 'xaxis.range[1]': 400});
        }"""
    )
    page.wait_for_function("() => window.updates >= 10")
    assert page.evaluate("() => window.drawing.isConnected && window.drawing.layout.xaxis.range") == [1, 400]

    # The learning rate, moved while it trains, is used by the next step and marked on the curve.
    slider = page.locator(".st-key-lr input[type=range]")
    slider.focus()
    slider.press("ArrowLeft")
    wait_until(lambda: any(row.get("what") == "lr" for row in metrics(app)), seconds=10)
    changed = next(row for row in metrics(app) if row.get("what") == "lr")
    assert changed["lr"] == pytest.approx(0.003)
    page.wait_for_function(f"({MARKS})().includes('lr 0.003')")

    # Pause holds it, and Resume goes on.
    page.locator(".st-key-pause button").click()
    page.wait_for_selector(".st-key-run-status >> text=Paused")
    steps = metrics(app)[-1]["step"]
    time.sleep(1)
    assert metrics(app)[-1]["step"] == steps
    page.locator(".st-key-pause button >> text=Resume").click()
    page.wait_for_selector(".st-key-run-status >> text=Training")
    wait_until(lambda: metrics(app)[-1]["step"] > steps, seconds=30)

    # A reload keeps it in hand, on this page and on another.
    page.reload()
    page.wait_for_selector(".st-key-stop button:enabled")
    page.locator(".st-key-nav").get_by_text("Classify").click()
    page.wait_for_url(re.compile(r"/classify\?.*run="))
    page.get_by_role("heading", name="Classify").wait_for()
    page.reload()
    page.wait_for_selector(".st-key-stop button:enabled")

    # Another visitor sees it and may take it over.
    visitor = browser.new_page()
    try:
        open_page(visitor, app.url)
        visitor.wait_for_selector(".st-key-run-status >> text=Training")
        assert visitor.locator(".st-key-stop button").is_disabled()
        visitor.locator(".st-key-adopt button").click()
        visitor.wait_for_selector(".st-key-stop button:enabled")
    finally:
        visitor.close()

    # Stop stops, and says so.
    page.locator(".st-key-stop button").click()
    page.wait_for_selector(".st-key-run-status >> text=Stopped")
    lines = len(metrics(app))
    time.sleep(1)
    assert len(metrics(app)) == lines


def test_a_run_that_somebody_else_starts_appears_on_an_open_page(
    app: App, page: Page, open_page: Callable[[Page, str], None]
) -> None:
    for path in app.runs.glob("2*-*-*"):  # nothing is followed on a page without runs
        if "layers" not in path.name:
            shutil.rmtree(path, ignore_errors=True)
    open_page(page, app.url)
    theirs = SteppingRun(app.runs / "20991231-000000-pocket-step")
    try:
        page.locator(".st-key-smoothing input[type=range]").focus()
        page.keyboard.press("ArrowRight")
        expect(page.locator(".st-key-run-status")).to_contain_text("Started elsewhere")
        expect(page.locator("[data-testid=stException]")).to_have_count(0)
    finally:
        theirs.end()
        shutil.rmtree(theirs.run.path)


def test_a_chart_that_is_drawn_again_and_again_listens_once(
    app: App, page: Page, open_page: Callable[[Page, str], None]
) -> None:
    page.add_init_script(
        """
        window.listening = new Set();
        const [add, remove] = [document.addEventListener, document.removeEventListener];
        document.addEventListener = function (kind, listener, ...rest) {
          if (kind === 'visibilitychange') window.listening.add(listener);
          return add.call(this, kind, listener, ...rest);
        };
        document.removeEventListener = function (kind, listener, ...rest) {
          if (kind === 'visibilitychange') window.listening.delete(listener);
          return remove.call(this, kind, listener, ...rest);
        };
        """
    )
    training = SteppingRun(app.runs / "20991231-000000-pocket-step")
    open_page(page, app.url)
    page.wait_for_function(f"({POINTS})() > 2")
    listening = page.evaluate("window.listening.size")
    for _ in range(4):
        before = page.evaluate(POINTS)
        page.wait_for_function(f"({POINTS})() > {before}")
    assert page.evaluate("window.listening.size") == listening
    training.end()
    shutil.rmtree(training.run.path)


@pytest.fixture
def two_runs(app: App) -> Iterator[None]:
    """Two runs of eight steps, newer than any that a test has started; gone afterwards."""
    runs = []
    for name in ("20991231-000000-pocket-aaaa", "20991231-111111-pocket-bbbb"):
        run = Run.create(RunConfig(preset="pocket"), app.runs / name)
        rows = [{"kind": "step", "step": n, "loss": 2.3 / n, "accuracy": 0.1, "lr": 0.1} for n in range(1, 9)]
        run.metrics_path.write_text("".join(json.dumps(row) + "\n" for row in rows))
        write_json(run.path / "status.json", {"state": "done", "steps": 8, "epochs": 1})
        runs.append(run)
    yield
    for run in runs:
        shutil.rmtree(run.path)


@pytest.mark.usefixtures("two_runs")
def test_runs_that_are_chosen_are_drawn_together(app: App, page: Page, open_page: Callable[[Page, str], None]) -> None:
    page.set_viewport_size({"width": 1440, "height": 2200})
    open_page(page, app.url)
    page.locator(".st-key-welcome_network .journey-card").first.wait_for()  # all above the table stands
    grid = page.locator(".st-key-runs-table canvas").first.bounding_box()
    row = 35  # pixels; the first one is the head
    names = "() => new Set(document.querySelector('.st-key-loss-chart .live-chart')?.data?.map(t => t.name)).size"
    page.wait_for_function(f"({names})() === 1")
    for number in (1, 2):
        page.mouse.click(grid["x"] + row / 2, grid["y"] + row * (number + 0.5))
        page.wait_for_function(f"({names})() === {number}")


@pytest.mark.usefixtures("two_runs")
@pytest.mark.parametrize(("width", "has_toolbar"), [(1440, True), (390, False)])
def test_a_chart_has_a_toolbar_where_there_is_room(
    app: App, page: Page, open_page: Callable[[Page, str], None], width: int, has_toolbar: bool
) -> None:
    page.set_viewport_size({"width": width, "height": 844})
    open_page(page, app.url)
    page.wait_for_selector(".st-key-loss-chart .main-svg .xtick")
    page.locator(".st-key-loss-chart .live-chart").hover()
    assert page.get_by_role("img", name="Loss by step").count() == 1
    assert (page.locator(".st-key-loss-chart .modebar-btn").count() > 0) == has_toolbar
    assert page.locator(".modebar-btn[data-title*='Share']").count() == 0  # nothing leaves this machine


@pytest.mark.usefixtures("two_runs")
def test_a_swipe_over_a_chart_scrolls_the_page(app: App, browser: Browser) -> None:
    context = browser.new_context(viewport={"width": 390, "height": 844}, has_touch=True, is_mobile=True)
    try:
        page = context.new_page()
        page.goto(app.url)
        page.wait_for_selector(".st-key-loss-chart .main-svg .xtick")
        chart, main = page.locator(".st-key-loss-chart .live-chart"), page.locator("[data-testid=stMain]")
        chart.scroll_into_view_if_needed()
        box, before = chart.bounding_box(), main.evaluate("main => main.scrollTop")
        finger = context.new_cdp_session(page)
        at = {"x": box["x"] + 200, "y": box["y"] + 150}
        finger.send("Input.dispatchTouchEvent", {"type": "touchStart", "touchPoints": [at]})
        for moved in range(15, 151, 15):
            at_now = {**at, "y": at["y"] - moved}
            finger.send("Input.dispatchTouchEvent", {"type": "touchMove", "touchPoints": [at_now]})
        finger.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})
        page.wait_for_function(f"document.querySelector('[data-testid=stMain]').scrollTop > {before} + 50")
    finally:
        context.close()


def test_the_published_table_can_be_drawn_beside(app: App, page: Page, open_page: Callable[[Page, str], None]) -> None:
    open_page(page, app.url)
    choose(page, "reference", "d2l in a PyTorch port")
    page.wait_for_function(
        """() => document.querySelector('.st-key-accuracy-chart .live-chart')?.data
                 ?.some(trace => trace.y.length === 5 && trace.y[4] === 0.831)"""
    )


@pytest.mark.parametrize("address", ["", "classify", "layers"])
def test_every_page_opens_by_its_address(
    app: App, page: Page, open_page: Callable[[Page, str], None], address: str
) -> None:
    open_page(page, f"{app.url}/{address}")
    page.wait_for_selector("h1")
    assert page.locator("[data-testid=stException], [data-testid=stAlertContentError]").count() == 0
    for width in (1440, 390):
        page.set_viewport_size({"width": width, "height": 844})
        # The document itself never grows: what is too wide is scrolled inside of the app.
        page.wait_for_function(
            f"() => innerWidth === {width} && document.querySelector('[data-testid=stMain]').scrollWidth <= {width}"
        )
