"""Runs that somebody else has written: to be followed, gone on with, mended and deleted."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Locator, Page, WebSocket

from bench.pages.browser import App, wait_until_idle
from nin.process import speed
from nin.storage.files import write_json
from nin.storage.process_id import this_process
from nin.storage.run import Run, RunConfig
from nin.training.diagnosis import Diagnosis, RateChange
from tests.browser.hands import choose
from tests.browser.layers.hands import no_errors
from tests.running import wait_until
from ui.base.runs import active_runs

WriteRun = Callable[..., Run]
OpenPage = Callable[[Page, str], None]

ROW = 35  # pixels; the first one is the head


@pytest.fixture
def write_run(app: App) -> Iterator[WriteRun]:
    """Write a run with a number and a state, the higher the newer; gone at the end."""
    written = []

    def write(number: int, state: str, **status: object) -> Run:
        run = Run.create(
            RunConfig(preset="pocket", epochs=1, train_size=160, test_size=50, batch_size=16),
            app.runs / f"20991231-{number:06d}-pocket-test",
        )
        written.append(run)
        write_status(run, state, **status)
        return run

    yield write
    for run in written:
        shutil.rmtree(run.path, ignore_errors=True)


def write_status(run: Run, state: str, **status: object) -> None:
    write_json(run.path / "status.json", {"state": state, **this_process(), **status})


def status_line(page: Page, text: str) -> Locator:
    return page.locator(".st-key-run-status").get_by_text(text)


def click_row(page: Page, number: int, *modifiers: str) -> None:
    if page.locator(".st-key-network-overview").count():  # then the table is moved down until it has come
        page.locator(".st-key-welcome_network .journey-card").first.wait_for()
    table = page.locator(".st-key-runs-table canvas").first
    table.scroll_into_view_if_needed()
    grid = table.bounding_box()
    for key in modifiers:
        page.keyboard.down(key)
    page.mouse.click(grid["x"] + ROW / 2, grid["y"] + ROW * (number + 0.5))
    for key in modifiers:
        page.keyboard.up(key)


def delete_chosen(page: Page) -> None:
    page.get_by_role("button", name="Delete…").click()
    page.locator(".st-key-runs_delete button").click()


@pytest.mark.browser
@pytest.mark.parametrize(("key", "lr"), [(None, 0.0035), ("ArrowLeft", 0.003)])
def test_going_on_changes_what_was_set_by_hand(
    app: App, page: Page, open_page: OpenPage, write_run: WriteRun, key: str | None, lr: float
) -> None:
    run = write_run(1, "failed")
    run.steer(lr=0.0035)  # between two of the slider's positions
    open_page(page, f"{app.url}/?run={run.id}")
    if key is not None:
        page.locator(".st-key-lr input[type=range]").press(key)
        page.locator(".st-key-lr").get_by_text(f"{lr:g}", exact=True).wait_for()
        wait_until_idle(page)
    page.locator(".st-key-go_on button").click()
    wait_until(lambda: run.state == "done", seconds=120)
    assert run.wanted().lr == lr
    assert run.wanted().epochs == 1


@pytest.mark.browser
def test_what_was_set_for_another_recipe_does_not_go_on_with_this_run(
    app: App, page: Page, open_page: OpenPage, write_run: WriteRun
) -> None:
    run = write_run(1, "failed")
    open_page(page, f"{app.url}/?run={run.id}")
    choose(page, "recipe", "book-sgd")
    page.locator(".st-key-lr").get_by_text("0.1", exact=True).wait_for()
    wait_until_idle(page)
    page.locator(".st-key-go_on button").click()
    wait_until(lambda: run.state == "done", seconds=120)
    assert (run.wanted().lr, run.wanted().epochs) == (run.config().lr, 1)


@pytest.mark.browser
def test_a_damaged_run_is_a_row_that_can_be_deleted(
    app: App, page: Page, open_page: OpenPage, write_run: WriteRun
) -> None:
    broken, unknown = write_run(2, "stopped"), write_run(1, "running")
    (broken.path / "config.json").write_text("{")
    write_json(unknown.path / "config.json", {"preset": "from-the-future"})
    page.set_viewport_size({"width": 1440, "height": 2200})
    open_page(page, app.url)
    damaged = page.locator(".st-key-runs-table [role=gridcell]", has_text="damaged")
    damaged.nth(1).wait_for(state="attached")
    assert damaged.count() == 2
    status_line(page, f"Training · {unknown.id}").wait_for()
    page.wait_for_selector(".st-key-loss-chart .live-chart .xtick")
    no_errors(page)
    click_row(page, 1)
    page.wait_for_selector(".st-key-runs_go_on button:disabled")
    delete_chosen(page)
    wait_until(lambda: not broken.path.exists(), seconds=30)
    # Nobody can take it in hand, and is told why.
    page.locator(".st-key-adopt button").click()
    page.get_by_text("there is no preset 'from-the-future'").wait_for()
    # Nor by its address: the rest of the page is there.
    open_page(page, f"{app.url}/?run={unknown.id}")
    page.get_by_text("there is no preset 'from-the-future'").wait_for()
    page.wait_for_selector(".st-key-start button:enabled")
    assert page.locator("[data-testid=stException]").count() == 0


@pytest.mark.browser
def test_a_run_with_an_unusable_control_file_is_steered(
    app: App, page: Page, open_page: OpenPage, write_run: WriteRun
) -> None:
    run = write_run(1, "running")
    write_json(run.path / "control.json", {"lr": 100})
    open_page(page, f"{app.url}/?run={run.id}")
    status_line(page, "Training · pocket").wait_for()
    page.locator(".st-key-stop button").click()
    status_line(page, "Stopping · pocket").wait_for()
    assert run.wants_stop
    no_errors(page)


@pytest.mark.browser
def test_the_estimate_follows_every_setting(app: App, page: Page, open_page: OpenPage) -> None:
    open_page(page, app.url)
    estimate, warning = page.get_by_text("on this machine"), page.get_by_text("This takes a while")
    assert warning.count() == 0
    shown = [estimate.inner_text()]
    page.locator(".st-key-epochs input").fill("1000")
    page.locator(".st-key-epochs input").press("Enter")
    page.get_by_text(shown[-1]).wait_for(state="detached")
    warning.wait_for()
    shown.append(estimate.inner_text())
    choose(page, "preset", "classic · the book's, 224 px")
    page.get_by_text(shown[-1]).wait_for(state="detached")
    choose(page, "preset", "pocket")
    warning.wait_for(state="detached")


@pytest.mark.browser
def test_nothing_is_asked_once_the_speed_is_known(app: App, page: Page, open_page: OpenPage) -> None:
    asked: list[int] = []

    def listen(socket: WebSocket) -> None:
        socket.on("framesent", lambda _: asked.append(1))

    page.on("websocket", listen)
    measured = app.runs / "speed.json"
    known = measured.read_bytes()
    measured.unlink()
    try:
        open_page(page, app.url)
        page.get_by_text("Measuring how fast").wait_for()
    finally:
        measured.write_bytes(known)
    page.get_by_text("on this machine").wait_for()
    wait_until_idle(page)
    page.wait_for_timeout(1000)
    asked.clear()
    page.wait_for_timeout(3000)
    assert not asked


@pytest.mark.browser
def test_what_happened_is_said_above_the_charts_and_goes_with_it(
    app: App, page: Page, open_page: OpenPage, write_run: WriteRun
) -> None:
    change = RateChange(83, 0.004, 0.04, 0.004)
    found = Diagnosis("exploded", 85, "guessing", 120, 0.04, 0.97, 430.0, change)
    run = write_run(1, "running")
    open_page(page, app.url)
    # It stands where nothing stood before, on a page that is not drawn anew for it.
    write_status(run, "running", diagnosis=found.to_dict())
    story = page.locator(".st-key-what-happened")
    story.get_by_text("At step 83 the learning rate was raised from 0.004 to 0.04.").wait_for()
    story.get_by_text("The loss exploded at step 85: from 0.97 to 430.").wait_for()
    status_line(page, "The network only guesses.").wait_for()
    write_status(run, "running", diagnosis=None)
    story.get_by_text("exploded").wait_for(state="detached")
    status_line(page, "The network only guesses.").wait_for(state="detached")
    no_errors(page)


@pytest.mark.browser
def test_a_visitor_follows_what_trains_not_what_waits(
    app: App, page: Page, open_page: OpenPage, write_run: WriteRun
) -> None:
    write_run(1, "running")
    for number in range(2, 8):
        write_run(number, "done")
    write_run(8, "queued", ahead=1)
    open_page(page, app.url)
    status_line(page, "Training · pocket").wait_for()


@pytest.mark.browser
def test_all_chosen_runs_are_deleted(app: App, page: Page, open_page: OpenPage, write_run: WriteRun) -> None:
    runs = [write_run(number, "done") for number in range(1, 9)]
    for run in runs:
        row = {"kind": "step", "step": 1, "loss": 2.3, "accuracy": 0.1, "lr": 0.1}
        run.metrics_path.write_text(json.dumps(row) + "\n")
    page.set_viewport_size({"width": 1440, "height": 2200})
    open_page(page, app.url)
    drawn = "() => new Set(document.querySelector('.st-key-loss-chart .live-chart')?.data?.map(t => t.name)).size"
    page.wait_for_function(f"({drawn})() === 1")
    click_row(page, 1)
    page.get_by_role("button", name="Delete…").wait_for()
    click_row(page, 8, "Shift")
    page.wait_for_function(f"({drawn})() === 6")
    page.get_by_text("8 runs are chosen; the curves show 6 of them").wait_for()
    delete_chosen(page)
    wait_until(lambda: not any(run.path.exists() for run in runs), seconds=30)


def test_a_look_reads_only_what_may_be_active(monkeypatch: pytest.MonkeyPatch) -> None:
    runs = [Run.create(RunConfig(preset="pocket")) for _ in range(4)]
    for run in runs:
        write_status(run, "done")
    write_status(runs[0], "queued")
    speed.record("cpu", "pocket", 2000.0)  # a file among the directories
    assert list(active_runs()) == [runs[0]]
    read, status = [], Run.status

    def status_read(run: Run) -> dict:
        read.append(run)
        return status(run)

    monkeypatch.setattr(Run, "status", status_read)
    assert list(active_runs()) == [runs[0]]
    assert read == [runs[0]]
    write_status(runs[1], "starting")  # gone on with
    assert active_runs().keys() == {runs[0], runs[1]}
    write_status(runs[0], "stopped")
    assert list(active_runs()) == [runs[1]]
