"""What was found here: stored results of runs that were really made, with how, on what and when."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import streamlit as st

from nin.experiments.description import Experiment
from nin.experiments.report import Summary
from ui.base.text import listed, t, together
from ui.experiments.labels import arm_label, size_label
from ui.experiments.results import best_and_rest, off, show_results, summaries_of
from ui.experiments.stalls import provenance, stalls_found


def found_here(report: Mapping[str, Any]) -> None:
    """Everything in it is computed from the report."""
    experiment, results = Experiment.from_dict(report["experiment"]), report["results"]
    for sentence in sentences(experiment, results, report.get("search", {})):
        st.markdown(sentence)
    st.caption(together(provenance(report), size_label(experiment) if experiment.kind != "resources" else ""))
    if experiment.name == "initialisation":
        stalls_found()
    with st.expander(t("experiments.found_all"), icon=":material/query_stats:"):
        show_results(experiment, results, report.get("search", {}), key=f"found_{experiment.name}")


def sentences(experiment: Experiment, results: Sequence[Mapping[str, Any]], search: Mapping[str, Any]) -> list[str]:
    """What the figures say."""
    match experiment.name:
        case "hyperparameters":
            return [_search(search)]
        case "resources":
            return [_resources(results)]
    arms = {summary.arm: summary for summary in summaries_of(experiment, results)}
    special = {"pointwise": _pointwise, "heads": _heads, "initialisation": _initialisation}.get(experiment.name)
    told = [] if special is None else [special(experiment, arms)]
    return [best_and_rest(experiment, results), *told]


def _search(search: Mapping[str, Any]) -> str:
    trials, importance = search.get("trials", []), search.get("importance", {})
    if not trials:
        return ""
    ranked = sorted(trials, key=lambda trial: trial["accuracy"])
    told = t(
        "experiments.found_search",
        count=len(trials),
        worst=f"{ranked[0]['accuracy']:.1%}",
        best=f"{ranked[-1]['accuracy']:.1%}",
    )
    if importance:
        first = max(importance, key=importance.__getitem__)
        share = f"{importance[first]:.0%}"
        told = together(told, t("experiments.found_importance", name=t(f"experiments.setting_{first}"), share=share))
    return told


def _resources(results: Sequence[Mapping[str, Any]]) -> str:
    gaps = [gap for row in results for what in ("train", "predict") if (gap := off(row, what)) is not None]
    if not gaps:
        return ""
    largest = max(results, key=lambda row: row["measured_train_bytes"] or 0)
    memory = f"{(largest['measured_train_bytes'] or 0) / 2**20:,.0f}"
    point = t("experiments.point", size=largest["input_size"], batch=largest["batch_size"])
    return t(
        "experiments.found_resources", count=len(results), off=f"{max(map(abs, gaps)):.0f}", point=point, memory=memory
    )


def _pointwise(_experiment: Experiment, arms: Mapping[str, Summary]) -> str:
    none, two = arms["pointwise-0"], arms["pointwise-2"]
    points = 100 * ((two.mean("test_accuracy") or 0) - (none.mean("test_accuracy") or 0))
    counts = {"none": f"{none.mean('parameters'):,.0f}", "two": f"{two.mean('parameters'):,.0f}"}
    return t("experiments.found_pointwise", points=f"{points:+.1f}", **counts)


def _heads(_experiment: Experiment, arms: Mapping[str, Summary]) -> str:
    dense, one = arms["dense"], arms["one-step"]
    times = (dense.mean("parameters") or 0) / (one.mean("parameters") or 1)
    gaps = {name: f"{100 * (arm.mean('gap') or 0):+.1f}" for name, arm in (("dense_gap", dense), ("one_gap", one))}
    return t("experiments.found_heads", times=f"{times:.1f}", **gaps)


def _initialisation(experiment: Experiment, arms: Mapping[str, Summary]) -> str:
    stalled = [
        t("experiments.found_stalled_arm", arm=arm_label(experiment, name), stalled=arm.stalled, count=len(arm.results))
        for name, arm in arms.items()
        if arm.stalled
    ]
    spreads = {name: _last_spread(arms[f"{init}-relu"]) for name, init in (("default", "default"), ("he", "he"))}
    told = (
        t("experiments.found_stalled", arms=listed(stalled), steps=_steps(arms))
        if stalled
        else t("experiments.found_none_stalled", steps=_steps(arms))
    )
    return together(told, t("experiments.found_spread", **spreads))


def _steps(arms: Mapping[str, Summary]) -> int:
    return max((row["curve"][-1][0] for arm in arms.values() for row in arm.results if row["curve"]), default=0)


def _last_spread(summary: Summary) -> str:
    values = [row["signal"]["spread"][-1] for row in summary.results]
    return f"{sum(values) / len(values):.2g}"
