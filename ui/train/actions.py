"""What a visitor's buttons do with runs: start, fork, go on with, take back, delete."""

from __future__ import annotations

import atexit
import threading
import time
from collections.abc import Callable, Sequence
from typing import Any

import streamlit as st

from nin.errors import LabError, Message, RunError
from nin.process.launcher import Launcher
from nin.storage.deletion import delete_run, make_room
from nin.storage.files import cannot_write
from nin.storage.fork import fork
from nin.storage.owner import owner_of
from nin.storage.run import Run
from ui.base.runs import active_runs, run_name
from ui.base.visitor import check_may_change, claim, limits_here, visitor
from ui.train.next_run import nearest_lr, next_config
from ui.train.session import adopt, followed, wanted_of

STOP_SECONDS = 20.0  # that a run is given to end the part of a batch that it is at
SAME_CLICK_SECONDS = 1.0  # the same asked again so soon is a second click of one hand, or one that was told twice

_LAST = "attempted_last"  # in the session: what was last asked for, and when it was done


@st.cache_resource(show_spinner=False)
def launcher() -> Launcher:
    """One per server. The first call warms it up."""
    launcher = Launcher()
    atexit.register(launcher.close)
    _import_of_torch()
    return launcher


@st.cache_resource(show_spinner=False)
def _import_of_torch() -> threading.Thread:
    """Classify and Layers need torch; whoever opens them should not wait for its import."""
    thread = threading.Thread(target=lambda: __import__("torch"), daemon=True)
    thread.start()
    return thread


def torch_is_imported() -> bool:
    """Whether pages that need torch come at once."""
    return not _import_of_torch().is_alive()


def start_run() -> None:
    now = followed()
    if now is not None and now.is_own and now.is_active:  # two clicks are one run
        return
    config = next_config()
    _check_place(config.resolved().epochs)
    make_room()
    _launch(Run.create(config))


def start_fork(parent: Run, step: int, changes: dict[str, Any]) -> None:
    """A run of this visitor's that goes on from the checkpoint of `step` of `parent`, whosoever that is."""
    _check_place(changes.get("epochs") or parent.config().resolved().epochs)
    make_room()
    _launch(fork(parent, step, changes))


def _launch(run: Run) -> None:
    claim(run.path)
    launcher().start(run)
    adopt(run)


def _check_place(epochs: int | None) -> None:
    """LabError where this visitor may not have another run train or wait, or one of so many epochs."""
    limits, who = limits_here(), visitor()
    if epochs is not None:
        limits.check_epochs(epochs)
    active = active_runs()
    limits.check_queue(len(active), sum(owner_of(run.path) == who for run in active))


def go_on(run: Run, **changes: Any) -> None:
    """Continue `run` from its last checkpoint, with `changes` of what is wanted."""
    check_may_change(run)
    _check_place(changes.get("epochs"))
    run.steer(paused=False, stop=False, **changes)
    launcher().start(run)
    adopt(run)


def more_epochs(run: Run, count: int) -> None:
    """Go on with a run that is done."""
    go_on(run, epochs=run.status().get("epochs", 0) + count)


def go_on_as_set(run: Run) -> None:
    """Continue `run` with what the controls show now: a lower rate, after a loss that exploded.

    What they show as it was is not set by hand, and a rate between two of the slider's positions stays.
    """
    state, config, changes = st.session_state, run.config().resolved(), {}
    if (state.preset, state.recipe) == (config.preset, config.recipe):  # else they were set for another run
        lr, epochs = wanted_of(run, config)
        changes |= {"lr": state.lr} if state.lr != nearest_lr(lr) else {}
        changes |= {"epochs": state.epochs} if state.epochs != epochs else {}
    go_on(run, **changes)


def go_back(run: Run, step: int, lr: float) -> None:
    """Undo what `run` did after its checkpoint of `step`, and continue it from there at the rate `lr`."""
    from nin.storage.resume_point import go_back  # needs torch

    check_may_change(run)
    if run.is_active:
        run.steer(stop=True)
        deadline = time.monotonic() + STOP_SECONDS
        while run.is_active:
            if time.monotonic() > deadline:
                raise RunError("run {run} is still stopping: wait until it has stopped, then go back", run=run.id)
            time.sleep(0.05)
    go_back(run, step)
    go_on(run, lr=lr)


def delete(runs: Sequence[Run]) -> None:
    for run in runs:
        check_may_change(run)
    for run in runs:
        delete_run(run)


def attempt(action: Callable[..., None], *arguments: Any, **changes: Any) -> None:
    """Do what a button says, in its callback, once a click; the sidebar then shows why it could not be done."""
    asked = (action.__name__, [one.id if isinstance(one, Run) else one for one in arguments], changes)
    last, done_at = st.session_state.get(_LAST, (None, 0.0))
    if asked == last and time.monotonic() - done_at < SAME_CLICK_SECONDS:
        return
    try:
        action(*arguments, **changes)
    except LabError as error:
        runs = [run for argument in arguments for run in (argument if isinstance(argument, list) else [argument])]
        names = {run.id: run_name(run) for run in runs if isinstance(run, Run)}  # as the table calls them
        values = {name: names.get(value, value) for name, value in error.message.values.items()}
        st.session_state.failed_attempt = Message(error.message.template, values)
    except OSError as error:  # a full disk, a folder that may not be written
        st.session_state.failed_attempt = cannot_write(error)
    finally:
        st.session_state[_LAST] = asked, time.monotonic()
    # A button of a fragment reruns only that; what it did concerns the whole page.
    st.rerun()
