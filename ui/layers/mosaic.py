"""All channels of a layer as a mosaic of tiles: one can be read by hovering and chosen by click or keyboard."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import streamlit as st

from ui.base.colours import encode, table
from ui.base.component import component, only_read
from ui.base.text import t

_component = component(
    "mosaic",
    '<div class="mosaic"><div class="mosaic-grid" role="listbox"></div><div class="map-tip" hidden></div></div>',
    paints=True,
)


def mosaic(
    maps: np.ndarray[Any, Any],
    ranges: np.ndarray[Any, Any],
    *,
    key: str,
    order: np.ndarray[Any, Any] | None = None,
    initial: int | None = None,
    fallback: int = 0,
    opening: int | None = None,
    labels: Sequence[str] | None = None,
    on_chosen: Callable[[int], None] | None = None,
) -> int:
    """Draw `maps` (C, H, W), a tile each, and return the number of the chosen one.

    `ranges` (C, 2) are the values at the two ends of the colours: symmetric ones mean the
    scale for both signs. `initial` is chosen until the visitor chooses another: keep it the same
    from one fragment rerun to the next, so that what is sent does not change and is not sent
    again. Where there are other maps, or for another reason `initial` is to be chosen again, give
    it another number of `opening`. `fallback` is chosen where `maps` has no channel of that number.
    `labels` stand under the tiles where they are not numbered channels. Where there is an
    `on_chosen` it gets the number of a tile that was chosen, again and again, and `initial`
    alone says which is.
    """

    def clicked() -> None:
        if on_chosen is not None and (channel := st.session_state[key]["clicked"]) is not None:
            on_chosen(int(channel))

    count, height, width = maps.shape
    data = {
        "maps": encode(maps.astype(np.float32, copy=False)),
        "ranges": encode(ranges.astype(np.float32)),
        "table": encode(table(signed=bool((ranges[:, 0] < 0).any()))),
        "count": count,
        "height": height,
        "width": width,
        "order": list(range(count)) if order is None else order.tolist(),
        "silent": np.flatnonzero(~maps.any(axis=(1, 2))).tolist(),
        "initial": initial,
        "opening": opening if opening is not None else initial,
        "fallback": fallback,
        "labels": labels,
        "tells": on_chosen is not None,
        "words": {
            "label": t("layers.mosaic_label", count=count),
            "channel": t("layers.tip_channel"),
            "silent": t("layers.silent"),
            "value": t("layers.tip_value"),
        },
    }
    result = _component(
        data=data,
        key=key,
        default={"selected": None},
        on_selected_change=only_read,
        on_clicked_change=clicked,
    )
    answer = result.selected
    chosen = answer["channel"] if answer and answer["opening"] == data["opening"] else initial
    return chosen if chosen is not None and 0 <= chosen < count else fallback
