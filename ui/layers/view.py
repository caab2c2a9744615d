"""The way into the network: a stage, a layer in it, a channel of that, a pixel of the channel."""

from __future__ import annotations

import streamlit as st

from ui.base.answers import with_newest
from ui.base.item import Item
from ui.base.messages import errors_as_messages
from ui.base.navigation import link
from ui.base.text import t
from ui.base.weights import Choice
from ui.layers.channel_view import channel_view
from ui.layers.journey import journey
from ui.layers.layer_table import layer_table
from ui.layers.maps import channel_title, layer_maps
from ui.layers.microscope import microscope
from ui.layers.place import place, place_in_address
from ui.layers.subject import look
from ui.layers.tools.ablation import say_what_is_off, switched_off
from ui.layers.tools.menu import layer_tools

_FOLLOW_SECONDS = 1.0


def explorer(item: Item, weights: Choice, size: int) -> None:
    """Everything below the choice of input, weights and input size. A click inside redraws no more than this."""
    place().draw_anew()
    # Weights in training are followed: the newest checkpoint is looked at once a second.
    live = weights.is_training
    st.fragment(run_every=_FOLLOW_SECONDS if live else None)(_explore)(item, weights, size, live=live)


def _explore(item: Item, weights: Choice, size: int, *, live: bool) -> None:
    if live and not weights.is_training:
        st.rerun()
    with errors_as_messages():
        whole = with_newest(weights, lambda path: look(item, path, size))
        subject = whole.without(switched_off(whole))
        here = place()
        here.open(subject, journey(subject, here, key="journey"))
        # What comes and goes has a place of its own: what follows is never taken for it by the browser.
        with st.container(key="layers-switched-off"):
            say_what_is_off(subject)
        with st.container(key="layers-calibrated"):
            if subject.temperature != 1:
                st.caption(t("layers.calibrated", temperature=f"{subject.temperature:.3g}"))
        maps, detail = st.columns([5, 4], gap="large")
        with maps, st.container(key="layer-maps"):
            opened = layer_maps(subject, here)
        with detail, st.container(key="channel-detail"):
            st.header(channel_title(subject, here.layer, here.channel))
            channel_view(subject, opened, here, key="layer_channel")
        with st.container(key="pixel-microscope"):
            st.header(t("layers.scope_title"))
            st.caption(t("layers.scope_intro"))
            microscope(subject, here, key="layer_microscope")
        layer_tools(subject, opened, here.channel)
        st.header(t("layers.figures"))
        st.caption(t("layers.figures_about"))
        layer_table(subject, here, key="layer_stages")
        link("pages/anatomy.py", t("layers.to_anatomy"), ":material/account_tree:")
        place_in_address(here)
