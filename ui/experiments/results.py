"""What an experiment found: in a sentence, as curves, as a table."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd
import streamlit as st

from nin.experiments.description import SEARCHED, Experiment
from nin.experiments.report import Summary, by_arm, difference, uncertainty
from ui.base.csv_text import csv_text
from ui.base.text import t
from ui.experiments import charts
from ui.experiments.certainty import certainty, trials_certainty
from ui.experiments.labels import arm_label, settings_label

Results = Sequence[Mapping[str, Any]]
_NOT_IN_A_ROW = ("epochs", "curve", "signal", "settings", "error")


def show_results(experiment: Experiment, results: Results, search: Mapping[str, Any], *, key: str) -> None:
    """Charts and table of whatever is there."""
    match experiment.kind:
        case "search":
            trials = search.get("trials", [])
            _show_search(trials, search.get("importance", {}), key)
            st.caption(trials_certainty(trials, experiment.base.get("test_size")))
        case "resources":
            _show_resources(results, key)
        case _:
            _show_comparison(experiment, results, key)


def summaries_of(experiment: Experiment, results: Results) -> list[Summary]:
    return by_arm([dict(row) for row in results], [arm.name for arm in experiment.arms])


def _show_comparison(experiment: Experiment, results: Results, key: str) -> None:
    summaries = summaries_of(experiment, results)
    left, right = st.columns(2, gap="medium")
    with left:
        _chart(charts.accuracy_chart(experiment, summaries), f"{key}_accuracy")
    with right:
        _chart(charts.loss_chart(experiment, summaries), f"{key}_loss")
    if experiment.name == "initialisation":
        _chart(charts.signal_chart(experiment, summaries), f"{key}_signal")
    elif any(len(row.get("epochs", ())) > 1 for row in results):
        _chart(charts.epochs_chart(experiment, summaries), f"{key}_epochs")
    st.caption(certainty(summaries))
    _table([_row(experiment, summary) for summary in summaries], _comparison_columns(experiment), results, key)


def best_and_rest(experiment: Experiment, results: Results) -> str:
    """Who came out ahead, by how much, and whether that could be chance."""
    found = [summary for summary in summaries_of(experiment, results) if summary.mean("test_accuracy") is not None]
    if len(found) < 2:
        return ""
    ranked = sorted(found, key=lambda summary: summary.mean("test_accuracy") or 0, reverse=True)
    first, second, last = ranked[0], ranked[1], ranked[-1]
    gap = difference(first, second)
    values = {
        "best": arm_label(experiment, first.arm),
        "accuracy": f"{first.mean('test_accuracy'):.1%}",
        "second": arm_label(experiment, second.arm),
        "second_accuracy": f"{second.mean('test_accuracy'):.1%}",
        "last": arm_label(experiment, last.arm),
        "last_accuracy": f"{last.mean('test_accuracy'):.1%}",
    }
    told = t("experiments.ranking" if len(ranked) > 2 else "experiments.ranking_two", **values)
    if gap is None or gap[1] is None:
        return f"{told} {t('experiments.ranking_one_seed')}"
    sure = gap[0] - gap[1] > 0
    return f"{told} {t('experiments.ranking_sure' if sure else 'experiments.ranking_open')}"


def _row(experiment: Experiment, summary: Summary) -> dict[str, Any]:
    half = uncertainty(summary)
    return {
        "arm": arm_label(experiment, summary.arm),
        "seeds": len(summary.results),
        "test_accuracy": summary.mean("test_accuracy"),
        "open": None if half is None else 100 * half,
        "spread": None if (spread := summary.spread("test_accuracy")) is None else 100 * spread,
        "train_accuracy": summary.mean("train_accuracy"),
        "gap": None if (gap := summary.mean("gap")) is None else 100 * gap,
        "parameters": summary.mean("parameters"),
        "forward_macs": None if (macs := summary.mean("forward_macs")) is None else macs / 1e6,
        "cpu_seconds": summary.mean("cpu_seconds"),
        "seconds": _mean_of([row["seconds"] for row in summary.results if row.get("undisturbed", True)]),
        "stalled": summary.stalled,
        "dead": _mean_of([row["signal"]["dead_logits"] for row in summary.results if row.get("signal")]),
    }


def _mean_of(values: Sequence[float]) -> float | None:
    return sum(values) / len(values) if values else None


def _comparison_columns(experiment: Experiment) -> dict[str, Any]:
    number = st.column_config.NumberColumn
    formats = {
        "test_accuracy": "percent", "open": "± %.1f", "spread": "%.1f", "train_accuracy": "percent", "gap": "%+.1f",
        "parameters": "localized", "forward_macs": "%.1f M", "cpu_seconds": "%.0f s", "seconds": "%.0f s", "dead": "percent", "seeds": "%d", "stalled": "%d",
    }  # fmt: skip
    helped = ("open", "spread", "gap", "cpu_seconds", "seconds", "stalled", "dead")
    columns: dict[str, Any] = {"arm": st.column_config.TextColumn(t("experiments.column_arm"), pinned=True)}
    for name, form in formats.items():
        about = t(f"experiments.help_{name}") if name in helped else None
        columns[name] = number(t(f"experiments.column_{name}"), format=form, help=about)
    if experiment.name != "initialisation":
        columns["dead"] = None
    return columns


def _show_search(trials: Sequence[dict[str, Any]], importance: dict[str, float], key: str) -> None:
    if not trials:
        return
    best = max(trials, key=lambda trial: trial["accuracy"])
    settings = {name: best[name] for name in SEARCHED}
    st.markdown(
        t(
            "experiments.best_trial",
            accuracy=f"{best['accuracy']:.1%}",
            count=len(trials),
            settings=settings_label(settings),
        )
    )
    left, right = st.columns(2, gap="medium")
    with left:
        _chart(charts.trials_chart(trials), f"{key}_trials")
    with right:
        if importance:
            _chart(charts.importance_chart(importance), f"{key}_importance")
        else:
            st.caption(t("experiments.importance_later"))
    _chart(charts.parallel_chart(trials), f"{key}_parallel")
    _chart(charts.contour_chart(trials), f"{key}_contour")
    names = {
        "number": t("experiments.trial"),
        "accuracy": st.column_config.NumberColumn(t("experiments.column_test_accuracy"), format="percent"),
    }
    names |= {name: t(f"experiments.setting_{name}") for name in settings}
    _table(sorted(trials, key=lambda trial: -trial["accuracy"]), names, trials, key)


def _show_resources(results: Results, key: str) -> None:
    rows = sorted(results, key=lambda row: (row["input_size"], row["batch_size"]))
    for column, what in zip(st.columns(2, gap="medium"), ("train", "predict"), strict=True):
        with column:
            _chart(charts.resources_chart(rows, what), f"{key}_{what}")
    mib = 2**20
    table = [
        {
            "arm": t("experiments.point", size=row["input_size"], batch=row["batch_size"]),
            "forward_macs": row["forward_macs"] / 1e6,
            **{
                f"{kind}_{what}": (row[f"{kind}_{what}_bytes"] or float("nan")) / mib
                for what in ("train", "predict")
                for kind in ("predicted", "measured")
            },
            "off": off(row, "train"),
            "images_per_second": 1 / row["seconds_per_image"] if row.get("undisturbed", True) else None,
        }
        for row in rows
    ]
    formats = {"forward_macs": "%.1f M", "predicted_train": "%.0f MiB", "measured_train": "%.0f MiB", "predicted_predict": "%.0f MiB",
               "measured_predict": "%.0f MiB", "off": "%+.0f %%", "images_per_second": "%.0f"}  # fmt: skip
    columns: dict[str, Any] = {"arm": t("experiments.column_point")}
    columns |= {
        name: st.column_config.NumberColumn(t(f"experiments.column_{name}"), format=form)
        for name, form in formats.items()
    }
    _table(table, columns, results, key)


def off(row: Mapping[str, Any], what: str) -> float | None:
    """By how many per cent the prediction is above what was measured."""
    measured = row[f"measured_{what}_bytes"]
    return None if not measured else 100 * (row[f"predicted_{what}_bytes"] / measured - 1)


def _table(rows: Sequence[Mapping[str, Any]], columns: dict[str, Any], results: Results, key: str) -> None:
    """Sortable, and to be taken home: the table's own menu has its rows, the button below every single run."""
    with st.container(key=f"{key}-table"):
        st.dataframe(
            pd.DataFrame(rows),
            hide_index=True,
            width="stretch",
            column_config=columns,
            key=f"{key}_rows",
            placeholder="–",
        )
    st.download_button(
        t("experiments.csv"),
        data=lambda: to_csv(results),
        file_name=f"{key}.csv",
        mime="text/csv",
        key=f"{key}_csv",
        icon=":material/download:",
        on_click="ignore",
    )


def to_csv(results: Results) -> str:
    """A line for every run, its settings in columns of their own."""
    rows = [
        {
            **{name: value for name, value in row.items() if name not in _NOT_IN_A_ROW},
            **{f"set_{name}": value for name, value in row.get("settings", {}).items()},
        }
        for row in results
    ]
    columns = list(dict.fromkeys(name for row in rows for name in row))
    return csv_text(columns, ([row.get(name) for name in columns] for row in rows))


def _chart(figure: charts.Figure, key: str) -> None:
    with st.container(key=key.replace("_", "-")):
        st.plotly_chart(figure, key=key, width="stretch", config={"displayModeBar": False})
