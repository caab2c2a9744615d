"""Predict first: a guess before the runs, and beside the result afterwards."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import streamlit as st

from nin.experiments.description import Experiment
from nin.experiments.folder import ExperimentFolder
from ui.base.choice import select
from ui.base.text import listed, plain, t, together
from ui.experiments.question import Choice, Question, questions

Results = Sequence[Mapping[str, Any]]


def ask_for_guess(experiment: Experiment, folder: ExperimentFolder) -> None:
    asked = questions(experiment)
    with st.expander(t("experiments.guess"), icon=":material/psychology_alt:", expanded=not folder.guesses()):
        st.caption(t(f"experiments.guess_about_{experiment.kind}"))
        with st.form(f"guess_{folder.id}", border=False):
            columns = st.columns(len(asked) + 1, vertical_alignment="bottom")
            answers = {
                question.name: _input(place, question, f"guess_{question.name}_{folder.id}")
                for place, question in zip(columns, asked, strict=False)
            }
            name = columns[-1].text_input(t("experiments.guess_name"), max_chars=30, key=f"guess_name_{folder.id}")
            if st.form_submit_button(t("experiments.guess_put_down"), icon=":material/edit:"):
                folder.guess(answers, name.strip())
                st.rerun()
        for guess in folder.guesses():
            st.markdown(_told(asked, guess))


def _input(place: Any, question: Question, key: str) -> Any:
    if isinstance(question, Choice):
        with place:
            return select(question.label, question.options, format_func=question.said, key=key)
    value = place.number_input(question.label, *question.bounds, question.usual, step=question.step, key=key)
    return value / question.factor if question.factor != 1 else value


def _told(asked: Sequence[Question], guess: Mapping[str, Any]) -> str:
    said = listed(f"{q.label}: **{q.said(guess[q.name])}**" for q in asked if q.name in guess)
    told = t("experiments.guess_told", who=plain(guess["name"]) or t("experiments.guess_you"), said=said)
    late = t("experiments.guess_late", count=guess["after"]) if guess["after"] else ""
    return together(told, late)


def guesses_beside_results(
    experiment: Experiment, folder: ExperimentFolder, results: Results, search: Mapping[str, Any]
) -> None:
    """Once all of it has a result: each guess, what came, and how far they are apart."""
    guesses = folder.guesses()
    if not guesses or not _has_its_answer(experiment, folder, results):
        return
    rows = [
        {
            t("experiments.guess_who"): guess["name"] or t("experiments.guess_you"),
            t("experiments.guess_question"): question.label,
            t("experiments.guess_guess"): question.said(guess[question.name]),
            t("experiments.guess_result"): question.said(answer),
            t("experiments.guess_off"): question.apart(guess[question.name], answer),
        }
        for guess in guesses
        for question in questions(experiment)
        if question.name in guess and (answer := question.answer(results, search)) is not None
    ]
    with st.container(key="guess-and-result"):
        st.markdown(t("experiments.guess_beside"))
        st.table(rows, hide_index=True)


def _has_its_answer(experiment: Experiment, folder: ExperimentFolder, results: Results) -> bool:
    """Of a comparison that is one seed of each setting."""
    if experiment.kind != "compare":
        return folder.is_complete
    measured = {row["arm"] for row in results if row.get("test_accuracy") is not None}
    return measured >= {arm.name for arm in experiment.arms}
