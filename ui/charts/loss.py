"""A run's series -> Plotly traces and layouts. Nothing is drawn here."""

from __future__ import annotations

import json
import math
import tomllib
from collections.abc import Iterable
from functools import cache
from itertools import accumulate
from typing import Any

import numpy as np

from nin.paths import ROOT
from nin.training.diagnosis import GUESSING_LOSS
from ui.base.text import t
from ui.train.axis import Curve, place_of, place_of_epoch, shown_name
from ui.train.series import Row

# Those of all charts of the app.
COLOURS: tuple[str, ...] = tuple(
    tomllib.loads((ROOT / ".streamlit" / "config.toml").read_text(encoding="utf-8"))["theme"]["chartCategoricalColors"]
)
MAX_POINTS = 1000
DECIMALS = 4  # of what is drawn: a hundredth of a pixel, and a third of the bytes
FEW_POINTS = 3  # as many as need a marker to be seen
# The linear loss axis shows nearly all of the losses, but at least a guess's, and no more than can be read beside them.
LEAST_TOP, MOST_TOP, SHOWN_SHARE = 2.6, 3 * GUESSING_LOSS, 98  # the last in per cent
WORTH_SHOWING = 1.25  # a peak so many times as high costs the others little room
HIGHEST_AXIS = WORTH_SHOWING * MOST_TOP
PUBLISHED_IMAGES = 60_000  # an epoch
REFERENCES = ROOT / "data" / "published_results.json"

Trace = dict[str, Any]


def loss_traces(curve: Curve, smoothing: int, axis: str = "steps", *, most: float = math.inf) -> list[Trace]:
    """Loss on a horizontal `axis`: as it was, faint, and its running mean over `smoothing` steps.

    In the mean a loss above `most`, where no axis reaches, counts as `most`: one of 1e12 would
    lift all of the window around it out of sight, the steps before it too. Of a fork, what was its parent's is dotted.
    """
    if not curve.series:
        return []
    x, losses = place_of(curve, curve.series.steps, axis), curve.series.losses
    # While there are few points the running mean would hide how they come in.
    window = max(1, min(smoothing, len(losses) // 4))
    smooth = running_mean(losses.clip(max=most), window)
    before = curve.series.steps <= (-1 if curve.fork_step is None else curve.fork_step)
    known, name = np.isfinite(x), shown_name(curve.name)
    style = {"type": "scatter", "legendgroup": curve.group, "name": name}
    traces = []
    own = known & ~before
    if own.any() or not before.any():
        xs, ys = thin(x[own], losses[own].round(DECIMALS))
        traces.append(
            {
                **style,
                "mode": mode(len(xs)),
                "x": xs,
                "y": ys,
                "hoverinfo": "skip",
                "showlegend": False,
                "line": {"color": curve.colour, "width": 1},
                "marker": {"color": curve.colour, "size": 7},
                "opacity": 0.45,
            }
        )
        xs, ys = thin(x[own], smooth[own].round(DECIMALS))
        traces.append(
            {
                **style,
                "mode": mode(len(xs)),
                "x": xs,
                "y": ys,
                "line": {"color": curve.colour, "width": 2.5},
                "marker": {"color": curve.colour, "size": 7},
                "hovertemplate": t("train.loss_hover", name=name),
            }
        )
    if (known & before).any():
        xs, ys = thin(x[known & before], smooth[known & before].round(DECIMALS))
        traces.append(
            {
                **style,
                "mode": "lines",
                "x": xs,
                "y": ys,
                "opacity": 0.7,
                "showlegend": not own.any(),
                "line": {"color": curve.colour, "width": 1.5, "dash": "dot"},
                "hovertemplate": t("train.loss_before_fork", name=name),
            }
        )
    return traces


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


def beyond(curves: Iterable[Curve], top: float, axis: str = "steps") -> list[Trace]:
    """For each run whose loss leaves the axis, a note at the edge that names its peak."""
    notes = []
    for curve in curves:
        if curve.series and (peak := float(curve.series.losses.max())) > top:
            step = int(curve.series.steps[curve.series.losses.argmax()])
            place = float(place_of(curve, step, axis))
            notes.append(
                {
                    "x": place if math.isfinite(place) else 0.0,
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


def accuracy_traces(curve: Curve, smoothing: int, axis: str = "epochs") -> list[Trace]:
    """Accuracy on test and training images by the weights of each epoch's end, and on the batches on the way there.

    The batches' running mean is faint: mirrored images, dropout, and weights that were still changing. Of a fork,
    what was its parent's is dotted.
    """
    if not curve.series:
        return []
    name = shown_name(curve.name)
    style = {"type": "scatter", "legendgroup": curve.group, "name": name}
    places, batches = place_of(curve, curve.series.steps, axis), curve.series.accuracies
    means = running_mean(batches, max(1, min(smoothing, len(batches) // 4)))
    known = np.isfinite(places)
    x, y = thin(places[known].round(DECIMALS), means[known].round(DECIMALS))
    traces = [
        {
            **style,
            "mode": mode(len(x)),
            "x": x,
            "y": y,
            "opacity": 0.4,
            "showlegend": not curve.series.epochs,
            "line": {"color": curve.colour, "width": 1.5},
            "marker": {"color": curve.colour, "size": 7},
            "hovertemplate": t("train.accuracy_batches", name=name) + "<br>%{y:.1%}<extra></extra>",
        }
    ]
    for what, column, line, marker in (
        ("train", "train_eval_accuracy", {"width": 1.5, "dash": "dash"}, {"size": 8, "symbol": "circle-open"}),
        ("test", "test_accuracy", {"width": 2.5}, {"size": 9}),
    ):
        rows = [row for row in curve.series.epochs if row.get(column) is not None]
        rows = [row for row in rows if math.isfinite(place_of_epoch(curve, row, axis))]
        for is_parents, of_both in ((True, _of_parent(curve, rows)), (False, _of_fork(curve, rows))):
            if not of_both or (is_parents and len(of_both) == 1 and len(rows) > 1):  # its point is on the other's line
                continue
            parents = {"line": {"color": curve.colour, "width": 1.5, "dash": "dot"}, "opacity": 0.7}
            traces.append(
                {
                    **style,
                    "mode": "lines+markers",
                    "x": [place_of_epoch(curve, row, axis) for row in of_both],
                    "y": [row[column] for row in of_both],
                    "showlegend": what == "test" and (not is_parents or len(of_both) == len(rows)),
                    "line": {"color": curve.colour, **line},
                    "marker": {"color": curve.colour, **marker},
                    "hovertemplate": t(f"train.accuracy_{what}", name=name) + "<br>%{y:.2%}<extra></extra>",
                    **(parents if is_parents else {}),
                }
            )
    return traces


def _of_parent(curve: Curve, rows: list[Row]) -> list[Row]:
    return [row for row in rows if curve.fork_step is not None and row["step"] <= curve.fork_step]


def _of_fork(curve: Curve, rows: list[Row]) -> list[Row]:
    """The fork's own, from the parent's last on: the line begins where they part. All of a run that is none."""
    own = rows[len(_of_parent(curve, rows)) :]
    return [*_of_parent(curve, rows)[-1:], *own] if own else []


def mode(points: int) -> str:
    """A line through one point would be no line."""
    return "lines+markers" if points <= FEW_POINTS else "lines"


@cache
def references() -> dict[str, dict[str, Any]]:
    """The published training tables that have a figure for each epoch, by id."""
    tables = json.loads(REFERENCES.read_text(encoding="utf-8"))["training_tables"]
    return {table["id"]: table for table in tables if "epochs" in table}


def reference_trace(table_id: str, axis: str = "epochs") -> Trace:
    """The published test accuracy per epoch. Its seconds are those of the machine that it was published for."""
    table = references()[table_id]
    places = list(accumulate(row["seconds"] for row in table["epochs"])) if axis == "seconds" else None
    images = PUBLISHED_IMAGES if axis == "images" else 1
    return {
        "type": "scatter",
        "mode": "lines+markers",
        "x": places or [row["epoch"] * images for row in table["epochs"]],
        "y": [row["test_acc"] for row in table["epochs"]],
        "name": t("train.published"),
        "line": {"color": "#888888", "width": 2, "dash": "dot"},
        "marker": {"symbol": "diamond"},
        "hovertemplate": t("train.published") + "<br>%{y:.1%}<extra></extra>",
    }


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


def with_rates(layout: dict[str, Any], *, logarithmic: bool) -> dict[str, Any]:
    """The same with a second vertical axis under the first, for learning rates: a zoom concerns both."""
    scale = (
        {"type": "log", "exponentformat": "power", "dtick": 1}
        if logarithmic
        else {"rangemode": "tozero", "exponentformat": "none"}
    )
    return {
        **layout,
        "hoversubplots": "axis",
        "legend": {**layout["legend"], "y": -0.17},
        "xaxis": {**layout["xaxis"], "anchor": "y2"},
        "yaxis": {**layout["yaxis"], "domain": [0.33, 1]},
        "yaxis2": {"title": {"text": t("train.rate_axis")}, "domain": [0, 0.23], "nticks": 4, **scale},
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
