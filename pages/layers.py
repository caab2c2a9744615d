"""The Layers page: what every layer of the network makes of one picture."""

import streamlit as st

from ui.base.text import t
from ui.layers.inputs import choose_inputs
from ui.layers.view import explorer
from ui.shell import page
from ui.tour.guide import guide

with page("layers") as live:
    st.title(t("layers.title"))
    st.caption(t("layers.intro"))
    guide("layers", live)
    explorer(*choose_inputs())
