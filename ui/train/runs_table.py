"""The table of runs: their settings and results, of which any can be drawn together."""

from __future__ import annotations

import shutil
from base64 import b64encode
from functools import cache, lru_cache
from typing import Any

import streamlit as st

from nin.errors import LabError
from nin.storage.run import FINAL, Run, RunConfig, all_runs
from nin.training.verdict import diagnosis_of_run
from ui.base.messages import errors_as_messages
from ui.base.runs import active_runs, config_of, run_name
from ui.base.text import language, listed, t
from ui.train import session
from ui.train.curves import COLOURS
from ui.train.series import Series, series

MOST_DRAWN = len(COLOURS)
TABLE_SECONDS = 5.0  # a line of it changes once an epoch
_CHOSEN, _OWN_SEEN = "chosen_runs", "own_run_in_table"  # in the session: names


def chosen_runs() -> list[Run]:
    """The runs to draw: those chosen in the table, else the followed or newest one."""
    runs = all_runs()
    if not runs:
        return []
    if chosen := _chosen(runs):
        return chosen[:MOST_DRAWN]
    followed = session.followed()
    return [followed.run if followed else runs[0]]


def _chosen(runs: list[Run]) -> list[Run]:
    """The runs that are chosen, in the order in which they were: so that each keeps its colour.

    The table knows rows by number. With another list of runs it is another table, and what was
    chosen is chosen there, too; a run that was started meanwhile is drawn beside it.
    """
    state, by_id = st.session_state, {run.id: run for run in runs}
    chosen = [name for name in state.get(_CHOSEN, []) if name in by_id]
    own = state.get(session.OWN)
    if (table := state.get(_key(runs))) is not None:
        rows = [runs[row].id for row in table["selection"]["rows"] if row < len(runs)]
        chosen = [name for name in chosen if name in rows] + [name for name in rows if name not in chosen]
    elif chosen and own in by_id and own != state.get(_OWN_SEEN):
        chosen = [*[name for name in chosen if name != own][: MOST_DRAWN - 1], own]
    state[_CHOSEN], state[_OWN_SEEN] = chosen, own
    return [by_id[name] for name in chosen]


def runs_table() -> None:
    """The table, kept up to date while any of its runs trains."""
    runs = all_runs()
    if runs:
        st.fragment(_table, run_every=TABLE_SECONDS if active_runs() else None)(runs)


@errors_as_messages()
def _table(runs: list[Run]) -> None:
    if runs != all_runs():  # another visitor has begun or deleted one
        st.rerun()
    st.subheader(t("runs.title"))
    chosen = _chosen(runs)
    drawn = {run: COLOURS[index % len(COLOURS)] for index, run in enumerate(chosen_runs())}
    with st.container(key="runs-table"):
        st.dataframe(
            [{"curve": _dot(drawn.get(run)), **_row(run)} for run in runs],
            key=_key(runs),
            hide_index=True,
            width="stretch",
            on_select=st.rerun,  # the curves above follow it
            selection_mode="multi-row",
            selection_default={"selection": {"rows": [row for row, run in enumerate(runs) if run in chosen]}},
            column_config=_columns(),
            placeholder="–",
        )
    _actions(chosen)


def _key(runs: list[Run]) -> str:
    """Rows are chosen by number: with another list of runs it is another table."""
    return f"runs_table_{len(runs)}_{runs[0].id}"


@cache
def _dot(colour: str | None) -> str | None:
    """The colour of a run's curve, as an image for its row; None where it is not drawn."""
    if colour is None:
        return None
    svg = f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 16 16"><circle cx="8" cy="8" r="6" fill="{colour}"/></svg>'
    return f"data:image/svg+xml;base64,{b64encode(svg.encode()).decode()}"


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
    last = so_far.epochs[-1] if so_far.epochs else {}
    settings = ("preset", "recipe", "batch_size", "optimizer", "lr", "seed")
    return {
        "name": run_name(run),
        "state": _state(run, status) if config else t("runs.damaged"),
        "test_accuracy": last.get("test_accuracy"),
        # By the same weights, on images as they are: what may be compared with the accuracy on test images.
        "train_accuracy": last.get("train_eval_accuracy"),
        "epochs": len(so_far.epochs),
        "of": status.get("epochs") or (config.epochs if config else None),
        "minutes": status["seconds"] / 60 if status.get("seconds") else None,
        **{name: getattr(config, name, None) for name in settings},
        "test_n": last.get("test_n"),
        "data": t(f"runs.data_{source}") if (source := status.get("source")) else None,
        "device": status.get("device"),
        "created": run.created[:16].replace("T", " ") if config else None,
    }


def _state(run: Run, status: dict[str, Any]) -> str:
    """Its state, and what is wrong with it."""
    state = t(f"state.{status['state']}")
    found = diagnosis_of_run(run)
    return state if found is None or found.is_over else f"{state}, {t(f'runs.now_{found.now}')}"


def _columns() -> dict[str, object]:
    number = st.column_config.NumberColumn
    names = ("state", "preset", "recipe", "optimizer", "seed", "batch_size", "data", "device", "created")
    columns: dict[str, object] = {name: t(f"runs.{name}") for name in names}
    return columns | {
        "curve": st.column_config.ImageColumn(t("runs.curve"), width=50, pinned=True),
        "name": st.column_config.TextColumn(t("runs.name")),
        "epochs": number(t("runs.epochs"), help=t("runs.epochs_help"), format="%d"),
        "of": number(t("runs.of"), help=t("runs.of_help"), format="%d"),
        "minutes": number(t("runs.minutes"), help=t("runs.minutes_help"), format=t("runs.minutes_format"), width=80),
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
    how = _way_on(run)
    resume.button(
        t(f"runs.{how}"),
        key="runs_go_on",
        disabled=not can_go_on,
        help=t(f"runs.{how}_help"),
        width="stretch",
        on_click=session.attempt,
        args=(session.go_on, run),
    )
    with delete, st.popover(t("runs.delete"), width="stretch"):
        active = [run_name(run) for run in selected if run.is_active]
        if active:
            st.markdown(t("runs.delete_active", runs=listed(active)))
            return
        names = [run_name(run) for run in selected]
        st.markdown(t("runs.delete_one", run=names[0]) if len(names) == 1 else t("runs.delete_many", count=len(names)))
        if st.button(t("runs.delete_yes"), key="runs_delete", type="primary"):
            for run in selected:
                shutil.rmtree(run.path, ignore_errors=True)
            st.rerun()


def _way_on(run: Run) -> str:
    """How a run that has ended is taken up: one that was stopped while it waited has no checkpoint to go on from."""
    return "go_on" if run.checkpoints() else "begin"
