"""Small runs, and what trains them: the real process, or a thread of this one where a process makes no difference."""

from __future__ import annotations

import functools
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

from nin.data.dataset import Dataset, load
from nin.process.worker import train_run
from nin.storage.run import Run

# Ten steps an epoch: fast, and long enough to be interrupted when there are many epochs.
SMALL = {"preset": "pocket", "train_size": 160, "batch_size": 16}  # for a process of its own
TINY = {**SMALL, "preset": "tiny"}  # in this one, with the fixture `tiny_preset`: a tenth of the time


def rows(run: Run, kind: str) -> list[dict[str, Any]]:
    return [row for row in run.metrics() if row["kind"] == kind]


def wait_until(what: Callable[[], Any], seconds: float = 120) -> float:
    """Seconds until `what` came true; fails after `seconds`."""
    began = time.monotonic()
    while not what():
        assert time.monotonic() - began < seconds, f"waited {seconds} s in vain"
        time.sleep(0.02)
    return time.monotonic() - began


@functools.cache
def few_images() -> Dataset:
    """The sample with 200 test images: to evaluate all 2,000 takes longer than a small run's training."""
    sample = load("sample")
    return replace(sample, test=sample.test.first(200))


def train(run: Run, **options: Any) -> str:
    """Train `run` to its end in this process, on few test images; returns the final state."""
    return train_run(run, dataset=few_images(), **options)


@contextmanager
def training_in_a_thread(run: Run) -> Iterator[Future[str]]:
    """`run` in training while the block is executed, stopped at its end at the latest."""
    with ThreadPoolExecutor(1) as pool:
        future = pool.submit(train, run, resume=True)
        try:
            yield future
        finally:
            if not future.done():
                run.steer(stop=True)


@contextmanager
def training(run: Run) -> Iterator[subprocess.Popen[bytes]]:
    """`python -m nin train` on `run`, ended at the latest with the block."""
    with run.log_path.open("ab") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", "nin", "train", "--run-dir", str(run.path), "--resume"], stdout=log, stderr=log
        )
    try:
        yield process
    finally:
        process.kill()
        process.wait()
