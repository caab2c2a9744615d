"""The Train page: live curves, and runs compared."""

import streamlit as st

from ui.shell import page
from ui.words import t

with page("train"):
    st.title(t("shell.train"))
