"""The Train page: live curves, and runs compared."""

import streamlit as st

from ui.base.text import t
from ui.shell import page
from ui.tour.guide import guide
from ui.train import session
from ui.train.charts import charts
from ui.train.run_status import run_line
from ui.train.runs_table import chosen_runs, runs_table
from ui.welcome.view import welcome

with page("train") as live:
    st.title(t("train.title"))
    st.markdown(t("train.lead"))
    guide("train", live)
    with st.container(key="where-the-sidebar-is"):
        st.caption(t("train.sidebar_folded"))
    run_line(live)
    runs = chosen_runs()
    if session.followed() is None:
        welcome(live, has_runs=bool(runs))
    if runs:
        charts(runs, live)
    runs_table()
