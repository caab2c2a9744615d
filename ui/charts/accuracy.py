"""Accuracy of runs -> Plotly traces. Nothing is drawn here."""

from __future__ import annotations

import math

import numpy as np

from ui.base.text import t
from ui.charts.axis import Curve, place_of, place_of_epoch, shown_name
from ui.charts.layout import DECIMALS, Trace, mode
from ui.charts.series import Row
from ui.charts.smoothing import running_mean, thin

_LINES = {  # of the two accuracies at each epoch's end
    "train": ("train_eval_accuracy", {"width": 1.5, "dash": "dash"}, {"size": 8, "symbol": "circle-open"}),
    "test": ("test_accuracy", {"width": 2.5}, {"size": 9}),
}


def accuracy_traces(curve: Curve, smoothing: int, axis: str = "epochs") -> list[Trace]:
    """Accuracy on test and training images by the weights of each epoch's end, and on the batches on the way there.

    The batches' running mean is faint: mirrored images, dropout, and weights that were still changing. Of a fork,
    what was its parent's is dotted.
    """
    if not curve.series:
        return []
    traces = [_on_batches(curve, smoothing, axis)]
    for what, (column, _, _) in _LINES.items():
        rows = [row for row in curve.series.epochs if row.get(column) is not None]
        rows = [row for row in rows if math.isfinite(place_of_epoch(curve, row, axis))]
        parents, own = _of_parent(curve, rows), _of_fork(curve, rows)
        # One point of the parent's is on the fork's own line.
        if parents and not (len(parents) == 1 and own):
            trace = _at_epochs(curve, parents, what, axis, in_legend=not own)
            traces.append({**trace, "line": {"color": curve.colour, "width": 1.5, "dash": "dot"}, "opacity": 0.7})
        if own:
            traces.append(_at_epochs(curve, own, what, axis, in_legend=True))
    return traces


def _on_batches(curve: Curve, smoothing: int, axis: str) -> Trace:
    places, accuracies = place_of(curve, curve.series.steps, axis), curve.series.accuracies
    means = running_mean(accuracies, max(1, min(smoothing, len(accuracies) // 4)))
    known = np.isfinite(places)
    x, y = thin(places[known].round(DECIMALS), means[known].round(DECIMALS))
    name = shown_name(curve.name)
    return {
        "type": "scatter",
        "legendgroup": curve.group,
        "name": name,
        "mode": mode(len(x)),
        "x": x,
        "y": y,
        "opacity": 0.4,
        "showlegend": not curve.series.epochs,
        "line": {"color": curve.colour, "width": 1.5},
        "marker": {"color": curve.colour, "size": 7},
        "hovertemplate": t("train.accuracy_batches", name=name) + "<br>%{y:.1%}<extra></extra>",
    }


def _at_epochs(curve: Curve, rows: list[Row], what: str, axis: str, *, in_legend: bool) -> Trace:
    column, line, marker = _LINES[what]
    name = shown_name(curve.name)
    return {
        "type": "scatter",
        "legendgroup": curve.group,
        "name": name,
        "mode": "lines+markers",
        "x": [place_of_epoch(curve, row, axis) for row in rows],
        "y": [row[column] for row in rows],
        "showlegend": what == "test" and in_legend,
        "line": {"color": curve.colour, **line},
        "marker": {"color": curve.colour, **marker},
        "hovertemplate": t(f"train.accuracy_{what}", name=name) + "<br>%{y:.2%}<extra></extra>",
    }


def _of_parent(curve: Curve, rows: list[Row]) -> list[Row]:
    return [row for row in rows if curve.fork_step is not None and row["step"] <= curve.fork_step]


def _of_fork(curve: Curve, rows: list[Row]) -> list[Row]:
    """The fork's own, from the parent's last on: the line begins where they part. All of a run that is none."""
    own = rows[len(_of_parent(curve, rows)) :]
    return [*_of_parent(curve, rows)[-1:], *own] if own else []
