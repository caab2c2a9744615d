"""All channels of a layer as a mosaic of tiles: one can be read by hovering and chosen by click or keyboard."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import streamlit as st

from ui.colours import encode, table
from ui.words import t

_HERE = Path(__file__).parent
PAINT_JS = (_HERE / "paint.js").read_text(encoding="utf-8")

_component = st.components.v2.component(
    "nin_mosaic",
    html='<div class="mosaic"><div class="mosaic-grid" role="listbox"></div><div class="map-tip" hidden></div></div>',
    css=(_HERE / "mosaic.css").read_text(encoding="utf-8"),
    js=PAINT_JS + (_HERE / "mosaic.js").read_text(encoding="utf-8"),
    isolate_styles=False,
)


def mosaic(
    maps: np.ndarray[Any, Any],
    ranges: np.ndarray[Any, Any],
    *,
    key: str,
    order: np.ndarray[Any, Any] | None = None,
    initial: int | None = None,
    fallback: int = 0,
    labels: Sequence[str] | None = None,
) -> int:
    """Draw `maps` (C, H, W), a tile each, and return the number of the chosen one.

    `ranges` (C, 2) are the values at the two ends of the colours: symmetric ones mean the
    scale for both signs. `initial` is the choice that the page knows of when it is drawn
    anew: keep it the same from one fragment rerun to the next, so that what is sent does not
    change and is not sent again. `fallback` is chosen where `maps` has no channel of that number.
    `labels` stand under the tiles where they are not numbered channels.
    """
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
        "fallback": fallback,
        "labels": labels,
        "words": {
            "label": t("layers.mosaic_label", count=count),
            "channel": t("layers.tip_channel"),
            "value": t("layers.tip_value"),
        },
    }
    result = _component(data=data, key=key, default={"selected": initial}, on_selected_change=_nothing)
    chosen = initial if result.selected is None else result.selected
    return chosen if chosen is not None and 0 <= chosen < count else fallback


def _nothing() -> None:
    """A state value of a component exists only where it has a callback."""
