"""What can be done with the runs that are chosen in the table."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import streamlit as st

from nin.storage.label import NAME_LENGTH, NOTE_LENGTH, Label, label_of, write_label
from nin.storage.run import Run
from ui.base.runs import config_of, run_name, usual_name
from ui.base.text import listed, plain, t
from ui.base.visitor import may_change
from ui.train import actions
from ui.train.fork import fork_form
from ui.train.take_away import take_away

_NAMED = 8  # runs whose names are listed before they are deleted


def run_actions(chosen: Sequence[Run]) -> None:
    """Go on with one, name it, fork it, take it away; star or delete any number. Another visitor's can be forked and taken away."""
    is_mine = all(may_change(run.path) for run in chosen)
    with st.container(horizontal=True, key="run-actions"):
        if len(chosen) == 1:
            if is_mine:
                _go_on(chosen[0])
                with st.popover(t("runs.label"), icon=":material/edit:", key="run-label"):
                    _label_form(chosen[0])
            if config_of(chosen[0]) is not None:
                with st.popover(t("runs.fork"), icon=":material/fork_right:", key="run-fork"):
                    fork_form(chosen[0], "table")
            with st.popover(t("runs.take"), icon=":material/download:", key="run-take"):
                take_away(chosen[0])
        if is_mine:
            _star(chosen)
            with st.popover(t("runs.delete"), icon=":material/delete:", key="run-delete"):
                _delete(chosen)
    if not is_mine:
        st.caption(t("runs.of_others"))
    if len(chosen) == 1 and (note := label_of(chosen[0]).note):
        with st.container(key="run-note"):
            st.caption(plain(note).replace("\n", "  \n"))


def _go_on(run: Run) -> None:
    how = _way_on(run)
    st.button(
        t(f"runs.{how}"),
        key="runs_go_on",
        disabled=not (run.state in ("stopped", "failed", "interrupted") and config_of(run) is not None),
        help=t(f"runs.{how}_help"),
        on_click=actions.attempt,
        args=(actions.go_on, run),
    )


def _way_on(run: Run) -> str:
    """How a run that has ended is taken up: one that was stopped while it waited has no checkpoint to go on from."""
    return "go_on" if run.checkpoints() else "begin"


def _label_form(run: Run) -> None:
    label = label_of(run)
    with st.form(f"label-{run.id}", border=False):
        name = st.text_input(
            t("runs.label_name"),
            label.name,
            max_chars=NAME_LENGTH,
            key=f"label-name-{run.id}",
            placeholder=usual_name(run),
        )
        note = st.text_area(t("runs.label_note"), label.note, max_chars=NOTE_LENGTH, key=f"label-note-{run.id}")
        if st.form_submit_button(t("runs.label_save"), type="primary", width="stretch"):
            write_label(run, Label(name, note, label.star))
            st.rerun()  # every place that names it


def _star(runs: Sequence[Run]) -> None:
    is_starred = all(label_of(run).star for run in runs)

    def change() -> None:
        for run in runs:
            write_label(run, replace(label_of(run), star=not is_starred))

    st.button(t("runs.unstar" if is_starred else "runs.star"), key="runs_star", icon=":material/star:", on_click=change)


def _delete(runs: Sequence[Run]) -> None:
    active = [plain(run_name(run)) for run in runs if run.is_active]
    if active:
        st.markdown(t("runs.delete_active", runs=listed(active)))
        return
    names = [plain(run_name(run)) for run in runs]
    if len(names) == 1:
        st.markdown(t("runs.delete_one", run=names[0]))
    else:
        st.markdown(t("runs.delete_many", count=len(names)))
        more = [t("runs.delete_more", count=len(names) - _NAMED)] if len(names) > _NAMED else []
        st.markdown("\n".join(f"- {name}" for name in [*names[:_NAMED], *more]))
    if st.button(t("runs.delete_yes"), key="runs_delete", type="primary"):
        actions.attempt(actions.delete, runs)
