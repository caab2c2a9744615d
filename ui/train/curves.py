"""A run's series -> Plotly traces and layouts. Nothing is drawn here."""

from __future__ import annotations

import json
import math
import tomllib
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np

from nin.paths import ROOT
from nin.training.diagnosis import GUESSING_LOSS
from ui.base.text import t
from ui.train.series import Row, Series

# Those of all charts of the app.
COLOURS: tuple[str, ...] = tuple(
    tomllib.loads((ROOT / ".streamlit" / "config.toml").read_text(encoding="utf-8"))["theme"]["chartCategoricalColors"]
)
MAX_POINTS = 1000
DECIMALS = 4  # of what is drawn: a hundredth of a pixel, and a third of the bytes
MARKED = ("lr", "epochs", "resumed", "back", "stalled", "flat", "forgot", "exploded", "recovered", "diverged")
MARK_GAP = 0.03  # of the curve's width: as close together as two texts can be read
DRAG_SECONDS = 3.0  # changes of the learning rate closer to each other are one drag of the slider
FEW_POINTS = 3  # as many as need a marker to be seen
# The linear loss axis shows nearly all of the losses, but at least a guess's, and no more than can be read beside them.
LEAST_TOP, MOST_TOP, SHOWN_SHARE = 2.6, 3 * GUESSING_LOSS, 98  # the last in per cent
WORTH_SHOWING = 1.25  # a peak so many times as high costs the others little room
HIGHEST_AXIS = WORTH_SHOWING * MOST_TOP
REFERENCES = ROOT / "data" / "published_results.json"

Trace = dict[str, Any]


@dataclass(frozen=True)
class Curve:
    """A run to draw."""

    name: str
    series: Series
    colour: str
    steps_per_epoch: int
    label_smoothing: float = 0.0  # that its loss includes


def loss_traces(curve: Curve, smoothing: int, *, most: float = math.inf) -> list[Trace]:
    """Loss per step: as it was, faint, and its running mean over `smoothing` steps.

    In the mean a loss above `most`, where no axis reaches, counts as `most`: one of 1e12 would
    lift all of the window around it out of sight, the steps before it too.
    """
    if not curve.series:
        return []
    steps, losses = curve.series.steps, curve.series.losses
    style = {"type": "scatter", "mode": _mode(len(steps)), "legendgroup": curve.name}
    raw_x, raw_y = thin(steps, losses.round(DECIMALS))
    raw = {
        **style,
        "x": raw_x,
        "y": raw_y,
        "name": curve.name,
        "hoverinfo": "skip",
        "showlegend": False,
        "line": {"color": curve.colour, "width": 1},
        "marker": {"color": curve.colour, "size": 7},
        "opacity": 0.45,
    }
    # While there are few points the running mean would hide how they come in.
    window = max(1, min(smoothing, len(losses) // 4))
    smooth_x, smooth_y = thin(steps, running_mean(losses.clip(max=most), window).round(DECIMALS))
    smooth = {
        **style,
        "x": smooth_x,
        "y": smooth_y,
        "name": curve.name,
        "line": {"color": curve.colour, "width": 2.5},
        "marker": {"color": curve.colour, "size": 7},
        "hovertemplate": t("train.loss_hover", name=curve.name),
    }
    return [raw, smooth]


def loss_title(curves: Iterable[Curve]) -> str:
    """What the loss axis shows: with label smoothing it is another number, and never comes near 0."""
    kinds = {curve.label_smoothing for curve in curves}
    if kinds <= {0.0}:
        return t("train.loss_axis")
    if len(kinds) == 1:
        return t("train.loss_axis_smoothed", share=f"{kinds.pop():g}")
    return t("train.loss_axis_mixed")


def loss_top(curves: Iterable[Curve]) -> float:
    """Where a linear loss axis ends, so that one spike does not flatten all the rest."""
    losses = [curve.series.losses for curve in curves if curve.series]
    if not losses:
        return LEAST_TOP
    # Of each run its own share: one that exploded is not to decide for those beside it.
    top = max(float(np.percentile(of_run, SHOWN_SHARE)) for of_run in losses)
    top, peak = min(max(top, LEAST_TOP), MOST_TOP), max(float(of_run.max()) for of_run in losses)
    # Where little is left out nothing is.
    return math.ceil(10 * (peak if top < peak < WORTH_SHOWING * top else top)) / 10


def beyond(curves: Iterable[Curve], top: float) -> list[Trace]:
    """For each run whose loss leaves the axis, a note at the edge that names its peak."""
    notes = []
    for curve in curves:
        if curve.series and (peak := float(curve.series.losses.max())) > top:
            step = int(curve.series.steps[curve.series.losses.argmax()])
            notes.append(
                {
                    "x": step,
                    "y": top,
                    "text": t("train.peak", loss=f"{peak:.3g}", step=f"{step:,}"),
                    "showarrow": False,
                    "xanchor": "left",
                    "yanchor": "bottom",  # the first above the curves, where no mark has its text
                    "yshift": -16 * len(notes),
                    "font": {"color": curve.colour},
                }
            )
    return notes


def guessing_line(*, logarithmic: bool) -> tuple[Trace, Trace]:
    """Shape and annotation: the loss of ten equal probabilities."""
    shape = {"type": "line", "xref": "paper", "x0": 0, "x1": 1, "y0": GUESSING_LOSS, "y1": GUESSING_LOSS}
    note = {
        "xref": "paper",
        "x": 1,
        "y": math.log10(GUESSING_LOSS) if logarithmic else GUESSING_LOSS,  # as Plotly wants it
        "text": t("train.guessing_line"),
        "showarrow": False,
        "xanchor": "right",
        "yanchor": "top",  # below the line: the curve of a run that learns is far down by then
    }
    return shape, note


def accuracy_traces(curve: Curve, smoothing: int) -> list[Trace]:
    """Accuracy on test and training images by the weights of each epoch's end, and on the batches on the way there.

    The batches' running mean is faint: mirrored images, dropout, and weights that were still changing.
    """
    if not curve.series:
        return []
    style = {"type": "scatter", "legendgroup": curve.name, "name": curve.name}
    steps_at, batches = curve.series.steps / curve.steps_per_epoch, curve.series.accuracies
    means = running_mean(batches, max(1, min(smoothing, len(batches) // 4)))
    x, y = thin(steps_at.round(DECIMALS), means.round(DECIMALS))
    traces = [
        {
            **style,
            "mode": _mode(len(x)),
            "x": x,
            "y": y,
            "opacity": 0.4,
            "showlegend": not curve.series.epochs,
            "line": {"color": curve.colour, "width": 1.5},
            "marker": {"color": curve.colour, "size": 7},
            "hovertemplate": t("train.accuracy_batches", name=curve.name) + "<br>%{y:.1%}<extra></extra>",
        }
    ]
    for what, column, line, marker in (
        ("train", "train_eval_accuracy", {"width": 1.5, "dash": "dash"}, {"size": 8, "symbol": "circle-open"}),
        ("test", "test_accuracy", {"width": 2.5}, {"size": 9}),
    ):
        if rows := [row for row in curve.series.epochs if row.get(column) is not None]:
            traces.append(
                {
                    **style,
                    "mode": "lines+markers",
                    "x": [row["epoch"] for row in rows],
                    "y": [row[column] for row in rows],
                    "showlegend": what == "test",
                    "line": {"color": curve.colour, **line},
                    "marker": {"color": curve.colour, **marker},
                    "hovertemplate": t(f"train.accuracy_{what}", name=curve.name) + "<br>%{y:.2%}<extra></extra>",
                }
            )
    return traces


def _mode(points: int) -> str:
    """A line through one point would be no line."""
    return "lines+markers" if points <= FEW_POINTS else "lines"


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
    """Plotly shapes and annotations where something was changed, or happened, during a run.

    One drag of a slider is one mark. Of marks too close to be read apart one text says all.
    """
    close = MARK_GAP * series.steps.max(initial=0)
    groups: list[list[Row]] = []
    for row in _without_drags(series.events):
        if groups and row["step"] - groups[-1][0]["step"] <= close:
            groups[-1].append(row)
        else:
            groups.append([row])
    shapes: list[Trace] = []
    annotations: list[Trace] = []
    for group in groups:
        steps = dict.fromkeys(row["step"] for row in group)
        shapes += [{"type": "line", "x0": step, "x1": step, "y0": 0, "y1": 1, "yref": "paper"} for step in steps]
        texts = (t(f"train.mark_{row['what']}", lr=row.get("lr"), epochs=row.get("epochs")) for row in group)
        annotations.append(
            {
                "x": group[-1]["step"],
                "y": 1,
                "yref": "paper",
                "text": " · ".join(dict.fromkeys(texts)),
                "showarrow": False,
                "textangle": -90,
                "xanchor": "right",
                "yanchor": "top",
            }
        )
    return shapes, annotations


def _without_drags(events: Iterable[Row]) -> list[Row]:
    """The events that are marked; of the rates that a slider was dragged over only the last."""
    kept: list[Row] = []
    for row in events:
        if row["what"] not in MARKED:
            continue
        before = kept[-1] if kept else None
        if before is not None and before["what"] == row["what"] == "lr":
            seconds = row.get("seconds", math.inf) - before.get("seconds", 0.0)
            if seconds < DRAG_SECONDS or row["step"] == before["step"]:
                kept.pop()
        kept.append(row)
    return kept


def layout(x_title: str, y_title: str, revision: str, *, percent: bool = False) -> dict[str, Any]:
    """A layout that keeps the visitor's zoom as long as `revision` stays the same."""
    return {
        "uirevision": revision,
        "margin": {"l": 8, "r": 8, "t": 32, "b": 8},  # the toolbar lies above the curves
        "hovermode": "x unified",
        "showlegend": True,
        # Below the chart, where neither the toolbar nor a mark comes.
        "legend": {"orientation": "h", "y": -0.24, "yanchor": "top", "x": 0},
        "xaxis": {"title": {"text": x_title, "standoff": 4}, "autorangeoptions": {"include": [0, 1]}},
        "yaxis": {"title": {"text": y_title}, "rangemode": "tozero", "tickformat": ".0%" if percent else ""},
    }


def running_mean(values: np.ndarray, window: int) -> np.ndarray:
    """Mean over `window` values around each (fewer at the ends), so that a peak stays where it was; same length."""
    if len(values) == 0:
        return values
    places, half = np.arange(len(values)), window // 2
    # Each window on its own: differences of running sums would lose all that follows a loss of 1e19.
    windows = np.lib.stride_tricks.sliding_window_view(np.pad(values, half), 2 * half + 1)
    counts = np.minimum(places + half + 1, len(values)) - np.maximum(places - half, 0)
    return windows.sum(axis=1) / counts


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
