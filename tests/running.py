"""Small runs, and the real process that trains them."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from nin.storage.run import Run

# Ten steps an epoch: fast, and long enough to be interrupted when there are many epochs.
SMALL = {"preset": "pocket", "train_size": 160, "batch_size": 16}


def rows(run: Run, kind: str) -> list[dict[str, Any]]:
    return [row for row in run.metrics() if row["kind"] == kind]


def wait_until(what: Callable[[], Any], seconds: float = 60) -> float:
    """Seconds until `what` came true; fails after `seconds`."""
    began = time.monotonic()
    while not what():
        assert time.monotonic() - began < seconds, f"waited {seconds} s in vain"
        time.sleep(0.02)
    return time.monotonic() - began


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
