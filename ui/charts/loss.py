"""Losses of runs -> Plotly traces and the vertical axis that shows them. Nothing is drawn here."""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import Any

import numpy as np

from nin.training.diagnosis import GUESSING_LOSS
from nin.training.records import loss_text
from ui.base.text import t
from ui.charts.axis import Curve, place_of, shown_name
from ui.charts.layout import DECIMALS, Trace, mode
from ui.charts.smoothing import running_mean, thin

# The linear loss axis shows nearly all of the losses, but at least a guess's, and no more than can be read beside them.
LEAST_TOP, MOST_TOP, SHOWN_SHARE = 2.6, 3 * GUESSING_LOSS, 98  # the last in per cent
WORTH_SHOWING = 1.25  # a peak so many times as high costs the others little room
HIGHEST_AXIS = WORTH_SHOWING * MOST_TOP

Array = np.ndarray[Any, Any]


def loss_traces(curve: Curve, smoothing: int, axis: str = "steps", *, most: float = math.inf) -> list[Trace]:
    """Loss on a horizontal `axis`: as it was, faint, and its running mean over `smoothing` steps.

    In the mean a loss above `most`, where no axis reaches, counts as `most`: one of 1e12 would
    lift all of the window around it out of sight, the steps before it too. Of a fork, what was its parent's is dotted.
    """
    if not curve.series:
        return []
    x, losses = place_of(curve, curve.series.steps, axis), curve.series.losses
    is_parents = curve.series.steps <= (-1 if curve.fork_step is None else curve.fork_step)
    smooth = np.empty_like(losses)
    # While there are few points the running mean would hide how they come in.
    window = max(1, min(smoothing, len(losses) // 4))
    for part in (is_parents, ~is_parents):  # apart: what a fork does otherwise shows from its first step on
        smooth[part] = running_mean(losses[part].clip(max=most), window)
    known = np.isfinite(x)
    before, own = known & is_parents, known & ~is_parents
    traces = []
    if own.any() or not before.any():
        traces += [_as_it_was(curve, x[own], losses[own]), _mean(curve, x[own], smooth[own])]
    if before.any():
        traces.append(_of_parent(curve, x[before], smooth[before], alone=not own.any()))
    return traces


def _as_it_was(curve: Curve, x: Array, losses: Array) -> Trace:
    return {
        **_line(curve, x, losses, width=1),
        "hoverinfo": "skip",
        "showlegend": False,
        "opacity": 0.45,
    }


def _mean(curve: Curve, x: Array, means: Array) -> Trace:
    return {
        **_line(curve, x, means, width=2.5),
        "hovertemplate": t("train.loss_hover", name=shown_name(curve.name)),
    }


def _of_parent(curve: Curve, x: Array, means: Array, *, alone: bool) -> Trace:
    return {
        **_line(curve, x, means, width=2),
        "mode": "lines",
        "line": {"color": curve.colour, "width": 2, "dash": "dot"},
        "showlegend": alone,
        "hovertemplate": t("train.loss_before_fork", name=shown_name(curve.name)),
    }


def _line(curve: Curve, x: Array, y: Array, *, width: float) -> Trace:
    xs, ys = thin(x, y.round(DECIMALS))
    return {
        "type": "scatter",
        "legendgroup": curve.group,
        "name": shown_name(curve.name),
        "mode": mode(len(xs)),
        "x": xs,
        "y": ys,
        "line": {"color": curve.colour, "width": width},
        "marker": {"color": curve.colour, "size": 7},
    }


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
                    "text": t("train.peak", loss=loss_text(peak, ".3g"), step=f"{step:,}"),
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
