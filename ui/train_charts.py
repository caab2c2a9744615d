"""The Train page's two live charts and what can be switched in them."""

from __future__ import annotations

import streamlit as st

from nin.runs import Run
from ui import curves, training
from ui.live_chart import live_chart
from ui.words import t

LIVE_SECONDS = 1.0
SMOOTHING = 20  # steps


def charts(runs: list[Run]) -> None:
    """Loss per step and accuracy per epoch of `runs`, updated in place while any of them trains."""
    active = any(run.is_active for run in runs)
    st.fragment(_charts, run_every=LIVE_SECONDS if active else None)(runs)


def _charts(runs: list[Run]) -> None:
    drawn = [_curve(run, curves.COLOURS[index % len(curves.COLOURS)]) for index, run in enumerate(runs)]
    # A zoom is kept for as long as the same runs are on the chart.
    revision = " ".join(run.id for run in runs)
    left, right = st.columns(2, gap="large")
    with left, st.container(key="loss-chart"):
        _loss(drawn, revision)
    with right, st.container(key="accuracy-chart"):
        _accuracy(drawn, revision)
    _restart_page_after_an_epoch(drawn)


def _restart_page_after_an_epoch(drawn: list[curves.Curve]) -> None:
    """The table below has a figure more then."""
    epochs = sum(row["kind"] == "epoch" for curve in drawn for row in curve.rows)
    runs = [curve.name for curve in drawn]
    before = st.session_state.get("epochs_drawn")
    st.session_state.epochs_drawn = (runs, epochs)
    if before is not None and before[0] == runs and before[1] != epochs:
        st.rerun()


def _curve(run: Run, colour: str) -> curves.Curve:
    config, status = run.config(), run.status()
    name = f"{config.preset} {config.recipe} {run.id[9:11]}:{run.id[11:13]}:{run.id[13:15]}"  # told apart by the second
    steps_per_epoch = status.get("steps", 1) // status.get("epochs", 1)
    return curves.Curve(name, training.metrics(run), colour, max(1, steps_per_epoch))


def _loss(drawn: list[curves.Curve], revision: str) -> None:
    st.subheader(t("train.loss"))
    smoothing = st.slider(t("train.smoothing"), 1, 100, SMOOTHING, key="smoothing", help=t("train.smoothing_help"))
    layout = curves.layout(t("train.step_axis"), t("train.loss_axis"), revision)
    # Marks of one run only: with several it would be anybody's guess whose they are.
    if len(drawn) == 1:
        layout["shapes"], layout["annotations"] = curves.marks(drawn[0].rows)
    traces = [trace for curve in drawn for trace in curves.loss_traces(curve, smoothing)]
    if not traces:
        layout = curves.empty_axes(layout, (0, 100), (0, 2.5))
    live_chart(traces, layout, key="loss_chart")


def _accuracy(drawn: list[curves.Curve], revision: str) -> None:
    st.subheader(t("train.accuracy"))
    tables = curves.references()
    shown = st.selectbox(
        t("train.reference"),
        [None, *tables],
        key="reference",
        help=t("train.reference_help"),
        format_func=lambda name: t("train.no_reference") if name is None else t(f"train.reference_{name}"),
    )
    traces = [trace for curve in drawn for trace in curves.accuracy_traces(curve, st.session_state.smoothing)]
    if shown is not None:
        traces.append(curves.reference_trace(shown))
    layout = curves.layout(t("train.epoch_axis"), t("train.accuracy_axis"), revision, percent=True)
    if not traces:
        layout = curves.empty_axes(layout, (0, 5), (0, 1))
    live_chart(traces, layout, key="accuracy_chart")
