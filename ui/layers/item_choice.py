"""Choosing the input on a page that has no canvas: test images by number, and the way to one that has."""

from __future__ import annotations

import random

import streamlit as st

from ui.base.item import Item, current_item, item_from_test_set, set_current_item
from ui.base.navigation import link
from ui.base.resources import dataset
from ui.base.text import plain, t

_NUMBER = "layers_item_number"


def choose_item() -> Item:
    """The visitor's item, with buttons to change it."""
    item = current_item()
    with st.container(horizontal=True, vertical_alignment="center", gap="medium"):
        st.image(item.array(), width=112, output_format="PNG")
        controls = st.container(width="stretch")
    with controls:
        st.markdown(caption(item))
        # The box shows the item's number wherever it was chosen, and nothing for a drawing.
        st.session_state[_NUMBER] = int(item.name) if item.source == "test" else None
        last = len(dataset().test.labels) - 1
        st.number_input(t("layers.item_number"), 0, last, step=1, key=_NUMBER, on_change=_take_number)
        with st.container(horizontal=True, gap="small"):
            st.button(t("layers.item_random"), icon=":material/casino:", key="item_random", on_click=_take_random)
            link("pages/classify.py", t("layers.item_bring"), ":material/draw:")
    return item


def caption(item: Item) -> str:
    if item.source == "test":
        return t("layers.item_test", number=item.name, label=item.label_name)
    return t(f"classify.about_{item.source}", name=plain(item.name))


def _take_number() -> None:
    number = st.session_state[_NUMBER]
    if number is not None:
        set_current_item(item_from_test_set(number))


def _take_random() -> None:
    # Nobody's secret depends on which picture comes next.
    set_current_item(item_from_test_set(random.randrange(len(dataset().test.labels))))  # noqa: S311
