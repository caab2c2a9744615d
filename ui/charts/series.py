"""What a run has reported, as columns: kept for all visitors, so that each look costs what is new."""

from __future__ import annotations

import threading
import time
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import streamlit as st

from nin.storage.metrics import MetricsTail
from nin.storage.run import FINAL, Run

# Visitors look at different moments of a second. Who comes this soon after another gets the
# same series, and with it everything that was drawn from it.
SHARED_SECONDS = 0.5

Row = dict[str, Any]


@dataclass(frozen=True, eq=False)  # equal only to itself: what is made of a series can be kept under it
class Series:
    """A run at one moment."""

    steps: np.ndarray = field(default_factory=lambda: np.empty(0, dtype=np.int64))
    losses: np.ndarray = field(default_factory=lambda: np.empty(0))
    accuracies: np.ndarray = field(default_factory=lambda: np.empty(0))  # of each step's batch, in [0, 1]
    rates: np.ndarray = field(default_factory=lambda: np.empty(0))  # learning rate of each step; NaN: not reported
    seconds: np.ndarray = field(default_factory=lambda: np.empty(0))  # of training so far; NaN: not reported
    epochs: tuple[Row, ...] = ()
    events: tuple[Row, ...] = ()

    def __bool__(self) -> bool:
        """Whether there is a step to draw."""
        return len(self.steps) > 0

    def extended(self, rows: list[Row]) -> Series:
        """This one and `rows` of the metrics file after it."""
        steps = [row for row in rows if row["kind"] == "step"]
        return Series(
            _joined(self.steps, [row["step"] for row in steps]),
            _joined(self.losses, [row["loss"] for row in steps]),
            _joined(self.accuracies, [row["accuracy"] for row in steps]),
            _joined(self.rates, [row.get("lr", np.nan) for row in steps]),
            _joined(self.seconds, [row.get("seconds", np.nan) for row in steps]),
            self.epochs + tuple(row for row in rows if row["kind"] == "epoch"),
            self.events + tuple(row for row in rows if row["kind"] == "event"),
        )


def series(run: Run, state: str) -> Series:
    """The run so far; all of it, once its `state` is final."""
    return _reader(str(run.path)).series(is_final=state in FINAL)


class _Reader:
    """Follows one run for a server; thread-safe."""

    def __init__(self, run: Run) -> None:
        self._tail = MetricsTail(run.metrics_path)
        self._series = Series()
        self._read_at = 0.0
        self._lock = threading.Lock()

    def series(self, *, is_final: bool) -> Series:
        with self._lock:
            now = time.monotonic()
            # The first loss is not kept waiting, nor is the last one left out.
            if is_final or not self._series or now - self._read_at > SHARED_SECONDS:
                is_anew, rows = self._tail.news()
                if is_anew:
                    self._series = Series()
                if rows:
                    self._series = self._series.extended(rows)
                self._read_at = now
            return self._series


@st.cache_resource(max_entries=1000, show_spinner=False)
def _reader(path: str) -> _Reader:
    return _Reader(Run(path))


def _joined(column: np.ndarray, values: list[float]) -> np.ndarray:
    return np.concatenate([column, np.array(values, dtype=column.dtype)])
