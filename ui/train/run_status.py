"""How the run is going that this visitor follows, and what can be done with it next."""

from __future__ import annotations

import time
from typing import Any

import streamlit as st

from nin.presets import recipe_named
from nin.process import speed
from nin.storage.run import Run
from nin.storage.status import message_in
from nin.training.records import loss_text
from nin.training.verdict import diagnosis_of_run
from ui.base.live import Live
from ui.base.messages import show_error
from ui.base.navigation import switch_to
from ui.base.runs import config_of, run_name
from ui.base.text import plain, t
from ui.base.text.duration import duration
from ui.base.text.errors import said
from ui.base.visitor import may_change
from ui.base.weights import KEY as WEIGHTS
from ui.charts.series import Series, series
from ui.charts.sparkline import sparkline
from ui.train import actions, next_run, session
from ui.train.fork import fork_form


def status() -> None:
    """Draw it; have the whole page drawn where the run has changed, by whoever steered it."""
    followed = session.followed()
    if followed is not None:
        _status(followed)
    _restart_page_when_the_run_changes()
    if followed is not None and (followed.is_stopping or followed.is_over):
        pace = session.QUICK_SECONDS if followed.is_stopping else session.WATCH_SECONDS
        st.fragment(_restart_page_when_the_run_changes, run_every=pace)()


def _restart_page_when_the_run_changes() -> None:
    followed = session.followed()
    state = followed and (followed.run.id, followed.state, followed.is_stopping)
    before = st.session_state.get("seen_state", state)
    st.session_state.seen_state = state
    if before != state or (followed is not None and not session.is_up_to_date(followed)):
        # What has just failed stays on the page that is drawn anew.
        st.session_state.setdefault("failed_attempt", st.session_state.get("failure_shown"))
        st.rerun()


def run_line(live: Live) -> None:
    """For narrow screens, where the sidebar is folded away: state, epoch, loss, accuracy."""
    live.add(_line, None, place=st.container(key="one-line"))


def _line() -> None:
    followed = session.followed()
    if followed is None:
        return
    parts, values = [f"**{_state(followed)}** · {plain(run_name(followed.run))}"], followed.status
    if values.get("steps"):
        parts.append(t("sidebar.epoch", epoch=values["epoch"], epochs=values["epochs"]))
    if so_far := series(followed.run, followed.state):
        parts.append(t("sidebar.line_loss", loss=loss_text(so_far.losses[-1])))
    if "test_accuracy" in values:
        parts.append(t("sidebar.line_accuracy", accuracy=f"{values['test_accuracy']:.1%}"))
    st.markdown(" · ".join(parts))


def _state(followed: session.Followed) -> str:
    state = "stopping" if followed.is_stopping else followed.state
    return t(f"sidebar.state_{state}", ahead=followed.status.get("ahead", 0))


def _status(followed: session.Followed) -> None:
    run, values = followed.run, followed.status
    state = "stopping" if followed.is_stopping else followed.state
    st.markdown(f"**{_state(followed)}** · {plain(run_name(run))}")
    if not followed.is_own:
        st.caption(t("sidebar.elsewhere" if may_change(run.path) else "sidebar.watched"))
    if state == "queued":
        for path in values.get("waits_for", []):
            _say_for_whom(Run(path), values.get("device", next_run.likely_device()))
    if state == "paused":
        _say_what_a_pause_means(values)
    so_far = series(run, followed.state)
    _progress(values, state, so_far)
    _messages(run, values, state, so_far)
    _next_steps(followed, state)


def _say_for_whom(run: Run, device: str) -> None:
    before = run.status()
    if before["state"] == "paused":
        left = t("sidebar.waits_for_pause", duration=duration(_seconds_until(before.get("gives_way_at"))))
    elif run.exists and config_of(run) is not None and (seconds := speed.seconds_left(run, device)) is not None:
        left = t("sidebar.waits_for_left", duration=duration(seconds))
    else:
        left = t("sidebar.waits_for_unknown")
    st.caption(t("sidebar.waits_for", name=plain(run_name(run)), state=t(f"state.{before['state']}"), left=left))


def _seconds_until(moment: float | None) -> float:
    return max(0.0, (moment or 0.0) - time.time())


def _say_what_a_pause_means(values: dict[str, Any]) -> None:
    left = _seconds_until(values.get("gives_way_at"))
    if values.get("gave_way"):
        st.caption(t("sidebar.pause_gave_way"))
    elif left:
        st.caption(t("sidebar.pause_keeps", duration=duration(left)))
    else:
        st.caption(t("sidebar.pause_over"))


def _progress(values: dict[str, Any], state: str, so_far: Series) -> None:
    step, steps = values.get("step", 0), values.get("steps", 0)
    if steps:
        st.progress(min(step / steps, 1.0), text=_progress_text(values, state))
    if so_far:
        st.image(sparkline(so_far), width="stretch")
        st.caption(t("sidebar.loss_now", loss=loss_text(so_far.losses[-1]), lr=f"{values.get('lr_next', 0):.2g}"))
    if "test_accuracy" in values:
        st.caption(t("sidebar.accuracy", accuracy=f"{values['test_accuracy']:.1%}", n=f"{values['test_n']:,}"))


def _progress_text(values: dict[str, Any], state: str) -> str:
    parts = [t("sidebar.epoch", epoch=values["epoch"], epochs=values["epochs"])]
    parts.append(t("sidebar.step", step=f"{values['step']:,}", steps=f"{values['steps']:,}"))
    if state == "running" and (rate := values.get("images_per_second")):
        if values.get("phase") == "evaluate":
            parts.append(t("sidebar.evaluating"))
        else:
            parts.append(t("sidebar.rate", rate=f"{rate:,.0f}"))
            if (left := speed.remaining(values)) is not None:
                parts.append(t("sidebar.left", duration=duration(left)))
    return " · ".join(parts)


def _messages(run: Run, values: dict[str, Any], state: str, so_far: Series) -> None:
    if "error" in values and state == "failed":
        show_error(message_in(values, "error"))
    if state == "interrupted":
        st.caption(t("sidebar.process_gone"))
    if "warning" in values and state in ("running", "paused"):  # e.g. that another device is used than was asked for
        st.caption(f":material/info: {plain(said(message_in(values, 'warning')))}")
    if state in ("running", "paused") and (moved := _rate_moved_by_epochs(values, so_far)):
        st.caption(moved)
    if (found := diagnosis_of_run(run)) is not None and not found.is_over:
        word = "sidebar.guessing" if found.now == "guessing" else "sidebar.exploded"
        st.warning(t(word), icon=":material/trending_flat:")


def _rate_moved_by_epochs(values: dict[str, Any], so_far: Series) -> str | None:
    """What another number of epochs has done to the rate, in the epoch in which it was asked for."""
    asked = [event for event in so_far.events if event["what"] == "epochs" and "lr_from" in event]
    if not asked or not values.get("steps"):
        return None
    event, steps_per_epoch = asked[-1], values["steps"] // values["epochs"]
    if event["step"] < (values["epoch"] - 1) * steps_per_epoch:
        return None
    return t(
        "sidebar.epochs_moved_lr",
        epochs=event["epochs"],
        before=f"{event['lr_from']:.2g}",
        after=f"{event['lr']:.2g}",
    )


def _next_steps(followed: session.Followed, state: str) -> None:
    run = followed.run
    if not followed.is_own:
        if may_change(run.path):
            st.button(t("sidebar.adopt"), key="adopt", on_click=actions.attempt, args=(session.adopt, run))
        elif not followed.is_active:
            _fork_it(run)
        return
    if state in ("interrupted", "stopped", "failed"):
        word = "sidebar.go_on" if run.checkpoints() else "sidebar.go_on_from_start"
        st.button(t(word), key="go_on", on_click=actions.attempt, args=(actions.go_on_as_set, run))
    if not followed.is_active:
        _fork_it(run)
    if state in ("done", "stopped") and run.checkpoints():
        with st.container(key="next-steps", gap="xsmall"):
            found = diagnosis_of_run(run)
            if found is None or found.is_over:  # else its weights have no answer to give
                _use_weights(run, "pages/classify.py", "classify_with_it", ":material/draw:")
            _use_weights(run, "pages/layers.py", "look_inside", ":material/layers:")
            if state == "done":
                _more_epochs(run)


def _fork_it(run: Run) -> None:
    if run.checkpoints() and config_of(run) is not None:
        with st.popover(t("runs.fork"), icon=":material/fork_right:", key="status-fork", width="stretch"):
            fork_form(run, "status")


def _use_weights(run: Run, page: str, word: str, icon: str) -> None:
    st.button(t(f"sidebar.{word}"), key=word, icon=icon, width="stretch", on_click=_open_with, args=(run, page))


def _open_with(run: Run, page: str) -> None:
    st.session_state[WEIGHTS] = f"run:{run.id}"
    switch_to(page)


def _more_epochs(run: Run) -> None:
    config = config_of(run)
    if config is None:
        return
    preset, _ = config.network_recipe()
    count = recipe_named(config.recipe, preset).epochs
    st.button(
        t("sidebar.more_epochs", count=count),
        key="more_epochs",
        icon=":material/fast_forward:",
        width="stretch",
        on_click=actions.attempt,
        args=(actions.more_epochs, run, count),
    )
