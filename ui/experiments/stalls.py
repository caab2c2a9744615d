"""How often the book's recipes stall at ln 10, in many short runs of its network at 112 pixels."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import streamlit as st

from nin.experiments.description import Experiment
from nin.experiments.report import by_arm, stored_report
from ui.base.text import listed, t

STALLS = "stalls-112"


def stalls_found() -> None:
    """Nothing where the result file is not there."""
    if report := stored_report(STALLS):
        st.markdown(sentence(report))
        st.caption(provenance(report))


def sentence(report: Mapping[str, Any]) -> str:
    experiment = Experiment.from_dict(report["experiment"])
    recipes = {arm.name: arm.settings["recipe"] for arm in experiment.arms}
    summaries = by_arm(report["results"], list(recipes))
    arms = listed(
        t("experiments.stalls_arm", recipe=recipes[one.arm], stalled=one.stalled, count=len(one.results))
        for one in summaries
    )
    first = report["results"][0]
    return t(
        "experiments.stalls_found", preset=experiment.base["preset"], batch=first["settings"]["batch_size"],
        steps=first["epochs"][-1]["step"], arms=arms,
    )  # fmt: skip


def provenance(report: Mapping[str, Any]) -> str:
    """When, on what and how the runs of a stored report were made."""
    return t(
        "experiments.provenance",
        when=report["when"][:16].replace("T", " "),
        hardware=report["machine"]["hardware"],
        threads=report["machine"].get("threads", ""),
        command=report["command"],
    )
