"""The Experiments page: the chapter's exercises, answered with the reader's own runs."""

import streamlit as st

from ui.base.text import t
from ui.experiments.view import experiments
from ui.shell import page
from ui.tour.guide import guide

with page("experiments") as live:
    st.title(t("experiments.title"))
    st.caption(t("experiments.intro"))
    guide("experiments", live)
    experiments(live)
