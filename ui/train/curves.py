"""A run's series -> Plotly traces and layouts. Nothing is drawn here."""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np

from nin.paths import ROOT
from ui.base.text import t
from ui.train.series import Series

# Okabe and Ito's palette, told apart by colour-blind readers; its blue a little lighter, to show on black too.
COLOURS = ("#2a8fd4", "#E69F00", "#009E73", "#CC79A7", "#56B4E9", "#D55E00")
MAX_POINTS = 1000
DECIMALS = 4  # of what is drawn: a hundredth of a pixel, and a third of the bytes
MARKED = ("lr", "epochs", "resumed", "stalled", "diverged")  # events that get a mark on the curve
MARK_GAP = 0.03  # of the curve's width: as close together as two texts can be read
REFERENCES = ROOT / "data" / "published_results.json"

Trace = dict[str, Any]


@dataclass(frozen=True)
class Curve:
    """A run to draw."""

    name: str
    series: Series
    colour: str
    steps_per_epoch: int


def loss_traces(curve: Curve, smoothing: int) -> list[Trace]:
    """Loss per step: as it was, faint, and its running mean over `smoothing` steps."""
    if not curve.series:
        return []
    steps, losses = curve.series.steps, curve.series.losses
    style = {"type": "scatter", "mode": "lines", "legendgroup": curve.name}
    raw_x, raw_y = thin(steps, losses.round(DECIMALS))
    raw = {
        **style,
        "x": raw_x,
        "y": raw_y,
        "name": curve.name,
        "hoverinfo": "skip",
        "showlegend": False,
        "line": {"color": curve.colour, "width": 1},
        "opacity": 0.45,
    }
    # While there are few points the running mean would hide how they come in.
    window = max(1, min(smoothing, len(losses) // 4))
    smooth_x, smooth_y = thin(steps, running_mean(losses, window).round(DECIMALS))
    smooth = {
        **style,
        "x": smooth_x,
        "y": smooth_y,
        "name": curve.name,
        "line": {"color": curve.colour, "width": 2.5},
        "hovertemplate": t("train.loss_hover", name=curve.name),
    }
    return [raw, smooth]


def accuracy_traces(curve: Curve, smoothing: int) -> list[Trace]:
    """Accuracy on the training batches as a faint running mean, on the test images after each epoch."""
    if not curve.series:
        return []
    style = {"type": "scatter", "legendgroup": curve.name}
    epochs, batches = curve.series.steps / curve.steps_per_epoch, curve.series.accuracies
    means = running_mean(batches, max(1, min(smoothing, len(batches) // 4)))
    x, y = thin(epochs.round(DECIMALS), means.round(DECIMALS))
    train_name, test_name = (t(f"train.accuracy_{which}", name=curve.name) for which in ("train", "test"))
    train = {
        **style,
        "mode": "lines",
        "x": x,
        "y": y,
        "name": train_name,
        "opacity": 0.75,
        "line": {"color": curve.colour, "width": 1.5},
        "hovertemplate": train_name + "<br>%{y:.1%}<extra></extra>",
    }
    test = {
        **style,
        "mode": "lines+markers",
        "x": [row["epoch"] for row in curve.series.epochs],
        "y": [row["test_accuracy"] for row in curve.series.epochs],
        "name": test_name,
        "line": {"color": curve.colour, "width": 2.5},
        "marker": {"size": 9},
        "hovertemplate": test_name + "<br>%{y:.2%}<extra></extra>",
    }
    return [train, test]


@cache
def references() -> dict[str, dict[str, Any]]:
    """The published training tables that have a figure for each epoch, by id."""
    tables = json.loads(REFERENCES.read_text(encoding="utf-8"))["training_tables"]
    return {table["id"]: table for table in tables if "epochs" in table}


def reference_trace(table_id: str) -> Trace:
    """The published test accuracy per epoch."""
    table = references()[table_id]
    return {
        "type": "scatter",
        "mode": "lines+markers",
        "x": [row["epoch"] for row in table["epochs"]],
        "y": [row["test_acc"] for row in table["epochs"]],
        "name": t("train.published"),
        "line": {"color": "#888888", "width": 2, "dash": "dot"},
        "marker": {"symbol": "diamond"},
        "hovertemplate": t("train.published") + "<br>%{y:.1%}<extra></extra>",
    }


def marks(series: Series) -> tuple[list[Trace], list[Trace]]:
    """Plotly shapes and annotations where something was changed during a run.

    Of changes in one drag of a slider, too close to be read apart, only the last has a text.
    """
    events = [row for row in series.events if row["what"] in MARKED]
    shapes: list[Trace] = []
    annotations: list[Trace] = []
    close = MARK_GAP * series.steps.max(initial=0)
    for row in events:
        text = t(f"train.mark_{row['what']}", **{name: row.get(name) for name in ("lr", "epochs")})
        shapes.append({"type": "line", "x0": row["step"], "x1": row["step"], "y0": 0, "y1": 1, "yref": "paper"})
        if annotations and row["step"] - annotations[-1]["x"] < close:
            annotations.pop()
        annotations.append(
            {
                "x": row["step"],
                "y": 1,
                "yref": "paper",
                "text": text,
                "showarrow": False,
                "textangle": -90,
                "xanchor": "right",
                "yanchor": "top",
            }
        )
    return shapes, annotations


def layout(x_title: str, y_title: str, revision: str, *, percent: bool = False) -> dict[str, Any]:
    """A layout that keeps the visitor's zoom as long as `revision` stays the same."""
    return {
        "uirevision": revision,
        "margin": {"l": 8, "r": 8, "t": 8, "b": 8},
        "hovermode": "x unified",
        "showlegend": True,
        "legend": {"orientation": "h", "y": 1.02, "yanchor": "bottom", "x": 0},
        "xaxis": {"title": {"text": x_title}, "autorangeoptions": {"include": [0, 1]}},
        "yaxis": {"title": {"text": y_title}, "rangemode": "tozero", "tickformat": ".0%" if percent else ""},
    }


def empty_axes(layout: dict[str, Any], x: tuple[float, float], y: tuple[float, float]) -> dict[str, Any]:
    """The same layout with ranges that make sense before the first point."""
    return {**layout, "xaxis": {**layout["xaxis"], "range": x}, "yaxis": {**layout["yaxis"], "range": y}}


def running_mean(values: np.ndarray, window: int) -> np.ndarray:
    """Mean of each value and the `window` - 1 before it (fewer at the start); same length."""
    sums = np.concatenate([[0.0], np.cumsum(values)])
    ends = np.arange(1, len(values) + 1)
    starts = np.maximum(ends - window, 0)
    return (sums[ends] - sums[starts]) / (ends - starts)


def thin(x: np.ndarray, y: np.ndarray, limit: int = MAX_POINTS) -> tuple[list[float], list[float]]:
    """At most `limit` points that look like all of them: of each stretch its lowest and highest, and the last.

    Stretches are as long as a power of two: what is drawn of the past stays the same as a curve grows.
    """
    if len(x) <= limit:
        return x.tolist(), y.tolist()
    stretch = 2
    while 2 * -(-len(y) // stretch) >= limit:
        stretch *= 2
    whole = len(y) // stretch * stretch
    stretches = y[:whole].reshape(-1, stretch)
    starts = np.arange(0, whole, stretch)
    keep = [starts + stretches.argmin(axis=1), starts + stretches.argmax(axis=1), [len(y) - 1]]
    if whole < len(y):
        keep.append([whole + y[whole:].argmin(), whole + y[whole:].argmax()])
    kept = np.unique(np.concatenate(keep))
    return x[kept].tolist(), y[kept].tolist()
