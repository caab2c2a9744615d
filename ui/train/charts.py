"""The Train page's two live charts: loss with the learning rate under it, and accuracy."""

from __future__ import annotations

import math
from functools import lru_cache

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from nin.errors import LabError
from nin.storage.run import ACTIVE, Run
from ui.base.live import Live
from ui.base.runs import config_of, run_name
from ui.base.text import language, listed, t
from ui.charts.accuracy import accuracy_traces
from ui.charts.axis import Curve, accuracy_axis
from ui.charts.layout import COLOURS, dots_on_top, layout, with_rates
from ui.charts.learning_rate import rate_traces, rates_ahead
from ui.charts.live_chart import HEIGHT, figure, live_chart
from ui.charts.loss import HIGHEST_AXIS, beyond, guessing_line, loss_title, loss_top, loss_traces
from ui.charts.marks import marks
from ui.charts.published import reference_trace
from ui.charts.series import series
from ui.charts.settings import ChartSettings, chart_settings, choose_axes, choose_reference, choose_smoothing
from ui.train import session
from ui.train.what_happened import what_happened

LOSS_HEIGHT = 500  # pixels, with the learning rate


def charts(runs: list[Run], live: Live, *, stored: bool = False) -> None:
    """Loss per step and accuracy per epoch of `runs`, updated in place while any of them trains.

    `stored`: they come with the lab, and stand under a heading of their own.
    """
    heading = st.subheader if stored else st.header
    story = st.container(key="what-happened")
    choose_axes()
    left, right = st.columns(2, gap="large")
    with left, st.container(key="loss-chart"):
        heading(t("train.loss"))
        choose_smoothing()
        loss = st.container()
    with right, st.container(key="accuracy-chart"):
        heading(t("train.accuracy"))
        choose_reference()
        accuracy = st.container()
        st.caption(t("train.accuracy_lines"))

    states = {run: run.state for run in runs}
    is_active = any(state in ACTIVE for state in states.values())
    is_awaited = is_active and not any(series(run, state) for run, state in states.items())
    pace = session.QUICK_SECONDS if is_awaited else session.LIVE_SECONDS
    live.add(lambda: what_happened(runs), None, place=story)
    live.add(lambda: _draw(runs, loss, accuracy, is_awaited=is_awaited, stored=stored), pace if is_active else None)


def _draw(runs: list[Run], loss: DeltaGenerator, accuracy: DeltaGenerator, *, is_awaited: bool, stored: bool) -> None:
    if not all(run.exists for run in runs):  # another visitor has deleted one
        st.rerun()
    chosen = chart_settings()
    drawn = tuple(_curve(run, COLOURS[index % len(COLOURS)], whole=chosen.whole) for index, run in enumerate(runs))
    # A zoom is kept for as long as the same runs are on the chart, on the same axes.
    revision = " ".join([*(run.id for run in runs), chosen.axis])
    # No drawing of a stored run is taken over by the visitor's own: it would show those points until there are others.
    of = "stored_" if stored else ""
    with loss:
        live_chart(_loss(drawn, chosen, revision, language()), key=f"{of}loss_chart", height=LOSS_HEIGHT)
    with accuracy:
        live_chart(_accuracy(drawn, chosen, revision, language()), key=f"{of}accuracy_chart")
    if is_awaited and any(curve.series for curve in drawn):  # the first loss is here: on at the usual pace
        st.rerun()


def _curve(run: Run, colour: str, *, whole: bool) -> Curve:
    config, status = config_of(run), run.status()
    recipe = None
    if config is not None:
        try:
            _, recipe = config.network_recipe()
        except LabError:
            config = None
    ahead = ()
    if recipe is not None and status["state"] in ACTIVE:
        step, steps = status.get("step", 0), status.get("steps", 0)
        ahead = rates_ahead(recipe.schedule, status.get("schedule"), step, steps, whole=whole)
    steps_per_epoch = status.get("steps", 1) // status.get("epochs", 1)
    return Curve(
        run_name(run),
        series(run, status["state"]),
        colour,
        max(1, steps_per_epoch),
        label_smoothing=recipe.label_smoothing if recipe else 0.0,
        id=run.id,
        batch_size=status.get("batch_size") or (recipe.batch_size if recipe else 1),
        fork_step=config.fork_step if config else None,
        rates_ahead=ahead,
    )


# Both figures are made once for all visitors who look at the same runs in the same way.


@lru_cache(maxsize=32)
def _loss(drawn: tuple[Curve, ...], chosen: ChartSettings, revision: str, _language: str) -> bytes:
    axis, logarithmic = chosen.axis, chosen.logarithmic
    title = t(f"train.axis_title_{axis}")
    axes = layout(title, loss_title(drawn), f"{revision} {logarithmic} {chosen.whole}")
    shape, note = guessing_line(logarithmic=logarithmic)
    axes["shapes"], axes["annotations"] = [shape], [note]
    # Marks of one run only: with several it would be anybody's guess whose they are.
    if len(drawn) == 1:
        shapes, notes = marks(drawn[0], axis)
        axes["shapes"] += shapes
        axes["annotations"] += notes
    most = math.inf if logarithmic else HIGHEST_AXIS
    traces = dots_on_top([trace for curve in drawn for trace in loss_traces(curve, chosen.smoothing, axis, most=most)])
    top = loss_top(drawn)
    if logarithmic:
        axes["yaxis"] = {**axes["yaxis"], "type": "log", "rangemode": "normal", "exponentformat": "power"}
    else:
        axes["yaxis"]["range"] = (0, top)
        axes["annotations"] += beyond(drawn, top, axis)
    if not traces:
        axes["xaxis"]["range"] = (0, 100)
        if logarithmic:
            axes["yaxis"]["range"] = (-1, 1)
    if rates := [trace for curve in drawn for trace in rate_traces(curve, axis)]:  # else the loss has all the room
        traces, axes = traces + rates, with_rates(axes, logarithmic=logarithmic)
    return figure(traces, axes, name="loss", label=_label(drawn, "loss", axis), height=LOSS_HEIGHT)


@lru_cache(maxsize=32)
def _accuracy(drawn: tuple[Curve, ...], chosen: ChartSettings, revision: str, _language: str) -> bytes:
    axis = accuracy_axis(chosen.axis)
    traces = dots_on_top([trace for curve in drawn for trace in accuracy_traces(curve, chosen.smoothing, axis)])
    if chosen.reference is not None:
        traces.append(reference_trace(chosen.reference, axis))
    axes = layout(t(f"train.axis_title_{axis}"), t("train.accuracy_axis"), revision, percent=True)
    if not traces:
        axes["xaxis"]["range"], axes["yaxis"]["range"] = (0, 5), (0, 1)
    return figure(traces, axes, name="accuracy", label=_label(drawn, "accuracy", axis), height=HEIGHT)


def _label(drawn: tuple[Curve, ...], what: str, axis: str) -> str:
    """What a chart shows, for whoever cannot see it."""
    runs = listed([curve.name for curve in drawn])
    return t("train.chart_label", what=t(f"train.{what}"), axis=t(f"train.axis_title_{axis}"), runs=runs)
