"""The Train page of somebody who has not trained anything yet."""

from __future__ import annotations

import streamlit as st

from nin.paths import ROOT
from nin.storage.run import Run
from ui.base.live import Live
from ui.base.text import t
from ui.train import actions
from ui.train.charts import charts
from ui.welcome.network import network_overview

STORED = Run(next((ROOT / "data" / "stored_run").glob("*/config.json")).parent)  # a run of this lab, made once


def large_start() -> None:
    st.button(
        t("welcome.start"),
        key="start-here",
        type="primary",
        icon=":material/play_arrow:",
        help=t("welcome.start_help"),
        on_click=actions.attempt,
        args=(actions.start_run,),
    )


def stored_curves(live: Live) -> None:
    """The curves of a stored run, said to be that."""
    config, last = STORED.config(), STORED.metrics()[-1]
    st.header(t("welcome.curves"))
    st.caption(
        t(
            "welcome.curves_about",
            preset=config.preset,
            recipe=config.recipe,
            date=STORED.created[:10],
            epochs=last["epoch"],
            accuracy=f"{last['test_accuracy']:.1%}",
            n=f"{last['test_n']:,}",
        )
    )
    with st.container(key="stored-run"):
        charts([STORED], live, stored=True)


def welcome(live: Live, *, has_runs: bool) -> None:
    large_start()
    network_overview()
    if not has_runs:
        stored_curves(live)
