"""The Layers page: what every layer of the network makes of one picture."""

import streamlit as st

from ui.explorer import explorer
from ui.item_choice import choose_item
from ui.shell import page
from ui.weights_choice import choose_weights
from ui.words import t

with page("layers"):
    st.title(t("layers.title"))
    st.caption(t("layers.intro"))
    left, right = st.columns([3, 2], gap="large")
    with left:
        item = choose_item()
    with right:
        weights = choose_weights()
    explorer(item, weights)
