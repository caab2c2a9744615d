"""How large an experiment is, its start and stop, and where it stands."""

from __future__ import annotations

from typing import Any

import streamlit as st

from nin.data.fashion_mnist import find_source, image_counts
from nin.errors import LabError
from nin.experiments.description import SEEDS_RANGE, Experiment
from nin.experiments.exercises import EXERCISES, exercise
from nin.experiments.folder import ExperimentFolder, all_experiments
from nin.experiments.launch import start
from nin.experiments.report import stored_report
from nin.presets import PRESETS
from nin.process import speed
from nin.storage.limits import Limits
from nin.storage.owner import owner_of
from ui.base.text import t, together
from ui.base.text.duration import duration
from ui.base.visitor import claim, limits_here, may_change, visitor
from ui.experiments.certainty import in_advance
from ui.experiments.labels import arm_label, size_label

ERROR = "experiments_error"  # in the session: what went wrong in a click
TRIALS_RANGE = (2, 200)


def choose_size(name: str) -> tuple[Experiment, int]:
    """The exercise at the size that the reader chose, and how many seeds (of a search: trials)."""
    usual = EXERCISES[name]
    if usual.kind == "resources":
        return usual, 1
    images, _ = image_counts(find_source())
    with st.expander(t("experiments.size"), icon=":material/tune:"):
        st.caption(t("experiments.size_about"))
        columns = st.columns(4)
        size: dict[str, Any] = {
            "preset": columns[0].selectbox(
                t("experiments.setting_preset"), list(PRESETS), list(PRESETS).index(usual.base["preset"]),
                key=f"size_preset_{name}", persist_state="session",
            ),
            "train_size": _number(columns[1], "train_size", name, min(usual.base["train_size"], images), (64, images)),
            "epochs": _number(columns[2], "epochs", name, usual.base["epochs"], (1, 30)),
        }  # fmt: skip
        if usual.kind == "search":
            count = _number(columns[3], "trials", name, usual.trials, TRIALS_RANGE)
        else:
            count = _number(columns[3], "seeds", name, usual.seeds, SEEDS_RANGE)
    return exercise(name, size=size), count


def _number(place: Any, what: str, name: str, usual: int, bounds: tuple[int, int]) -> int:
    low, high = bounds
    label, key = t(f"experiments.setting_{what}"), f"size_{what}_{name}"
    return place.number_input(label, low, high, usual, step=1, key=key, persist_state="session")


def controls(experiment: Experiment, folder: ExperimentFolder, count: int, *, active: bool) -> None:
    """One button: go, stop, go on, or more of it; and what it would take."""
    told = in_advance(experiment, stored_report(experiment.name)) if experiment.name in EXERCISES else ""
    st.caption(together(size_label(experiment) if experiment.kind != "resources" else "", told))
    with st.container(horizontal=True, vertical_alignment="center"):
        if active:
            st.button(
                t("experiments.stop"),
                icon=":material/stop:",
                key="experiment_stop",
                on_click=_stop,
                args=(folder,),
                disabled=not may_change(folder.path),
                help=None if may_change(folder.path) else t("experiments.of_others"),
            )
            return
        wanted = _runs_wanted(experiment, count)
        left = wanted - (folder.count_done(count) if folder.exists else 0)
        begun = folder.exists and folder.results()
        label = "go" if not begun else "go_on" if left > 0 else "done"
        st.button(
            t(f"experiments.{label}"),
            icon=":material/play_arrow:",
            key="experiment_go",
            type="primary",
            disabled=left <= 0,
            on_click=_go,
            args=(experiment, count),
        )
        st.markdown(_what_it_takes(experiment, left) if left > 0 else t("experiments.more"))


def _runs_wanted(experiment: Experiment, count: int) -> int:
    match experiment.kind:
        case "search":
            return count
        case "resources":
            return len(experiment.base["input_sizes"]) * len(experiment.base["batch_sizes"])
    return len(experiment.arms) * count


def _what_it_takes(experiment: Experiment, left: int) -> str:
    """How many runs, and about how long: by what was measured on this machine."""
    if experiment.kind == "resources":
        return t("experiments.takes_points", count=left)
    devices = speed.devices()
    arms = experiment.arms or ()
    config = experiment.config(arms[0], seed=0) if arms else None
    seconds = None
    if devices and config is not None:
        train, test = image_counts(find_source(config.data))
        each = [
            speed.estimate(experiment.config(arm, seed=0), devices[-1], train, min(test, config.test_size or test))
            for arm in arms
        ]
        known = [one for one in each if one is not None]
        seconds = left * sum(known) / len(known) if known else None
    if seconds is None:
        return t("experiments.takes", count=left)
    return t("experiments.takes_about", count=left, time=duration(seconds))


def _stop(folder: ExperimentFolder) -> None:
    if may_change(folder.path):
        _attempt(folder.stop)


def _go(experiment: Experiment, count: int) -> None:
    def begin() -> None:
        limits, who = limits_here(), visitor()
        active = [other for other in all_experiments() if other.is_active] if limits != Limits() else []
        limits.check_queue(len(active), sum(owner_of(other.path) == who for other in active))
        folder = ExperimentFolder.create(experiment)
        if not folder.is_active:  # who goes on with it may stop it
            claim(folder.path)
        start(folder, **{"trials" if experiment.kind == "search" else "seeds": count})

    _attempt(begin)


def _attempt(what: Any) -> None:
    try:
        what()
    except LabError as error:
        st.session_state[ERROR] = error


def progress_line(experiment: Experiment, folder: ExperimentFolder, *, active: bool) -> None:
    """A bar with words while it runs; a word on what is left where it was stopped."""
    progress = folder.progress()
    values = {"done": progress.done, "total": progress.total}
    if not active:
        if progress.done < progress.total:
            st.info(t("experiments.stopped_at", **values), icon=":material/pause_circle:")
        return
    words = t("experiments.progress", **values)
    if folder.wants_stop:
        words = t("experiments.stopping")
    elif progress.running:
        words += " · " + ", ".join(_running(experiment, name) for name in progress.running)
    elif not progress.done:
        words += " · " + t("experiments.starting")
    if progress.seconds_left is not None and not folder.wants_stop:
        words += " · " + t("experiments.left", time=duration(progress.seconds_left))
    st.progress(min(1.0, progress.share), words)


def _running(experiment: Experiment, run: str) -> str:
    arm, _, seed = run.rpartition("-s")
    if experiment.kind == "search" or not arm:
        return run
    return t("experiments.training", arm=arm_label(experiment, arm), seed=seed)
