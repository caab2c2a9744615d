"""The Anatomy page: what a network is made of, what it costs, and its code."""

import streamlit as st

from ui.anatomy.settings import choose_settings
from ui.anatomy.view import anatomy
from ui.base.text import t
from ui.shell import page

with page("anatomy"):
    st.title(t("anatomy.title"))
    st.caption(t("anatomy.intro"))
    anatomy(choose_settings())
