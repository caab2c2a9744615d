"""Any two side by side: another item, or other weights, at the same layer."""

from __future__ import annotations

import numpy as np
import streamlit as st

from nin.explain.channels import colour_ranges, statistics
from nin.explain.class_maps import shares
from nin.model.roles import counterpart
from ui.base.choice import select
from ui.base.item import current_item, item_from_test_set
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


def side_by_side(subject: Subject, layer: OpenLayer, channel: int) -> None:
    item = current_item()
    above = (layer.index, channel)
    clicked, when = st.session_state.get(_TILE, (channel, None))
    if when == above:  # else the channel that is open above has been chosen since
        channel = clicked
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
    other = subject.instead(other_item) if which == _SAME else look(other_item, available[which].path())
    index = counterpart(layer.index, subject.checkpoint.architecture, other.checkpoint.architecture)
    if index is None:
        name = f"{layer.index} · {subject.name(layer.index)}"
        st.info(t("layers.compare_unfit", layer=name, other=plain(name_of(other.path))), icon=":material/layers_clear:")
        return
    pairs = ((subject, layer.index, layer.maps, item), (other, index, other.maps(index), other_item))
    # One scale for both, or they could not be compared.
    reach = [statistics(maps) for _, _, maps, _ in pairs]
    network = (min(float(found.low.min()) for found in reach), max(float(found.high.max()) for found in reach))
    for column, (seen, its_index, maps, seen_item), place in zip(st.columns(2, gap="large"), pairs, "ab", strict=True):
        with column, st.container(key=f"compare-{place}"):
            with st.container(horizontal=True, vertical_alignment="center"):
                st.image(seen_item.array(), width=72, output_format="PNG")
                st.markdown(_answer(seen, caption(seen_item)), width="stretch")
            st.markdown(f"**{its_index} · {seen.name(its_index)}**")
            found = statistics(maps)
            ranges = np.broadcast_to(_common(found.is_signed or network[0] < 0, network), (len(maps), 2))
            mosaic(
                maps,
                ranges,
                key=f"compare_{place}",
                fallback=min(channel, len(maps) - 1),
                initial=channel,
                labels=class_labels(seen, its_index),
                on_chosen=lambda tile: st.session_state.update({_TILE: (tile, above)}),
            )
    a, b = pairs[0][2], pairs[1][2]
    if a.shape == b.shape:
        trio = np.stack([a[channel], b[channel], b[channel] - a[channel]])
        largest = float(np.abs(trio[2]).max())
        names = [t("layers.compare_left"), t("layers.compare_right"), t("layers.compare_difference")]
        st.markdown(t("layers.compare_channel", channel=channel, largest=f"{largest:.6g}"))
        mosaic(trio, colour_ranges(statistics(trio), "layer", (0, 0)), key="compare_trio", fallback=2, labels=names)


def _common(signed: bool, network: tuple[float, float]) -> np.ndarray:
    top = max(abs(network[0]), abs(network[1]))
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
