"""Any two side by side: another item, or other weights, at the same layer."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import streamlit as st

from nin.explain.channels import Array, colour_ranges, statistics
from nin.explain.class_maps import shares
from nin.model.roles import counterpart
from ui.base.choice import select
from ui.base.item import Item, current_item, item_from_test_set
from ui.base.resources import dataset
from ui.base.text import plain, t
from ui.base.text.classes import class_name
from ui.base.weights import choices, name_of
from ui.layers.inputs import caption
from ui.layers.maps import OpenLayer, class_labels
from ui.layers.mosaic import mosaic
from ui.layers.subject import Subject, look

_WEIGHTS = "compare_weights"
_SAME = ""  # None would be no choice at all
_TILE = "compare_tile"  # in the session: the channel whose tile was clicked, and what was open above then


class Side(NamedTuple):
    """One of the two: what is looked at, which of its layers does the same, and that layer's maps."""

    subject: Subject
    item: Item
    index: str
    maps: Array


def side_by_side(subject: Subject, layer: OpenLayer, channel: int) -> None:
    other, other_item = _choose_other(subject)
    index = counterpart(layer.index, subject.checkpoint.architecture, other.checkpoint.architecture)
    if index is None:
        name = f"{layer.index} · {subject.name(layer.index)}"
        st.info(t("layers.compare_unfit", layer=name, other=plain(name_of(other.path))), icon=":material/layers_clear:")
        return
    left = Side(subject, current_item(), layer.index, layer.maps)
    right = Side(other, other_item, index, other.maps(index))
    above = (layer.index, channel)
    channel = _chosen_channel(above)
    _both_mosaics(left, right, channel, above)
    if left.maps.shape == right.maps.shape:
        _difference(left.maps[channel], right.maps[channel], channel)


def _choose_other(subject: Subject) -> tuple[Subject, Item]:
    """What stands on the right: another item, other weights, or both."""
    item = current_item()
    with st.container(horizontal=True, vertical_alignment="bottom"):
        last = len(dataset().test.labels) - 1
        start = (int(item.name) + 1) % (last + 1) if item.source == "test" else 0
        number = st.number_input(t("layers.compare_item"), 0, last, start, key="compare_item", placeholder="-")
        available = choices()
        same = t("layers.compare_same_weights")
        which = select(
            t("layers.compare_weights"),
            [_SAME, *available],
            key=_WEIGHTS,
            format_func=lambda key: same if key == _SAME else available[key].label,
            persist_state="session",
        )
        keep = st.toggle(t("layers.compare_same_item"), key="compare_same_item")
    other_item = item if keep else item_from_test_set(number)
    return subject.instead(other_item) if which == _SAME else look(other_item, available[which].path()), other_item


def _chosen_channel(above: tuple[str, int]) -> int:
    """The channel whose tile was clicked here, until another is opened above."""
    clicked, when = st.session_state.get(_TILE, (above[1], None))
    return clicked if when == above else above[1]


def _both_mosaics(left: Side, right: Side, channel: int, above: tuple[str, int]) -> None:
    """All channels of both on one scale, or they could not be compared."""
    found = [statistics(side.maps) for side in (left, right)]
    low, high = min(float(f.low.min()) for f in found), max(float(f.high.max()) for f in found)
    scale = _scale(low, high, signed=low < 0 or any(f.is_signed for f in found))
    for column, side, place in zip(st.columns(2, gap="large"), (left, right), "ab", strict=True):
        with column, st.container(key=f"compare-{place}"):
            with st.container(horizontal=True, vertical_alignment="center"):
                st.image(side.item.array(), width=72, output_format="PNG")
                st.markdown(_answer(side.subject, caption(side.item)), width="stretch")
            st.markdown(f"**{side.index} · {side.subject.name(side.index)}**")
            mosaic(
                side.maps,
                np.broadcast_to(scale, (len(side.maps), 2)),
                key=f"compare_{place}",
                fallback=min(channel, len(side.maps) - 1),
                initial=channel,
                labels=class_labels(side.subject, side.index),
                on_chosen=lambda tile: st.session_state.update({_TILE: (tile, above)}),
            )


def _difference(left: Array, right: Array, channel: int) -> None:
    """One channel of both, and what the right one has more."""
    trio = np.stack([left, right, right - left])
    names = [t("layers.compare_left"), t("layers.compare_right"), t("layers.compare_difference")]
    st.markdown(t("layers.compare_channel", channel=channel, largest=f"{float(np.abs(trio[2]).max()):.6g}"))
    mosaic(trio, colour_ranges(statistics(trio), "layer", (0, 0)), key="compare_trio", fallback=2, labels=names)


def _scale(low: float, high: float, *, signed: bool) -> Array:
    top = max(abs(low), abs(high))
    return np.array([-top if signed else 0.0, top])


def _answer(seen: Subject, name: str) -> str:
    probabilities = seen.probabilities()
    best = int(probabilities.argmax())
    return t(
        "layers.compare_answer",
        item=name,
        weights=plain(name_of(seen.path)),
        step=seen.checkpoint.step,
        label=class_name(best),
        confidence=shares(probabilities)[best],
    )
