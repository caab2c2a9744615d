"""The Train page's two live charts and what can be switched in them."""

from __future__ import annotations

import math
from functools import lru_cache

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from nin.errors import LabError
from nin.storage.run import ACTIVE, Run
from ui.base.choice import select
from ui.base.live import Live, draw_again
from ui.base.runs import config_of, run_name
from ui.base.text import language, t
from ui.train import curves, session
from ui.train.live_chart import figure, live_chart
from ui.train.series import series
from ui.train.what_happened import what_happened

SMOOTHING, SMOOTHING_RANGE = 20, (1, 100)  # steps
SCALES = ("linear", "log")


def charts(runs: list[Run], live: Live) -> None:
    """Loss per step and accuracy per epoch of `runs`, updated in place while any of them trains."""
    story = st.container(key="what-happened")
    left, right = st.columns(2, gap="large")
    with left, st.container(key="loss-chart"):
        st.subheader(t("train.loss"))
        _loss_settings()
        loss = st.container()
    with right, st.container(key="accuracy-chart"):
        st.subheader(t("train.accuracy"))
        _reference()
        accuracy = st.container()
        st.caption(t("train.accuracy_lines"))

    states = {run: run.state for run in runs}
    is_active = any(state in ACTIVE for state in states.values())
    is_awaited = is_active and not any(series(run, state) for run, state in states.items())
    pace = session.QUICK_SECONDS if is_awaited else session.LIVE_SECONDS
    live.add(lambda: what_happened(runs), None, place=story)
    live.add(lambda: _draw(runs, loss, accuracy, is_awaited=is_awaited), pace if is_active else None)


@st.fragment
def _loss_settings() -> None:
    """In a fragment of its own, like all that is switched here: the charts follow it, the page stands."""
    smoothing, scale = st.columns([3, 2], vertical_alignment="bottom")
    smoothing.slider(
        t("train.smoothing"),
        *SMOOTHING_RANGE,
        SMOOTHING,
        key="smoothing",
        on_change=draw_again,
        help=t("train.smoothing_help"),
        persist_state="session",
    )
    scale.segmented_control(
        t("train.scale"),
        SCALES,
        default=SCALES[0],
        required=True,
        key="loss-scale",
        on_change=draw_again,
        help=t("train.scale_help"),
        format_func=lambda scale: t(f"train.scale_{scale}"),
        persist_state="session",
    )


@st.fragment
def _reference() -> None:
    select(
        t("train.reference"),
        [None, *curves.references()],
        key="reference",
        on_change=draw_again,
        help=t("train.reference_help"),
        persist_state="session",
        format_func=lambda name: t("train.no_reference") if name is None else t(f"train.reference_{name}"),
    )


def _draw(runs: list[Run], loss: DeltaGenerator, accuracy: DeltaGenerator, *, is_awaited: bool) -> None:
    if not all(run.exists for run in runs):  # another visitor has deleted one
        st.rerun()
    drawn = tuple(_curve(run, curves.COLOURS[index % len(curves.COLOURS)]) for index, run in enumerate(runs))
    # A zoom is kept for as long as the same runs are on the chart.
    revision = " ".join(run.id for run in runs)
    smoothing, reference = st.session_state.smoothing, st.session_state.reference
    logarithmic = st.session_state["loss-scale"] == "log"
    with loss:
        live_chart(_loss(drawn, smoothing, revision, language(), logarithmic=logarithmic), key="loss_chart")
    with accuracy:
        live_chart(_accuracy(drawn, smoothing, reference, revision, language()), key="accuracy_chart")
    if is_awaited and any(curve.series for curve in drawn):  # the first loss is here: on at the usual pace
        st.rerun()


def _curve(run: Run, colour: str) -> curves.Curve:
    config, status, smoothing = config_of(run), run.status(), 0.0
    if config is not None:
        try:
            smoothing = config.network_recipe()[1].label_smoothing
        except LabError:
            config = None
    steps_per_epoch = status.get("steps", 1) // status.get("epochs", 1)
    so_far = series(run, status["state"])
    return curves.Curve(run_name(run), so_far, colour, max(1, steps_per_epoch), smoothing)


# Both figures are made once for all visitors who look at the same runs in the same way.


@lru_cache(maxsize=32)
def _loss(
    drawn: tuple[curves.Curve, ...], smoothing: int, revision: str, _language: str, *, logarithmic: bool
) -> bytes:
    layout = curves.layout(t("train.step_axis"), curves.loss_title(drawn), f"{revision} {logarithmic}")
    shape, note = curves.guessing_line(logarithmic=logarithmic)
    layout["shapes"], layout["annotations"] = [shape], [note]
    # Marks of one run only: with several it would be anybody's guess whose they are.
    if len(drawn) == 1:
        shapes, notes = curves.marks(drawn[0].series)
        layout["shapes"] += shapes
        layout["annotations"] += notes
    most = math.inf if logarithmic else curves.HIGHEST_AXIS
    traces = [trace for curve in drawn for trace in curves.loss_traces(curve, smoothing, most=most)]
    top = curves.loss_top(drawn)
    if logarithmic:
        layout["yaxis"] = {**layout["yaxis"], "type": "log", "rangemode": "normal", "exponentformat": "power"}
    else:
        layout["yaxis"]["range"] = (0, top)
        layout["annotations"] += curves.beyond(drawn, top)
    if not traces:
        layout["xaxis"]["range"] = (0, 100)
        if logarithmic:
            layout["yaxis"]["range"] = (-1, 1)
    return figure(traces, layout)


@lru_cache(maxsize=32)
def _accuracy(
    drawn: tuple[curves.Curve, ...], smoothing: int, reference: str | None, revision: str, _language: str
) -> bytes:
    traces = [trace for curve in drawn for trace in curves.accuracy_traces(curve, smoothing)]
    if reference is not None:
        traces.append(curves.reference_trace(reference))
    layout = curves.layout(t("train.epoch_axis"), t("train.accuracy_axis"), revision, percent=True)
    if not traces:
        layout["xaxis"]["range"], layout["yaxis"]["range"] = (0, 5), (0, 1)
    return figure(traces, layout)
