"""The page from top to bottom: which question, what is asked, a guess, the runs, what they say, what was found here."""

from __future__ import annotations

from functools import partial

import streamlit as st

from nin.errors import LabError
from nin.experiments.description import Experiment
from nin.experiments.exercises import EXERCISES
from nin.experiments.folder import ExperimentFolder
from nin.experiments.report import stored_report
from ui.base import address
from ui.base.live import Live
from ui.base.messages import show_error
from ui.base.text import t
from ui.experiments.found import found_here
from ui.experiments.guess import ask_for_guess, guesses_beside_results
from ui.experiments.own import choose_own
from ui.experiments.published import published_tables
from ui.experiments.results import best_and_rest, show_results
from ui.experiments.runs import ERROR, choose_size, controls, progress_line

_CHOSEN = "experiments_chosen"
_ACTIVE_SECONDS, _WATCH_SECONDS = 1.0, 4.0
CHOICES = (*EXERCISES, "own", "published")


def experiments(live: Live) -> None:
    chosen = _choose()
    st.header(t(f"experiments.title_{chosen}"))
    with st.container(key="experiment-question"):
        st.markdown(t(f"experiments.question_{chosen}"))
    if chosen == "published":
        published_tables()
        return
    if chosen != "own":
        st.markdown(t(f"experiments.look_{chosen}"))
    experiment, seeds = choose_own() if chosen == "own" else choose_size(chosen)
    if experiment is not None:
        _runs(experiment, seeds, live)
    if chosen != "own" and (report := stored_report(chosen)):
        with st.container(key="found-here"):
            st.subheader(t("experiments.found"))
            found_here(report)
    if chosen != "own":
        st.subheader(t("experiments.next"))
        st.markdown(t(f"experiments.next_{chosen}"))


def _choose() -> str:
    state = st.session_state
    asked = address.given("exercise")
    state.setdefault(_CHOSEN, asked if asked in CHOICES else CHOICES[0])
    with st.container(key="experiment-choice"):
        chosen = st.pills(
            t("experiments.choose"),
            CHOICES,
            key=_CHOSEN,
            required=True,
            format_func=lambda name: t(f"experiments.title_{name}"),
            label_visibility="collapsed",
            persist_state="session",
        )
    address.show("experiments", exercise=chosen)
    return chosen


def _runs(experiment: Experiment, seeds: int, live: Live) -> None:
    """The reader's own: guess, buttons, progress, results."""
    folder = ExperimentFolder.of(experiment)
    active = folder.is_active
    ask_for_guess(experiment, folder)
    with st.container(key="experiment-controls"):
        controls(experiment, folder, seeds, active=active)
    if (error := st.session_state.pop(ERROR, None)) is not None:
        show_error(error)
    place = st.container(key="experiment-runs")
    seconds = _ACTIVE_SECONDS if active else _WATCH_SECONDS
    live.add(partial(_follow, experiment, folder, active=active), seconds, place=place)


def _follow(experiment: Experiment, folder: ExperimentFolder, *, active: bool) -> None:
    """Drawn again and again; what has not changed is not sent again."""
    if folder.is_active != active:
        st.rerun()
    with st.container(key="experiment-progress"):
        if folder.exists:
            progress_line(experiment, folder, active=active)
    with st.container(key="experiment-results"):
        results = folder.results() if folder.exists else []
        if not results:
            return
        try:
            st.subheader(t("experiments.yours"))
            if experiment.kind == "compare":
                st.markdown(best_and_rest(experiment, results))
            guesses_beside_results(experiment, folder, results, folder.search())
            show_results(experiment, results, folder.search(), key=f"own_{folder.id.replace('-', '_')}")
        except LabError as error:  # a result of another version
            show_error(error)
