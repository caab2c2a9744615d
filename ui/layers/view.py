"""The way into the network: a stage, a layer in it, a channel of that, a pixel of the channel."""

from __future__ import annotations

from typing import NamedTuple

import streamlit as st

from ui.base.answers import with_newest
from ui.base.item import Item
from ui.base.messages import errors_as_messages
from ui.base.text import t
from ui.base.weights import Choice
from ui.layers.channel_view import channel_view
from ui.layers.journey import journey
from ui.layers.maps import channel_title, layer_maps
from ui.layers.microscope import microscope
from ui.layers.subject import look
from ui.layers.tools.menu import layer_tools

LAYER, CHANNEL, PIXEL = "layers_layer", "layers_channel", "layers_pixel"  # in the session: what was chosen last
_FOLLOW_SECONDS = 1.0


class Chosen(NamedTuple):
    """What the visitor had chosen when the page was drawn as a whole."""

    layer: str
    channel: int | None
    pixel: tuple[int, int] | None


def explorer(item: Item, weights: Choice, size: int) -> None:
    """Everything below the choice of input, weights and input size. A click inside redraws no more than this."""
    chosen = Chosen(*(st.session_state.get(*key) for key in ((LAYER, "0"), (CHANNEL,), (PIXEL,))))
    # Weights in training are followed: the newest checkpoint is looked at once a second.
    live = weights.is_training
    st.fragment(run_every=_FOLLOW_SECONDS if live else None)(_explore)(item, weights, size, chosen, live=live)


def _explore(item: Item, weights: Choice, size: int, chosen: Chosen, *, live: bool) -> None:
    if live and not weights.is_training:
        st.rerun()
    with errors_as_messages():
        subject = with_newest(weights, lambda path: look(item, path, size))
        index = journey(subject, key="journey", initial=chosen.layer)
        # What comes and goes has a place of its own: what follows is never taken for it by the browser.
        with st.container(key="layers-calibrated"):
            if subject.temperature != 1:
                st.caption(t("layers.calibrated", temperature=f"{subject.temperature:.3g}"))
        maps, detail = st.columns([3, 2], gap="large")
        with maps:
            opened, channel = layer_maps(subject, index, chosen.channel)
        with detail, st.container(key="channel-detail"):
            st.subheader(channel_title(subject, index, channel))
            pixel = channel_view(
                opened.maps[channel],
                opened.ranges[channel],
                subject.input_map(),
                subject.receptive_field(index),
                channel=channel,
                key="layer_channel",
                initial=chosen.pixel,
            )
        with st.container(key="pixel-microscope"):
            st.subheader(t("layers.scope_title"))
            st.caption(t("layers.scope_intro", row=pixel[0], column=pixel[1], stage=index.partition(".")[0]))
            microscope(subject, index, channel, pixel, key="layer_microscope")
        layer_tools(subject, opened, channel)
        _remember()


def _remember() -> None:
    """What the visitor chose outlives the components, which forget it when their page is left."""
    choices = ((LAYER, "journey", "open"), (CHANNEL, "layer_mosaic", "selected"), (PIXEL, "layer_channel", "pixel"))
    for key, component, name in choices:
        if (chosen := st.session_state.get(component, {}).get(name)) is not None:
            st.session_state[key] = chosen
