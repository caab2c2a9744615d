"""The sidebar: what to train, the controls, and how it is going, on every page."""

from __future__ import annotations

import streamlit as st

from ui.base.live import Live, draw_again
from ui.base.messages import errors_as_messages, show_error
from ui.base.text import t
from ui.charts.settings import charts_in_address
from ui.train import actions, session
from ui.train.before_start import before_start
from ui.train.run_status import status
from ui.train.settings import settings

_CONTROLS = "settings"


def sidebar(live: Live) -> None:
    launcher = actions.launcher()
    session.set_defaults()
    charts_in_address()
    _controls()
    followed = session.followed()
    if followed is None or not followed.is_active:  # a spare's start-up would take the cores from what trains
        launcher.prepare()
    place = st.container(key="run-status")
    # Only while there is something to see; a state that ends restarts the page once.
    live.add(status, followed and followed.pace, place=place)


@st.fragment(key=_CONTROLS)
@errors_as_messages()
def _controls() -> None:
    """The settings, the buttons, and how long it would take: rerun on their own when one is moved."""
    session.show_what_holds()
    followed = session.followed()
    steered = followed if followed is not None and followed.is_own and followed.is_active else None
    settings(is_steering=steered is not None)
    _buttons(steered)
    message = st.session_state.failure_shown = st.session_state.pop("failed_attempt", None)
    if message:
        show_error(message)
    if steered is None:
        before_start(followed)
    session.in_address()


def _buttons(steered: session.Followed | None) -> None:
    start, pause, stop = st.columns([5, 6, 5], gap="xsmall")  # the second has the longest word, Resume
    paused = steered is not None and steered.state == "paused"
    waiting = steered is not None and steered.state == "queued"
    stopping = steered is not None and steered.is_stopping
    start.button(
        t("sidebar.start"),
        key="start",
        type="primary",
        width="stretch",
        disabled=steered is not None,
        on_click=actions.attempt,
        args=(actions.start_run,),
    )
    pause.button(
        t("sidebar.resume" if paused else "sidebar.pause"),
        key="pause",
        width="stretch",
        disabled=steered is None or stopping or steered.state not in ("running", "paused"),
        on_click=_order,
        kwargs={"paused": not paused},
    )
    stop.button(
        t("sidebar.leave" if waiting else "sidebar.stop"),
        key="stop",
        help=t("sidebar.leave_help") if waiting else None,
        width="stretch",
        disabled=steered is None or stopping,
        on_click=_order,
        kwargs={"stop": True},
    )


def _order(**changes: object) -> None:
    """What Pause and Stop do. The page is drawn anew when it is done; that it was heard is said at once."""
    session.steer(**changes)
    draw_again(_CONTROLS)
