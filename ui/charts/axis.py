"""What runs are compared against: steps, epochs, seconds of training or images."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np

from ui.charts.series import Row, Series

AXES = ("steps", "epochs", "seconds", "images")


@dataclass(frozen=True)
class Curve:
    """A run to draw."""

    name: str  # for people, as it is: whoever makes a text for Plotly of it escapes it (`shown_name`)
    series: Series
    colour: str
    steps_per_epoch: int
    label_smoothing: float = 0.0  # that its loss includes
    id: str = ""  # of its run
    batch_size: int = 128
    fork_step: int | None = None  # at which it left its parent; up to there its curve is the parent's
    rates_ahead: tuple[tuple[int, float], ...] = field(default=())  # steps to come, and their learning rates

    @property
    def group(self) -> str:
        """What belongs together in a legend: names need not differ."""
        return self.id or self.name


def shown_name(name: str) -> str:
    """What somebody else has written, as Plotly is to show it: it reads tags, entities and %{templates} in any text."""
    for sign, shown in (("&", "&amp;"), ("<", "&lt;"), (">", "&gt;"), ("{", "&#123;")):
        name = name.replace(sign, shown)
    return name


def place_of(curve: Curve, steps: Any, axis: str) -> np.ndarray[Any, Any]:
    """Where `steps`, one or many, of the run lie on a horizontal axis; NaN where that is not known."""
    steps = np.asarray(steps, dtype=float)
    match axis:
        case "epochs":
            return steps / curve.steps_per_epoch
        case "images":
            return steps * curve.batch_size
        case "seconds":
            known = np.isfinite(curve.series.seconds)
            if not known.any():
                return np.full_like(steps, np.nan)
            # From the start on: the first step's own time is the time until it was done.
            reported, seconds = curve.series.steps[known], curve.series.seconds[known]
            return np.interp(steps, np.append(0, reported), np.append(0.0, seconds))
    return steps


def place_of_epoch(curve: Curve, row: Row, axis: str) -> float:
    """Where an epoch's record lies. Accuracy is measured once an epoch: where losses go by steps, it goes by epochs."""
    if axis == "seconds":
        return row.get("seconds", float("nan"))
    if axis == "images":
        return row["epoch"] * curve.steps_per_epoch * curve.batch_size
    return row["epoch"]


def accuracy_axis(axis: str) -> str:
    """The horizontal axis of accuracies beside losses on `axis`."""
    return "epochs" if axis == "steps" else axis
