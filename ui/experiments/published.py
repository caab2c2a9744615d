"""The published training tables, and the same settings run here."""

from __future__ import annotations

from typing import Any

import streamlit as st

from nin.experiments.published import Comparison, comparisons
from nin.experiments.report import stored_report
from ui.base.text import t
from ui.experiments.stalls import STALLS, stalls_found


def published_tables() -> None:
    for comparison in comparisons():
        table = comparison.table
        recipe = table["recipe"]
        with st.container(key=f"published-{table['id']}"):
            st.subheader(t(f"experiments.published_title_{table['id']}"))
            values = {name: recipe[name] for name in ("optimizer", "lr", "epochs", "batch_size", "input_size", "init")}
            st.caption(t("experiments.published_recipe", device=table["device"], **values))
            st.dataframe(
                _rows(comparison),
                hide_index=True,
                width="stretch",
                column_config=_columns(len(comparison.runs)),
                placeholder="–",
            )
            st.markdown(_verdict(comparison))
            for run in comparison.runs:
                st.caption(_provenance(run))
    if stored_report(STALLS):
        st.subheader(t("experiments.stalls_title"))
        stalls_found()


def _rows(comparison: Comparison) -> list[dict[str, Any]]:
    measured = {row["epoch"] for run in comparison.runs for row in run["epochs"]}
    return [_row(comparison, epoch) for epoch in sorted(measured | comparison.published.keys())]


def _row(comparison: Comparison, epoch: int) -> dict[str, Any]:
    told = comparison.published.get(epoch, {})
    row: dict[str, Any] = {"epoch": epoch}
    row |= {
        f"told_{name}": told.get(key)
        for name, key in (("loss", "train_loss"), ("train", "train_acc"), ("test", "test_acc"), ("seconds", "seconds"))
    }
    for number, run in enumerate(comparison.runs):
        own = next((found for found in run["epochs"] if found["epoch"] == epoch), {})
        keys = (("loss", "train_loss"), ("train", "train_accuracy"), ("test", "test_accuracy"), ("seconds", "seconds"))
        row |= {f"run{number}_{name}": own.get(key) for name, key in keys}
    return row


def _columns(runs: int) -> dict[str, Any]:
    formats = {"loss": "%.3f", "train": "percent", "test": "percent", "seconds": "%.0f s"}
    columns: dict[str, Any] = {"epoch": st.column_config.NumberColumn(t("experiments.axis_epoch"), pinned=True)}
    for name, form in formats.items():
        label = t(f"experiments.published_{name}")
        columns[f"told_{name}"] = st.column_config.NumberColumn(
            t("experiments.published_told", what=label), format=form
        )
        for number in range(runs):
            here = (
                t("experiments.published_here", what=label)
                if runs == 1
                else t("experiments.published_here_number", what=label, number=number + 1)
            )
            columns[f"run{number}_{name}"] = st.column_config.NumberColumn(here, format=form)
    return columns


def _verdict(comparison: Comparison) -> str:
    if not comparison.runs:
        return t("experiments.published_not_run")
    epochs = [epoch for epoch in sorted(comparison.published) if comparison.verdict(epoch)]
    if not epochs:
        return t("experiments.published_not_there", epoch=max(comparison.published))
    last = epochs[-1]
    seen = comparison.measured(last, "test_accuracy")
    values = {
        "epoch": last,
        "told": f"{comparison.published[last]['test_acc']:.1%}",
        "low": f"{min(seen):.1%}",
        "high": f"{max(seen):.1%}",
        "count": len(seen),
    }
    words = t(f"experiments.published_{comparison.verdict(last)}", **values)
    return words if len(seen) > 1 else f"{words} {t('experiments.published_one_run')}"


def _provenance(run: dict[str, Any]) -> str:
    done = f"{len(run['epochs'])}/{run['of_epochs']}"
    values = {
        "seed": run["seed"],
        "hardware": run["hardware"],
        "threads": run["threads"],
        "when": run["begun"][:10],
        "command": run["command"],
    }
    told = t("experiments.published_provenance", done=done, data=run["data"], **values)
    stalled = run["diagnosis"] and run["diagnosis"]["what"] == "flat"
    return f"{told} {t('experiments.published_stalled')}" if stalled else told
