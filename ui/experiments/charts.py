"""An experiment's results -> Plotly figures. Nothing is drawn here."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np

from nin.experiments.description import Experiment
from nin.experiments.report import Summary, uncertainty
from nin.training.diagnosis import GUESSING_LOSS
from ui.base.text import t
from ui.experiments.labels import arm_label, colour_of

Figure = dict[str, Any]
_LAYOUT = {"margin": {"l": 8, "r": 8, "t": 36, "b": 8}, "legend": {"orientation": "h", "y": -0.25}}
_GREY = "rgba(128,128,128,0.7)"


def accuracy_chart(experiment: Experiment, summaries: Sequence[Summary]) -> Figure:
    """Test accuracy of each setting: a dot for each seed, the mean, and what it leaves open."""
    traces = []
    for summary in reversed(summaries):
        label, colour = arm_label(experiment, summary.arm), colour_of(experiment, summary.arm)
        values, mean, half = summary.values("test_accuracy"), summary.mean("test_accuracy"), uncertainty(summary)
        if mean is None:
            continue
        dots = {"type": "scatter", "mode": "markers", "x": values, "y": [label] * len(values), "showlegend": False}
        traces.append(
            {**dots, "marker": {"color": colour, "size": 8, "opacity": 0.5}, "hovertemplate": "%{x:.1%}<extra></extra>"}
        )
        bar = {"type": "data", "array": [half], "color": colour, "thickness": 2}
        marker = {"color": colour, "size": 13, "symbol": "diamond"}
        traces.append(
            {
                **dots,
                "x": [mean],
                "y": [label],
                "marker": marker,
                "error_x": bar,
                "hovertemplate": "%{x:.1%}<extra></extra>",
            }
        )
    axis = {"title": {"text": t("experiments.axis_accuracy")}, "tickformat": ".0%"}
    return _figure(
        traces,
        t("experiments.chart_accuracy"),
        xaxis=axis,
        yaxis={"automargin": True},
        height=110 + 44 * len(summaries),
    )


def loss_chart(experiment: Experiment, summaries: Sequence[Summary]) -> Figure:
    """Training loss against images seen, each setting's mean over the seeds, with the range of them behind it."""
    traces: list[Figure] = []
    for summary in summaries:
        curves = [np.array(row["curve"]) for row in summary.results if row.get("curve")]
        if not curves:
            continue
        batch = summary.results[0]["settings"]["batch_size"]
        length = min(len(curve) for curve in curves)
        losses = np.stack([curve[:length, 1] for curve in curves])
        images = (curves[0][:length, 0] * batch).tolist()
        traces += _line(experiment, summary.arm, images, losses)
    guess = {"type": "line", "xref": "paper", "x0": 0, "x1": 1, "y0": GUESSING_LOSS, "y1": GUESSING_LOSS}
    shape = {**guess, "line": {"dash": "dot", "width": 1, "color": _GREY}}
    note = {
        "xref": "paper",
        "x": 1,
        "y": GUESSING_LOSS,
        "text": t("experiments.guessing"),
        "showarrow": False,
        "xanchor": "right",
        "yanchor": "bottom",
    }
    xaxis, yaxis = {"title": {"text": t("experiments.axis_images")}}, {"title": {"text": t("experiments.axis_loss")}}
    return _figure(traces, t("experiments.chart_loss"), xaxis=xaxis, yaxis=yaxis, shapes=[shape], annotations=[note])


def epochs_chart(experiment: Experiment, summaries: Sequence[Summary]) -> Figure:
    """Test accuracy at the end of each epoch."""
    traces: list[Figure] = []
    for summary in summaries:
        rows = [[epoch["test_accuracy"] for epoch in row["epochs"]] for row in summary.results if row.get("epochs")]
        if rows:
            length = min(map(len, rows))
            values = np.array([row[:length] for row in rows])
            traces += _line(experiment, summary.arm, list(range(1, length + 1)), values)
    xaxis = {"title": {"text": t("experiments.axis_epoch")}, "dtick": 1}
    yaxis = {"title": {"text": t("experiments.axis_accuracy")}, "tickformat": ".0%"}
    return _figure(traces, t("experiments.chart_epochs"), xaxis=xaxis, yaxis=yaxis)


def signal_chart(experiment: Experiment, summaries: Sequence[Summary]) -> Figure:
    """How much outputs differ between images, layer by layer, before anything is learnt."""
    traces = []
    for summary in summaries:
        signals = [row["signal"] for row in summary.results if row.get("signal")]
        if not signals:
            continue
        spread = np.exp(np.log(np.maximum([signal["spread"] for signal in signals], 1e-12)).mean(axis=0))
        line = {
            "color": colour_of(experiment, summary.arm),
            "width": 2,
            "dash": "solid" if "logits" not in summary.arm else "dot",
        }
        name = arm_label(experiment, summary.arm)
        traces.append(
            {
                "type": "scatter",
                "mode": "lines+markers",
                "x": signals[0]["layers"],
                "y": spread.tolist(),
                "name": name,
                "line": line,
            }
        )
    xaxis = {"title": {"text": t("experiments.axis_layer")}, "type": "category"}
    yaxis = {"title": {"text": t("experiments.axis_spread")}, "type": "log", "exponentformat": "power"}
    return _figure(traces, t("experiments.chart_signal"), xaxis=xaxis, yaxis=yaxis, height=380)


def trials_chart(trials: Sequence[dict[str, Any]]) -> Figure:
    """Accuracy of each trial of a search, and the best so far."""
    numbers, values = [trial["number"] for trial in trials], [trial["accuracy"] for trial in trials]
    best = np.maximum.accumulate(values).tolist()
    dots = {"type": "scatter", "mode": "markers", "x": numbers, "y": values, "name": t("experiments.trial")}
    line = {
        "type": "scatter",
        "mode": "lines",
        "x": numbers,
        "y": best,
        "name": t("experiments.best_so_far"),
        "line": {"shape": "hv"},
    }
    xaxis, yaxis = (
        {"title": {"text": t("experiments.trial")}},
        {"title": {"text": t("experiments.axis_accuracy")}, "tickformat": ".0%"},
    )
    return _figure([dots, line], t("experiments.chart_trials"), xaxis=xaxis, yaxis=yaxis)


def importance_chart(importance: dict[str, float]) -> Figure:
    names = sorted(importance, key=importance.__getitem__)
    labels = [t(f"experiments.setting_{name}") for name in names]
    shares = [importance[name] for name in names]
    bars = {"type": "bar", "orientation": "h", "x": shares, "y": labels, "hovertemplate": "%{x:.0%}<extra></extra>"}
    return _figure(
        [bars], t("experiments.chart_importance"), xaxis={"tickformat": ".0%"}, yaxis={"automargin": True}, height=280
    )


def parallel_chart(trials: Sequence[dict[str, Any]]) -> Figure:
    """Each trial a line through its settings, coloured by its accuracy."""
    optimizers = sorted({trial["optimizer"] for trial in trials})
    rates = [math.log10(trial["lr"]) for trial in trials]
    batches = [math.log2(trial["batch_size"]) for trial in trials]
    accuracies = [trial["accuracy"] for trial in trials]
    ticks = list(range(math.floor(min(rates)), math.ceil(max(rates)) + 1))
    dimensions = [
        {"label": t("experiments.setting_optimizer"), "values": [optimizers.index(trial["optimizer"]) for trial in trials],
         "tickvals": list(range(len(optimizers))), "ticktext": optimizers},
        {"label": t("experiments.setting_lr"), "values": rates, "tickvals": ticks, "ticktext": [f"{10.0**tick:g}" for tick in ticks]},
        {"label": t("experiments.setting_batch_size"), "values": batches, "tickvals": sorted(set(batches)), "ticktext": [f"{2**value:g}" for value in sorted(set(batches))]},
        {"label": t("experiments.setting_dropout"), "values": [trial["dropout"] for trial in trials]},
        {"label": t("experiments.axis_accuracy"), "values": accuracies, "tickformat": ".0%"},
    ]  # fmt: skip
    line = {"color": accuracies, "colorscale": "Viridis", "showscale": False}
    figure = _figure(
        [{"type": "parcoords", "dimensions": dimensions, "line": line}], t("experiments.chart_parallel"), height=360
    )
    return {**figure, "layout": {**figure["layout"], "margin": {"l": 60, "r": 50, "t": 80, "b": 24}}}


def contour_chart(trials: Sequence[dict[str, Any]]) -> Figure:
    """Learning rate against dropout: where the good trials lie."""
    accuracies = [trial["accuracy"] for trial in trials]
    x, y = [trial["lr"] for trial in trials], [trial["dropout"] for trial in trials]
    words = [f"{trial['optimizer']}, {trial['batch_size']}: {trial['accuracy']:.1%}" for trial in trials]
    marker = {
        "size": 14,
        "color": accuracies,
        "colorscale": "Viridis",
        "showscale": True,
        "colorbar": {"tickformat": ".0%"},
    }
    dots = {
        "type": "scatter",
        "mode": "markers",
        "x": x,
        "y": y,
        "text": words,
        "marker": marker,
        "hovertemplate": "%{text}<extra></extra>",
    }
    xaxis = {"title": {"text": t("experiments.setting_lr")}, "type": "log"}
    return _figure(
        [dots], t("experiments.chart_contour"), xaxis=xaxis, yaxis={"title": {"text": t("experiments.setting_dropout")}}
    )


def resources_chart(results: Sequence[dict[str, Any]], what: str) -> Figure:
    """Predicted and measured memory of each point; `what` is "train" or "predict"."""
    rows = [row for row in results if row.get(f"measured_{what}_bytes")]
    labels = [t("experiments.point", size=row["input_size"], batch=row["batch_size"]) for row in rows]
    traces = [
        {
            "type": "bar",
            "x": labels,
            "y": [row[f"{kind}_{what}_bytes"] / 2**20 for row in rows],
            "name": t(f"experiments.{kind}"),
        }
        for kind in ("predicted", "measured")
    ]
    yaxis = {"title": {"text": t("experiments.axis_memory")}, "type": "log"}
    return _figure(traces, t(f"experiments.chart_memory_{what}"), yaxis=yaxis, xaxis={"tickangle": -40})


def _line(experiment: Experiment, arm: str, x: list[float], values: np.ndarray[Any, Any]) -> list[Figure]:
    """The mean over the first axis, and behind it the range."""
    colour, traces = colour_of(experiment, arm), []
    if len(values) > 1:
        edge = [*values.max(axis=0).tolist(), *values.min(axis=0)[::-1].tolist()]
        band = {
            "type": "scatter",
            "x": [*x, *x[::-1]],
            "y": edge,
            "fill": "toself",
            "mode": "none",
            "fillcolor": colour,
            "opacity": 0.15,
        }
        traces.append({**band, "showlegend": False, "hoverinfo": "skip", "legendgroup": arm})
    mode = "lines+markers" if len(x) < 12 else "lines"
    line = {
        "type": "scatter",
        "mode": mode,
        "x": x,
        "y": values.mean(axis=0).round(5).tolist(),
        "name": arm_label(experiment, arm),
    }
    return [*traces, {**line, "line": {"color": colour, "width": 2.5}, "legendgroup": arm}]


def _figure(traces: Sequence[Figure], title: str, **layout: Any) -> Figure:
    return {
        "data": list(traces),
        "layout": {**_LAYOUT, "height": 340, "title": {"text": title, "font": {"size": 15}}, **layout},
    }
