"""The Anatomy page: what a network is made of, what it costs, and its code."""

import streamlit as st

from ui.anatomy.settings import choose_settings
from ui.anatomy.view import anatomy
from ui.base.text import t
from ui.shell import page
from ui.tour.guide import guide

with page("anatomy") as live:
    st.title(t("anatomy.title"))
    st.caption(t("anatomy.intro"))
    guide("anatomy", live)
    anatomy(choose_settings())
