"""The sidebar: what to train, the controls, and how it is going, on every page."""

from __future__ import annotations

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from nin.data.fashion_mnist import find_source
from nin.presets import BATCH_SIZE_RANGE, EPOCHS_RANGE, OPTIMIZERS, PRESETS, RECIPES
from nin.process import speed
from nin.training.verdict import diagnosis_of_run
from ui.base.live import Live, draw_again
from ui.base.messages import errors_as_messages, show_error
from ui.base.runs import config_of
from ui.base.text import plain, t
from ui.base.text.duration import duration
from ui.train import session
from ui.train.data_source import data_line, image_counts
from ui.train.series import series
from ui.train.sparkline import sparkline

LONG_SECONDS = 600
_SETTINGS = "settings"


def sidebar(live: Live) -> None:
    launcher = session.launcher()
    session.set_defaults()
    _settings()
    followed = session.followed()
    if followed is None or not followed.is_active:  # a spare's start-up would take the cores from what trains
        launcher.prepare()
    place = st.container(key="run-status")
    # Only while there is something to see; a state that ends restarts the page once.
    live.add(lambda: _status(place), followed and followed.pace)


@st.fragment(key=_SETTINGS)
@errors_as_messages()
def _settings() -> None:
    """The controls and how long what they say would take, rerun on their own when one is moved."""
    followed = session.followed()
    steering = followed is not None and followed.is_own and followed.is_active
    st.selectbox(
        t("sidebar.preset"),
        list(PRESETS),
        key="preset",
        persist_state="session",
        disabled=steering,
        on_change=session.apply_recipe,
        format_func=lambda name: t(f"sidebar.preset_{name}"),
        help=t("sidebar.preset_help"),
    )
    st.selectbox(
        t("sidebar.recipe"),
        list(RECIPES),
        key="recipe",
        persist_state="session",
        disabled=steering,
        on_change=session.apply_recipe,
        format_func=lambda name: t(f"sidebar.recipe_{name}"),
        help=t("sidebar.recipe_help"),
    )
    data_line()
    st.select_slider(
        t(_lr_label(steering)),
        session.LEARNING_RATES,
        key="lr",
        persist_state="session",
        format_func=lambda lr: f"{lr:g}",
        on_change=_steer_lr,
        help=t("sidebar.lr_help"),
    )
    st.number_input(
        t("sidebar.epochs"),
        *EPOCHS_RANGE,
        step=1,
        key="epochs",
        persist_state="session",
        on_change=_steer_epochs,
        help=t("sidebar.epochs_help"),
    )
    with st.expander(t("sidebar.more")):
        st.selectbox(t("sidebar.optimizer"), OPTIMIZERS, key="optimizer", persist_state="session", disabled=steering)
        st.number_input(
            t("sidebar.batch_size"),
            *BATCH_SIZE_RANGE,
            step=1,
            key="batch_size",
            persist_state="session",
            disabled=steering,
        )
        st.number_input(
            t("sidebar.seed"),
            0,
            2**31 - 1,
            step=1,
            key="seed",
            persist_state="session",
            disabled=steering,
            help=t("sidebar.seed_help"),
        )
    _buttons(followed if steering else None)
    if message := st.session_state.pop("failed_attempt", None):
        show_error(message)
    if followed is None or (followed.is_own and not followed.is_active):
        _before_start()


def _lr_label(steering: bool) -> str:
    if not session.has_schedule():
        return "sidebar.lr"
    # What is set by hand holds at once, also where the rate was still climbing.
    return "sidebar.lr_peak_steered" if steering else "sidebar.lr_peak"


def _buttons(steered: session.Followed | None) -> None:
    start, pause, stop = st.columns([5, 6, 5], gap="xsmall")  # the second has the longest word, Resume
    paused = steered is not None and steered.state == "paused"
    stopping = steered is not None and steered.is_stopping
    start.button(
        t("sidebar.start"),
        key="start",
        type="primary",
        width="stretch",
        disabled=steered is not None,
        on_click=session.attempt,
        args=(session.start_run,),
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
        t("sidebar.stop"),
        key="stop",
        width="stretch",
        disabled=steered is None or stopping,
        on_click=_order,
        kwargs={"stop": True},
    )


def _steer(**changes: object) -> None:
    followed = session.followed()
    if followed is not None and followed.is_own and followed.is_active:
        followed.run.steer(**changes)


def _order(**changes: object) -> None:
    """What Pause and Stop do. The page is drawn anew when it is done; that it was heard is said at once."""
    _steer(**changes)
    draw_again(_SETTINGS)


def _steer_lr() -> None:
    _steer(lr=st.session_state.lr)


def _steer_epochs() -> None:
    _steer(epochs=st.session_state.epochs)


def _status(place: DeltaGenerator) -> None:
    followed = session.followed()
    if followed is not None:
        with place:
            _progress(followed)
    _restart_page_when_state_changes(followed)
    if followed is not None and followed.is_stopping:
        st.fragment(_wait_for_the_end, run_every=session.QUICK_SECONDS)()


def _wait_for_the_end() -> None:
    _restart_page_when_state_changes(session.followed())


def _restart_page_when_state_changes(followed: session.Followed | None) -> None:
    state = followed and (followed.run.id, followed.state)
    before = st.session_state.get("seen_state", state)
    st.session_state.seen_state = state
    if before != state:
        st.rerun()


def _before_start() -> None:
    """How long it would take here, and what to choose instead when that is too long."""
    config, device = session.next_config(), session.likely_device()
    seconds = speed.estimate(config, device, *image_counts(find_source()))
    if seconds is None:
        st.caption(t("sidebar.measuring"))
        st.fragment(_wait_for_the_measurement, run_every=session.LIVE_SECONDS)()
        return
    rate = speed.known(device, config.preset)
    st.caption(t("sidebar.estimate", duration=duration(seconds), rate=f"{rate:,.0f}", device=device.upper()))
    faster = speed.faster_preset(config, device)
    if seconds > LONG_SECONDS:
        if faster:
            st.warning(t("sidebar.long", preset=t(f"sidebar.preset_{faster}")), icon=":material/hourglass:")
        else:
            st.warning(t("sidebar.long_epochs"), icon=":material/hourglass:")


def _wait_for_the_measurement() -> None:
    if speed.known(session.likely_device(), st.session_state.preset) is not None:
        st.rerun()


def _progress(followed: session.Followed) -> None:
    run, status, config = followed.run, followed.status, config_of(followed.run)
    name = config.preset if config else run.id
    state = "stopping" if followed.is_stopping else followed.state
    st.markdown(f"**{t(f'sidebar.state_{state}', ahead=status.get('ahead', 0))}** · {name}")
    step, steps = status.get("step", 0), status.get("steps", 0)
    if steps:
        st.progress(min(step / steps, 1.0), text=_progress_text(status, state))
    if so_far := series(run, followed.state):
        st.image(sparkline(so_far), width="stretch")
        st.caption(t("sidebar.loss_now", loss=f"{so_far.losses[-1]:.3f}", lr=f"{status.get('lr_next', 0):.2g}"))
    if "test_accuracy" in status:
        st.caption(t("sidebar.accuracy", accuracy=f"{status['test_accuracy']:.1%}", n=f"{status['test_n']:,}"))
    if "error" in status and state == "failed":
        show_error(status["error"])
    if "warning" in status and state in ("running", "paused"):  # e.g. that another device is used than was asked for
        st.caption(f":material/info: {plain(status['warning'])}")
    if (found := diagnosis_of_run(run)) is not None and not found.is_over:
        st.warning(
            t("sidebar.guessing" if found.now == "guessing" else "sidebar.exploded"), icon=":material/trending_flat:"
        )
    if not followed.is_own:
        st.button(t("sidebar.adopt"), key="adopt", on_click=session.attempt, args=(session.adopt, run))
    elif state in ("interrupted", "stopped", "failed"):
        st.button(t("sidebar.go_on"), key="go_on", on_click=session.attempt, args=(session.go_on_as_set, run))


def _progress_text(status: dict, state: str) -> str:
    parts = [t("sidebar.epoch", epoch=status["epoch"], epochs=status["epochs"])]
    parts.append(t("sidebar.step", step=f"{status['step']:,}", steps=f"{status['steps']:,}"))
    if state == "running" and (rate := status.get("images_per_second")):
        if status.get("phase") == "evaluate":
            parts.append(t("sidebar.evaluating"))
        else:
            left = (status["steps"] - status["step"]) * status["batch_size"] / rate
            parts += [t("sidebar.rate", rate=f"{rate:,.0f}"), t("sidebar.left", duration=duration(left))]
    return " · ".join(parts)
