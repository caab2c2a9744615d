"""Many visitors for a while, with training running: `python -m bench.pages.soak [--minutes 10] [--visitors 30]`.

A real server on loopback and a run of `pocket` in training; each visitor has a WebSocket of its own
(bench.pages.visitors), goes from page to page and changes what it finds there, and looks at it for a few
seconds. Prints one JSON object: how long pages took, which errors they showed, the server's memory, threads
and open files as they went on, and what of them was left when all visitors had gone.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import random
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass

import psutil
import websockets
from streamlit.proto.ClientState_pb2 import ClientState

from bench.pages.browser import App, served, summary
from bench.pages.visitors import Seen, Visitor
from nin.storage.run import Run, RunConfig

PAGES = ("", "classify", "layers", "anatomy", "experiments")
LOOKS_SECONDS = (3.0, 12.0)  # that a visitor takes before the next click
SAMPLE_SECONDS = 5.0
WARM_UP_SHARE = 0.3  # of the time; caches fill, and each page is drawn for the first time
LEFT_SECONDS = 150.0  # Streamlit keeps the session of a closed tab for two minutes, in case it comes back


@dataclass
class Sample:
    minutes: float
    megabytes: float
    threads: int
    files: int
    processes: int


class Guest(Visitor):
    """Goes about the pages, at the pace of a person."""

    async def stay(self, until: float) -> None:
        await self._ask(ClientState())
        while time.monotonic() < until:
            page = self._chance.choice(PAGES)
            await self._ask(ClientState(page_name=page))
            for _ in range(self._chance.randrange(4)):
                await asyncio.sleep(self._chance.uniform(*LOOKS_SECONDS))
                await self._ask(self._change(page))

    def _change(self, page: str) -> ClientState:
        is_drawn = page == "layers" and self._number is not None
        return self._changed_layers() if is_drawn else ClientState(page_name=page)


def soak(app: App, visitors: int, minutes: float) -> dict[str, object]:
    seen, samples, server = Seen(), [], psutil.Process(app.pid)
    began = time.monotonic()

    def sample() -> Sample:
        with server.oneshot():
            megabytes, threads, files = server.memory_info().rss / 1e6, server.num_threads(), server.num_fds()
        return Sample((time.monotonic() - began) / 60, megabytes, threads, files, len(server.children(recursive=True)))

    async def watch(until: float) -> None:
        while time.monotonic() < until:
            samples.append(sample())
            await asyncio.sleep(SAMPLE_SECONDS)

    async def one(number: int, until: float) -> None:
        if number < visitors:  # they do not all come at once
            await asyncio.sleep(random.Random(number).uniform(0, 10))  # noqa: S311
        address = app.url.replace("http", "ws", 1) + "/_stcore/stream"
        async with websockets.connect(address, subprotocols=["streamlit"], max_size=None) as connection:
            await Guest(connection, number, seen).stay(until)

    async def all_of_them() -> None:
        until = began + 60 * minutes
        await asyncio.gather(watch(until), *(one(number, until) for number in range(visitors)))

    asyncio.run(one(visitors, time.monotonic()))
    first = sample()
    asyncio.run(all_of_them())
    end = sample()
    time.sleep(LEFT_SECONDS)
    # Streamlit looks for sessions whose time is over when the next visitor comes.
    asyncio.run(one(visitors, time.monotonic()))
    left = sample()
    warm = [one for one in samples if one.minutes > WARM_UP_SHARE * minutes]
    return {
        "visitors": visitors,
        "minutes": minutes,
        "load": os.getloadavg() if hasattr(os, "getloadavg") else None,
        "seconds until a page is drawn": summary(seen.seconds),
        "errors": sorted(set(seen.errors)),
        "megabytes a minute after warm-up": round(_slope(warm), 2),
        "megabytes": {"warm": round(warm[0].megabytes), "end": round(warm[-1].megabytes)},
        **{
            name: asdict(one)
            for name, one in (("after one visitor", first), ("at the end", end), ("when all had gone", left))
        },
    }


def _slope(samples: list[Sample]) -> float:
    fit = statistics.linear_regression([one.minutes for one in samples], [one.megabytes for one in samples])
    return fit.slope


@contextmanager
def training(app: App) -> Iterator[Run]:
    """A run that trains as long as the block takes."""
    run = Run.create(RunConfig(preset="pocket", epochs=1000, data="sample"), app.runs / "20991231-235959-pocket-soak")
    environment = {**os.environ, "NIN_RUNS": str(app.runs), "NIN_QUEUE": str(app.runs.parent / "queue")}
    process = subprocess.Popen(
        [sys.executable, "-m", "nin", "train", "--run-dir", str(run.path), "--resume"],
        env=environment,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        yield run
    finally:
        process.kill()
        process.wait()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--visitors", type=int, default=30)
    parser.add_argument("--minutes", type=float, default=10.0)
    options = parser.parse_args()
    with served() as app, training(app) as run:
        result = soak(app, options.visitors, options.minutes)
        steps = run.status().get("step", 0)
    print(json.dumps({**result, "steps trained meanwhile": steps}, indent=1))


if __name__ == "__main__":
    main()
