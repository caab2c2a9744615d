"""How the app feels while training runs, and what those who watch cost it.

    python -m bench.app [start] [interactions] [viewers] [browsers]

A real server on fresh directories, bundled data, preset `pocket`, real clicks in Chromium on this
same machine; all four parts unless some are named. Prints one JSON object, times in seconds.

start          from the click on Start to the first point on the loss chart
interactions   with training at full tilt, from a key or click to what it asked for:
  smoothing      the chart drawn with the new smoothing (not just drawn again)
  learning_rate  the new rate in the run directory, where training reads it
  to_classify    the page Classify, complete; the first visit of all stands apart
  to_train       the page Train again, its curve drawn
  stop           the page says that the run is stopping; ..._done: that it has stopped
viewers        three Train pages without a browser (bench.viewers): the server's own cost
browsers       three Train pages in Chromium on the same cores: what drawing costs on top
"""

from __future__ import annotations

import argparse
import contextlib
import itertools
import json
import random
import re
import signal
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

import psutil
from playwright.sync_api import Browser, Page, sync_playwright
from streamlit.proto.BackMsg_pb2 import BackMsg

from nin.runs import Run, all_runs
from tests.browser.conftest import App, wait_until_idle
from tests.browser.install import find_chromium

PARTS = ("start", "interactions", "viewers", "browsers")
CHART = "document.querySelector('.st-key-loss-chart .live-chart')"
POINTS = f"{CHART}?.data?.[0]?.x?.length ?? 0"
STANDBY_SECONDS = 20  # what a visitor looks around before pressing Start; the spare process is ready by then
STARTS, INTERACTIONS, VISITS, STOPS = 5, 40, 20, 8
VIEWERS, ROUNDS, ROUND_SECONDS = 3, 6, 10.0


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("parts", nargs="*", metavar="part", help=f"{', '.join(PARTS)}; all when none is named")
    parts = parser.parse_args().parts or PARTS
    if unknown := set(parts) - set(PARTS):
        parser.error(f"there is no part {unknown.pop()}: choose from {', '.join(PARTS)}")
    # Even when it is cut short, it leaves no server and no training behind.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    result: dict[str, object] = {}
    with tempfile.TemporaryDirectory() as directory, sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=find_chromium(), args=["--no-sandbox", "--disable-gpu", "--disable-background-networking"]
        )
        if "start" in parts:
            result["start"] = summary([start_to_loss(browser, Path(directory) / str(n)) for n in range(STARTS)])
        measures = {"interactions": interactions, "viewers": viewers, "browsers": browsers}
        for part, measure in measures.items():
            if part in parts:
                with training(browser, Path(directory) / part) as (app, page):
                    result[part] = measure(app, page)
        browser.close()
    print(json.dumps(result, indent=1))


def summary(values: Iterable[float]) -> dict[str, object]:
    values = sorted(values)
    return {
        "n": len(values),
        "median": round(statistics.median(values), 3),
        "p95": round(statistics.quantiles(values, n=20, method="inclusive")[-1], 3),
        "worst": round(values[-1], 3),
    }


# Start


def start_to_loss(browser: Browser, directory: Path) -> float:
    with served(directory) as app, contextlib.closing(browser.new_page()) as page:
        look_around(page, app)
        return press_start(page)


@contextlib.contextmanager
def served(directory: Path) -> Iterator[App]:
    app = App(directory)
    try:
        app.wait_until_up()
        yield app
    finally:
        app.close()


def look_around(page: Page, app: App) -> None:
    page.goto(app.url)
    wait_until_idle(page)
    page.locator(".st-key-epochs input").fill("200")
    page.locator(".st-key-epochs input").press("Enter")
    time.sleep(STANDBY_SECONDS)


def press_start(page: Page) -> float:
    began = time.perf_counter()
    page.locator(".st-key-start button").click()
    page.wait_for_function(f"({POINTS}) > 0", polling=20)
    return time.perf_counter() - began


@contextlib.contextmanager
def training(browser: Browser, directory: Path) -> Iterator[tuple[App, Page]]:
    """A server, and a page of it with a run that has some hundred steps behind it."""
    with served(directory) as app, contextlib.closing(browser.new_page()) as page:
        look_around(page, app)
        press_start(page)
        page.wait_for_function(f"({POINTS}) > 100")
        yield app, page


# Interactions


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
    page.wait_for_function(f"({POINTS}) > 0", polling=10)
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


# What watching costs


def viewers(app: App, page: Page) -> dict[str, object]:
    """With none and with three watching in turn: none, three, three, none, ..."""
    request = app.runs.parent / "request"
    request.write_bytes(timer_request(app, page))
    page.goto("about:blank")  # nobody else watches
    arguments = [sys.executable, "-m", "bench.viewers", app.url, str(VIEWERS), str(request)]
    with subprocess.Popen(arguments, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as clients:

        def watch(count: int) -> None:
            clients.stdin.write(f"{count}\n")
            clients.stdin.flush()
            assert clients.stdout.readline().strip() == str(count)

        time.sleep(3)  # until each has its page
        rounds: dict[int, list[Round]] = {0: [], 1: [], VIEWERS: []}
        epochs = epochs_a_round(app)
        order = itertools.islice(itertools.cycle((0, VIEWERS, VIEWERS, 0)), 2 * ROUNDS)
        for count in (1, *order):
            watch(count)
            rounds[count].append(Round.measure(app, epochs, clients.pid))
        watch(0)  # and none of them has met an error
        clients.stdin.close()
    return {
        **cost(rounds[0], rounds[VIEWERS]),
        "server_cpu_seconds_per_second": {str(n): median(r.server for r in rs) for n, rs in rounds.items()},
        "clients_cpu_seconds_per_second": median(r.clients for r in rounds[VIEWERS]),
    }


def browsers(app: App, page: Page) -> dict[str, object]:
    """The same with Chromium drawing: its cost comes first."""
    context = page.context.browser
    page.goto("about:blank")
    without, with_them, epochs = [], [], epochs_a_round(app)
    for _ in range(ROUNDS):
        without.append(Round.measure(app, epochs))
        pages = [context.new_page() for _ in range(VIEWERS)]
        for visitor in pages:
            visitor.goto(app.url)
            visitor.wait_for_function(f"({POINTS}) > 0")
        time.sleep(3)
        with_them.append(Round.measure(app, epochs))
        for visitor in pages:
            visitor.close()
        time.sleep(1)
    return {
        **cost(without, with_them),
        "server_cpu_seconds_per_second": {str(VIEWERS): median(r.server for r in with_them)},
    }


def timer_request(app: App, page: Page) -> bytes:
    """What a browser that only watches sends once a second."""
    with contextlib.closing(page.context.browser.new_page()) as visitor:
        sent: list[bytes] = []
        visitor.on("websocket", lambda socket: socket.on("framesent", lambda data: sent.append(data)))  # noqa: PLW0108, playwright marks what it calls
        visitor.goto(app.url)
        wait_until_idle(visitor)
        visitor.wait_for_timeout(3000)
    requests = [data for data in sent if isinstance(data, bytes)]
    return next(data for data in reversed(requests) if BackMsg.FromString(data).rerun_script.is_auto_rerun)


@dataclass(frozen=True)
class Round:
    """What was measured while training took the steps of one or more whole epochs, evaluations included."""

    seconds: float
    images_per_second: float
    server: float  # seconds of CPU a second, all threads
    clients: float

    @classmethod
    def measure(cls, app: App, epochs: int, clients: int | None = None) -> Round:
        time.sleep(1)
        run, server = newest_run(app), psutil.Process(app.pid)
        others = psutil.Process(clients) if clients else None
        config, status = run.config(), run.status()
        began, first = next_report(run)
        before = cpu_seconds(server), cpu_seconds(others)
        # Wherever in an epoch that begins, as many evaluations lie between.
        wanted = first + epochs * status["steps"] // status["epochs"]
        ended, last = began, first
        while last < wanted:
            ended, last = next_report(run)
        after, seconds = (cpu_seconds(server), cpu_seconds(others)), ended - began
        return cls(
            seconds,
            (last - first) * config.batch_size / seconds,
            (after[0] - before[0]) / seconds,
            (after[1] - before[1]) / seconds,
        )


def epochs_a_round(app: App) -> int:
    """So many that a round takes about ROUND_SECONDS on this machine."""
    status = newest_run(app).status()
    images = status["steps"] // status["epochs"] * status["batch_size"]
    return max(1, round(ROUND_SECONDS * status["images_per_second"] / images))


def next_report(run: Run) -> tuple[float, int]:
    """The moment when training next reports, and the step that it has reached then."""
    size = run.metrics_path.stat().st_size
    while run.metrics_path.stat().st_size == size:
        time.sleep(0.005)
    moment = time.perf_counter()
    return moment, next(row["step"] for row in reversed(run.metrics()) if row["kind"] == "step")


def cpu_seconds(process: psutil.Process | None) -> float:
    if process is None:
        return 0.0
    times = process.cpu_times()
    return times.user + times.system


def newest_run(app: App) -> Run:
    return all_runs(app.runs)[0]


def cost(without: list[Round], with_them: list[Round]) -> dict[str, object]:
    """The share of training's images/s that was lost, round by round beside its neighbour."""
    pairs = zip(without, with_them, strict=True)
    lost = sorted(1 - watched.images_per_second / alone.images_per_second for alone, watched in pairs)
    return {
        "viewers": VIEWERS,
        "rounds": len(lost),
        "seconds_a_round": median(r.seconds for r in (*without, *with_them)),
        "images_per_second_without": median(r.images_per_second for r in without),
        "images_per_second_with": median(r.images_per_second for r in with_them),
        "lost": {"median": median(lost), "all": [round(share, 3) for share in lost]},
    }


def median(values: Iterable[float]) -> float:
    return round(statistics.median(values), 4)


if __name__ == "__main__":
    main()
