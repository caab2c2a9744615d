"""The way into the network: a stage, a layer in it, a channel of that, a pixel of the channel."""

from __future__ import annotations

import streamlit as st

from nin.sources import CLASS_NAMES
from ui.channel_view import channel_view
from ui.item import Item
from ui.layer_maps import layer_maps
from ui.layer_table import layer_table
from ui.shell import errors_as_messages
from ui.subject import Subject, look
from ui.weights_choice import Choice
from ui.words import t

CHANNEL, PIXEL = "layers_channel", "layers_pixel"  # in the session: what was chosen last


def explorer(item: Item, weights: Choice) -> None:
    """Everything below the choice of input and weights. A click inside redraws no more than this."""
    _explorer(item, weights, st.session_state.get(CHANNEL), st.session_state.get(PIXEL))


@st.fragment
def _explorer(item: Item, weights: Choice, channel: int | None, pixel: tuple[int, int] | None) -> None:
    with errors_as_messages():
        subject = look(item, weights.path())
        probabilities = subject.probabilities()
        best = int(probabilities.argmax())
        st.markdown(t("layers.answer", label=CLASS_NAMES[best], confidence=f"{probabilities[best]:.1%}"))
        table, choice = st.columns([2, 3], gap="large")
        with table:
            layer_table(subject)
        with choice:
            index = _choose_layer(subject)
        maps, detail = st.columns([3, 2], gap="large")
        with maps:
            layer, channel = layer_maps(subject, index, channel)
        with detail, st.container(key="channel-detail"):
            st.subheader(t("layers.channel_title", channel=channel))
            pixel = channel_view(
                layer.maps[channel],
                layer.ranges[channel],
                subject.input_map(),
                subject.receptive(index),
                channel=channel,
                key="layer_channel",
                initial=pixel,
            )
        st.session_state[CHANNEL], st.session_state[PIXEL] = channel, pixel


def _choose_layer(subject: Subject) -> str:
    stage = st.pills(
        t("layers.choose_stage"),
        subject.stages,
        default=subject.stages[0],
        required=True,
        key="layers_stage",
        format_func=lambda index: f"{index} · {subject.name(index)}",
    )
    inside = subject.inside(stage)
    if len(inside) == 1:
        return stage
    return st.pills(
        t("layers.choose_inside"),
        [stage, *inside],
        default=stage,
        required=True,
        key=f"layers_inside_{stage}",
        format_func=lambda index: t("layers.whole_block") if index == stage else f"{index} · {subject.name(index)}",
    )
