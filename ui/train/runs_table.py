"""The table of runs: their settings and results, of which any can be drawn together."""

from __future__ import annotations

import zlib
from base64 import b64encode
from functools import cache, lru_cache
from typing import Any

import streamlit as st

from nin.errors import LabError
from nin.paths import runs_directory
from nin.storage.label import Label, label_of
from nin.storage.run import FINAL, Run, RunConfig, all_runs
from nin.training.verdict import diagnosis_of_run
from ui.base.choice import select
from ui.base.messages import errors_as_messages
from ui.base.runs import active_runs, config_of, run_name
from ui.base.text import language, t
from ui.charts.export import curves_csv, table_csv
from ui.charts.layout import COLOURS
from ui.charts.series import Series, series
from ui.train import session
from ui.train.run_actions import run_actions

MOST_DRAWN = len(COLOURS)
TABLE_SECONDS = 5.0  # a line of it changes once an epoch
ORDERS = ("newest", "accuracy", "name", "minutes")
FILTER, ORDER = "runs-filter", "runs-order"  # in the session: what is looked for, and one of ORDERS
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
    chosen is chosen there, too, listed or not; a run that was started meanwhile is drawn beside it.
    """
    state, by_id, shown = st.session_state, {run.id: run for run in runs}, _listed(runs)
    listed = [run.id for run in shown]
    chosen = [name for name in state.get(_CHOSEN, []) if name in by_id]
    own = state.get(session.OWN)
    table = state.get(_key(shown))
    if table is not None:
        rows = [listed[row] for row in table["selection"]["rows"] if row < len(listed)]
        chosen = [name for name in chosen if name in rows or name not in listed]
        chosen += [name for name in rows if name not in chosen]
    if (
        (table is None or own not in listed)
        and chosen
        and own in by_id
        and own != state.get(_OWN_SEEN)
        and own not in chosen[:MOST_DRAWN]
    ):
        chosen = [*[name for name in chosen if name != own][: MOST_DRAWN - 1], own]
    state[_CHOSEN], state[_OWN_SEEN] = chosen, own
    return [by_id[name] for name in chosen]


def _listed(runs: list[Run]) -> list[Run]:
    """Those of `runs`, the newest first, that are looked for, in the order that is wanted; starred ones on top."""
    words = st.session_state.get(FILTER, "").casefold().split()
    listed = [run for run in runs if all(word in _searched(run) for word in words)] if words else runs
    order = st.session_state.get(ORDER) or ORDERS[0]
    if order == "name":
        listed = sorted(listed, key=lambda run: run_name(run).casefold())
    elif order != ORDERS[0]:
        values = {run: _row(run)["test_accuracy" if order == "accuracy" else order] for run in listed}
        # The best first, the shortest first; who has none last.
        sign = -1 if order == "accuracy" else 1
        listed = sorted(listed, key=lambda run: (values[run] is None, sign * (values[run] or 0)))  # type: ignore[operator]
    return sorted(listed, key=lambda run: not label_of(run).star)


def _searched(run: Run) -> str:
    config, label = config_of(run), label_of(run)
    settings = (config.preset, config.recipe, config.resolved().optimizer) if config else ()
    state = t(f"state.{run.state}")
    return " ".join(map(str, (run_name(run), run.id, label.note, state, *settings))).casefold()


def runs_table() -> None:
    """The table, kept up to date while any of its runs trains."""
    runs = all_runs()
    if runs:
        st.fragment(_table, run_every=TABLE_SECONDS if active_runs() else None)(runs)


@errors_as_messages()
def _table(runs: list[Run]) -> None:
    if runs != all_runs():  # another visitor has begun or deleted one
        st.rerun()
    st.header(t("runs.title"))
    _choose_rows()
    listed, chosen, drawn = _listed(runs), _chosen(runs), chosen_runs()
    colours = {run: COLOURS[index % len(COLOURS)] for index, run in enumerate(drawn)}
    rows = [_row(run) for run in listed]
    with st.container(key="runs-table"):
        if listed:
            st.dataframe(
                [{"curve": _dot(colours.get(run)), **row} for run, row in zip(listed, rows, strict=True)],
                key=_key(listed),
                hide_index=True,
                width="stretch",
                on_select=st.rerun,  # the curves above follow it
                selection_mode="multi-row",
                selection_default={"selection": {"rows": [row for row, run in enumerate(listed) if run in chosen]}},
                column_config=_columns(),
                placeholder="–",
            )
        else:
            st.caption(t("runs.none_found"))
    if len(chosen) > MOST_DRAWN:
        st.caption(t("runs.too_many", most=MOST_DRAWN, count=len(chosen)))
    if chosen:
        if hidden := len([run for run in chosen if run not in listed]):
            st.caption(t("runs.chosen_hidden", count=hidden))
        run_actions(chosen)
    else:
        st.caption(t("runs.hint", most=MOST_DRAWN))
    with st.container(horizontal=True, key="run-files"):
        _download("curves_csv", "curves.csv", lambda: curves_csv(drawn))
        _download("table_csv", "runs.csv", lambda: table_csv(list(zip(listed, rows, strict=True))))


def _choose_rows() -> None:
    with st.container(horizontal=True, vertical_alignment="bottom", key="runs-listed"):
        st.text_input(
            t("runs.filter"), key=FILTER, placeholder=t("runs.filter_example"), persist_state="session", width=320
        )
        select(
            t("runs.order"),
            ORDERS,
            key=ORDER,
            format_func=lambda order: t(f"runs.order_{order}"),
            persist_state="session",
            width=200,
        )


def _download(word: str, file: str, content: Any) -> None:
    # Written when it is asked for: of six runs it is a hundred thousand lines.
    st.download_button(
        t(f"runs.{word}"),
        content,
        file,
        "text/csv",
        key=word,
        type="tertiary",
        icon=":material/download:",
        on_click="ignore",
    )


def _key(listed: list[Run]) -> str:
    """Rows are chosen by number: with another list of runs it is another table."""
    return f"runs_table_{len(listed)}_{zlib.crc32(' '.join(run.id for run in listed).encode()):08x}"


@cache
def _dot(colour: str | None) -> str | None:
    """The colour of a run's curve, as an image for its row; None where it is not drawn."""
    if colour is None:
        return None
    svg = f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 16 16"><circle cx="8" cy="8" r="6" fill="{colour}"/></svg>'
    return f"data:image/svg+xml;base64,{b64encode(svg.encode()).decode()}"


def _row(run: Run) -> dict[str, object]:
    status = run.status()
    so_far, label = series(run, status["state"]), label_of(run)
    try:
        if status["state"] not in FINAL:
            return _row_of(run, run.config(), status, so_far)
        return _final_row(run, status["state"], status.get("heartbeat"), so_far, label, language())
    except LabError:
        return _row_of(run, None, status, so_far)


@lru_cache(maxsize=1000)
def _final_row(
    run: Run, _state: str, _heartbeat: float | None, so_far: Series, _label: Label, _language: str
) -> dict[str, object]:
    """Made once for all visitors, until the run is taken up again."""
    return _row_of(run, run.config(), run.status(), so_far)


def _row_of(run: Run, config: RunConfig | None, status: dict[str, Any], so_far: Series) -> dict[str, object]:
    """With no `config` the row of a damaged run: its name, and what it has reported."""
    last = so_far.epochs[-1] if so_far.epochs else {}
    label = label_of(run)
    settings = ("preset", "recipe", "batch_size", "optimizer", "lr", "seed")
    return {
        "name": f"★ {run_name(run)}" if label.star else run_name(run),
        "state": _state(run, status) if config else t("runs.damaged"),
        "test_accuracy": last.get("test_accuracy"),
        # By the same weights, on images as they are: what may be compared with the accuracy on test images.
        "train_accuracy": last.get("train_eval_accuracy"),
        "epochs": len(so_far.epochs),
        "of": status.get("epochs") or (config.epochs if config else None),
        "minutes": status["seconds"] / 60 if status.get("seconds") else None,
        **{name: getattr(config, name, None) for name in settings},
        "fork": _parent(config) if config else None,
        "test_n": last.get("test_n"),
        "data": t(f"runs.data_{source}") if (source := status.get("source")) else None,
        "device": status.get("device"),
        "created": run.created[:16].replace("T", " ") if config else None,
        "note": label.note.replace("\n", " ") or None,
    }


def _parent(config: RunConfig) -> str | None:
    """What a fork was forked from, which may have been deleted since."""
    if config.fork_of is None:
        return None
    parent = Run(runs_directory() / config.fork_of)
    name = run_name(parent) if parent.exists else t("runs.fork_deleted", run=config.fork_of)
    return t("runs.fork_from", run=name, step=f"{config.fork_step:,}")


def _state(run: Run, status: dict[str, Any]) -> str:
    """Its state, and what is wrong with it."""
    state = t(f"state.{status['state']}")
    found = diagnosis_of_run(run)
    return state if found is None or found.is_over else f"{state}, {t(f'runs.now_{found.now}')}"


def _columns() -> dict[str, object]:
    number = st.column_config.NumberColumn
    names = ("state", "preset", "recipe", "optimizer", "seed", "batch_size", "data", "device", "created", "note")
    columns: dict[str, object] = {name: t(f"runs.{name}") for name in names}
    return columns | {
        "curve": st.column_config.ImageColumn(t("runs.curve"), width=50, pinned=True),
        "fork": t("runs.fork_column"),
        "name": st.column_config.TextColumn(t("runs.name")),
        "epochs": number(t("runs.epochs"), help=t("runs.epochs_help"), format="%d"),
        "of": number(t("runs.of"), help=t("runs.of_help"), format="%d"),
        "minutes": number(t("runs.minutes"), help=t("runs.minutes_help"), format=t("runs.minutes_format"), width=80),
        "lr": number(t("runs.lr"), format="%g"),
        "train_accuracy": number(t("runs.train_accuracy"), format="percent", help=t("runs.train_accuracy_help")),
        "test_accuracy": number(t("runs.test_accuracy"), format="percent"),
        "test_n": number(t("runs.test_n"), help=t("runs.test_n_help")),
    }
