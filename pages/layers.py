"""The Layers page: what every layer of the network makes of one picture."""

import streamlit as st

from ui.base.answers import with_newest
from ui.base.resources import network
from ui.base.text import t
from ui.base.weights import choose_weights
from ui.layers.item_choice import choose_item
from ui.layers.layer_table import layer_table
from ui.layers.size_choice import choose_size
from ui.layers.subject import look
from ui.layers.view import explorer
from ui.shell import page

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
