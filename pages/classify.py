"""The Classify page: draw anything, bring anything, and see what the network makes of it."""

import streamlit as st

from ui.shell import page
from ui.studio import studio
from ui.weights_choice import choose_weights
from ui.words import t

with page("classify"):
    st.title(t("classify.title"))
    st.caption(t("classify.intro"))
    studio(choose_weights())
