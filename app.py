"""The Train page: live curves, and runs compared."""

import streamlit as st

from ui.runs_table import chosen_runs
from ui.shell import page
from ui.train_charts import charts
from ui.words import t

with page("train"):
    st.title(t("train.title"))
    st.markdown(t("train.lead"))
    # The table stands below the curves, but what is chosen in it decides what they show.
    curves, table = st.container(), st.container()
    with table:
        runs = chosen_runs()
    with curves:
        charts(runs)
