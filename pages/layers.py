"""The Layers page: what every layer of the network makes of one picture."""

import streamlit as st

from ui.answers import with_newest
from ui.explorer import explorer
from ui.item_choice import choose_item
from ui.layer_table import layer_table
from ui.resources import network
from ui.shell import page
from ui.size_choice import choose_size
from ui.subject import look
from ui.weights_choice import choose_weights
from ui.words import t

with page("layers"):
    st.title(t("layers.title"))
    st.caption(t("layers.intro"))
    choice, table = st.columns([1, 1], gap="large")
    with choice:
        item = choose_item()
        weights = choose_weights()
        size = choose_size(with_newest(weights, network)[1])
    with table:
        layer_table(with_newest(weights, lambda path: look(item, path, size)))
    explorer(item, weights, size)
