"""Predict first: a guess before the runs, and beside the result afterwards."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import streamlit as st

from nin.experiments.description import Experiment
from nin.experiments.folder import ExperimentFolder
from ui.base.text import plain, t
from ui.experiments.labels import arm_label
from ui.experiments.results import summaries_of


def ask_for_guess(experiment: Experiment, folder: ExperimentFolder) -> None:
    with st.expander(t("experiments.guess"), icon=":material/psychology_alt:", expanded=not folder.guesses()):
        st.caption(t("experiments.guess_about"))
        arms = [arm.name for arm in experiment.arms]
        with st.form(f"guess_{folder.id}", border=False):
            left, middle, right = st.columns([3, 2, 2])
            arm = left.selectbox(
                t("experiments.guess_arm"),
                arms,
                format_func=lambda name: arm_label(experiment, name),
                key=f"guess_arm_{folder.id}",
            )
            accuracy = middle.number_input(
                t("experiments.guess_accuracy"), 10.0, 100.0, 75.0, step=0.5, key=f"guess_accuracy_{folder.id}"
            )
            name = right.text_input(t("experiments.guess_name"), max_chars=30, key=f"guess_name_{folder.id}")
            if st.form_submit_button(t("experiments.guess_put_down"), icon=":material/edit:"):
                folder.guess(arm, accuracy / 100, name.strip())
                st.rerun()
        for guess in folder.guesses():
            st.markdown(_told(experiment, guess))


def _told(experiment: Experiment, guess: Mapping[str, Any]) -> str:
    values = {"arm": arm_label(experiment, guess["arm"]), "accuracy": f"{guess['accuracy']:.1%}"}
    who = plain(guess["name"]) or t("experiments.guess_you")
    late = "" if not guess["after"] else " " + t("experiments.guess_late", count=guess["after"])
    return t("experiments.guess_told", who=who, **values) + late


def guesses_beside_results(
    experiment: Experiment, folder: ExperimentFolder, results: Sequence[Mapping[str, Any]]
) -> None:
    """Once every setting has a result: who had it right, and by how much the accuracy was off."""
    guesses = folder.guesses()
    found = [summary for summary in summaries_of(experiment, results) if summary.mean("test_accuracy") is not None]
    if not guesses or len(found) < len(experiment.arms):
        return
    means = {summary.arm: summary.mean("test_accuracy") or 0.0 for summary in found}
    winner = max(means, key=means.__getitem__)
    rows = [
        {
            t("experiments.guess_who"): guess["name"] or t("experiments.guess_you"),
            t("experiments.guess_arm"): arm_label(experiment, guess["arm"]) + (" ✓" if guess["arm"] == winner else ""),
            t("experiments.guess_winner"): arm_label(experiment, winner),
            t("experiments.guess_accuracy"): f"{guess['accuracy']:.1%}",
            t("experiments.guess_result"): f"{means[winner]:.1%}",
            t("experiments.guess_off"): f"{100 * (guess['accuracy'] - means[winner]):+.1f}",
        }
        for guess in guesses
        if guess["arm"] in means
    ]
    with st.container(key="guess-and-result"):
        st.markdown(t("experiments.guess_beside"))
        st.table(rows, hide_index=True)
