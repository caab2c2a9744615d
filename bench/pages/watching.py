"""What those who watch cost training: `python -m bench.pages.watching [--browsers]`.

A real server with a run of `pocket` on all cores; three Train pages are watched and not watched in
turn, whole epochs at a time. The viewers ask for what a browser asks for (bench.pages.viewers) and draw
nothing: the server's own cost. With --browsers they are pages in Chromium on the same cores: what
drawing costs on top. Prints one JSON object.
"""

from __future__ import annotations

import argparse
import contextlib
import itertools
import json
import statistics
import subprocess
import sys
import time
from collections.abc import Iterable
from dataclasses import dataclass

import psutil
from playwright.sync_api import Page
from streamlit.proto.BackMsg_pb2 import BackMsg

from bench.pages.browser import POINTS, App, chromium, new_page, newest_run, served, start_training, wait_until_idle
from nin.storage.run import Run

VIEWERS, ROUNDS, ROUND_SECONDS = 3, 6, 10.0


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--browsers", action="store_true", help="in Chromium, which draws")
    measure = browsers if parser.parse_args().browsers else viewers
    with chromium() as browser, served() as app, new_page(browser) as page:
        start_training(page, app)
        print(json.dumps(measure(app, page), indent=1))


def viewers(app: App, page: Page) -> dict[str, object]:
    """With none and with three watching in turn: none, three, three, none, ..."""
    request = app.runs.parent / "request"
    request.write_bytes(timer_request(app, page))
    page.goto("about:blank")  # nobody else watches
    arguments = [sys.executable, "-m", "bench.pages.viewers", app.url, str(VIEWERS), str(request)]
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
            visitor.wait_for_function(f"{POINTS} > 0")
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
