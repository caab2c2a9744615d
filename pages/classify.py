"""The Classify page: draw anything, bring anything, and see what the network makes of it."""

import streamlit as st

from ui.base.text import t
from ui.base.weights import choose_weights
from ui.classify.view import studio
from ui.shell import page
from ui.tour.guide import guide

with page("classify") as live:
    st.title(t("classify.title"))
    st.caption(t("classify.intro"))
    guide("classify", live)
    studio(choose_weights())
