"""This visitor's training: which run is followed, what the controls show of it, and how it is steered."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

import streamlit as st

from nin.errors import LabError, SettingsError
from nin.paths import runs_directory
from nin.storage.run import ACTIVE, Run, RunConfig, Wanted
from ui.base import address
from ui.base.controls import show
from ui.base.runs import active_runs, config_of
from ui.base.visitor import limits_here, may_change
from ui.train.next_run import (
    move_to_address,
    nearest_lr,
    of_recipe,
    open_with_address,
    settings_in_address,
)
from ui.train.start_from import FRESH

RUN_PARAMETER = "run"  # in the address
LIVE_SECONDS = 1.0  # how often what is live is drawn anew
WATCH_SECONDS = 3.0  # how often a run that has ended is looked at: another tab may go on with it
QUICK_SECONDS = 0.25  # while somebody waits for a run to start or to stop

_SHOWN = "steering_shown"  # in the session: what the controls were last set to follow
OWN = "own_run"  # in the session: the name of the run that was started or adopted in this tab


@dataclass(frozen=True)
class Followed:
    run: Run
    status: dict[str, Any]
    is_own: bool  # in hand in this browser tab, whose visitor may change it: its controls steer it

    @property
    def state(self) -> str:
        return self.status["state"]

    @property
    def is_active(self) -> bool:
        return self.state in ACTIVE

    @property
    def is_stopping(self) -> bool:
        return self.is_active and self.run.wants_stop

    @property
    def is_over(self) -> bool:
        """Whether it has ended; another tab may go on with it."""
        return self.is_own and not self.is_active

    @property
    def pace(self) -> float | None:
        """Seconds between two looks at it; None where there is nothing to see."""
        if not self.is_active:
            return None
        return QUICK_SECONDS if self.state == "starting" else LIVE_SECONDS


def followed() -> Followed | None:
    """The run that the sidebar shows: this visitor's own, else what trains here, else what waits, else none."""
    own = _run_named(st.session_state.get(OWN))
    if own is not None:
        return Followed(own, own.status(), is_own=may_change(own.path))
    found = [Followed(run, status, is_own=False) for run, status in active_runs().items()]
    return min(found, key=lambda one: one.state == "queued", default=None)


def _run_named(name: str | None) -> Run | None:
    """The run of that name, if there is one; a name from an address may be anything."""
    if not name or not re.fullmatch(r"[\w-]+", name):
        return None
    run = Run(runs_directory() / name)
    return run if run.exists else None


def adopt(run: Run) -> None:
    """Make `run` this tab's own: the controls show its settings and steer it.

    One of another visitor is only watched. A LabError, for a run whose settings cannot be read, leaves all as it was.
    """
    settings = _settings_of(run, run.config().resolved())
    st.session_state[OWN], st.session_state[_SHOWN] = run.id, steering(run)
    show(**settings)


def _settings_of(run: Run, config: RunConfig) -> dict[str, Any]:
    """What the controls show of `run`, whose resolved configuration is `config`."""
    lr, epochs = wanted_of(run, config)
    return {
        "preset": config.preset,
        "recipe": config.recipe,
        "images": "sample" if config.data == "sample" else "full",
        "lr": nearest_lr(lr),
        "epochs": epochs,
        "optimizer": config.optimizer,
        "batch_size": config.batch_size,
        "seed": config.seed,
        "start_from": config.weights or FRESH,
    }


def wanted_of(run: Run, config: RunConfig) -> tuple[float, int]:
    """The learning rate and the epochs that `run` was steered to, else those of its resolved `config`."""
    try:
        wanted = run.wanted()
    except SettingsError:  # edited by hand, to what cannot be
        wanted = Wanted()
    return wanted.lr or config.lr, wanted.epochs or config.epochs


def steering(run: Run) -> tuple[Any, ...]:
    """What `run` is told to do now, by whichever tab or command: what the controls should show."""
    config = config_of(run)
    return (run.id, *(wanted_of(run, config.resolved()) if config else ()))


def show_what_holds() -> None:
    """Move the controls to where another tab, or a command, has steered the run in hand."""
    followed_now, state = followed(), st.session_state
    if followed_now is None or not followed_now.is_own or is_up_to_date(followed_now):
        return
    state[_SHOWN] = steering(followed_now.run)
    config = config_of(followed_now.run)
    if config is not None:
        lr, epochs = wanted_of(followed_now.run, config.resolved())
        show(lr=nearest_lr(lr), epochs=epochs)


def is_up_to_date(followed: Followed) -> bool:
    """Whether the controls of this tab show what its run is told to do."""
    return not (followed.is_own and followed.is_active) or st.session_state.get(_SHOWN) == steering(followed.run)


def steer(**changes: Any) -> None:
    """Tell the run in hand, while it is active, what the controls of this tab say now."""
    now = followed()
    if now is not None and now.is_own and now.is_active:
        now.run.steer(**changes)
        st.session_state[_SHOWN] = steering(now.run)


def steer_epochs() -> None:
    """Epochs that are done or under way cannot be taken back, and there may be a limit; the page says so."""
    state, begun, most = st.session_state, _epochs_begun(), limits_here().epochs
    if most is not None and state.epochs > most:
        state.epochs_most = most
        show(epochs=most)
    if state.epochs < begun:
        state.epochs_begun = begun
        show(epochs=begun)
    steer(epochs=state.epochs)


def _epochs_begun() -> int:
    """By the run in hand, while it is active; else 1."""
    now = followed()
    return now.status.get("epoch", 1) if now is not None and now.is_own and now.is_active else 1


def differs_from_recipe() -> bool:
    """Whether learning rate or epochs of the run in hand, while it is active, could go back to what its recipe says."""
    state, (lr, epochs) = st.session_state, _of_recipe_from_here()
    return (state.lr, state.epochs) != (lr, epochs) or is_set_by_hand()


def is_set_by_hand() -> bool:
    """Whether the learning rate of the run in hand no longer follows its schedule."""
    now = followed()
    if now is None or not now.is_own or not now.is_active or (config := config_of(now.run)) is None:
        return False
    was_set = (now.status.get("schedule") or {}).get("shape_when_set") is not None
    try:
        return was_set and config.resolved().schedule != "constant" and not now.run.wanted().follow_schedule
    except LabError:
        return was_set


def back_to_recipe() -> None:
    """The run in hand follows the schedule of its recipe again, over as many epochs; those that are begun stay."""
    lr, epochs = _of_recipe_from_here()
    show(lr=lr, epochs=epochs)
    steer(lr=lr, epochs=epochs, follow_schedule=True)


def _of_recipe_from_here() -> tuple[float, int]:
    said = of_recipe(st.session_state.preset, st.session_state.recipe)
    return said["lr"], max(said["epochs"], _epochs_begun())


def set_defaults() -> None:
    """Give every setting a value, in a new tab or after a reload: of the run in hand, and as the address says."""
    state = st.session_state
    if OWN in state:
        return
    state[OWN] = None
    open_with_address()
    run = _run_named(address.given(RUN_PARAMETER))
    if run is None:
        return
    try:
        adopt(run)
    except LabError as error:
        state.failed_attempt = error.message
        return
    if not run.is_active:
        move_to_address()


def in_address() -> None:
    """Keep the run in hand and the settings in the address."""
    run = _run_named(st.session_state.get(OWN))
    config = None if run is None else config_of(run)
    of_run = None if config is None else _settings_of(run, config.resolved())
    settings_in_address(run and run.id, of_run, is_active=run is not None and run.is_active)
