"""The table of runs: their settings and results, of which any can be drawn together."""

from __future__ import annotations

import shutil
from functools import lru_cache
from typing import Any

import streamlit as st

from nin.errors import LabError
from nin.storage.run import FINAL, Run, RunConfig, all_runs
from ui.base.messages import errors_as_messages
from ui.base.runs import active_runs, config_of
from ui.base.text import language, t
from ui.base.text.duration import duration
from ui.train import session
from ui.train.series import Series, series

MOST_DRAWN = 6  # as many as there are colours
LIVE_SECONDS = 5.0  # a line of it changes once an epoch


def chosen_runs() -> list[Run]:
    """The runs to draw: those chosen in the table, else the followed or newest one."""
    runs = all_runs()
    if not runs:
        return []
    if selected := _selected(runs, st.session_state.get(_key(runs))):
        return selected[:MOST_DRAWN]
    followed = session.followed()
    return [followed.run if followed else runs[0]]


def runs_table() -> None:
    """The table, kept up to date while any of its runs trains."""
    runs = all_runs()
    if runs:
        st.fragment(_table, run_every=LIVE_SECONDS if active_runs() else None)(runs)


@errors_as_messages()
def _table(runs: list[Run]) -> None:
    if runs != all_runs():  # another visitor has begun or deleted one
        st.rerun()
    st.subheader(t("runs.title"))
    with st.container(key="runs-table"):
        chosen = st.dataframe(
            [_row(run) for run in runs],
            key=_key(runs),
            hide_index=True,
            width="stretch",
            on_select=st.rerun,  # the curves above follow it
            selection_mode="multi-row",
            column_config=_columns(),
            placeholder="–",
        )
    _actions(_selected(runs, chosen))


def _key(runs: list[Run]) -> str:
    """Rows are chosen by number: with another list of runs the choice starts anew."""
    return f"runs_table_{len(runs)}_{runs[0].id}"


def _selected(runs: list[Run], chosen: Any) -> list[Run]:
    rows = chosen["selection"]["rows"] if chosen else []
    return [runs[index] for index in rows if index < len(runs)]


def _row(run: Run) -> dict[str, object]:
    status = run.status()
    so_far = series(run, status["state"])
    try:
        if status["state"] not in FINAL:
            return _row_of(run, run.config(), status, so_far)
        return _final_row(run, status["state"], status.get("heartbeat"), so_far, language())
    except LabError:
        return _row_of(run, None, status, so_far)


@lru_cache(maxsize=1000)
def _final_row(run: Run, _state: str, _heartbeat: float | None, so_far: Series, _language: str) -> dict[str, object]:
    """Made once for all visitors, until the run is taken up again."""
    return _row_of(run, run.config(), run.status(), so_far)


def _row_of(run: Run, config: RunConfig | None, status: dict[str, Any], so_far: Series) -> dict[str, object]:
    """With no `config` the row of a damaged run: its name, and what it has reported."""
    epochs = so_far.epochs
    return {
        "created": run.created[:16].replace("T", " ") if config else run.id,
        **{name: getattr(config, name, None) for name in ("preset", "recipe", "optimizer", "lr", "seed")},
        "state": t(f"state.{status['state']}") if config else t("runs.damaged"),
        "epochs": f"{len(epochs)} / {status.get('epochs') or (config.epochs if config else '–')}",
        "train_accuracy": epochs[-1]["train_accuracy"] if epochs else None,
        "test_accuracy": epochs[-1]["test_accuracy"] if epochs else None,
        "test_n": epochs[-1]["test_n"] if epochs else None,
        "time": duration(status["seconds"]) if status.get("seconds") else None,
        "data": status.get("source"),
        "device": status.get("device"),
    }


def _columns() -> dict[str, object]:
    number = st.column_config.NumberColumn
    columns: dict[str, object] = {
        name: t(f"runs.{name}")
        for name in ("created", "preset", "recipe", "optimizer", "seed", "state", "epochs", "time", "data", "device")
    }
    return columns | {
        "lr": number(t("runs.lr"), format="%g"),
        "train_accuracy": number(t("runs.train_accuracy"), format="percent", help=t("runs.train_accuracy_help")),
        "test_accuracy": number(t("runs.test_accuracy"), format="percent"),
        "test_n": number(t("runs.test_n"), help=t("runs.test_n_help")),
    }


def _actions(selected: list[Run]) -> None:
    """What can be done with the chosen runs; a hint where none is chosen."""
    if not selected:
        st.caption(t("runs.hint", most=MOST_DRAWN))
        return
    if len(selected) > MOST_DRAWN:
        st.caption(t("runs.too_many", most=MOST_DRAWN, count=len(selected)))
    resume, delete, _ = st.columns([1, 1, 3])
    run = selected[0]
    can_go_on = len(selected) == 1 and run.state in ("stopped", "failed", "interrupted") and config_of(run) is not None
    resume.button(
        t("runs.go_on"),
        key="runs_go_on",
        disabled=not can_go_on,
        help=t("runs.go_on_help"),
        width="stretch",
        on_click=session.attempt,
        args=(session.go_on, run),
    )
    with delete, st.popover(t("runs.delete"), width="stretch"):
        active = [run.id for run in selected if run.is_active]
        if active:
            st.markdown(t("runs.delete_active", runs=", ".join(active)))
            return
        st.markdown(t("runs.delete_sure", count=len(selected)))
        if st.button(t("runs.delete_yes"), key="runs_delete", type="primary"):
            for run in selected:
                shutil.rmtree(run.path, ignore_errors=True)
            st.rerun()
