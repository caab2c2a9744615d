"""The Classify page: draw anything, bring anything, and see what the network makes of it."""

import streamlit as st

from ui.base.text import t
from ui.base.weights import choose_weights
from ui.classify.view import studio
from ui.shell import page

with page("classify"):
    st.title(t("classify.title"))
    st.caption(t("classify.intro"))
    studio(choose_weights())
