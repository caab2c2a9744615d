"""How long a training takes to get going, in a process of its own."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

import psutil

from nin.errors import RunError
from nin.paths import ROOT
from nin.storage.run import Run

START_PATIENCE = 120.0


@dataclass(frozen=True)
class Start:
    """A new process: `python -m nin train`."""

    seconds_to_first_step: float
    peak_resident_bytes: int


def measure_start(preset: str, device: str) -> Start:
    """From the start of a new process to its first step, and the most memory that it has used by then."""
    with tempfile.TemporaryDirectory() as folder:
        run = Run(Path(folder) / "run")
        began = time.perf_counter()
        process = psutil.Popen(
            [sys.executable, "-m", "nin", "train", "--preset", preset, "--device", device, "--run-dir", str(run.path)],
            cwd=ROOT,
            # A queue of its own, so that it waits for no other training.
            env={**os.environ, "NIN_QUEUE": folder},
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        peak = 0
        try:
            while not run.metrics():
                if process.poll() is not None or time.perf_counter() - began > START_PATIENCE:
                    raise RunError(f"the training did not start: {run.status().get('error', run.state)}")
                peak = max(peak, process.memory_info().rss)
                time.sleep(0.02)
            seconds = time.perf_counter() - began
        finally:
            if process.poll() is None:
                process.send_signal(signal.SIGTERM)
                process.wait(START_PATIENCE)
    return Start(seconds, peak)
